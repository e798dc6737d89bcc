"""The sizes, themes and languages in which our pages are tested, and the words they then show."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from itertools import product
from typing import Literal, NamedTuple

import pytest
from _pytest.mark import ParameterSet
from playwright.sync_api import Browser, BrowserContext

Locale = Literal["zh", "en"]
Theme = Literal["light", "dark"]
HEIGHTS = {390: 844, 820: 1180, 1440: 900}  # of a phone, a tablet, a desk
WORD = re.compile(r'(?:(\w+)|"([\w-]+)"):\s*"((?:[^"\\]|\\.)*)"')


class Look(NamedTuple):
    """A window's width in pixels, its theme and its language."""

    width: int
    theme: Theme
    locale: Locale

    def __str__(self) -> str:
        return f"{self.width}-{self.theme}-{self.locale}"

    def open(self, browser: Browser, *, still: bool = False) -> BrowserContext:
        """A context of this look; with `still` it asks for less motion."""
        return browser.new_context(
            viewport={"width": self.width, "height": HEIGHTS[self.width]},
            color_scheme=self.theme,
            reduced_motion="reduce" if still else "no-preference",
        )

    def say(self, key: str, page: str = "panel", **values: object) -> str:
        """What a page of ours says under `key`."""
        text = words(self.locale, page)[key]
        return re.sub(r"\{(\w+)\}", lambda found: str(values.get(found[1], "")), text).strip()


THEMES: tuple[Theme, ...] = ("light", "dark")
LOCALES: tuple[Locale, ...] = ("zh", "en")
LOOKS = [Look(*one) for one in product(HEIGHTS, THEMES, LOCALES)]


def looks(*always: Look) -> list[ParameterSet]:
    """Every look for `params`: those of `always` in each run, the others with -m matrix."""
    return [
        pytest.param(look, id=str(look), marks=() if look in always else pytest.mark.matrix)
        for look in LOOKS
    ]


@cache
def words(locale: Locale, page: str) -> dict[str, str]:
    """The words of a page in a language, by key, with those that all pages share."""
    found: dict[str, str] = {}
    for folder in (files("ui") / "shared", files("ui") / page):
        for file in folder.iterdir():
            if file.name.endswith("words.js"):
                text = file.read_text(encoding="utf-8")
                _, zh, en = re.split(r"^  (?:zh|en): \{$", text, flags=re.MULTILINE)
                found |= {a or b: said for a, b, said in WORD.findall({"zh": zh, "en": en}[locale])}
    return found
