"""One plain form of a comment, so that 這個多少錢呀主播!!, 这个多少米 and dsq read alike."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files

from rapidfuzz.distance import OSA

from assistant.live.homophones import latin_pinyin_words
from retrieval.terms import plain

_LONGEST = 300
_HANDLE = re.compile(r"@[^\s@,，:：]{1,24}[\s:：]?")
_APOSTROPHES = re.compile(r"['’‘`´]")
_SYMBOLS = re.compile(r"[^\w\s?%./+-]|_|(?<!\d)\.|\.(?!\d)")
_REPEATED_LETTER = re.compile(r"([a-z])\1{2,}")
_REPEATED_CHARACTER = re.compile(r"([\u3400-\u9fff?])\1{2,}|([吗呢啊呀吧哦嘛啦么?])\2+")
_REPEATED_PHRASE = re.compile(r"([\u3400-\u9fff]{2,8})[\s?]?(?:\1[\s?]?)+")
_SPACES = re.compile(r"\s+")
_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_TOKEN = re.compile(r"[a-z]+")


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[str, str], list[tuple[re.Pattern[str], str]], dict[str, str]]:
    source = files("assistant.live").joinpath("folding.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(source)
    zh = [(re.compile(form), word) for form, word in tables["zh"].items()]
    return tables["emoji"], zh, tables["en"]


@lru_cache(maxsize=1)
def _emoji() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, sorted(_tables()[0], key=len, reverse=True))))


def fold(text: str) -> str:
    """Simplified, lower case, without emoji, repeats, names called and apostrophes; slang in words.

    At most 300 characters of `text` are read.
    """
    emoji, zh, en = _tables()
    said = _emoji().sub(lambda m: f" {emoji[m[0]]} ", text[:_LONGEST])
    said = plain(_HANDLE.sub(" ", said))[0]
    said = _SYMBOLS.sub(" ", _APOSTROPHES.sub("", said).replace(",", " "))
    said = _REPEATED_LETTER.sub(r"\1", said)
    said = _REPEATED_CHARACTER.sub(lambda m: m[0][0], said)
    said = _BETWEEN_HAN.sub("", _SPACES.sub(" ", said)).strip()
    for form, word in zh:
        said = form.sub(word, said)
    if _TOKEN.search(said):
        said = latin_pinyin_words(said)
        said = _TOKEN.sub(lambda m: en.get(m[0], m[0]), said)
    said = _REPEATED_PHRASE.sub(r"\1", said)
    return _SPACES.sub(" ", said).strip()


def mended(word: str, known: frozenset[str]) -> str:
    """An English word, or the known one it is a slip of: one edit, two from eight letters on.

    Of known words as near it is the longest, since slips lose letters more often than they add
    one, and then the first of the alphabet: every process reads a text the same way.
    """
    if len(word) < 4 or word in known:
        return word
    most = 2 if len(word) >= 8 else 1
    best = (most + 1, 0, word)
    for other in known:
        if abs(len(other) - len(word)) > most or other[0] != word[0] or len(other) < 4:
            continue
        distance = OSA.distance(word, other, score_cutoff=most)
        if distance <= most:
            best = min(best, (distance, -len(other), other))
    return best[2]
