"""Questions about price and stock of a shop's products, named in the ways viewers name them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from rapidfuzz import fuzz, process

from eval.fact_scoring import About, Question
from eval.fact_wordings import ASKED, ON_AIR, VARIANT
from eval.product_names import Names
from eval.shop import Shop
from retrieval.catalog import Language, Money, Offer, Product, RoomContext, RoomItem, Text

FORMS = ("exact", "part", "typo", "nickname", "on_air", "twin", "variant", "offer")
LANGUAGES: tuple[Language, ...] = ("zh", "en")
QUIET, LIVE = "eval-quiet", "eval-live"
ALIKE = 75
TRIES = 400


@dataclass(slots=True)
class Plan:
    """What to put into the service, and what to ask then. `stock` is by product and variant id."""

    questions: list[Question] = field(default_factory=list)
    rooms: dict[str, RoomContext] = field(default_factory=dict)
    offers: list[Offer] = field(default_factory=list)
    stock: dict[tuple[str, str], int] = field(default_factory=dict)


def plan(shop: Shop, n: int, seed: int) -> Plan:
    """`n` questions: half name the product exactly, the rest are spread over the other forms that
    the catalogue permits. Three in five ask for the price, the others for stock; a third of those
    come after a change of stock. `shop` is left as it was.
    """
    maker = _Maker(shop, Random(seed), most_offers=n // 12 + 1)  # noqa: S311
    makers = {form: maker.stream(form) for form in FORMS}
    exact = n - n // 2
    maker.plan.questions += [q for _, q in zip(range(exact), makers.pop("exact"), strict=False)]
    while len(maker.plan.questions) < n and makers:
        for form in tuple(makers):
            question = next(makers[form], None)
            if question is None:
                del makers[form]
            elif len(maker.plan.questions) < n:
                maker.plan.questions.append(question)
    return maker.plan


class _Maker:
    def __init__(self, shop: Shop, random: Random, most_offers: int) -> None:
        self.shop, self.random = shop, random
        self.names = Names(shop.products.values())
        self.plan = Plan()
        self.products = sorted(shop.products.values(), key=lambda product: product.id)
        self.titles = {p.id: p.title.every()[0] for p in self.products}
        single = [p.id for p in self.products if self._can_be_on_offer(p)]
        most = min(most_offers, len(self.products) // 5, len(single))
        self.for_offers = set(self.random.sample(single, most))
        shown = self.random.sample(self.products, min(5, len(self.products)))
        items = tuple(RoomItem(number=at, product_id=p.id) for at, p in enumerate(shown, 1))
        self.plan.rooms[QUIET] = RoomContext(id=QUIET)
        self.plan.rooms[LIVE] = RoomContext(id=LIVE, on_air=shown[0].id, items=items)

    def stream(self, form: str) -> Iterator[Question]:
        """Questions of one form, each of another product, fact or language, until none is left."""
        make: Callable[[Product, About, Language], Question | None] = getattr(self, f"_{form}")
        asked: set[tuple[str, str, str]] = set()
        pool = self._pool(form)
        misses = made = 0
        while pool and misses < TRIES:
            product = self.random.choice(pool)
            about: About = "price" if self.random.random() < 0.6 else "stock"
            language = LANGUAGES[self.random.randrange(2)]
            question = make(product, about, language)
            key = ((question and question.variant) or product.id, about, language)
            if question is None or key in asked:
                misses += 1
                continue
            asked.add(key)
            misses, made = 0, made + 1
            if about == "stock" and made % 3 == 0:
                self._change_stock(product)
            yield question

    def _pool(self, form: str) -> list[Product]:
        """The products that a form is asked of; those kept for offers are asked of by no other."""
        if form == "offer":
            return [p for p in self.products if p.id in self.for_offers]
        rest = [p for p in self.products if p.id not in self.for_offers]
        if form == "variant":
            return [
                p for p in rest if p.variants[0].options and len({v.price for v in p.variants}) > 1
            ]
        return rest

    def _ask(
        self,
        form: str,
        about: About,
        language: Language,
        name: str,
        product: Product,
        room: str = "",
        wordings: dict[tuple[str, str], tuple[str, ...]] = ASKED,
        variant: str | None = None,
    ) -> Question:
        text = self.random.choice(wordings[about, language]).format(name=name)
        room = room or self.random.choice((QUIET, LIVE))
        same = self.names.titled_alike(product)
        ids = (product.id, *(key for key in sorted(same) if key != product.id))
        return Question(form, about, language, text, ids, variant, room)

    def _exact(self, product: Product, about: About, language: Language) -> Question:
        return self._ask("exact", about, language, product.title.say(language), product)

    def _part(self, product: Product, about: About, language: Language) -> Question | None:
        name = self.names.part(product, self.random)
        return self._ask("part", about, language, name, product) if name else None

    def _typo(self, product: Product, about: About, language: Language) -> Question | None:
        name = self.names.typo(product, self.random)
        return self._ask("typo", about, language, name, product) if name else None

    def _nickname(self, product: Product, about: About, language: Language) -> Question | None:
        name = self.names.nickname(product, self.random)
        return self._ask("nickname", about, language, name, product) if name else None

    def _on_air(self, product: Product, about: About, language: Language) -> Question:
        room = self._room(product.id, (product.id,))
        asked = self._ask("on_air", about, language, "", product, room, ON_AIR)
        return Question("on_air", about, language, asked.text, (product.id,), None, room)

    def _twin(self, product: Product, about: About, language: Language) -> Question | None:
        """The product by its full name, while another of nearly the same name is on air."""
        title = self.titles[product.id]
        near = process.extract(title, self.titles, scorer=fuzz.ratio, score_cutoff=ALIKE, limit=6)
        mine = product.default_variant
        for other, _, key in near:
            beside = self.shop.products[key].default_variant
            same_price = beside.price == mine.price
            same_stock = beside.availability.quantity == mine.availability.quantity
            if other != title and not (same_price if about == "price" else same_stock):
                room = self._room(key, (product.id, key))
                return self._ask("twin", about, language, title, product, room)
        return None

    def _variant(self, product: Product, about: About, language: Language) -> Question:
        """One choice of a product whose choices differ in price."""
        variant = self.random.choice(product.variants)
        name = product.title.say(language)
        wordings = {
            key: tuple(text.replace("{options}", variant.label(language)) for text in texts)
            for key, texts in VARIANT.items()
        }
        return self._ask("variant", about, language, name, product, "", wordings, variant.id)

    def _offer(self, product: Product, about: About, language: Language) -> Question | None:
        """The product while an offer, put before, changes its price."""
        if about == "stock":
            return None
        if not any(product.id in offer.product_ids for offer in self.plan.offers):
            self.plan.offers.append(self._new_offer(product))
        return self._ask("offer", about, language, product.title.say(language), product)

    def _can_be_on_offer(self, product: Product) -> bool:
        alone = len(product.variants) == 1 and len(self.names.titled_alike(product)) == 1
        return alone and product.variants[0].price.minor >= 1000

    def _new_offer(self, product: Product) -> Offer:
        number = len(self.plan.offers)
        kind: dict[str, object] = {"kind": "percent_off", "percent": 20}
        if number % 2 == 0:
            price = product.variants[0].price
            amount = Money(minor=price.minor * 7 // 1000 * 100, currency=price.currency)
            kind = {"kind": "flash_price", "amount": amount}
        title = Text(zh=f"限时活动{number + 1}", en=f"Limited offer {number + 1}")
        named = {"id": f"eval-offer-{number}", "title": title, "product_ids": (product.id,)}
        return Offer.model_validate(named | kind)

    def _room(self, on_air: str, shown: tuple[str, ...]) -> str:
        key = f"eval-{len(self.plan.rooms)}"
        items = tuple(RoomItem(number=at, product_id=p) for at, p in enumerate(shown, 1))
        self.plan.rooms[key] = RoomContext(id=key, on_air=on_air, items=items)
        return key

    def _change_stock(self, product: Product) -> None:
        if len(product.variants) == 1 and len(self.names.titled_alike(product)) == 1:
            self.plan.stock[product.id, product.variants[0].id] = self.random.choice((0, 3))
