"""Forbidden words in disguise, read back: homophones, pinyin, initials, parts of characters, signs.

A word is looked for character by character, each step taken literally or in one of these ways.
What was found is believed only where ordinary text would not come to look like it: see `_believed`.
Sounds are those of Unicode's Unihan, without tones, for the characters of GB 2312.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator
from functools import lru_cache
from importlib.resources import files
from typing import Any

import rjieba

from assistant.turn.compliance.reading import (
    CLAUSE,
    PICTURES,
    SENTENCE,
    Reading,
    is_chinese,
    is_latin,
)

LITERAL, SOUND, SIGN, PARTS, PINYIN, INITIAL = "LSNDPI"
# Characters so frequent that one of them beside another means nothing.
_FREQUENT = set(
    "的地得了是一不在有我你他她它这那个也就都还和与用要会能可上下中大小多少去来到给为以而于且"
    "其只被把很更吗吧呢啊呀哦嘛么什怎哪谁几两二三四五六七八九十点些看说做想让请对里外前后"
)
_RUN = re.compile("[a-z0-9]+")
_SPELT_OUT = re.compile(r"(?<![a-z0-9])[a-z0-9@$](?:[ ，。][a-z0-9@$](?![a-z0-9])){4}")
_SKIPPED = {CLAUSE, SENTENCE, " ", *PICTURES}
MOST_LETTERS = 6
_TWO_FACED = (
    "女子",
    "羊大",
    "木木",
    "羊毛",
    "人王",
    "人介",
    "人尤",
    "口王",
    "壮丁",
    "火火",
    "山夆",
)
"""Parts of a character that stand side by side in ordinary text too."""


def _rare(char: str) -> bool:
    """Whether ordinary text hardly ever has this character: outside GB 2312's first level."""
    try:
        return char.encode("gb2312")[0] >= 0xD8
    except UnicodeEncodeError:
        return True


def _is_words(written: str, word: str) -> bool:
    """Whether what stands in place of `word` is itself made of words, as 质料 is."""
    return any(
        len(token) > 1 and token not in word and rjieba.has_word(token)
        for token in rjieba.cut(written)
    )


