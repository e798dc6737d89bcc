"""The side panel in a real browser, the overlay, and the demo room.

Each story is told in every look with -m matrix, and in one of them otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.running_demo import Demo
from tests.ui.looks import Look, looks
from tests.ui.stories import ANSWERED, LAUNCHER, LINER, PRICE, RETURNS, SHEET_PX, WASHED, Room, ask


@pytest.fixture(params=looks(Look(390, "light", "zh")), scope="module")
def look(request: pytest.FixtureRequest) -> Look:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def room(service: Demo, look: Look) -> Room:
    """A room of this look's own. The mug is on air, at its price, and can be had."""
    room = Room(service, f"panel-{look}", "pangdun-500")
    room.price(7900)
    return room


@pytest.fixture
def page(room: Room, look: Look, browser: Browser) -> Iterator[Page]:
    context = look.open(browser)
    opened = context.new_page()
    opened.goto(f"{room.address}/panel?room={room.id}&locale={look.locale}")
    expect(opened.locator(".air .card")).to_contain_text("¥79")
    yield opened
    context.close()


def test_an_answer_with_its_card_is_judged_and_follows_the_price(
    room: Room, look: Look, page: Page
) -> None:
    question, answer = PRICE[look.locale]
    ask(page, question)
    reply = page.locator(ANSWERED)
    expect(reply.locator(".text")).to_contain_text(answer)
    expect(reply.locator(".head")).to_contain_text("AI")
    expect(reply.locator(".card .price b")).to_have_text("¥79")
    expect(reply.locator(".card s")).to_have_text("¥109")
    like = reply.get_by_label(look.say("up"), exact=True)
    like.click()
    expect(like).to_have_attribute("aria-pressed", "true")
    card = reply.locator(".card").element_handle()
    room.price(6900)
    expect(reply.locator(".card .price b")).to_have_text("¥69")
    expect(page.locator(".air .price b")).to_have_text("¥69")
    assert page.evaluate("(card) => card.isConnected", card), "the card was replaced, not changed"
    expect(reply.locator(".corrected")).to_be_visible()
    expect(page.locator(".message.correction")).to_contain_text("69")


def test_what_many_ask_comes_once_with_their_number(room: Room, look: Look, page: Page) -> None:
    question, answer = WASHED[look.locale]
    room.says(question, *(f"v{n}" for n in range(7)))
    shown = page.locator(".message.room", has_text=question).last
    expect(shown.locator(".head")).to_contain_text(look.say("asked", count=7))
    expect(shown).to_contain_text(answer)
    room.says(question, "v8", "v9")
    expect(shown.locator(".head")).to_contain_text(look.say("asked", count=9))


def test_the_item_on_air_turns_to_the_colour_that_is_left(
    room: Room, look: Look, page: Page
) -> None:
    room.stock(9, "white", "blue", "pink")
    shown = page.locator(".air .stock")
    expect(shown).to_have_text(look.say("in_stock"))
    room.stock(0, "white", "blue")
    expect(shown).to_have_text(look.say("in_stock"))
    room.stock(0, "pink")
    expect(shown).to_have_text(look.say("out_of_stock"))


def test_a_flash_price_counts_down(room: Room, look: Look, page: Page) -> None:
    offer = {
        "id": f"flash-{look}",
        "kind": "flash_price",
        "title": {"zh": "秒杀", "en": "Flash"},
        "product_ids": ["pangdun-500"],
        "amount": {"minor": 4900, "currency": "CNY"},
        "ends_at": "2999-01-01T00:00:00Z",
    }
    room.send("live.offer.updated", offer)
    expect(page.locator(".air .price b")).to_have_text("¥49")
    soon = page.evaluate("new Date(Date.now() + 90_000).toISOString()")
    room.send("live.offer.updated", offer | {"ends_at": soon})
    expect(page.locator(".air .left")).to_contain_text(look.say("ends_in", left="1:"))
    room.send("live.offer.updated", {"id": offer["id"], "ended": True})
    expect(page.locator(".air .price b")).to_have_text("¥79")


