"""The side panel in a real browser: alone, and in a shop's page on another site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Frame, FrameLocator, Page, expect

from eval.shop_page import shop_page
from tests.running_demo import Demo

NO_STORAGE = """for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, {
    get() { throw new DOMException("blocked", "SecurityError"); } });
}"""
ANSWERED = ".message.reply[aria-busy=false]"


@pytest.fixture(autouse=True)
def _show(service: Demo) -> None:
    """The mug is on air, at its price, and can be had."""
    send(service, "live.product.on_air", {"product_id": "pangdun-500"})
    for colour in ("white", "blue"):
        price = {"minor": 7900, "currency": "CNY"}
        now = {"price": price, "stock": 30}
        service.http.patch(f"/api/v1/variants/pangdun-500-{colour}", json=now)


@pytest.fixture
def page(service: Demo, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    opened = context.new_page()
    opened.goto(f"{service.http.base_url}/panel?room=demo&locale=zh")
    expect(opened.locator(".air .card")).to_contain_text("¥79")
    yield opened
    context.close()


def send(service: Demo, type_: str, data: dict[str, Any], *viewers: str) -> None:
    """Events into the room, one for each viewer, or one of nobody's."""
    events = [
        {"specversion": "1.0", "id": uuid4().hex, "source": "test", "type": type_, "data": data}
        | ({"subject": viewer} if viewer else {})
        for viewer in viewers or ("",)
    ]
    service.http.post("/api/v1/rooms/demo/events", json=events).raise_for_status()


def ask(page: Page | Frame | FrameLocator, text: str) -> None:
    page.locator("#box").fill(text)
    page.locator("#box").press("Enter")


def test_an_answer_with_its_card_is_judged_and_follows_the_price(service: Demo, page: Page) -> None:
    ask(page, "这款多少钱？")
    reply = page.locator(ANSWERED)
    expect(reply.locator(".text")).to_contain_text("79元")
    expect(reply.locator(".head")).to_contain_text("AI")
    expect(reply.locator(".card .price b")).to_have_text("¥79")
    expect(reply.locator(".card s")).to_have_text("¥109")
    reply.get_by_label("有帮助").click()
    expect(reply.get_by_label("有帮助")).to_have_attribute("aria-pressed", "true")
    card = reply.locator(".card").element_handle()
    price = {"minor": 6900, "currency": "CNY"}
    for colour in ("white", "blue"):
        service.http.patch(f"/api/v1/variants/pangdun-500-{colour}", json={"price": price})
    expect(reply.locator(".card .price b")).to_have_text("¥69")
    expect(page.locator(".air .price b")).to_have_text("¥69")
    assert page.evaluate("(card) => card.isConnected", card), "the card was replaced, not changed"
    expect(reply.locator(".corrected")).to_be_visible()
    expect(page.locator(".message.correction")).to_contain_text("69元")


def test_what_many_ask_comes_once_with_their_number(service: Demo, page: Page) -> None:
    send(service, "live.comment", {"text": "这个能放洗碗机吗"}, *(f"v{n}" for n in range(7)))
    room = page.locator(".message.room", has_text="洗碗机").last
    expect(room.locator(".head")).to_contain_text("7 人也问了")
    expect(room).to_contain_text("手洗")
    send(service, "live.comment", {"text": "这个能放洗碗机吗"}, "v8", "v9")
    expect(room.locator(".head")).to_contain_text("9 人也问了")


def test_the_item_on_air_turns_to_the_colour_that_is_left(service: Demo, page: Page) -> None:
    for colour in ("white", "blue", "pink"):
        service.http.patch(f"/api/v1/variants/pangdun-500-{colour}", json={"stock": 9})
    shown = page.locator(".air .stock")
    expect(shown).to_have_text("有货")
    for colour in ("white", "blue"):
        service.http.patch(f"/api/v1/variants/pangdun-500-{colour}", json={"stock": 0})
    expect(shown).to_have_text("有货")
    service.http.patch("/api/v1/variants/pangdun-500-pink", json={"stock": 0})
    expect(shown).to_have_text("已售罄")


