"""Superlatives: of those shown, true of one of them alone, or not said."""

from __future__ import annotations

import re

from assistant.turn.grounding.measured import SCALES, ZH_ADJECTIVES, same_unit, value_of
from assistant.turn.grounding.said import Said

SUPERLATIVE = re.compile(
    r"最(?!近|后|终|多可|大程度|好[先是在能]|新款)|第一(?!次|步|代|件|双|杯|时间|眼|款|个|种)|"
    r"唯一|顶级|国家级|世界级|独一无二|"
    r"史无前例|绝对|百分百|100%(?=正|真|有|安|满|保)|永久|永远|万能|极致|首选|无敌|之王|王者|巅峰|"
    r"\b(?:best(?! (?:for|suited|used|if|when|with|enjoyed|paired))|cheapest|lowest|highest|"
    r"number one|"
    r"no\. ?1|#1|unbeatable|unmatched|unrivall?ed|lightest|heaviest|warmest|softest|strongest|"
    r"largest|"
    r"biggest|smallest|longest|the most \w+|ultimate|"
    r"100 ?% (?:safe|satisf|sure|genuin|real)|world[- ]class|flawless|one of a kind|"
    r"never|"
    r"always works|only one)\b"
)
_AMONG = re.compile(
    r"(?:这|那)?(?:[几两二三四3]|这些)(?:款|个|种|件)?(?:产品|商品|里面|里|中|之中|当中|之间)|"
    r"其中|里面|"
    r"\b(?:of|among|between|out of) (?:these|the (?:two|three|four|bunch|options|lot)|them|"
    r"those|both)\b"
)
_SUPER_ADJ = re.compile(
    rf"最(?P<zh>{ZH_ADJECTIVES})|\b(?P<en>cheapest|lowest[- ]priced|most (?:expensive|affordable|"
    rf"powerful|"
    r"lightweight)|lightest|heaviest|largest|biggest|smallest|longest|thinnest|"
    r"thickest)(?: (?P<noun>"
    r"capacity|battery|power))?\b"
)
_COMPARATIVE_OF = {
    "cheapest": "cheaper", "lowest-priced": "cheaper", "lowest priced": "cheaper",
    "most expensive": "more expensive", "most affordable": "cheaper", "lightest": "lighter",
    "most lightweight": "lighter", "heaviest": "heavier", "largest": "larger", "biggest": "bigger",
    "smallest": "smaller", "longest": "longer", "thinnest": "thinner", "thickest": "thicker",
    "most powerful": "more powerful",
}  # fmt: skip


def first_among(said: Said, match: re.Match[str]) -> bool:
    """Whether the superlative is said of those shown, and true of one of them alone."""
    if not _AMONG.search(said.bare) or len(said.evidence.products) < 2:
        return False
    adjective = _SUPER_ADJ.match(said.bare, match.start())
    if adjective is None:
        return False
    word = adjective["zh"] or _COMPARATIVE_OF.get(adjective["en"].replace("  ", " "), "")
    if adjective["noun"]:
        word = f"{word} {adjective['noun']}".replace("bigger c", "larger c")
    found = next(
        (
            (s, more)
            for s in SCALES
            for pattern, more in ((s.more, True), (s.less, False))
            if re.fullmatch(pattern, word)
        ),
        None,
    )
    named = {m.product.id: m.product for m in said.mentions}
    subject = next(iter(named.values())) if len(named) == 1 else None
    subject = subject or (said.subject if not named and said.about else None)
    if found is None or subject is None:
        return False
    scale, more = found
    mine = value_of(scale, subject, said.evidence)
    for rival in said.evidence.products:
        if rival.id == subject.id:
            continue
        theirs = value_of(scale, rival, said.evidence)
        if mine is None or theirs is None or not same_unit(scale, subject, rival):
            return False
        if not (mine[0] > theirs[1] if more else mine[1] < theirs[0]):
            return False
    return True
