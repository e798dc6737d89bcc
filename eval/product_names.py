"""What viewers call a product: a part of its name, a nickname, a slip of the keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterable
from random import Random

import rjieba

from retrieval.catalog import Product

_WORD = re.compile(r"[A-Za-z0-9]+(?:[-'’.][A-Za-z0-9]+)*|[\u4e00-\u9fff]+|\S")
_MODEL = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,5}-?\d{2,4}[A-Z]*(?:[- ]?[A-Z0-9]{2,8})?(?![a-z])")
# Signs that a pinyin keyboard offers for one another.
_SOUNDS = (
    "被背 枕诊 套讨 锅郭 垫店 巾斤 毯坦 椅倚 桌捉 箱香 笔比 灯登 碗晚 棉绵 丝思 绒荣 器汽 燃然"
    " 洗喜 机鸡 冰兵 升生 电店 天添 式试 纯唇 纹文 物务 礼里 盒合 裤库 裙群 包苞 手首 工公 简减"
    " 永泳 双霜 零灵 安按 变便 频贫 沙杀 全权 真针 格隔 皮疲 木目 石实 原圆 凉良 净静 长常 轻清"
)
_SOUND = {pair[0]: pair[1] for pair in _SOUNDS.split()}


class Names:
    """The names of a catalogue. A name is unambiguous when no other title holds all its words."""

    def __init__(self, products: Iterable[Product]) -> None:
        listed = list(products)
        # Spaces do not tell names apart: a tool kit is a toolkit, MATE20 is MATE 20.
        self._titles = {p.id: _close("".join(p.title.every())) for p in listed}
        self._aliases = {p.id: {alias.lower() for alias in p.aliases} for p in listed}
        self._held: dict[str, set[str]] = {}
        self._alike: dict[str, set[str]] = {}
        for key, title in self._titles.items():
            self._alike.setdefault(title, set()).add(key)

    def titled_alike(self, product: Product) -> set[str]:
        """Ids of the products with the same title but for spaces, its own among them."""
        return self._alike[self._titles[product.id]]

    def part(self, product: Product, random: Random) -> str | None:
        """An unambiguous run of the title's words, at most four fifths of it; the end if it can."""
        title = product.title.every()[0]
        spans = _spans(title)
        runs = [
            (spans[i][0], spans[j][1], spans[i : j + 1])
            for i in range(len(spans))
            for j in range(i, min(len(spans), i + 6))
        ]
        random.shuffle(runs)
        runs.sort(key=lambda run: run[1] < spans[-1][1])
        for start, end, words in runs:
            text = title[start:end]
            if _width(text) > _width(title) * 0.8 or not _sayable(title, start, end):
                continue
            if self._unambiguous([title[a:b] for a, b in words], product):
                return text
        return None

    def nickname(self, product: Product, random: Random) -> str | None:
        """An alias, a model number, or the title's rarest word with its last, if unambiguous."""
        aliases = sorted(product.aliases, key=lambda _: random.random())
        for alias in aliases:
            words = [alias[a:b] for a, b in _spans(alias)]
            elsewhere = {k for k, known in self._aliases.items() if alias.lower() in known}
            if elsewhere <= self.titled_alike(product) and self._unambiguous(words, product):
                return alias
        title = product.title.every()[0]
        for match in _MODEL.finditer(title):
            if self._unambiguous([match[0]], product):
                return match[0].lower() if random.random() < 0.5 else match[0]
        words = [title[a:b] for a, b in _spans(title)]
        if len(words) < 3:
            return None
        rare = min(words[:-1], key=lambda word: (len(self._holding(word)), -len(word)))
        if any(map(_is_han, title)) and rare.isascii() and self._unambiguous([rare], product):
            return None if rare.isdigit() else rare.lower()
        if len(rare) < 2 or rare.isdigit() or words[-1] in rare:
            return None
        if rare.isascii() != words[-1].isascii():
            return None
        if not self._unambiguous([rare, words[-1]], product):
            return None
        space = " " if rare.isascii() or words[-1].isascii() else ""
        name = f"{rare}{space}{words[-1]}"
        return name.lower() if name.lower() != title.lower() else None

    def typo(self, product: Product, random: Random) -> str | None:
        """The title, or a part of a long one, with one slip; its other words stay unambiguous."""
        title = product.title.every()[0]
        text = title if _width(title) <= 40 else self.part(product, random)
        if text is None or _width(text) < 10:
            return None
        spans = _spans(text)
        places = list(range(len(spans)))
        random.shuffle(places)
        for at in places:
            start, end = spans[at]
            slipped = _slip(text[start:end], random)
            rest = [text[a:b] for place, (a, b) in enumerate(spans) if place != at]
            if slipped and rest and self._unambiguous(rest, product):
                return text[:start] + slipped + text[end:]
        return None

    def _holding(self, word: str) -> set[str]:
        small = _close(word)
        if small not in self._held:
            self._held[small] = {key for key, title in self._titles.items() if small in title}
        return self._held[small]

    def _unambiguous(self, words: list[str], product: Product) -> bool:
        own = self.titled_alike(product)
        left: set[str] | None = None
        for word in words:
            left = self._holding(word) if left is None else left & self._holding(word)
            if left <= own:
                return product.id in left
        return False


def _spans(text: str) -> list[tuple[int, int]]:
    """Start and end of each word; Chinese is cut by rjieba, signs are left out."""
    spans: list[tuple[int, int]] = []
    for match in _WORD.finditer(text):
        if _is_han(match[0][0]):
            start = match.start()
            for word in rjieba.cut(match[0]):
                if len(word):
                    spans.append((start, start + len(word)))
                start += len(word)
        elif match[0][0].isalnum():
            spans.append(match.span())
    return spans


def _sayable(title: str, start: int, end: int) -> bool:
    """Whether a viewer would say this run: long enough, within one phrase, no figure cut off."""
    text = title[start:end]
    if re.search(r"[【】()（）\[\]]", text):
        return False
    if not any(map(_is_han, title)):
        return " " in text
    before, after = title[start - 1 : start], title[end : end + 1]
    torn = (text[-1].isdigit() and after.isalnum()) or (before.isdigit() and text[0].isalnum())
    return not torn and " " not in text and _width(text) >= 8


def _close(text: str) -> str:
    """`text` in lower case without its spaces."""
    return "".join(text.lower().split())


def _width(text: str) -> int:
    """Characters, a Chinese one counting two."""
    return sum(2 if _is_han(sign) else 1 for sign in text)


def _is_han(sign: str) -> bool:
    return "\u4e00" <= sign <= "\u9fff"


def _slip(word: str, random: Random) -> str | None:
    """`word` with one slip; None for a word too short or with figures, which viewers keep."""
    if any(sign.isdigit() for sign in word):
        return None
    if _is_han(word[0]):
        places = [at for at, sign in enumerate(word) if sign in _SOUND]
        if not places:
            return None
        at = random.choice(places)
        return word[:at] + _SOUND[word[at]] + word[at + 1 :]
    if len(word) < 5 or not word.isalpha():
        return None
    at = random.randrange(1, len(word) - 2)
    slips = (
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + word[at + 1 :],
        word[:at] + word[at] * 2 + word[at + 1 :],
    )
    slipped = random.choice(slips)
    return slipped if slipped != word else None
