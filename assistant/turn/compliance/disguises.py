"""Forbidden words in disguise, read back: homophones, pinyin, initials, parts of characters, signs.

A word is looked for character by character, each step taken literally or in one of these ways.
What was found is believed only where ordinary text would not come to look like it: see `_believed`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

import rjieba

from assistant.turn.compliance.reading import (
    CLAUSE,
    PICTURES,
    SENTENCE,
    Reading,
    is_chinese,
    is_latin,
)
from assistant.turn.compliance.word_tree import Node, sounds, tables

LITERAL, SOUND, SIGN, PARTS, PINYIN, INITIAL = "LSNDPI"
# Characters so frequent that one of them beside another means nothing.
_FREQUENT = set(
    "的地得了是一不在有我你他她它这那个也就都还和与用要会能可上下中大小多少去来到给为以而于且"
    "其只被把很更吗吧呢啊呀哦嘛么什怎哪谁几两二三四五六七八九十点些看说做想让请对里外前后"
)
_HAN = re.compile("[\u3400-\u9fff]")
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


def _alone(text: str, at: int) -> bool:
    """Whether no Latin letter or digit stands beside the one at `at`."""
    return not (at and is_latin(text[at - 1])) and not is_latin(text[at + 1 : at + 2])


def _is_words(written: str, word: str) -> bool:
    """Whether what stands in place of `word` is itself made of words, as 质料 is."""
    return any(
        len(token) > 1 and token not in word and rjieba.has_word(token)
        for token in rjieba.cut(written)
    )


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
        read = tables()
        self._sounds = sounds()
        self._main = {char: syllables[0] for char, syllables in self._sounds.items()}
        self._parts: dict[str, str] = read["parts"]
        self._first_parts = {written[0] for written in self._parts}
        self._signs: dict[str, set[str]] = {}
        for char, signs in read["stands_for"].items():
            for sign in signs:
                self._signs.setdefault(sign, set()).add(char)
        self._ordinary = frozenset(read["ordinary"]["words"])
        self._letters: dict[str, str] = read["letters"]
        self._initials = frozenset(initials)
        self._unheard = frozenset(unheard)
        syllables = sorted({s for each in self._sounds.values() for s in each}, key=len)
        spelt = re.compile(f"(?:{'|'.join(reversed(syllables))})+")
        # Of the words of English, which are tried again and again, few are pinyin.
        self._is_pinyin = lru_cache(maxsize=8192)(lambda run: spelt.fullmatch(run) is not None)
        self._chinese, self._english = Node(), Node()
        for word in (*words, *unheard):
            if is_chinese(word[0]):
                node, initial = self._chinese, word in self._initials
                for char in word:
                    node = node.step(char, self._sounds.get(char, ()), initial)
            elif len(word) >= 2 and word.isalpha():
                node = self._english
                for char in word:
                    node = node.step(char, ())
            else:
                continue
            node.word = word
        self._after = self._pairs(self._chinese)
        self._heard: dict[str, tuple[str, ...]] = {}

    def _pairs(self, root: Node) -> dict[str, set[str]]:
        """By what the first character of a word is heard or written as, the same of its second."""
        after: dict[str, set[str]] = {}
        for char, node in root.by_char.items():
            second = {form for one in node.by_char for form in self._forms(one)}
            for form in self._forms(char):
                after.setdefault(form, set()).update(second)
        return after

    def _forms(self, char: str) -> set[str]:
        """What may stand in a text for a word's `char`: a syllable, a letter, or it alone."""
        syllables = self._sounds.get(char, ())
        return {*syllables, *(syllable[0] for syllable in syllables)} or {char}

    def _taken_for(self, char: str) -> tuple[str, ...]:
        """The forms that a text's `char` is heard as, or is a sign for."""
        found = self._heard.get(char)
        if found is None:
            meant = (char, *self._signs.get(char, ()))
            found = self._heard[char] = tuple({self._main.get(one, one) for one in meant})
        return found

    def _may_begin(self, text: str, at: int) -> bool:
        """Whether the first two steps of a word can be taken from `at`; cheap, and seldom true.

        Says yes wherever it cannot tell.
        """
        char, size = text[at], len(text)
        if "a" <= char <= "z":
            sounds, initials = self._chinese.by_sound, self._chinese.by_initial
            if char in initials or _alone(text, at):
                return True
            return any(text[at : at + n] in sounds for n in range(2, MOST_LETTERS + 1))
        if self._in_parts(text, at):
            return True
        following = at + 1
        while following < size and text[following] in _SKIPPED:
            if text[following] in self._signs:
                return True
            following += 1
        if following == size or following > at + 3:
            return False
        if self._in_parts(text, following):
            return True
        second = self._taken_for(text[following])
        for form in self._taken_for(char):
            after = self._after.get(form)
            if after is not None and not after.isdisjoint(second):
                return True
        return False

    def _in_parts(self, text: str, at: int) -> bool:
        return text[at] in self._first_parts and (
            text[at : at + 2] in self._parts or text[at : at + 3] in self._parts
        )

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
                if not found and not spelt and at < checked:
                    at = checked + 1
                    continue
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
        if self._is_pinyin(letters):
            return True
        return len(letters) <= 5 and _HAN.search(text) is not None

    def _chinese_at(self, text: str, at: int) -> tuple[int, str] | None:
        """The longest word of the rules that stands here, however written, and its end."""
        best: tuple[int, str] | None = None
        if not self._may_begin(text, at):
            return None
        for end, word, steps in self._readings(text, at):
            longer = best is None or len(word) > len(best[1])
            if longer and self._believed(text, at, end, word, steps):
                best = end, word
        return best

    def _readings(self, text: str, start: int) -> list[tuple[int, str, str]]:
        """Every way in which words of the rules can be read from `start`: (end, word, steps)."""
        found: list[tuple[int, str, str]] = []
        ahead: list[tuple[Node, int, str]] = [(self._chinese, start, "")]
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
                # Of letters in a row only whole words are believed: see `_spelt_out`.
                letters = node.by_letter if _alone(text, at) else node.by_initial
                step = steps + INITIAL
                ahead += [(following, at + 1, step) for following in letters.get(char, ())]
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
        chinese = _HAN.search(text) is not None
        if INITIAL in taken:
            if len(word) == 2 and word in self._unheard:
                return False
            if LITERAL in taken:
                return whole and chinese and len(word) > 1 and PINYIN not in taken and letters == 1
            return whole and chinese and letters == len(word) and word in self._initials
        if SOUND in taken and LITERAL not in taken:
            return False
        spelt = whole or self._is_pinyin(re.sub("[^a-z]", "", text[first:last]))
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
        if not self._may_begin_english(text, at):
            return None
        for end, word in self._english_walks(text, at):
            if (best is None or len(word) > len(best[1])) and self._one_word(text, at, end, word):
                best = end, word
        return best

    def _may_begin_english(self, text: str, at: int) -> bool:
        """Whether an English word may begin at `at`; cheap, and seldom true.

        Plain letters are followed as they stand; says yes at whatever else comes before they part
        from every word.
        """
        node, before = self._english, ""
        for char in text[at : at + 40]:
            if not "a" <= char <= "z" or char in self._letters or char == before:
                return True
            following = node.by_char.get(char)
            if following is None:
                return False
            if following.word:
                return True
            node, before = following, char
        return True

    def _english_walks(self, text: str, start: int) -> Iterator[tuple[int, str]]:
        """Every way in which English words of the rules can be read from `start`."""
        ahead = [(self._english, start)]
        while ahead:
            node, at = ahead.pop()
            if node.word:
                yield at, node.word
            if at >= len(text) or at - start > 40:
                continue
            char, inside = text[at], at > start
            # The last is taken first: what may be left out, the letter itself, what stands for it.
            if inside and char == "*":
                ahead += [(following, at + 1) for following in reversed(node.by_char.values())]
            elif inside and char == text[at - 1]:
                ahead.append((node, at + 1))
            for letter in (*reversed(self._letters.get(char, "")), char):
                following = node.by_char.get(letter)
                if following:
                    ahead.append((following, at + 1))
            if inside and char in _SKIPPED:
                ahead.append((node, at + 1))

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
