"""The words of our pages: the same keys in both languages, and one for whatever is named by key."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import get_args

import pytest

from assistant.live.questions import Deed, Status
from assistant.turn.intents import Intent

UI = files("ui")
KEY = re.compile(r'(?:^|[{,])\s*(?:(\w+)|"([\w-]+)"):\s*(?=")', re.MULTILINE)


def keys(path: str) -> tuple[set[str], set[str]]:
    """The keys of a page's words, in Chinese and in English."""
    text = UI.joinpath(path).read_text(encoding="utf-8")
    _, zh, en = re.split(r"^  (?:zh|en): \{$", text, flags=re.MULTILINE)
    return tuple({a or b for a, b in KEY.findall(half)} for half in (zh, en))  # type: ignore[return-value]


WORDS = sorted(
    f"{folder.name}/{file.name}"
    for folder in UI.iterdir()
    if folder.is_dir()
    for file in folder.iterdir()
    if file.name.endswith("words.js")
)


@pytest.mark.parametrize("path", WORDS)
def test_both_languages_have_the_same_words(path: str) -> None:
    zh, en = keys(path)
    assert zh == en
    assert len(zh) > 10


def test_the_console_has_words_for_all_that_the_service_names() -> None:
    zh, _ = keys("console/queue_words.js")
    shared, _ = keys("shared/words.js")
    named = {f"i_{one}" for one in get_args(Intent)} | set(get_args(Deed)) | set(get_args(Status))
    assert named <= zh | shared
