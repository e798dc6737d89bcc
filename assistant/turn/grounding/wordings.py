"""What records say, in the plain form that sentences are held against."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from assistant.turn.evidence import Evidence
from assistant.turn.grounding.once import once_each
from retrieval.catalog import Policy, Product
from retrieval.normal import normal

_BETWEEN_NUMBERS = re.compile(r"(?<=[0-9])，(?=[0-9])")
_SENTENCE = re.compile(r"[。！？；!?;\n]+|\.(?=\s|$)")
_PART = re.compile(r"[，,、。！？；：:!?;()（）\n]+|\.(?=\s|$)")
_FILLER = re.compile(
    r"这款|这个|这件|这是|它的?|我们|咱们|本店|店铺|的话|而且|并且|还有|还是|可以|支持|享受|提供|"
    r"[的了呢啦哈呀哦吧也都均是有可享让为和及并还就能会很]"
)
_WORDS_STOP = (
    "a an the this that it its is are was be been and or with for of to in on at by our your you "
    "we has have can will also very so as from each all any i terms comes speaking"
)
_STOP = frozenset(_WORDS_STOP.split())
_NEGATION = re.compile(
    r"不|无(?!理由|线|忧)|没|未|非|除|\b(?:not|no|non|never|without|except|unless|only)\b"
)
_TOKEN = re.compile(r"[a-z0-9]+(?:\.\d+)?|[\u4e00-\u9fff]+")


# Records change seldom and every sentence is held against the same wordings.
@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """`text` in its normal form; a full-width comma between two numbers still parts them."""
    return normal(_BETWEEN_NUMBERS.sub("， ", text))


def fits(policy: Policy, product: Product | None) -> bool:
    """Whether `policy` speaks of `product`; without one, whether it speaks of the whole shop."""
    if not policy.categories:
        return True
    return product is not None and any(c in policy.categories for c in product.category.every())


def in_force(product: Product | None, evidence: Evidence) -> list[Policy]:
    """The policies that hold for `product`: of a kind, its category's before the general ones."""
    found = [p for p in evidence.policies if fits(p, product)]
    own = {p.kind for p in found if p.categories}
    return [p for p in found if p.categories or p.kind not in own]


@once_each
def _own_texts(product: Product) -> list[str]:
    texts = [product.title, product.description, product.brand, product.category]
    texts += [t for a in product.attributes for t in (a.name, a.value)]
    texts += [t for v in product.variants for o in v.options for t in (o.name, o.value)]
    texts += [t for q in product.questions for t in (q.question, q.answer)]
    codes = [v.sku for v in product.variants if v.sku]
    return [*(w for text in texts for w in text.every()), *codes]


def texts_of(product: Product, evidence: Evidence) -> list[str]:
    """Every wording in the record of `product` and of the offers that run for it, as written."""
    offers = evidence.running(product)
    titles = [w for offer in offers for w in offer.title.every()]
    codes = [offer.code for offer in offers if offer.code]
    return list(dict.fromkeys([*_own_texts(product), *titles, *codes]))


@once_each
def statements_of(product: Product) -> tuple[str, ...]:
    """What the record of `product` states, an attribute with its name in one piece."""
    stated = [*product.title.every(), *product.description.every(), *product.brand.every()]
    stated += [q for item in product.questions for q in item.answer.every()]
    for attribute in product.attributes:
        for name, value in (
            (attribute.name.zh, attribute.value.zh),
            (attribute.name.en, attribute.value.en),
            (attribute.name.say("zh"), attribute.value.say("zh")),
        ):
            if value:
                stated.append(f"{name} {value}")
    for variant in product.variants:
        for option in variant.options:
            stated += [f"{option.name.say('zh')} {w}" for w in option.value.every()]
        if variant.sku:
            stated.append(f"SKU {variant.sku}")
    return tuple(dict.fromkeys(stated))


@lru_cache(maxsize=4096)
def sentences_of(text: str) -> tuple[str, ...]:
    """The whole sentences of a record's wording, in normal form."""
    whole = (part.strip() for part in _SENTENCE.split(normal(text.replace("\n", "。"))))
    return tuple(part for part in whole if part)


def quotes(sentence: str, wordings: Iterable[str]) -> bool:
    """Whether `sentence` is nothing but whole sentences of one of `wordings`, as they stand."""
    said = sentences_of(sentence)
    return bool(said) and any(set(said) <= set(sentences_of(text)) for text in wordings)


@lru_cache(maxsize=8192)
def words(text: str) -> frozenset[str]:
    """The words that carry meaning: English words, and pairs of Chinese characters."""
    found: set[str] = set()
    for run in _TOKEN.findall(_FILLER.sub(" ", text)):
        if run[0] >= "\u4e00":
            found |= {run[n : n + 2] for n in range(max(1, len(run) - 1))}
        elif run not in _STOP:
            found.add(run)
    return frozenset(found)


@lru_cache(maxsize=8192)
def meanings_of(text: str) -> tuple[tuple[frozenset[str], bool], ...]:
    """Of each sentence of a record's wording its words, and whether it denies."""
    return tuple((words(part), bool(_NEGATION.search(part))) for part in sentences_of(text))


def stands(clause: str, wordings: Iterable[str]) -> bool:
    """Whether one sentence of `wordings` holds every word of `clause`, and as little denies it."""
    sought, denied = words(clause), bool(_NEGATION.search(clause))
    return bool(sought) and any(
        sought <= held and denied == denies
        for text in wordings
        for held, denies in meanings_of(text)
    )


def parts_of(text: str) -> list[tuple[int, int]]:
    """Where the clauses of a normal text stand; a comma inside a number parts nothing."""
    found, start = [], 0
    for match in _PART.finditer(text):
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        if match.group() in ",:." and before.isdigit() and after.isdigit():
            continue
        found.append((start, match.start()))
        start = match.end()
    found.append((start, len(text)))
    return [(a, b) for a, b in found if text[a:b].strip()]
