"""The texts of a product by which it is found, and the hash that says when they changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from retrieval.catalog import Product, Text
from retrieval.stuffing import is_stuffed, reader_text


def passage(product: Product, budget: float = 40.0) -> str:
    """What of a product is embedded, in both languages, cut to about `budget` tokens.

    Titles, category, brand, options, attributes, then the start of the description; what an
    earlier text says already is left out. One passage a product: a second one doubles the cost
    of an import.
    """
    return cut(_passage_texts(product), budget)


def cut(texts: Iterable[str], budget: float = 40.0) -> str:
    """`texts` as one, without what an earlier one says already, cut to about `budget` tokens."""
    kept = ""
    for text in map(reader_text, texts):
        if text.lower() in kept.lower():
            continue
        cost = _cost(text)
        if cost >= budget:
            kept += " " + text[: int(len(text) * budget / cost)]
            break
        kept += " " + text
        budget -= cost
    return kept.strip()


def document(product: Product) -> tuple[str, ...]:
    """What of a product is indexed by words: every text in both languages, codes included."""
    return tuple(dict.fromkeys(map(reader_text, _document_texts(product))))


def stuffed(product: Product) -> bool:
    """Whether a text of the product was written for the ranking and not for a reader."""
    return any(map(is_stuffed, _document_texts(product)))


def text_hash(product: Product) -> str:
    """Changes when a text that is embedded or indexed by words changes; 16 hex digits."""
    searched = "\n".join(document(product))
    texts = f"{passage(product)}\0{searched}"
    return hashlib.sha256(texts.encode("utf-8", "replace")).hexdigest()[:16]


def _passage_texts(product: Product) -> Iterator[str]:
    yield from product.title.every()
    yield from product.category.every()
    yield from product.brand.every()
    yield from _texts(option.value for variant in product.variants for option in variant.options)
    yield from _texts(attribute.value for attribute in product.attributes)
    yield from product.description.every()


def _document_texts(product: Product) -> Iterator[str]:
    yield from _texts((product.title, product.brand, product.category, product.description))
    yield from product.aliases
    for attribute in product.attributes:
        yield from _texts((attribute.name, attribute.value))
    for variant in product.variants:
        yield from _texts(option.value for option in variant.options)
        if variant.sku:
            yield variant.sku


def _texts(texts: Iterable[Text]) -> Iterator[str]:
    for text in texts:
        yield from text.every()


def _cost(text: str) -> float:
    """Tokens that a multilingual model makes of `text`, about."""
    return sum(0.35 if char < "\u2e80" else 0.8 for char in text) or 1.0
