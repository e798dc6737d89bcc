"""The texts of a product by which it is found, and the hash that says when they changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from retrieval.catalog import Product, Text


def passage(product: Product, budget: float = 64.0) -> str:
    """What of a product is embedded, in both languages, cut to about `budget` tokens.

    Titles, category, brand, options, attributes, then the start of the description. One
    passage a product: a second one doubles the cost of an import.
    """
    kept: list[str] = []
    for text in dict.fromkeys(_passage_texts(product)):
        budget -= _cost(text) + 1
        if budget < 0:
            kept.append(text[: max(0, int(len(text) * (1 + budget / _cost(text))))])
            break
        kept.append(text)
    return " ".join(filter(None, kept))


def document(product: Product) -> str:
    """What of a product is indexed by words: every text in both languages, codes included."""
    return "\n".join(dict.fromkeys(_document_texts(product)))


def text_hash(product: Product) -> str:
    """Changes when a text that is embedded or indexed by words changes; 16 hex digits."""
    texts = f"{passage(product)}\0{document(product)}"
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
    return sum(0.27 if char < "\u2e80" else 0.65 for char in text) or 1.0
