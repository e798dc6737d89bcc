"""A question that narrows the search before it: 有辣的吗, dishwasher safe ones, 要轻一点的."""

from __future__ import annotations

import re

from assistant.turn.following import Earlier
from assistant.turn.references import points_far, points_near, said_numbers, said_places

_NARROWS = re.compile(
    # 要能进洗碗机的, 别太甜的, 只看有货的, 有辣的吗
    r"^(?:那|就|我|还是|最好|必须|一定|只|得)*(?:有没有|有|要|想要|不要|别|看|是)[^，,。？?的]{1,12}的"
    r"(?:[吗嘛么没吧呢]|有吗|有没有)?\W*$"
    r"|^(?:[^，,。]{0,8}[，,])?(?:不要|别|不想要|别给我)(?:太|那么|这么)?[^，,。？?]{1,8}(?:的|了)?\W*$"
    r"|^(?:那|预算|价格|价位)?[^，,。a-z]{0,6}(?:以内|以下|以上|左右|之间|封顶)的?(?:[吗嘛么吧呢]|有吗|有没有)?\W*$"
    # dishwasher safe ones please, not over-ear, something for kids, under 30 yuan
    r"|^(?!.*\b(?:th(?:is|at|ese|ose)|which|first|second|third|last|other|two|three) ones\b)"
    r"(?:[a-z' -]+ )?[a-z-]+ ones(?:,? (?:please|pls|only|then|instead))?\W*$"
    r"|^(?:but |and |only |preferably |maybe )?(?:not|no|nothing|something|anything|without|under"
    r"|below|less than|at most|up to|max|over|above|within|for)\b[^?]*$"
)


def narrows(said: str, earlier: Earlier | None) -> bool:
    """Whether plain text that names no product goes on with the search of the question before."""
    if earlier is None or earlier.intents[:1] != ("recommendation",):
        return False
    clause = re.split("[,，]", said)[0]  # not over-ear, they squash my hair
    pointing = points_near(clause) or points_far(clause)
    if pointing or said_numbers(clause) or said_places(clause, 3):
        return False
    return _NARROWS.search(said.strip()) is not None