@lru_cache(maxsize=1)
def _tables() -> dict[str, Any]:
    source = files("assistant.turn.compliance").joinpath("disguises.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def _sounds() -> dict[str, tuple[str, ...]]:
    """The toneless syllables of each character, the commonest first, at most two.

    A line of the file is a syllable, the characters mostly read so, and those sometimes read so.
    """
    main: dict[str, str] = {}
    other: dict[str, str] = {}
    source = files("assistant.turn.compliance").joinpath("sounds.txt")
    for line in source.read_text(encoding="utf-8").splitlines():
        syllable, mostly, sometimes = (*line.split(" "), "")[:3]
        main |= dict.fromkeys(mostly, syllable)
        other |= dict.fromkeys(sometimes, syllable)
    return {char: (main[char], *filter(None, [other.get(char)])) for char in main}


class _Node:
    """One step of the words: what may follow, by character, by sound and by first letter."""

    __slots__ = ("by_char", "by_letter", "by_sound", "word")

    def __init__(self) -> None:
        self.by_char: dict[str, _Node] = {}
        self.by_sound: dict[str, list[tuple[str, _Node]]] = {}
        self.by_letter: dict[str, list[tuple[str, _Node]]] = {}
        self.word = ""

    def step(self, char: str, syllables: Collection[str]) -> _Node:
        node = self.by_char.get(char)
        if node is None:
            node = self.by_char[char] = _Node()
            for syllable in syllables:
                self.by_sound.setdefault(syllable, []).append((char, node))
            for letter in {syllable[0] for syllable in syllables}:
                self.by_letter.setdefault(letter, []).append((char, node))
        return node


class Disguises:
    """The words of all rules, found in whatever form they come."""

    def __init__(
        self,
        words: Collection[str],
        initials: Collection[str] = (),
        unheard: Collection[str] = (),
    ) -> None:
        """`initials` are the words also known by the first letters of their pinyin.

        `unheard` are everyday words: two characters that only sound like one of them are not it.
        """
        tables = _tables()
        self._sounds = _sounds()
        self._main = {char: syllables[0] for char, syllables in self._sounds.items()}
        self._parts: dict[str, str] = tables["parts"]
        self._first_parts = {written[0] for written in self._parts}
        self._signs: dict[str, set[str]] = {}
        for char, signs in tables["stands_for"].items():
            for sign in signs:
                self._signs.setdefault(sign, set()).add(char)
        self._ordinary = frozenset(tables["ordinary"]["words"])
        self._letters: dict[str, str] = tables["letters"]
        self._initials = frozenset(initials)
        self._unheard = frozenset(unheard)
        syllables = sorted({s for each in self._sounds.values() for s in each}, key=len)
        self._spelt = re.compile(f"(?:{'|'.join(reversed(syllables))})+")
        self._chinese, self._english = _Node(), _Node()
        for word in (*words, *unheard):
            if is_chinese(word[0]):
                node = self._chinese
                for char in word:
                    node = node.step(char, self._sounds.get(char, ()))
            elif len(word) >= 2 and word.isalpha():
                node = self._english
                for char in word:
                    node = node.step(char, ())
            else:
                continue
            node.word = word

    def undone(self, reading: Reading) -> Reading:
        """`reading` with each disguised word in its place written plainly."""
        at, checked, spelt = 0, -1, False
        while at < len(reading.text):
            text = reading.text
            char = text[at]
            found = None
            if is_latin(char) or char in self._letters:
                starts_word = at == 0 or not is_latin(text[at - 1])
                if starts_word:
                    found = self._english_word(text, at)
                if not found and at > checked:
                    run = _RUN.match(text, at)
                    checked = run.end() - 1 if run else at
                    spelt = run is None or self._may_be_chinese(text, run[0])
                if not found and spelt:
                    found = self._chinese_at(text, at)
            elif char not in _SKIPPED:
                found = self._chinese_at(text, at)
            if found:
                end, word = found
                if text[at:end] != word:
                    reading = reading.put(at, end, word)
                    checked = -1
                at += len(word)
            else:
                at += 1
        return reading

    def _may_be_chinese(self, text: str, run: str) -> bool:
        """Whether Latin letters that stand together may be pinyin or its first letters."""
        letters = re.sub("[^a-z]", "", run)
        if self._spelt.fullmatch(letters):
            return True
        return len(letters) <= 5 and any(map(is_chinese, text))

    def _chinese_at(self, text: str, at: int) -> tuple[int, str] | None:
        """The longest word of the rules that stands here, however written, and its end."""
        best: tuple[int, str] | None = None
        for end, word, steps in self._readings(text, at):
            longer = best is None or len(word) > len(best[1])
            if longer and self._believed(text, at, end, word, steps):
                best = end, word
        return best

    def _readings(self, text: str, start: int) -> list[tuple[int, str, str]]:
        """Every way in which words of the rules can be read from `start`: (end, word, steps)."""
        found: list[tuple[int, str, str]] = []
        ahead: list[tuple[_Node, int, str]] = [(self._chinese, start, "")]
        while ahead:
            node, at, steps = ahead.pop()
            if node.word:
                found.append((at, node.word, steps))
            if at == len(text) or not node.by_char:
                continue
            char = text[at]
            if char in _SKIPPED:
                if steps and not steps.endswith("--"):
                    ahead.append((node, at + 1, steps + "-"))
                if char not in self._signs:
                    continue
            following = node.by_char.get(char)
            if following:
                ahead.append((following, at + 1, steps + LITERAL))
            for meant in self._signs.get(char, ()):
                following = node.by_char.get(meant)
                if following:
                    ahead.append((following, at + 1, steps + SIGN))
            if char in self._main:
                for meant, following in node.by_sound.get(self._main[char], ()):
                    if meant != char:
                        ahead.append((following, at + 1, steps + SOUND))
            if char in self._first_parts:
                for length in range(2, min(3, len(text) - at) + 1):
                    following = node.by_char.get(self._parts.get(text[at : at + length], ""))
                    if following:
                        ahead.append((following, at + length, steps + PARTS))
            elif "a" <= char <= "z":
                for length in range(2, min(MOST_LETTERS, len(text) - at) + 1):
                    for _, following in node.by_sound.get(text[at : at + length], ()):
                        ahead.append((following, at + length, steps + PINYIN))
                for _, following in node.by_letter.get(char, ()):
                    ahead.append((following, at + 1, steps + INITIAL))
        return found

    def _believed(self, text: str, at: int, end: int, word: str, steps: str) -> bool:
        """Whether text that was read as `word` would not come about by itself."""
        taken = steps.replace("-", "")
        if PINYIN in taken or INITIAL in taken:
            return self._spelt_out(text, at, end, word, taken)
        written = text[at:end]
        if set(taken) == {LITERAL}:
            return taken == steps or not all(self._reaches_out(text, at, end))
        if written in self._ordinary or len(word) == 1:
            return False
        if PARTS in taken and not any(
            part in written and part not in word and rjieba.has_word(part) for part in _TWO_FACED
        ):
            return True
        if SOUND not in taken and all(_rare(c) for c in written if c not in word):
            return True
        if (
            len(word) == 2
            and SOUND in taken
            and (LITERAL not in taken or word in self._unheard or set(written) & _FREQUENT)
        ):
            return False
        if SOUND in taken and "-" in steps and len(word) < 4:
            return False
        if len(word) == 3 and taken.count(SOUND) == 3:
            return False
        if taken.count(LITERAL) >= 3:
            return True
        return not any(self._reaches_out(text, at, end)) and not _is_words(written, word)

    def _reaches_out(self, text: str, at: int, end: int) -> tuple[bool, bool]:
        """Whether a dictionary's word reaches over the beginning and over the end."""
        first = max(at - 4, 0)
        over_start = over_end = False
        for token in rjieba.cut(text[first : end + 4]):
            last = first + len(token)
            if len(token) > 1 and rjieba.has_word(token):
                over_start = over_start or first < at < last
                over_end = over_end or first < end < last
            first = last
        return over_start, over_end

    def _spelt_out(self, text: str, at: int, end: int, word: str, taken: str) -> bool:
        """Whether Latin letters read as Chinese stand there as Chinese written in letters."""
        first, last = at, end
        while first and is_latin(text[first - 1]):
            first -= 1
        while last < len(text) and is_latin(text[last]):
            last += 1
        whole = first == at and last == end
        letters = sum(is_latin(char) for char in text[at:end])
        chinese = any(map(is_chinese, text))
        if INITIAL in taken:
            if len(word) == 2 and word in self._unheard:
                return False
            if LITERAL in taken:
                return whole and chinese and len(word) > 1 and PINYIN not in taken and letters == 1
            return whole and chinese and letters == len(word) and word in self._initials
        if SOUND in taken and LITERAL not in taken:
            return False
        spelt = whole or self._spelt.fullmatch(re.sub("[^a-z]", "", text[first:last])) is not None
        if LITERAL in taken:
            return spelt and letters > 1
        return spelt and letters >= (4 if chinese else 6)

    def _english_word(self, text: str, at: int) -> tuple[int, str] | None:
        """A disguised English word that stands here, and its end."""
        found = self._english_at(text, at)
        if not found or text[at : found[0]] == found[1]:
            return None
        # In "a m i r a c l e" the article is not the beginning of "am".
        later = self._english_at(text, at + 2) if len(found[1]) == 2 else None
        return None if later and len(later[1]) > 3 else found

    def _english_at(self, text: str, at: int) -> tuple[int, str] | None:
        """The longest English word of the rules that stands here, and its end."""
        best: tuple[int, str] | None = None
        for end, word in self._english_walks(self._english, text, at, at):
            if (best is None or len(word) > len(best[1])) and self._one_word(text, at, end, word):
                best = end, word
        return best

    def _english_walks(
        self, node: _Node, text: str, at: int, start: int
    ) -> Iterator[tuple[int, str]]:
        if node.word:
            yield at, node.word
        if at >= len(text) or at - start > 40:
            return
        char = text[at]
        if at > start and char in _SKIPPED:
            yield from self._english_walks(node, text, at + 1, start)
        for letter in (char, *self._letters.get(char, "")):
            following = node.by_char.get(letter)
            if following:
                yield from self._english_walks(following, text, at + 1, start)
        if char == "*" and at > start:
            for following in node.by_char.values():
                yield from self._english_walks(following, text, at + 1, start)
        elif at > start and char == text[at - 1]:
            yield from self._english_walks(node, text, at + 1, start)

    def _one_word(self, text: str, at: int, end: int, word: str) -> bool:
        """Whether the stretch ends where a word ends, and its pieces are no words themselves."""
        if end < len(text) and is_latin(text[end]):
            return False
        written = text[at:end]
        pieces = re.split(r"[ ，。]+", written)
        if len(pieces) == 1:
            return len(word) >= 4 or any(c.isalpha() for c in written)
        if max(map(len, pieces)) > 1:
            return len(word) >= 8
        return len(word) >= 3 or bool(_SPELT_OUT.search(text[max(at - 6, 0) : end + 6]))