def test_a_flash_price_counts_down(service: Demo, page: Page) -> None:
    offer = {
        "id": "flash-of-the-test",
        "kind": "flash_price",
        "title": {"zh": "秒杀", "en": "Flash"},
        "product_ids": ["pangdun-500"],
        "amount": {"minor": 4900, "currency": "CNY"},
        "ends_at": "2999-01-01T00:00:00Z",
    }
    send(service, "live.offer.updated", offer)
    expect(page.locator(".air .price b")).to_have_text("¥49")
    soon = page.evaluate("new Date(Date.now() + 90_000).toISOString()")
    send(service, "live.offer.updated", offer | {"ends_at": soon})
    expect(page.locator(".air .left")).to_contain_text("距结束 1:")
    send(service, "live.offer.updated", {"id": offer["id"], "ended": True})
    expect(page.locator(".air .price b")).to_have_text("¥79")


def test_it_says_that_it_is_offline_and_goes_on(service: Demo, page: Page) -> None:
    page.context.set_offline(True)
    expect(page.locator(".state")).to_contain_text("网络已断开")
    ask(page, "能退货吗？")
    expect(page.locator(".message.failed")).to_contain_text("连接中断")
    page.context.set_offline(False)
    expect(page.locator(".state")).to_be_hidden()
    page.locator(".message.failed").get_by_label("重新回答").click()
    expect(page.locator(ANSWERED).locator(".text")).to_contain_text("7天")
    send(service, "live.comment", {"text": "这个是什么材质的"}, "v1", "v2")
    expect(page.locator(".message.room", has_text="材质").last).to_contain_text("2 人也问了")


def test_a_slow_answer_is_told_stopped_and_asked_again(page: Page) -> None:
    page.route("**/chat", lambda route: None)  # nothing comes
    ask(page, "能退货吗？")
    expect(page.locator(".message.reply .wait")).to_contain_text("比平时慢")
    page.get_by_role("button", name="停止回答").click()
    expect(page.locator(".message.reply .notes")).to_have_text("已停止")
    page.unroute("**/chat")
    page.locator(".message.reply").get_by_label("重新回答").click()
    reply = page.locator(ANSWERED)
    expect(reply.locator(".text")).to_contain_text("7天")
    expect(page.get_by_role("button", name="发送")).to_be_visible()
    reply.get_by_label("复制回答").click()
    expect(reply.get_by_text("已复制")).to_be_visible()


def test_the_language_is_chosen_in_the_menu(page: Page) -> None:
    page.get_by_label("设置与隐私").click()
    page.get_by_label("English").check()
    expect(page.get_by_role("heading", name="Settings and privacy")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".air")).to_contain_text("On air")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Can I return it?").click()
    expect(page.locator(ANSWERED).locator(".text")).to_contain_text("return")


