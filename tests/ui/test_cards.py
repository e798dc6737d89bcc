"""Cards as HTML: exact money, true words, nothing unescaped."""

from __future__ import annotations

from typing import Any

import pytest

from ui import cards
from ui.wording import EXAMPLES, WORDS, Locale

CARD: dict[str, Any] = {
    "id": "mug",
    "variant_id": "mug-red",
    "version": 4,
    "url": "",
    "title": "<b>Mug</b> ${alert(1)}",
    "media": [{"url": "/pictures/mug.svg", "alt": {}}],
    "price": {"minor": 12900, "currency": "CNY"},
    "list_price": {"minor": 15950, "currency": "CNY"},
    "availability": {"available": True, "status": "low_stock", "quantity": 3},
    "options": [{"name": {"zh": "颜色"}, "value": {"zh": "红色", "en": "red"}}],
    "offers": [{"id": "o", "text": "满300减50"}],
    "reasons": ['On air "now"'],
    "number": 3,
}


@pytest.mark.parametrize(
    ("minor", "currency", "written"),
    [
        (12900, "CNY", "¥129"),
        (990, "CNY", "¥9.90"),
        (129900, "USD", "$1,299.00"),
        (500, "JPY", "JP¥500"),
        (1, "CHF", "CHF 0.01"),
    ],
)
def test_money_is_written_exactly(minor: int, currency: str, written: str) -> None:
    assert cards.money({"minor": minor, "currency": currency}) == written


def test_a_card_shows_price_stock_offer_and_reason() -> None:
    html = cards.product_card(CARD, "zh")
    for shown in ("¥129", ">¥159.50</s>", "仅剩 3 件", "红色", "满300减50", "3号链接"):
        assert shown in html


def test_a_card_says_few_are_left_where_nobody_counts() -> None:
    stock = {"available": True, "status": "low_stock", "quantity": None}
    html = cards.product_card(CARD | {"availability": stock}, "zh")
    assert "库存紧张" in html
    assert "None" not in html


def test_a_reason_that_repeats_an_offer_is_left_out() -> None:
    html = cards.product_card(CARD | {"reasons": ["优惠进行中：满300减50", "适合送礼"]}, "zh")
    assert "优惠进行中" not in html
    assert "适合送礼" in html


def test_what_names_a_product_is_one_class_whatever_is_in_it() -> None:
    html = cards.product_card(CARD | {"id": 'a b">é'}, "zh")
    classes = html.partition('class="')[2].partition('"')[0].split()
    assert classes == [
        "ls-card",
        "of=a%20b%22%3E%C3%A9",
        "variant=mug-red",
        "version=4",
        "locale=zh",
    ]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "/x", ""])
def test_a_title_links_to_the_web_alone(url: str) -> None:
    assert "<a href" not in cards.product_card(CARD | {"url": url}, "zh")
    assert "<a href" in cards.product_card(CARD | {"url": "https://shop.example/1"}, "zh")


def test_nothing_from_the_catalogue_becomes_markup() -> None:
    html = cards.message("<img src=x onerror=1>", [CARD], ["<i>"], "en")
    assert "<b>Mug" not in html
    assert "<img src=x" not in html
    assert "<i>" not in html


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//x.example/a.png", ""]
)
def test_only_web_pictures_are_shown(url: str) -> None:
    assert "<img" not in cards.picture(CARD | {"media": [{"url": url}]})


def test_the_strip_says_when_nothing_is_on_air() -> None:
    assert WORDS["en"]["nothing_on_air"] in cards.on_air(None, "en")
    assert "¥129" in cards.on_air(CARD, "zh")


@pytest.mark.parametrize("locale", ["zh", "en"])
def test_both_languages_say_the_same_things(locale: Locale) -> None:
    assert WORDS[locale].keys() == WORDS["en"].keys()
    assert len(EXAMPLES[locale]) == len(EXAMPLES["en"])
