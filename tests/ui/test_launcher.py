"""<live-assistant> in a shop's page on another site, where nothing may be stored.

Each story is told in every look with -m matrix, and on a phone and at a desk otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from eval.shop_page import shop_page
from tests.running_demo import Demo
from tests.ui.looks import HEIGHTS, Look, looks
from tests.ui.stories import ANSWERED, LAUNCHER, PRICE, RETURNS, SHEET_PX, WASHED, Room, ask

NEW_MESSAGES = {"zh": "条新消息", "en": "new message"}
NO_STORAGE = """for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, {
    get() { throw new DOMException("blocked", "SecurityError"); } });
}"""
SHIFTS = """window.shifts = [];
new PerformanceObserver((list) => shifts.push(...list.getEntries()
  .filter((one) => !one.hadRecentInput).map((one) => one.value)))
  .observe({ type: "layout-shift", buffered: true });"""
FRAME = "assistant.shadowRoot.querySelector('.frame')"


@pytest.fixture(params=looks(Look(390, "light", "zh"), Look(1440, "dark", "en")), scope="module")
def look(request: pytest.FixtureRequest) -> Look:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def room(service: Demo, look: Look) -> Room:
    """A room of this look's own. The mug is on air, at its price, and can be had."""
    room = Room(service, f"launcher-{look}", "pangdun-500")
    room.price(7900)
    return room


@pytest.fixture
def viewer(room: Room) -> str:
    return f"viewer-of-{room.id}"


@pytest.fixture
def shop(room: Room, look: Look, viewer: str, browser: Browser) -> Iterator[Page]:
    """A shop's page of another site that holds the panel, where nothing may be stored."""
    with shop_page(room.address) as address:
        room.put("access", {"anonymous": True, "origins": [address]})
        path = f"/api/v1/rooms/{room.id}/viewer-tokens"
        token = room.service.http.post(path, json={"viewer": viewer}).json()["token"]
        context = look.open(browser)
        context.add_init_script(NO_STORAGE)
        page = context.new_page()
        wrong: list[str] = []
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(address)
        choose(page, room, look)
        page.evaluate("(token) => { window.token = token; }", token)
        yield page
        context.close()
        assert wrong == []


def choose(shop: Page, room: Room, look: Look) -> None:
    """Say in the shop's page which room it is, and in which language."""
    shop.evaluate("(room) => assistant.setAttribute('room', room)", room.id)
    shop.evaluate("(locale) => assistant.setAttribute('locale', locale)", look.locale)


def opened(shop: Page, look: Look) -> FrameLocator:
    """The panel in the shop's page, opened as a viewer does."""
    shop.get_by_role("button", name=LAUNCHER[look.locale]).click()
    panel = shop.frame_locator("live-assistant iframe")
    expect(panel.locator(".air .card")).to_be_visible()
    return panel


def test_in_a_shops_page_of_another_site_it_tells_the_page(
    room: Room, look: Look, shop: Page, viewer: str
) -> None:
    panel = opened(shop, look)
    expect(panel.locator("#box")).to_be_focused()
    panel.get_by_role("button", name=look.say("quick_price")).click()
    reply = panel.locator(ANSWERED)
    reply.get_by_role("button", name=look.say("add_to_cart")).first.click()
    expect(reply.get_by_text(look.say("added"), exact=True)).to_be_visible()
    reply.locator("button.name").first.click()
    room.price(6900)
    expect(shop.locator("body")).to_have_attribute("data-said", re.compile("correction"))
    panel.locator("#box").press("Escape")
    launcher = shop.get_by_role("button", name=LAUNCHER[look.locale])
    expect(launcher).to_be_focused()
    said = set(shop.evaluate("said.map(([type]) => type)"))
    assert {"open", "ready", "resize", "addtocart", "cart", "productclick", "close"} <= said
    room.says(WASHED[look.locale][0], viewer)
    expect(shop.get_by_role("button", name=NEW_MESSAGES[look.locale])).to_be_visible()
    shop.evaluate("(text) => assistant.ask(text)", RETURNS[look.locale][0])
    expect(reply.last.locator(".text")).to_contain_text(RETURNS[look.locale][1])
    expect(launcher).to_be_hidden()
    with shop.context.expect_page() as popped:
        panel.get_by_label(look.say("popout")).click()
    expect(popped.value.locator(ANSWERED)).to_have_count(2)
    expect(launcher).to_be_visible()
    known = room.service.http.get(f"/api/v1/viewers/{viewer}").json()
    assert {"shop.cart", "shop.click"} <= {event["type"] for event in known["events"]}


def test_nothing_shifts_while_it_opens_and_answers(room: Room, look: Look, shop: Page) -> None:
    shop.context.add_init_script(SHIFTS)
    shop.reload()
    choose(shop, room, look)
    shop.wait_for_timeout(200)
    shop.evaluate("shifts.length = 0")  # the button's other words were the page's own doing
    panel = opened(shop, look)
    panel.get_by_role("button", name=look.say("quick_price")).click()
    expect(panel.locator(f"{ANSWERED} .card")).to_be_visible()
    shop.wait_for_timeout(300)
    assert [frame.evaluate("shifts") for frame in shop.frames] == [[], []]


