"""The chat page in a real browser: a question, a streamed answer, a card, a thumb."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.running_demo import Demo, running_demo


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(params=[(1000, 900), (375, 720)], ids=["desk", "phone"])
def page(demo: Demo, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height})
    opened = context.new_page()
    opened.goto(str(demo.http.base_url))
    expect(opened.locator(".ls-air .ls-card")).to_be_visible()
    yield opened
    context.close()


def test_a_question_is_answered_with_a_card_and_judged(demo: Demo, page: Page) -> None:
    page.get_by_role("textbox").fill("这款多少钱？")
    page.get_by_role("textbox").press("Enter")
    card = page.locator(".ls-cards .ls-card").last
    expect(card.locator("img")).to_have_js_property("complete", True)
    expect(card).to_contain_text("¥79")
    expect(page.locator(".ls-text").last).to_contain_text("购物车")
    expect(page.locator(".ls-notice").last).to_contain_text("AI")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_label("like").last.click()
    expect(page.get_by_text("谢谢反馈")).to_be_visible()


def test_the_page_speaks_english(page: Page) -> None:
    page.get_by_label("English").check()
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    page.get_by_role("button", name="Can I return it?").click()
    expect(page.locator(".ls-text").last).to_contain_text("return")
