"""The words of the rules as a tree of steps, and what characters sound like and stand for.

Sounds are those of Unicode's Unihan, without tones, for the characters of GB 2312.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from functools import lru_cache
from importlib.resources import files
from typing import Any


@lru_cache(maxsize=1)
def tables() -> dict[str, Any]:
    """How characters are disguised, as disguises.toml has it."""
    source = files("assistant.turn.compliance").joinpath("disguises.toml")
    return tomllib.loads(source.read_text(encoding="utf-8"))


@lru_cache(maxsize=1)
def sounds() -> dict[str, tuple[str, ...]]:
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


class Node:
    """One step of the words: what may follow, by character, by sound and by first letter.

    `by_initial` is `by_letter` for those words alone that are known by first letters throughout.
    """

    __slots__ = ("by_char", "by_initial", "by_letter", "by_sound", "word")

    def __init__(self) -> None:
        self.by_char: dict[str, Node] = {}
        self.by_sound: dict[str, list[tuple[str, Node]]] = {}
        self.by_letter: dict[str, list[Node]] = {}
        self.by_initial: dict[str, set[Node]] = {}
        self.word = ""

    def step(self, char: str, syllables: Collection[str], initial: bool = False) -> Node:
        """The node after `char`, which may be said as any of `syllables`."""
        node = self.by_char.get(char)
        if node is None:
            node = self.by_char[char] = Node()
            for syllable in syllables:
                self.by_sound.setdefault(syllable, []).append((char, node))
            for letter in {syllable[0] for syllable in syllables}:
                self.by_letter.setdefault(letter, []).append(node)
        if initial:
            for letter in {syllable[0] for syllable in syllables}:
                self.by_initial.setdefault(letter, set()).add(node)
        return node