def test_in_a_shops_page_of_another_site_without_storage(service: Demo, browser: Browser) -> None:
    with shop_page(str(service.http.base_url).rstrip("/")) as address:
        access = {"anonymous": True, "origins": [address]}
        service.http.put("/api/v1/rooms/demo/access", json=access).raise_for_status()
        given = {"viewer": "wang"}
        token = service.http.post("/api/v1/rooms/demo/viewer-tokens", json=given).json()["token"]
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.add_init_script(NO_STORAGE)
        page = context.new_page()
        wrong: list[str] = []
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto(address)
        page.evaluate("(token) => { window.token = token; }", token)
        page.get_by_role("button", name="问问直播间助手").click()
        panel = page.frame_locator("live-assistant iframe")
        expect(panel.locator(".air .card")).to_be_visible()
        expect(panel.locator("#box")).to_be_focused()
        panel.get_by_role("button", name="现在多少钱？").click()
        reply = panel.locator(ANSWERED)
        reply.get_by_role("button", name="加入购物车").first.click()
        expect(reply.get_by_text("已加入")).to_be_visible()
        reply.locator("button.name").first.click()
        panel.locator("#box").press("Escape")
        expect(page.get_by_role("button", name="问问直播间助手")).to_be_focused()
        page.evaluate("assistant.setAttribute('theme', 'dark')")
        expect(panel.locator("html")).to_have_attribute("data-theme", "dark")
        page.evaluate("assistant.setAttribute('launcher', '问一问')")
        expect(page.get_by_role("button", name="问一问")).to_have_text("问一问")
        page.evaluate("assistant.removeAttribute('launcher')")
        price = {"minor": 6900, "currency": "CNY"}
        for colour in ("white", "blue"):
            service.http.patch(f"/api/v1/variants/pangdun-500-{colour}", json={"price": price})
        expect(page.locator("body")).to_have_attribute("data-said", re.compile("correction"))
        said = set(page.evaluate("said.map(([type]) => type)"))
        assert {"open", "ready", "resize", "addtocart", "cart", "productclick", "close"} <= said
        send(service, "live.comment", {"text": "这个能放洗碗机吗"}, "wang")
        expect(page.get_by_role("button", name="条新消息")).to_be_visible()
        page.evaluate("assistant.ask('能退货吗？')")
        expect(panel.locator(ANSWERED).last.locator(".text")).to_contain_text("7天")
        with context.expect_page() as popped:
            panel.get_by_label("在新窗口打开").click()
        expect(popped.value.locator(ANSWERED)).to_have_count(2)
        known = service.http.get("/api/v1/viewers/wang").json()
        assert {"shop.cart", "shop.click"} <= {event["type"] for event in known["events"]}
        page.get_by_role("button", name="问问直播间助手").click()
        panel.get_by_label("设置与隐私").click()
        menu = panel.get_by_role("dialog")
        with page.expect_response(lambda answer: "/personalization" in answer.url):
            menu.get_by_role("switch", name="个性化推荐").uncheck()
        with page.expect_download() as saved:
            menu.get_by_role("button", name="导出我的数据").click()
        assert "shop.cart" in saved.value.path().read_text(encoding="utf-8")
        assert service.http.get("/api/v1/viewers/wang").json()["personalization"] is False
        menu.get_by_role("button", name="删除我的数据").click()
        menu.get_by_role("button", name="确认删除").click()
        expect(menu.get_by_text("对话也已清空")).to_be_visible()
        expect(panel.locator(".message.mine")).to_have_count(0)
        left = service.http.get("/api/v1/viewers/wang").json()["events"]
        assert {event["type"] for event in left} <= {"viewer.personalization"}, "their choice stays"
        assert wrong == []
        context.close()


def test_a_page_that_is_not_named_gets_no_panel(service: Demo, browser: Browser) -> None:
    access = {"anonymous": True, "origins": []}
    service.http.put("/api/v1/rooms/demo/access", json=access).raise_for_status()
    with shop_page(str(service.http.base_url).rstrip("/")) as address:
        page = browser.new_page()
        page.goto(address)
        with page.expect_console_message(lambda said: "frame-ancestors" in said.text):
            page.get_by_role("button", name="问问直播间助手").click()
        expect(page.frame_locator("live-assistant iframe").locator("#panel")).to_have_count(0)
        page.close()


def test_the_overlay_shows_the_answer_of_the_moment(service: Demo, browser: Browser) -> None:
    page = browser.new_page()
    with page.expect_response(lambda answer: "/feed" in answer.url):
        page.goto(f"{service.http.base_url}/overlay/demo?locale=zh")
    send(service, "live.comment", {"text": "这个保温多久"}, "v1", "v2", "v3")
    expect(page.locator(".shown .head")).to_contain_text("3 人问了")
    expect(page.locator(".shown .card")).to_be_visible()
    clear = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert clear == "rgba(0, 0, 0, 0)"
    page.close()


def test_the_demo_room_has_the_panel_beside_it(service: Demo, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(f"{service.http.base_url}/demo?locale=en")
    expect(page.frame_locator("iframe").locator(".air .card")).to_be_visible()
    expect(page.locator(".over")).to_contain_text("host key")
    page.close()
