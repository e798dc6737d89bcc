"""axe-core finds nothing in our pages, in both languages and themes, and the keyboard is enough."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.running_demo import Demo
from tests.ui.conftest import KEY
from tests.ui.looks import Look, looks

RULES = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}
AXE = Axe()


@pytest.fixture(
    params=looks(Look(390, "light", "zh"), Look(390, "dark", "en")),
    scope="module",
)
def look(request: pytest.FixtureRequest) -> Look:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def page(look: Look, browser: Browser) -> Iterator[Page]:
    context = look.open(browser, still=True)
    yield context.new_page()
    context.close()


def nothing_found(page: Page) -> None:
    found = AXE.run(page, options=RULES)
    assert found.violations_count == 0, found.generate_report()


def test_the_panel_and_its_menu(service: Demo, look: Look, page: Page) -> None:
    page.goto(f"{service.http.base_url}/panel?room=demo&locale={look.locale}")
    expect(page.locator(".air .card")).to_be_visible()
    page.locator(".chip").first.click()
    expect(page.locator(".message.reply[aria-busy=false] .card")).to_be_visible()
    nothing_found(page)
    page.locator(".tops button").first.click()
    expect(page.locator("dialog")).to_be_visible()
    nothing_found(page)


@pytest.mark.parametrize("name", ["demo", "overlay/demo"])
def test_the_other_pages(service: Demo, look: Look, page: Page, name: str) -> None:
    page.goto(f"{service.http.base_url}/{name}?locale={look.locale}")
    expect(page.locator("main")).to_be_attached()
    nothing_found(page)


def test_what_comes_is_said_without_taking_the_focus(service: Demo, look: Look, page: Page) -> None:
    page.goto(f"{service.http.base_url}/panel?room=demo&locale={look.locale}")
    log = page.get_by_role("log", name=look.say("conversation"))
    expect(log).to_have_attribute("aria-live", "polite")
    box = page.get_by_role("textbox", name=look.say("ask_label"))
    box.fill({"zh": "这款多少钱？", "en": "How much is this one?"}[look.locale])
    box.press("Enter")
    expect(log.locator(".message.reply[aria-busy=false]")).to_be_visible()
    expect(box).to_be_focused()
    moving = "document.getAnimations().filter((one) => one.effect.getTiming().duration > 1).length"
    assert page.evaluate(moving) == 0  # less motion was asked for


def test_the_keyboard_alone_asks_judges_and_chooses(service: Demo, look: Look, page: Page) -> None:
    page.goto(f"{service.http.base_url}/panel?room=demo&locale={look.locale}")
    expect(page.locator(".chip").first).to_be_visible()
    page.locator(".chip").first.focus()
    page.keyboard.press("Enter")
    reply = page.locator(".message.reply[aria-busy=false]")
    expect(reply).to_be_visible()
    up = look.say("up")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('aria-label')") == up:
            break
    page.keyboard.press("Space")
    expect(reply.get_by_label(up, exact=True)).to_have_attribute("aria-pressed", "true")
    menu = page.get_by_label(look.say("menu"))
    menu.focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()


@pytest.mark.parametrize("name", ["panel?room=demo&", "console?room=demo&", "demo?"])
def test_at_twice_the_size_nothing_is_lost(
    service: Demo, look: Look, browser: Browser, name: str
) -> None:
    """200 % in a window of 640 pixels is a page of 320 (WCAG 2.2, 1.4.4 and 1.4.10)."""
    page = browser.new_page(
        viewport={"width": 320, "height": 400}, device_scale_factor=2, color_scheme=look.theme
    )
    page.goto(f"{service.http.base_url}/{name}locale={look.locale}")
    if name.startswith("console"):
        page.locator("#key").fill(KEY)
        page.keyboard.press("Enter")
        expect(page.locator("#questions")).to_be_visible()
    elif name.startswith("panel"):
        expect(page.locator(".air .card")).to_be_visible()
        page.locator("#box").fill({"zh": "多少钱？", "en": "How much is it?"}[look.locale])
        page.locator("#box").press("Enter")
        expect(page.locator(".message.reply[aria-busy=false]")).to_be_visible()
        expect(page.locator("#box")).to_be_in_viewport()
    else:
        expect(page.locator("main")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()
