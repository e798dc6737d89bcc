"""What products are compared by, and each one's value of it as its record has it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from assistant.turn.evidence import Evidence
from assistant.turn.grounding.wordings import plain
from assistant.turn.grounding.written import figures_in
from retrieval.amounts import minor_digits
from retrieval.catalog import Product


class Scale(NamedTuple):
    """One thing to compare by. `more` and `less` find adjectives, `noun` its name.

    `names` finds the attributes that hold it and `units` are those of its figures; both are empty
    for the price.
    """

    more: str
    less: str
    noun: str
    names: str = ""
    units: frozenset[str] = frozenset()


_G, _ML = frozenset({"g", "oz", "lb"}), frozenset({"ml"})
_LENGTH, _TIME = frozenset({"mm", "inch"}), frozenset({"hour", "minute"})
SCALES = (
    Scale(
        r"贵|pricier|more expensive|dearer|higher[- ]priced|costs? more",
        r"便宜|实惠|划算|省钱|平价|cheaper|less expensive|more affordable|lower[- ]priced|"
        r"costs? less|"
        r"more budget[- ]friendly",
        r"价格|价钱|售价|价|price|cost",
    ),
    Scale(
        r"续航(?:时间)?更?[长久]|电池更?耐用|longer battery(?: life)?|lasts? longer|"
        r"longer[- ]lasting|"
        r"longer play\w*|longer run\w*",
        r"续航(?:时间)?更?短|shorter battery(?: life)?",
        r"续航(?:时间)?|电池|battery(?: life)?|play(?:back )?time",
        r"续航|电池|播放|battery|play|runtime",
        _TIME,
    ),
    Scale(
        r"保温(?:时间|效果)?更?[长久好]|(?:keeps?|stays?) \w+ longer|\w+ longer heat",
        r"保温(?:时间)?更?短",
        r"保温(?:时间)?|insulation",
        r"保温|保冷|heat|insulat|keeps|hot|cold",
        _TIME,
    ),
    Scale(
        r"容量更?大|装得更?多|容积更?大|(?:larger|bigger|more|greater|higher) (?:capacity|"
        r"volume)|holds? more|"
        r"roomier",
        r"容量更?小|装得更?少|(?:smaller|less|lower) (?:capacity|volume)|holds? less",
        r"容量|容积|capacity|volume",
        r"容量|容积|规格|capacity|volume",
        _ML | {"mAh", "GB"},
    ),
    Scale(
        r"功率更?[大高]|充电更?快|(?:higher|more) (?:power|wattage)|more powerful|charges? faster",
        r"功率更?[小低]|充电更?慢|(?:lower|less) (?:power|wattage)|less powerful|charges? slower",
        r"功率|power|wattage",
        r"功率|输出|power|output|wattage",
        frozenset({"W"}),
    ),
    Scale(
        r"[重沉](?!要|点|视|新|复|稳)|heavier|weighs? more",
        r"轻(?!松|柔|盈|奢|易)便?巧?|lighter(?!-? col)|weighs? less|more lightweight",
        r"重量|重|weight",
        r"重|weight",
        _G,
    ),
    Scale(r"厚|thicker", r"薄|thinner", r"厚度|thickness", r"厚|thick", _LENGTH),
    Scale(r"高(?!级|端|档|效|品)|taller", r"矮|低", r"高度|height", r"高|height", _LENGTH),
    Scale(r"长(?!效)|longer", r"短|shorter", r"长度|length", r"长|length|size|尺寸", _LENGTH),
    Scale(
        r"大(?!方|气)|bigger|larger",
        r"小(?!巧|众)|smaller",
        r"尺寸|大小|size",
        r"尺寸|大小|直径|容量|size|dimension|diameter|capacity",
        _LENGTH | _ML,
    ),
)


ZH_ADJECTIVES = "|".join(f"(?:{p})" for s in SCALES for p in (s.more, s.less))


def value_of(scale: Scale, product: Product, evidence: Evidence) -> tuple[Decimal, Decimal] | None:
    """The lowest and highest value that the record has, in base units; None where it has none."""
    if not scale.units:
        variants = evidence.variants(product)
        prices = [evidence.priced(product, v).price for v in variants]
        in_money = [Decimal(p.minor).scaleb(-minor_digits(p.currency)) for p in prices]
        return min(in_money), max(in_money)
    found: list[tuple[str, Decimal]] = []
    options = [o for v in product.variants for o in v.options]
    for attribute in (*product.attributes, *options):
        if not re.search(scale.names, plain(" ".join(attribute.name.every()))):
            continue
        for wording in attribute.value.every():
            found += [(f.unit, f.value) for f in figures_in(wording) if f.unit in scale.units]
    if not found:
        texts = product.title.every()
        found = [(f.unit, f.value) for w in texts for f in figures_in(w) if f.unit in scale.units]
    if len({unit for unit, _ in found}) != 1:
        return None
    return min(v for _, v in found), max(v for _, v in found)


def exact_value(scale: Scale, product: Product, evidence: Evidence) -> Decimal | None:
    """The one value that the record has; the price is what the card shows, or the variant asked."""
    if not scale.units:
        variants = evidence.variants(product)
        if len(variants) == len(product.variants):
            variants = (product.default_variant,)
        prices = {evidence.priced(product, v).price for v in variants}
        price = prices.pop()
        return None if prices else Decimal(price.minor).scaleb(-minor_digits(price.currency))
    value = value_of(scale, product, evidence)
    return value[0] if value and value[0] == value[1] else None


def unit_of(scale: Scale, product: Product) -> str | None:
    """The one unit in which the record has it; None for prices and where there are several."""
    texts = [w for a in product.attributes for w in a.value.every()
             if re.search(scale.names, plain(" ".join(a.name.every())))]  # fmt: skip
    texts = texts or list(product.title.every())
    units = {f.unit for w in texts for f in figures_in(w) if f.unit in scale.units}
    return units.pop() if len(units) == 1 else None


def same_unit(scale: Scale, one: Product, two: Product) -> bool:
    """Whether both records have it in one unit, or their prices in one currency."""
    if not scale.units:
        return one.variants[0].price.currency == two.variants[0].price.currency
    return unit_of(scale, one) == unit_of(scale, two) is not None
