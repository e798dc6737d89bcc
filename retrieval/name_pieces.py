"""Which piece of a plain text may be a name: rules on words, beside the weights of terms."""

from __future__ import annotations

import re

from retrieval.catalog import Product
from retrieval.scaffold import SCAFFOLD_ZH
from retrieval.terms import begins_word, ends_word, terms

_LEAST_TERMS = 3  # of a title without its brand, lest 保温杯 be the name of one product
_HAN = re.compile("[\u3400-\u9fff]")


def unbranded(product: Product) -> list[str]:
    """The titles without the brand before them, where that leaves more than a kind of goods."""
    titles, brands = product.title.every(), product.brand.every()
    bare = {title.removeprefix(brand).strip() for title in titles for brand in brands}
    return sorted(t for t in bare - {*titles} if len(terms(t.lower())) >= _LEAST_TERMS)


def enough(said: frozenset[str] | set[str]) -> bool:
    """Whether terms are more than one word: a colour, a material or a kind is no name."""
    words = [term for term in said if not term.replace(".", "").isdigit()]
    return len(words) > 1 or (len(words) == 1 and len(said) > 1 and len(words[0]) > 1)


def shortened(said: str, span: tuple[int, int], name: str) -> bool:
    """Whether the Chinese words at `span` leave out characters of a name: 随行杯 for 随行保温杯."""
    run = re.match("[\u3400-\u9fff]*", said[span[0] :])
    word = SCAFFOLD_ZH.split(run[0])[0] if run else ""
    letters = iter(name)
    return len(word) >= 3 and all(char in letters for char in word)


def holds(said: str, wording: str) -> bool:
    """Whether a wording stands in a plain text between word boundaries."""
    at = said.find(wording) if wording else -1
    return at >= 0 and begins_word(said, at) and ends_word(said, at + len(wording))


def stands_alone(said: str, start: int, end: int) -> bool:
    """Whether a name of one Chinese character is a word of its own: 水多少钱, but not 防水."""
    if end - start > 1 or not _HAN.match(said[start]):
        return True
    around = [match.span() for match in SCAFFOLD_ZH.finditer(said)]
    left = start == 0 or not _HAN.match(said[start - 1]) or any(e == start for _, e in around)
    right = end == len(said) or not _HAN.match(said[end]) or any(s == end for s, _ in around)
    return left and right and not said[:start].endswith(("多少", "几"))
