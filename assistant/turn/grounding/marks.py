"""What a sentence may be made of: plain characters, no markup, no links, nothing to decipher."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from assistant.turn.grounding.said import Said
from assistant.turn.grounding.wordings import plain

LEAK = re.compile(r"【(?:资料|任务|观众|已经)|^\s*(?:FACTS|TASK|VIEWER|ALREADY TOLD)\b|<\|", re.M)
MARKUP = re.compile(r"[<>`|{}\\]|\]\s*\(|!\[|\[[^\]]*\]\s*[:(]|&#?\w+;|^\s*[=~]{3,}")
_SPELLED = re.compile(r"(?<![a-z0-9])(?:[a-z0-9][\s._\-*/·]+){3,}[a-z0-9](?![a-z0-9])")
_MIXED = re.compile(
    r"(?<![a-z0-9])(?=[a-z-]*\d)(?=[\d-]*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*(?![a-z0-9])"
)
_LATIN = re.compile(r"[a-z]{2,}")
HAN = re.compile(r"[\u4e00-\u9fff]")
# Latin words that Chinese sentences hold without meaning anything more by them.
_WORDS_AT_HOME = (
    "ok app usb led wifi diy logo vlog vip cm mm ml kg mah gb tb type pro plus max mini pc ip ai "
    "spa hi hello ins cp cpu lcd oled tws anc min rpm db hz pa ph spf pa uv upf bpa cc km ft lb "
    "oz lbs inch"
)
_AT_HOME = frozenset(_WORDS_AT_HOME.split())
_EDGE = re.compile(r"[a-z0-9\u4e00-\u9fff]")
_DANGLING = re.compile(
    r"(?:\b(?:is|are|was|costs?|for|only|just|at|about|of|the|a|an|and|or|to|price)|"
    r"[是为到只需要仅和或在约共价]|[:：,，、])\s*$"
)


def _odd(char: str) -> bool:
    """Whether `char` is neither plain text of the two languages nor a picture."""
    if " " <= char <= "~" or "\u4e00" <= char <= "\u9fff" or char == "\n":
        return False
    if (
        char in "、。《》「」『』【】“”‘’—–…·～￥¥€£°℃×±%‰•™®□〈〉〇‑"
        or "\uff01" <= char <= "\uff5e"
    ):
        return False
    if "\xc0" <= char <= "\xff" and char.isalpha():
        return False
    if "\u3000" <= char <= "\u3002":
        return False
    picture = 0x1F300 <= ord(char) <= 0x1FAFF or "\u2600" <= char <= "\u2775" or char == "\ufe0f"
    return not picture


def odd_characters(sentence: str, said: Said) -> bool:
    """Whether `sentence` holds a character that is neither plain nor in a record's wording.

    Look-alikes of other scripts, circled, raised and keycap digits, combining marks, invisible
    and private characters would be read otherwise by people than by any reader of figures.
    """
    strange = {char for char in sentence if _odd(char)}
    if not strange:
        return False
    allowed = {
        char for text in said.wordings for char in text if unicodedata.category(char)[0] != "C"
    }
    return not strange <= allowed


def spelled_out(said: Said) -> bool:
    """Whether words or numbers are taken apart (f r e e) or mixed (fr33, l29) beyond the records.

    Such a token may stand in a record, as model numbers and SKUs do, or be a figure with its unit.
    """
    if _SPELLED.search(said.bare):
        return True
    amounts = [a for a in said.amounts if a.kind != "number"]
    written: set[str] | None = None
    for match in _MIXED.finditer(said.bare):
        start, end = match.span()
        if not any(re.search("[a-z]", p) and re.search("[0-9]", p) for p in match[0].split("-")):
            continue
        if any(a.start <= start and end <= a.end for a in amounts):
            continue
        if _covered(start, end, said):
            continue
        if written is None:
            written = {mixed for text in said.own_wordings for mixed in mixed_in(text)}
        if match.group() not in written:
            return True
    return False


@lru_cache(maxsize=8192)
def mixed_in(text: str) -> frozenset[str]:
    """The mixed tokens of a record's wording, whole and in pieces: ws-780 holds 780 too."""
    tokens = _MIXED.findall(plain(text))
    pieces = (token.split("-") for token in tokens)
    return frozenset(
        "-".join(each[a:b])
        for each in pieces
        for a in range(len(each))
        for b in range(a + 1, len(each) + 1)
    )


def _covered(start: int, end: int, said: Said) -> bool:
    """Whether amounts cover every character from `start` to `end` but hyphens and x: 3x4cm."""
    left = set(range(start, end))
    for product in said.spoken_of:
        for first, last in said.options(product):
            left -= set(range(first, last))
    for amount in said.amounts:
        if amount.kind != "number":
            left -= set(range(amount.start, amount.end))
    return all(said.bare[n] in "-x" for n in left)


def wrong_language(said: Said) -> bool:
    """Whether the sentence is not in the reply's language, names and wordings of records apart.

    In Chinese, every Latin word has to stand in the records or be at home in Chinese; English
    holds no Chinese character.
    """
    bare = said.bare
    if said.language == "en":
        if not HAN.search(bare):
            return False
        for text in sorted((plain(w) for w in said.wordings), key=len, reverse=True):
            if HAN.search(text) and text in bare:
                bare = bare.replace(text, " ")
        return bool(HAN.search(bare))
    foreign = set(_LATIN.findall(bare)) - _AT_HOME
    if foreign:
        foreign -= set(_LATIN.findall(" ".join(plain(text) for text in said.wordings)))
    if foreign:
        units = "".join(said.bare[a.start : a.end] for a in said.amounts)
        foreign = {word for word in foreign if word not in units}
    return bool(foreign) or not HAN.search(said.text)


def fragment(said: Said) -> bool:
    """Whether the sentence is no sentence: a lone figure, a torn word, an end left hanging.

    What is cut in pieces must not be read together by people where no piece told the gate.
    """
    words = re.findall(r"[a-z]+|[\u4e00-\u9fff]|\u25a1+", said.bare)
    if said.language == "zh" and sum(len(w) for w in words) < 2:
        return True
    if not words:
        return True
    if _DANGLING.search(said.bare):
        return True
    torn = said.spoken[-1:] and _EDGE.match(said.spoken[-1:]) and _EDGE.match(said.text[:1])
    return bool(torn and said.bare[:1].isdigit())
