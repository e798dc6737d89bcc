"""The chat page in a real browser: a streamed answer, a card that follows the price, a thumb."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.running_demo import Demo
from tests.ui.looks import Look, looks
from tests.ui.test_accessibility import nothing_found
from ui.wording import EXAMPLES, WORDS

COLOURS = ("white", "blue")


def price(service: Demo, minor: int) -> None:
    """The mug's price, and that it can be had."""
    now = {"price": {"minor": minor, "currency": "CNY"}, "stock": 30}
    for colour in COLOURS:
        service.http.patch(f"/api/v1/variants/pangdun-500-{colour}", json=now).raise_for_status()


@pytest.fixture(
    params=looks(Look(1440, "dark", "zh"), Look(390, "light", "en")),
    scope="module",
)
def look(request: pytest.FixtureRequest) -> Look:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def page(service: Demo, look: Look, browser: Browser) -> Iterator[Page]:
    on_air = {"product_id": "pangdun-500"}
    service.http.put("/api/v1/rooms/demo/on-air", json=on_air).raise_for_status()
    price(service, 7900)
    context = look.open(browser, still=True)
    opened = context.new_page()
    wrong: list[str] = []
    opened.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.goto(str(service.http.base_url))
    expect(opened.locator(".ls-air .ls-card")).to_be_visible()
    if look.locale == "en":
        opened.get_by_label("English").check()
    expect(opened.locator(".ls-text").first).to_have_text(WORDS[look.locale]["hello"])
    expect(opened.get_by_role("button", name=WORDS[look.locale]["send"])).to_be_visible()
    yield opened
    context.close()
    assert wrong == []  # nor does its policy stop anything


def test_an_answer_with_a_card_that_follows_the_price(
    service: Demo, look: Look, page: Page
) -> None:
    words = WORDS[look.locale]
    page.get_by_role("textbox").fill(EXAMPLES[look.locale][0])
    page.get_by_role("textbox").press("Enter")
    card = page.locator(".ls-cards .ls-card").last
    expect(card.locator("img")).to_have_js_property("complete", True)
    expect(card.locator(".ls-price b")).to_have_text("¥79")
    expect(card.locator("s")).to_have_text("¥109")
    expect(card.locator(".ls-stock")).to_have_text(words["in_stock"])
    expect(page.locator(".ls-ai").last).to_have_text("AI")
    expect(page.locator(".ls-text").last).to_contain_text("79")
    expect(page.locator(".ls-notice").last).to_contain_text("AI")
    expect(page.get_by_role("button", name=words["send"])).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    nothing_found(page)
    price(service, 6900)
    for shown in (card, page.locator(".ls-air .ls-card")):
        expect(shown.locator(".ls-price b")).to_have_text("¥69")
    expect(page.locator(".ls-corrected").last).to_contain_text("69")
    page.get_by_label("like").last.click()
    expect(page.get_by_text(words["thanks"])).to_be_visible()


def test_it_answers_a_question_of_its_examples(look: Look, page: Page) -> None:
    page.get_by_role("button", name=EXAMPLES[look.locale][3]).click()
    said = {"zh": "7天", "en": "return"}[look.locale]
    expect(page.locator(".ls-text").last).to_contain_text(said)
    nothing_found(page)
