"""axe-core finds nothing in our pages, in both languages and themes, and the keyboard is enough."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.running_demo import Demo

RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
AXE = Axe()


@pytest.fixture(params=[("zh", "light"), ("en", "dark")], ids=["zh-light", "en-dark"])
def context(browser: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    locale, theme = request.param
    opened = browser.new_context(
        viewport={"width": 390, "height": 844}, color_scheme=theme, reduced_motion="reduce"
    )
    opened.locale = locale  # type: ignore[attr-defined]
    yield opened
    opened.close()


def nothing_found(page: Page) -> None:
    found = AXE.run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def test_the_panel_and_its_menu(service: Demo, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(f"{service.http.base_url}/panel?room=demo&locale={context.locale}")  # type: ignore[attr-defined]
    expect(page.locator(".air .card")).to_be_visible()
    page.locator(".chip").first.click()
    expect(page.locator(".message.reply[aria-busy=false] .card")).to_be_visible()
    nothing_found(page)
    page.locator(".tops button").first.click()
    expect(page.locator("dialog")).to_be_visible()
    nothing_found(page)


@pytest.mark.parametrize("name", ["demo", "overlay/demo"])
def test_the_other_pages(service: Demo, context: BrowserContext, name: str) -> None:
    page = context.new_page()
    page.goto(f"{service.http.base_url}/{name}?locale={context.locale}")  # type: ignore[attr-defined]
    expect(page.locator("main")).to_be_attached()
    nothing_found(page)


def test_the_keyboard_alone_asks_judges_and_chooses(service: Demo, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{service.http.base_url}/panel?room=demo&locale=zh")
    expect(page.locator(".chip").first).to_be_visible()
    page.locator(".chip").first.focus()
    page.keyboard.press("Enter")
    reply = page.locator(".message.reply[aria-busy=false]")
    expect(reply).to_be_visible()
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('aria-label')") == "有帮助":
            break
    page.keyboard.press("Space")
    expect(reply.get_by_label("有帮助")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("设置与隐私").focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_label("设置与隐私")).to_be_focused()
    page.close()


def test_at_twice_the_size_nothing_is_lost(service: Demo, browser: Browser) -> None:
    """200 % in a window of 640 pixels is a page of 320 (WCAG 2.2, 1.4.4 and 1.4.10)."""
    page = browser.new_page(viewport={"width": 320, "height": 400}, device_scale_factor=2)
    page.goto(f"{service.http.base_url}/panel?room=demo&locale=en")
    expect(page.locator(".air .card")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#box").fill("How much is it?")
    page.locator("#box").press("Enter")
    expect(page.locator(".message.reply[aria-busy=false]")).to_be_visible()
    expect(page.locator("#box")).to_be_in_viewport()
    page.close()
