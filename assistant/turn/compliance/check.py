"""A line against the rules: what is forbidden in it, where, by which rule and why."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

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
_LATIN = re.compile("[a-z0-9]+")
# How a word begins: with its first token of letters and digits, else with two characters.
_TOKEN = re.compile("[a-z0-9]+|..?")
_SAID_TWICE = re.compile(r"(没有|不)[^，。]{0,4}(不|没)")


@dataclass(frozen=True)
class Finding:
    """What of a line breaks a rule: its characters start:end."""

    rule: Rule
    start: int
    end: int


@dataclass(frozen=True)
class _Matcher:
    """`words` find only where one of `begin` is, see `_beginnings`; `patterns` anywhere."""

    rule: Rule
    scope: frozenset[str]
    beyond: frozenset[str]
    begin: frozenset[str]
    words: tuple[re.Pattern[str], ...]
    patterns: re.Pattern[str] | None
    allowed: re.Pattern[str] | None


class Compliance:
    """All rules, compiled once; checks any number of lines from any thread."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules.rules
        words = {word for rule in rules.rules for each in rule.words for word in expanded(each)}
        initials = {i for rule in rules.rules for each in rule.initials for i in expanded(each)}
        words |= {*rules.spoken, *initials}
        inside = {w for rule in rules.rules for p in rule.patterns for w in _words_in(p)}
        self._disguises = Disguises(words, initials, inside - words)
        self._matchers = [_matcher(rule) for rule in rules.rules]
        # Records are said again and again, and most of the work is to read them.
        self._plain = lru_cache(maxsize=8192)(lambda line: self._disguises.undone(read(line)))
        self._found = lru_cache(maxsize=8192)(self._find)

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
        kinds = goods(self._plain(line).text if category is None else category)
        if category is None:
            kinds -= {"medical"}  # a line cannot make its goods a medicine
        spared = [span for text in quoted if text for span in _spans(line, text)]
        return [
            found
            for found in self._found(line, kinds)
            if not any(start <= found.start and found.end <= end for start, end in spared)
        ]

    def _find(self, line: str, kinds: frozenset[str]) -> list[Finding]:
        plain, found = self._plain(line), []
        beginnings = _beginnings(plain.text)
        for matcher in self._matchers:
            rule = matcher.rule
            if matcher.scope and matcher.scope.isdisjoint(kinds):
                continue
            if not matcher.beyond.isdisjoint(kinds):
                continue
            found += [
                Finding(rule, *plain.span(*span)) for span in _matches(matcher, plain, beginnings)
            ]
        return sorted(found, key=lambda f: (f.start, f.end, f.rule.id))


@lru_cache(maxsize=8192)
def goods(text: str) -> frozenset[str]:
    """The kinds of goods that a text, such as a category's name, speaks of."""
    plain = read(text).text
    return frozenset(kind for kind, words in kinds_of_goods().items() if words.search(plain))


def _matcher(rule: Rule) -> _Matcher:
    words = {word for each in rule.words for word in expanded(each)}
    chinese, latin = [w for w in words if not is_latin(w[0])], [w for w in words if is_latin(w[0])]
    sought = [_any_of(chinese)] if chinese else []
    if latin:
        sought.append(f"(?<![a-z0-9])(?:{_any_of(latin)})(?![a-z0-9])")
    begin = frozenset(found[0] for word in words if (found := _TOKEN.match(word)))
    return _Matcher(
        rule,
        frozenset(rule.scope),
        frozenset(rule.beyond),
        begin,
        tuple(map(re.compile, sought)),
        _either(rule.patterns),
        _either(rule.allow),
    )


def _either(patterns: Iterable[str]) -> re.Pattern[str] | None:
    joined = "|".join(f"(?:{pattern})" for pattern in patterns)
    return re.compile(joined) if joined else None


def _beginnings(text: str) -> frozenset[str]:
    """What a word that stands in a plain text can begin with: a whole token of letters and
    digits, else two characters, and one."""
    return frozenset((*_LATIN.findall(text), *text, *map("".join, pairwise(text))))


def _words_in(pattern: str) -> Iterator[str]:
    """The words that a pattern is made of, so that they are known in disguise."""
    plain = re.sub(r"\\.|\[[^\]]*\]|\(\?<?[:!=]|\{[\d,]*\}", " ", pattern)
    yield from re.findall("[\u3400-\u9fff]{2,}", plain)
    for word, optional in re.findall(r"([a-z]{2,})(\??)", plain):
        yield word
        if optional:
            yield word[:-1]


def _any_of(words: Iterable[str]) -> str:
    """A pattern for the longest of `words`; common beginnings are tried once, which is fast."""
    endings: dict[str, list[str]] = {}
    for word in words:
        endings.setdefault(word[:1], []).append(word[1:])
    whole = endings.pop("", None) is not None
    found = [re.escape(first) + _any_of(rest) for first, rest in sorted(endings.items())]
    if not found:
        return ""
    joined = found[0] if len(found) == 1 and not whole else f"(?:{'|'.join(found)})"
    return joined + "?" if whole else joined


def _matches(
    matcher: _Matcher, plain: Reading, beginnings: frozenset[str]
) -> Iterator[tuple[int, int]]:
    """The stretches of the plain text that break a rule."""
    sought = () if matcher.begin.isdisjoint(beginnings) else matcher.words
    found = {m.span() for words in sought for m in words.finditer(plain.text)}
    if matcher.patterns:
        found.update(m.span() for m in matcher.patterns.finditer(plain.text))
    if not found:
        return
    allowed = [m.span() for m in matcher.allowed.finditer(plain.text)] if matcher.allowed else []
    for start, end in found:
        lawful = any(a <= start and end <= b for a, b in allowed)
        if not lawful and not (matcher.rule.negatable and _denied(plain.text[:start])):
            yield start, end


def _denied(before: str) -> bool:
    denial = _DENIED.search(before)
    return denial is not None and not _SAID_TWICE.search(before[denial.start() :])


def _spans(line: str, text: str) -> Iterator[tuple[int, int]]:
    at = line.find(text)
    while at >= 0:
        yield at, at + len(text)
        at = line.find(text, at + 1)
