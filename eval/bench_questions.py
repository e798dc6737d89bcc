"""Questions for a benchmark: no two alike, so that no cache answers for the service."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle
from random import Random

from eval import synthetic
from eval.fact_wordings import ASKED
from retrieval.catalog import Language, Policy, Product, Text

LANGUAGES: tuple[Language, ...] = ("zh", "en")
POLICIES = (
    Policy(
        id="bench-returns",
        kind="returns",
        title=Text(zh="退货", en="Returns"),
        text=Text(zh="签收后7天内可以退货。", en="Return it within 7 days of delivery."),
    ),
    Policy(
        id="bench-shipping",
        kind="shipping",
        title=Text(zh="运费", en="Shipping"),
        text=Text(zh="满88元包邮。", en="Free shipping from ¥88."),
    ),
)
# Offer, returns, shipping and an attribute; price and stock stand in ASKED.
_FACTS: dict[Language, tuple[str, ...]] = {
    "zh": ("{name}有什么优惠", "{name}可以退货吗", "{name}包邮吗", "{name}的{attribute}是什么"),
    "en": (
        "any offers on {name}?",
        "can I return the {name}?",
        "is shipping free for {name}?",
        "what is the {attribute} of {name}?",
    ),
}
_MODEL: dict[Language, tuple[str, ...]] = {
    "zh": (
        "想送{who}生日礼物，推荐一款{category}",
        "{who}租房用的{category}，哪款比较好",
        "推荐一下适合{who}的{category}",
    ),
    "en": (
        "recommend a {category} as a gift for my {who}",
        "which {category} suits my {who}, and why?",
    ),
}
_WHO: dict[Language, tuple[str, ...]] = {
    "zh": ("妈妈", "爸爸", "同事", "闺蜜", "老师", "室友", "奶奶", "男朋友", "女儿", "邻居"),
    "en": ("mother", "father", "colleague", "flatmate", "teacher", "daughter", "neighbour"),
}


class Questions:
    """Draws products in a random order that is the same every time, and asks about them."""

    def __init__(self, products: Sequence[Product], seed: int = 1) -> None:
        self._random = Random(seed)  # noqa: S311
        ordered = sorted(products, key=lambda product: product.id)
        self._products = cycle(self._random.sample(ordered, len(ordered)))
        self._languages = cycle(LANGUAGES)
        self._searches = synthetic.questions(1_000_000, seed)

    def fact(self) -> str:
        """One that records answer: price, stock, offer, policy or attribute; languages in turns."""
        product, language = next(self._products), next(self._languages)
        wordings = [*ASKED["price", language], *ASKED["stock", language], *_FACTS[language]]
        if not product.attributes:
            wordings = [wording for wording in wordings if "{attribute}" not in wording]
        attribute = product.attributes[0].name.say(language) if product.attributes else ""
        wording = self._random.choice(wordings)
        return wording.format(name=product.title.say(language), attribute=attribute)

    def model(self, language: Language | None = None) -> str:
        """One that needs the model: a recommendation for somebody."""
        spoken: Language = next(self._languages) if language is None else language
        category = next(self._products).category.say(spoken)
        wording, who = self._random.choice(_MODEL[spoken]), self._random.choice(_WHO[spoken])
        return wording.format(category=category, who=who)

    def search(self) -> str:
        """Words to search for, as a viewer would type them; languages in turns."""
        return next(self._searches)