def test_its_place_is_a_corner_and_on_a_phone_a_sheet(look: Look, shop: Page) -> None:
    opened(shop, look)
    frame = shop.locator("live-assistant .frame")
    frame.evaluate("(frame) => Promise.all(frame.getAnimations().map((one) => one.finished))")
    box = frame.bounding_box()
    assert box
    width, height = look.width, HEIGHTS[look.width]
    if width >= SHEET_PX:
        assert (box["x"] + box["width"], box["y"] + box["height"]) == (width - 20, height - 20)
        shop.evaluate("assistant.setAttribute('position', 'bottom-left')")
        assert shop.evaluate(f"{FRAME}.getBoundingClientRect().left") == 20
        return
    assert (box["x"], box["width"], box["y"] + box["height"]) == (0, width, height)
    expect(shop.locator("live-assistant .ground")).to_be_visible()
    for far, hidden in ((60, False), (200, True)):
        shop.mouse.move(width / 2, box["y"] + 8)
        shop.mouse.down()
        shop.wait_for_timeout(100)  # until the grip holds the pointer
        shop.mouse.move(width / 2, box["y"] + far, steps=4)
        shop.mouse.up()
        expect(frame).to_be_visible(visible=not hidden)


def test_the_page_says_how_it_looks_and_what_is_meant(room: Room, look: Look, shop: Page) -> None:
    other = "light" if look.theme == "dark" else "dark"
    panel = opened(shop, look)
    shop.evaluate("(theme) => assistant.setAttribute('theme', theme)", other)
    expect(panel.locator("html")).to_have_attribute("data-theme", other)
    shop.evaluate("assistant.setAttribute('brand', '#0a7cff')")
    expect(panel.locator(".go")).to_have_css("background-color", "rgb(10, 124, 255)")
    shop.evaluate("assistant.context = { productId: 'pangdun-750' }")
    ask(panel, PRICE[look.locale][0])
    expect(panel.locator(ANSWERED).locator(".card .name")).to_contain_text("750")
    shop.evaluate("assistant.removeAttribute('open')")
    shop.evaluate("assistant.setAttribute('launcher', 'A & B')")
    expect(shop.get_by_role("button", name="A & B")).to_have_text("A & B")
    shop.evaluate("assistant.setAttribute('position', 'inline')")
    shop.evaluate("assistant.setAttribute('open', '')")
    expect(shop.locator("live-assistant .frame")).to_have_css("position", "static")
    elsewhere = Room(room.service, f"{room.id}-2", "pangdun-750")
    origins = [shop.evaluate("location.origin")]
    elsewhere.put("access", {"anonymous": True, "origins": origins})
    shop.evaluate("window.token = null")  # it was for the other room
    choose(shop, elsewhere, look)
    expect(panel.locator(".air .name")).to_contain_text("750")


def test_a_viewer_takes_and_deletes_what_is_known_of_them(
    room: Room, look: Look, shop: Page, viewer: str
) -> None:
    panel = opened(shop, look)
    panel.get_by_role("button", name=look.say("quick_price")).click()
    panel.locator(ANSWERED).get_by_role("button", name=look.say("add_to_cart")).first.click()
    expect(panel.get_by_text(look.say("added"), exact=True)).to_be_visible()
    panel.get_by_label(look.say("menu")).click()
    menu = panel.get_by_role("dialog")
    personal = menu.get_by_role("switch", name=look.say("personal"))
    expect(personal).to_be_checked()  # once it is known
    with shop.expect_response(lambda answer: "/personalization" in answer.url):
        personal.uncheck()
    with shop.expect_download() as saved:
        menu.get_by_role("button", name=look.say("export")).click()
    assert "shop.cart" in saved.value.path().read_text(encoding="utf-8")
    known = f"/api/v1/viewers/{viewer}"
    assert room.service.http.get(known).json()["personalization"] is False
    menu.get_by_role("button", name=look.say("erase")).click()
    menu.get_by_role("button", name=look.say("erase_yes")).click()
    expect(menu.locator(".told")).to_contain_text({"zh": "已删除", "en": "deleted"}[look.locale])
    expect(panel.locator(".message.mine")).to_have_count(0)
    left = room.service.http.get(known).json()["events"]
    assert {event["type"] for event in left} <= {"viewer.personalization"}, "their choice stays"


def test_it_hears_nobody_but_the_page_that_holds_it(look: Look, shop: Page) -> None:
    panel = opened(shop, look)
    forged = """{jsonrpc: "2.0", method: "%s", params: {text: "forged", visible: false}}"""
    for method in ("close", "unread", "addToCart"):  # in the panel's name, from the page itself
        shop.evaluate(f"postMessage({forged % method}, '*')")
    with shop.expect_popup() as popup:  # the panel alone is nobody's, whoever has opened it
        address = panel.locator("html").evaluate("() => location.href")
        shop.evaluate("(at) => { window.other = open(at); }", address)
    expect(popup.value.locator(".air .card")).to_be_visible()
    shop.evaluate(f"other.postMessage({forged % 'ask'}, '*')")
    popup.value.wait_for_timeout(300)
    assert popup.value.locator(".message.mine").count() == 0
    expect(panel.locator(".air .card")).to_be_visible()
    assert not {"close", "unread", "addtocart"} & set(shop.evaluate("said.map(([one]) => one)"))


def test_a_page_that_is_not_named_gets_no_panel(room: Room, look: Look, browser: Browser) -> None:
    room.put("access", {"anonymous": True, "origins": []})
    with shop_page(room.address) as address:
        context = look.open(browser)
        page = context.new_page()
        page.goto(address)
        page.evaluate("(room) => assistant.setAttribute('room', room)", room.id)
        with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
            page.locator("live-assistant button").last.click()
        expect(page.frame_locator("live-assistant iframe").locator("#panel")).to_have_count(0)
        context.close()
