"""Rules as data: what each forbids, where, since when, by which law, and what it allows."""

from __future__ import annotations

import datetime
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assistant.errors import SettingRefused
from retrieval.catalog import Text

Severity = Literal["high", "medium"]
_BRACES = re.compile(r"\{([^{}]*)\}")
LONGEST_FILE = 2_000_000
"""Bytes of one file of rules."""

Words = tuple[Annotated[str, Field(min_length=1, max_length=4000)], ...]


class Rule(BaseModel):
    """One rule. `words` are found in any disguise; `patterns` and `allow` are regular expressions.

    All are matched against the plain form of a line (see `reading.read`): lower case, simplified,
    no spaces around Chinese characters, clause marks as ， and sentence marks as 。. In words and
    patterns {a,b} stands for a or b. `scope` names the kinds of goods a rule is for, none for all;
    `beyond` those it is not for. What lies inside a match of `allow` is lawful. With `negatable` so
    is a word that the clause denies.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,63}$")
    source: str = Field(min_length=1, max_length=300)
    date: datetime.date
    severity: Severity = "high"
    reason: Text
    scope: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    words: Words = ()
    patterns: Words = ()
    allow: Words = ()
    initials: Words = ()
    negatable: bool = False


class _File(BaseModel):
    """A file of rules: what they share, words to know in disguise, and the rules."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = ""
    date: datetime.date | None = None
    spoken: Words = ()
    rule: tuple[dict[str, Any], ...] = ()


class Rules(BaseModel):
    """All rules in force, and words that patterns are made of, to be known in disguise too."""

    model_config = ConfigDict(frozen=True)

    rules: tuple[Rule, ...]
    spoken: tuple[str, ...]


def expanded(word: str) -> Iterator[str]:
    """`word` with each {a,b} written out: 最{高,低}价 is 最高价 and 最低价."""
    found = _BRACES.search(word)
    if not found:
        yield word
        return
    for choice in found[1].split(","):
        yield from expanded(word[: found.start()] + choice + word[found.end() :])


@lru_cache(maxsize=1)
def kinds_of_goods() -> Mapping[str, re.Pattern[str]]:
    """The kinds of goods that rules can be for, each with the words it is recognised by."""
    source = files("assistant.turn.compliance").joinpath("goods.toml").read_text(encoding="utf-8")
    return {kind: re.compile("|".join(words)) for kind, words in tomllib.loads(source).items()}


def read_rules(folder: Path | None = None) -> Rules:
    """The rules that come with liveshop, then those of the TOML files in `folder`.

    Raises SettingRefused naming file, rule and what is wrong.
    """
    own = files("assistant.turn.compliance").joinpath("rules")
    sources = [
        (file.name, file.read_text(encoding="utf-8"))
        for file in sorted(own.iterdir(), key=lambda file: file.name)
    ]
    if folder is not None:
        sources += _merchants(folder)
    rules: list[Rule] = []
    spoken: list[str] = []
    seen: dict[str, str] = {}
    for name, text in sources:
        read, words = _read(name, text)
        for rule in read:
            if rule.id in seen:
                raise SettingRefused(f"{name}: rule {rule.id!r}: {seen[rule.id]} has that id too")
            seen[rule.id] = name
        rules += read
        spoken += words
    return Rules(rules=tuple(rules), spoken=tuple(spoken))


def _merchants(folder: Path) -> list[tuple[str, str]]:
    if not folder.is_dir():
        raise SettingRefused(f"LIVESHOP_RULES has value {str(folder)!r}: there is no such folder")
    found = []
    for path in sorted(folder.glob("*.toml")):
        try:
            if path.stat().st_size > LONGEST_FILE:
                raise SettingRefused(f"{path}: longer than {LONGEST_FILE} bytes")
            found.append((str(path), path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError) as error:
            raise SettingRefused(f"{path}: cannot be read as UTF-8 text: {error}") from error
    return found


def _read(name: str, text: str) -> tuple[list[Rule], list[str]]:
    """The rules of one file and its words to know in disguise."""
    try:
        file = _File.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingRefused(f"{name}: is not TOML: {error}") from error
    except ValidationError as error:
        raise SettingRefused(f"{name}: {_first(error)}") from error
    rules = []
    for number, table in enumerate(file.rule, 1):
        place = f"{name}: rule {table.get('id', number)!r}"
        known: dict[str, Any] = {"date": file.date} if file.date else {}
        if "article" in table:
            table = {**table, "source": f"{file.source} {table['article']}".strip()}
            del table["article"]
        elif file.source:
            known["source"] = file.source
        try:
            rule = Rule.model_validate(known | table)
        except ValidationError as error:
            raise SettingRefused(f"{place}: {_first(error)}") from error
        if not rule.words and not rule.patterns:
            raise SettingRefused(f"{place}: words or patterns: one of them is needed")
        unknown = {*rule.scope, *rule.beyond} - set(kinds_of_goods())
        if unknown:
            raise SettingRefused(
                f"{place}: scope: {sorted(unknown)} is not among {sorted(kinds_of_goods())}"
            )
        for field in ("patterns", "allow"):
            _compiled(place, field, getattr(rule, field))
        rules.append(rule)
    return rules, [word for each in file.spoken for word in expanded(each)]


def _compiled(place: str, field: str, patterns: Sequence[str]) -> None:
    for pattern in patterns:
        try:
            found = re.compile(pattern)
        except re.error as error:
            raise SettingRefused(f"{place}: {field}: {pattern!r} is no pattern: {error}") from error
        if found.match(""):
            raise SettingRefused(f"{place}: {field}: {pattern!r} matches nothing at all")


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"]) or "file"
    return f"{field}: {first['msg']}"
