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
    maker = _Maker(shop, Random(seed))  # noqa: S311
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
    def __init__(self, shop: Shop, random: Random) -> None:
        self.shop, self.random = shop, random
        self.names = Names(shop.products.values())
        self.plan = Plan()
        self.products = sorted(shop.products.values(), key=lambda product: product.id)
        self.titles = {p.id: p.title.every()[0] for p in self.products}
        self.on_offer: set[str] = set()
        shown = self.random.sample(self.products, min(5, len(self.products)))
        items = tuple(RoomItem(number=at, product_id=p.id) for at, p in enumerate(shown, 1))
        self.plan.rooms[QUIET] = RoomContext(id=QUIET)
        self.plan.rooms[LIVE] = RoomContext(id=LIVE, on_air=shown[0].id, items=items)

    def stream(self, form: str) -> Iterator[Question]:
        """Questions of one form, each of another product, fact or language, until none is left."""
        make: Callable[[Product, About, Language], Question | None] = getattr(self, f"_{form}")
        asked: set[tuple[str, str, str]] = set()
        misses = made = 0
        while misses < TRIES:
            product = self.random.choice(self.products)
            about: About = "price" if form == "offer" or made % 5 in (0, 2, 4) else "stock"
            language = LANGUAGES[self.random.randrange(2)]
            key = (product.id, about, language)
            taken = form != "variant" and (key in asked or product.id in self.on_offer)
            question = None if taken else make(product, about, language)
            if question is None or any(q.text == question.text and q.room == question.room
                                       for q in self.plan.questions):  # fmt: skip
                misses += 1
                continue
            asked.add(key)
            misses, made = 0, made + 1
            if about == "stock" and made % 3 == 0:
                self._change_stock(product)
            yield question

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

    def _variant(self, product: Product, about: About, language: Language) -> Question | None:
        if len({variant.price.minor for variant in product.variants}) < 2:
            choices = [p for p in self.products if len({v.price for v in p.variants}) > 1]
            if not choices:
                return None
            product = self.random.choice(choices)
        variant = self.random.choice(product.variants)
        name = product.title.say(language)
        wordings = {
            key: tuple(text.replace("{options}", variant.label(language)) for text in texts)
            for key, texts in VARIANT.items()
        }
        if not variant.options:
            return None
        return self._ask("variant", about, language, name, product, "", wordings, variant.id)

    def _offer(self, product: Product, about: About, language: Language) -> Question | None:
        """The product while an offer, put just now, changes its price."""
        asked_before = {key for question in self.plan.questions for key in question.products}
        price = product.default_variant.price
        if product.id in asked_before or len(product.variants) > 1 or price.minor < 1000:
            return None
        number = len(self.on_offer)
        self.on_offer.add(product.id)
        title = Text(zh=f"限时活动{number + 1}", en=f"Limited offer {number + 1}")
        key, covered = f"eval-offer-{number}", (product.id,)
        if number % 2:
            offer = Offer(id=key, kind="percent_off", title=title, product_ids=covered, percent=20)
        else:
            amount = Money(minor=price.minor * 7 // 1000 * 100, currency=price.currency)
            offer = Offer(
                id=key, kind="flash_price", title=title, product_ids=covered, amount=amount
            )
        self.plan.offers.append(offer)
        return self._ask("offer", about, language, product.title.say(language), product)

    def _room(self, on_air: str, shown: tuple[str, ...]) -> str:
        key = f"eval-{len(self.plan.rooms)}"
        items = tuple(RoomItem(number=at, product_id=p) for at, p in enumerate(shown, 1))
        self.plan.rooms[key] = RoomContext(id=key, on_air=on_air, items=items)
        return key

    def _change_stock(self, product: Product) -> None:
        if len(product.variants) == 1 and len(self.names.titled_alike(product)) == 1:
            self.plan.stock[product.id, product.variants[0].id] = self.random.choice((0, 3))
