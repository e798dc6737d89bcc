"""Requests that are refused in a sentence, without asking the model.

The words are data, in `refusals.toml` beside this module, seen through the disguises that
compliance knows. What shops sell (kitchen knives, lingerie, 打火机) and say (杀菌, bath bombs) is
allowed there by name.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal, cast

from assistant.turn.compliance.disguises import Disguises
from assistant.turn.compliance.reading import is_latin, read
from retrieval.catalog import Text

RefusalKind = Literal["self_harm", "minors", "sexual", "hateful", "drugs", "weapons", "fraud"]


_HAN = re.compile("[\u3400-\u9fff]")


@dataclass(frozen=True)
class Refusal:
    """Why a request is refused, and what is said instead."""

    kind: RefusalKind
    text: Text


@dataclass(frozen=True)
class _Kind:
    refusal: Refusal
    asked: re.Pattern[str]
    allowed: re.Pattern[str] | None


@lru_cache(maxsize=1)
def _kinds() -> tuple[Disguises, tuple[_Kind, ...]]:
    source = files("assistant.turn").joinpath("refusals.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(source)
    kinds = []
    for name, table in tables.items():
        words = [_bounded(word) for word in table["words"]]
        allow = "|".join(table.get("allow", ()))
        kinds.append(
            _Kind(
                Refusal(cast(RefusalKind, name), Text(zh=table["zh"], en=table["en"])),
                re.compile("|".join([*words, *table["patterns"]])),
                re.compile(allow) if allow else None,
            )
        )
    words = [word for table in tables.values() for word in table["words"]]
    return Disguises(words), tuple(kinds)


def _bounded(word: str) -> str:
    if not is_latin(word[0]):
        return re.escape(word)
    return rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])"


def refused(text: str) -> Refusal | None:
    """The refusal that a viewer's message calls for; None for nearly all."""
    disguises, kinds = _kinds()
    seen = read(text)
    # An English sentence is no pinyin: "Stainless Dining Duo" would spell 冰毒.
    plain = (disguises.undone(seen) if _HAN.search(text) else seen).text
    for kind in kinds:
        allowed: list[tuple[int, int]] | None = None
        for match in kind.asked.finditer(plain):
            if allowed is None:
                found = kind.allowed.finditer(plain) if kind.allowed else ()
                allowed = [m.span() for m in found]
            if not any(a < match.end() and match.start() < b for a, b in allowed):
                return kind.refusal
    return None
