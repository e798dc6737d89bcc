"""Prices and stock in a host's own words, held against the records of what they are said of.

Nothing here stops a host, who may know of a price before the records do: it tells them.
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from assistant.turn.evidence import Evidence
from assistant.turn.facts import stock_fact
from assistant.turn.grounding import borne_out, mentioned
from assistant.turn.prices import price_fact
from retrieval.catalog import Language
from retrieval.normal import normal

# A full stop ends a sentence, and not where it parts 59.90.
_SENTENCE = re.compile(r"(?:[^。！？!?；;\n.]|\.(?!\s|$))+[。！？!?；;.]*")


class Unsupported(NamedTuple):
    """A sentence, characters start:end of the line, that the records do not bear out.

    `fact` is what they say instead, `record` which of them, such as product:mug.
    """

    rule: Literal["records.price", "records.stock"]
    start: int
    end: int
    fact: str
    record: str


def unsupported(text: str, evidence: Evidence, language: Language) -> list[Unsupported]:
    """The sentences of a line whose prices or stock words are not those of the records.

    A sentence is of the products it names, else of those before it, else of the first in
    `evidence`. Nothing is found where there is none. Reads no record: `evidence` has them.
    """
    found: list[Unsupported] = []
    about: str | None = None
    for match in _SENTENCE.finditer(text):
        verdict = borne_out(match[0], evidence, language, about)
        named = mentioned(normal(match[0]), evidence)
        about = named[-1].product.id if named else about
        product = evidence.product(verdict.product_id or about or "")
        product = product or next(iter(evidence.products), None)
        if verdict.action == "pass" or product is None:
            continue
        stock = verdict.rule == "stock"
        fact = (stock_fact if stock else price_fact)(product, evidence, language)
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        found.append(
            Unsupported(
                "records.stock" if stock else "records.price",
                start,
                match.end(),
                fact.text,
                f"product:{product.id}",
            )
        )
    return found
