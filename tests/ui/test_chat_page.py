"""The chat page in a real browser: a question, a streamed answer, a card, a thumb."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.running_demo import Demo, running_demo

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SLOW_MS = 60_000

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with running_demo(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(params=[(1000, 900), (375, 720)], ids=["desk", "phone"])
def page(demo: Demo, request: pytest.FixtureRequest) -> Iterator[Page]:
    width, height = request.param
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        opened = browser.new_page(viewport={"width": width, "height": height})
        opened.set_default_timeout(SLOW_MS)
        expect.set_options(timeout=SLOW_MS)
        opened.goto(str(demo.http.base_url))
        expect(opened.locator(".ls-air .ls-card")).to_be_visible()
        yield opened
        browser.close()


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
