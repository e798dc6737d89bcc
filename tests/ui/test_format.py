"""Money, moments and spans as each language writes them, by the pages' own module in a browser."""

from __future__ import annotations

from importlib.resources import files

import pytest
from playwright.sync_api import Browser

MODULE = (files("ui") / "shared" / "format.js").read_text(encoding="utf-8")
SHOWN = f"(call) => {{ {MODULE.replace('export ', '')} return eval(call); }}"


@pytest.mark.parametrize(
    ("call", "zh", "en"),
    [
        ("money({minor: 12900, currency: 'CNY'}, at)", "¥129", "¥129"),
        ("money({minor: 990, currency: 'CNY'}, at)", "¥9.90", "¥9.90"),
        ("money({minor: 129900, currency: 'USD'}, at)", "$1,299.00", "$1,299.00"),
        ("money({minor: 500, currency: 'JPY'}, at)", "JP¥500", "JP¥500"),
        ("number(12345, at)", "12,345", "12,345"),
        ("time(new Date(2026, 0, 9, 8, 5), at)", "1月9日 08:05", "Jan 9, 08:05"),
        ("left(9_000, at)", "0:09", "0:09"),
        ("left(10_800_000, at)", "3:00:00", "3:00:00"),
        ("left(345_600_000, at)", "4天", "4 days"),
        ("ago(new Date(0), at, 180_000)", "3分钟前", "3 min. ago"),
    ],
)
def test_each_language_writes_it_its_own_way(browser: Browser, call: str, zh: str, en: str) -> None:
    page = browser.new_page()
    shown = [page.evaluate(SHOWN, f"((at) => {call})('{at}')") for at in ("zh", "en")]
    page.close()
    assert shown == [zh, en]