def test_it_says_that_it_is_offline_and_goes_on(room: Room, look: Look, page: Page) -> None:
    question, answer = RETURNS[look.locale]
    page.context.set_offline(True)
    expect(page.locator(".state")).to_have_text(look.say("offline"))
    ask(page, question)
    expect(page.locator(".message.failed")).to_contain_text(look.say("lost"))
    page.context.set_offline(False)
    expect(page.locator(".state")).to_be_hidden()
    page.locator(".message.failed").get_by_label(look.say("again")).click()
    expect(page.locator(ANSWERED).locator(".text")).to_contain_text(answer)
    question, _ = LINER[look.locale]
    room.says(question, "v1", "v2")
    shown = page.locator(".message.room", has_text=question).last
    expect(shown).to_contain_text(look.say("asked", count=2))


def test_opened_again_it_goes_on_where_it_was(room: Room, look: Look, page: Page) -> None:
    question, answer = RETURNS[look.locale]
    ask(page, question)
    expect(page.locator(ANSWERED).locator(".text")).to_contain_text(answer)
    at = page.url
    page.goto("about:blank")
    question, _ = LINER[look.locale]
    room.says(question, "v3", "v4")
    page.goto(at)
    expect(page.locator(".message.mine")).to_have_count(1)
    expect(page.locator(ANSWERED).locator(".text")).to_contain_text(answer)
    expect(page.locator(".message.room", has_text=question)).to_have_count(1)


def test_a_slow_answer_is_told_stopped_and_asked_again(look: Look, page: Page) -> None:
    question, answer = RETURNS[look.locale]
    page.route("**/chat", lambda route: None)  # nothing comes
    ask(page, question)
    expect(page.locator(".message.reply .wait")).to_have_text(look.say("slow"))
    page.get_by_role("button", name=look.say("stop")).click()
    expect(page.locator(".message.reply .notes")).to_have_text(look.say("stopped"))
    page.unroute("**/chat")
    page.locator(".message.reply").get_by_label(look.say("again")).click()
    reply = page.locator(ANSWERED)
    expect(reply.locator(".text")).to_contain_text(answer)
    expect(page.get_by_role("button", name=look.say("send"))).to_be_visible()
    reply.get_by_label(look.say("copy")).click()
    expect(reply.get_by_text(look.say("copied"))).to_be_visible()


def test_the_language_is_chosen_in_the_menu(look: Look, page: Page) -> None:
    other = look._replace(locale="en" if look.locale == "zh" else "zh")
    page.get_by_label(look.say("menu")).click()
    page.get_by_label({"zh": "中文", "en": "English"}[other.locale]).check()
    expect(page.get_by_role("heading", name=other.say("menu"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".air")).to_contain_text(other.say("on_air"))
    expect(page.locator("html")).to_have_attribute("lang", other.locale)
    page.get_by_role("button", name=other.say("quick_return")).click()
    expect(page.locator(ANSWERED).locator(".text")).to_contain_text(RETURNS[other.locale][1])


def test_the_overlay_shows_the_answer_of_the_moment(
    room: Room, look: Look, browser: Browser
) -> None:
    context = look.open(browser)
    page = context.new_page()
    with page.expect_response(lambda answer: "/feed" in answer.url):
        page.goto(f"{room.address}/overlay/{room.id}?locale={look.locale}")
    question = {"zh": "这个保温多久", "en": "how long does it keep drinks hot?"}[look.locale]
    room.says(question, "v1", "v2", "v3")
    expect(page.locator(".shown .head")).to_contain_text("3")
    expect(page.locator(".shown")).to_contain_text(question)
    expect(page.locator(".shown .card")).to_be_visible()
    clear = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert clear == "rgba(0, 0, 0, 0)"
    context.close()


def test_the_demo_room_has_the_panel_beside_it(service: Demo, look: Look, browser: Browser) -> None:
    context = look.open(browser)
    page = context.new_page()
    page.goto(f"{service.http.base_url}/demo?locale={look.locale}")
    locked = {"zh": "密钥", "en": "host key"}[look.locale]  # the service has one, the page has not
    expect(page.locator(".over")).to_contain_text(locked)
    if look.width < SHEET_PX:
        page.get_by_role("button", name=LAUNCHER[look.locale]).click()
    expect(page.frame_locator("iframe").locator(".air .card")).to_be_visible()
    context.close()
