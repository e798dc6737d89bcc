"""A line against the rules: what is forbidden in it, where, by which rule and why."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from assistant.turn.compliance.disguises import Disguises
from assistant.turn.compliance.reading import Reading, is_latin, read
from assistant.turn.compliance.rules import Rule, Rules, expanded, kinds_of_goods

# A denial in the same clause, shortly before the word. Rhetorical questions deny nothing.
_DENIED = re.compile(
    r"(?<!难道)(?<!谁说)(?<!岂)(?<!可)(?<!要)(?<!是)(?<!怎么)"
    r"(?:不是|并非|不能|不可|不会|不得|不属于|不具|不宣称|不保证|不承诺|不代表|不等于|不涉及|不敢|不让|不许|不说"
    r"|不应|不宜|没有|没法|没说|没那么|未|请勿|切勿|禁止|严禁|谈不上|算不上|称不上|达不到|无法|别说|别信|不存在|不作)"
    r"[^，。]{0,6}$"
    r"|(?<!绝)(?<!无)[不没未勿别]$"
    r"|(?<![a-z])(?:not|no|never|cannot|cant|dont|doesnt|didnt|isnt|arent|wont|without|nor|neither)"
    r"(?![a-z])[^，。]{0,18}$"
)
_SAID_TWICE = re.compile(r"(没有|不)[^，。]{0,4}(不|没)")


@dataclass(frozen=True)
class Finding:
    """What of a line breaks a rule: its characters start:end."""

    rule: Rule
    start: int
    end: int


@dataclass(frozen=True)
class _Matcher:
    rule: Rule
    forbidden: re.Pattern[str]
    allowed: re.Pattern[str] | None


class Compliance:
    """All rules, compiled once; checks any number of lines from any thread."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules.rules
        words = {word for rule in rules.rules for each in rule.words for word in expanded(each)}
        initials = {i for rule in rules.rules for each in rule.initials for i in expanded(each)}
        self._disguises = Disguises({*words, *rules.spoken, *initials}, initials)
        self._matchers = [_matcher(rule) for rule in rules.rules]

    def check(
        self,
        line: str,
        category: str | None = None,
        quoted: Collection[str] = (),
    ) -> list[Finding]:
        """The findings in `line`, in its order; empty when it may be said.

        `category` names the goods it is about, in any words; None for what the line itself says.
        What lies inside one of the `quoted` texts, such as a product's registered name, is none.
        """
        plain = self._disguises.undone(read(line))
        kinds = goods(plain.text if category is None else category)
        if category is None:
            kinds -= {"medical"}  # a line cannot make its goods a medicine
        spared = [span for text in quoted if text for span in _spans(line, text)]
        found: list[Finding] = []
        for matcher in self._matchers:
            rule = matcher.rule
            if (rule.scope and not set(rule.scope) & kinds) or set(rule.beyond) & kinds:
                continue
            for start, end in _matches(matcher, plain):
                first, last = plain.span(start, end)
                if not any(a <= first and last <= b for a, b in spared):
                    found.append(Finding(rule, first, last))
        return sorted(found, key=lambda f: (f.start, f.end, f.rule.id))


def goods(text: str) -> frozenset[str]:
    """The kinds of goods that a text, such as a category's name, speaks of."""
    plain = read(text).text
    return frozenset(kind for kind, words in kinds_of_goods().items() if words.search(plain))


def _matcher(rule: Rule) -> _Matcher:
    words = sorted({w for each in rule.words for w in expanded(each)}, key=len, reverse=True)
    parts = [_bounded(word) for word in words] + [f"(?:{p})" for p in rule.patterns]
    allowed = re.compile("|".join(f"(?:{a})" for a in rule.allow)) if rule.allow else None
    return _Matcher(rule, re.compile("|".join(parts)), allowed)


def _bounded(word: str) -> str:
    """A word that Latin letters or digits at its ends may not go on."""
    before = r"(?<![a-z0-9])" if is_latin(word[0]) else ""
    after = r"(?![a-z0-9])" if is_latin(word[-1]) else ""
    return before + re.escape(word) + after


def _matches(matcher: _Matcher, plain: Reading) -> Iterator[tuple[int, int]]:
    """The stretches of the plain text that break a rule."""
    allowed: list[tuple[int, int]] | None = None
    for match in matcher.forbidden.finditer(plain.text):
        start, end = match.span()
        if matcher.allowed and allowed is None:
            allowed = [m.span() for m in matcher.allowed.finditer(plain.text)]
        if any(a <= start and end <= b for a, b in allowed or ()):
            continue
        if matcher.rule.negatable and _denied(plain.text[:start]):
            continue
        yield start, end


def _denied(before: str) -> bool:
    denial = _DENIED.search(before)
    return denial is not None and not _SAID_TWICE.search(before[denial.start() :])


def _spans(line: str, text: str) -> Iterator[tuple[int, int]]:
    at = line.find(text)
    while at >= 0:
        yield at, at + len(text)
        at = line.find(text, at + 1)
