"""The host's console in a real browser: a queue worked by keys, a show changed in place.

Each story is told in every look with -m matrix, and at a desk otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.running_demo import Demo
from tests.ui.conftest import KEY, SLOW_MS
from tests.ui.hosting import (
    COMMENTS,
    ITEMS,
    Room,
    changing,
    chosen,
    comment,
    item,
    row,
    said,
    status,
    turn,
)
from tests.ui.looks import Look, looks


@pytest.fixture(params=looks(Look(1440, "light", "zh")), scope="module")
def look(request: pytest.FixtureRequest) -> Look:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def room(service: Demo, look: Look) -> Iterator[Room]:
    """A room under review, with questions of several viewers. Its prices are put back after it."""
    room = Room(service, look)
    shown = {
        "id": room.id,
        "on_air": "sateen-set",
        "mode": "review",
        "items": [{"number": n, "product_id": id_} for n, id_ in enumerate(ITEMS, 1)],
    }
    service.http.put("/api/v1/rooms", json=shown).raise_for_status()
    room.send(*(comment(*one) for one in COMMENTS))
    before = room.variants()
    yield room
    for variant, now in room.variants().items():
        if now != before[variant]:
            service.http.patch(f"/api/v1/variants/{variant}", json=before[variant])


@pytest.fixture(scope="module")
def page(room: Room, look: Look, browser: Browser) -> Iterator[Page]:
    """The console, opened with the host key as a host would."""
    context = look.open(browser)
    opened = context.new_page()
    opened.set_default_timeout(SLOW_MS)
    faults: list[str] = []
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.goto(f"{room.http.base_url}/console?room={room.id}&locale={look.locale}")
    opened.get_by_label(said(look, "host_key")).fill(KEY)
    opened.get_by_label(said(look, "your_name")).fill("小王")
    opened.keyboard.press("Enter")
    expect(opened.locator("#questions .queue")).to_be_visible()
    yield opened
    context.close()
    assert not faults


def test_a_wrong_key_is_told(room: Room, look: Look, browser: Browser) -> None:
    context = look.open(browser)
    page = context.new_page()
    page.goto(f"{room.http.base_url}/console?room={room.id}&locale={look.locale}")
    page.get_by_label(said(look, "host_key")).fill("wrong")
    page.get_by_role("button", name=said(look, "enter")).click()
    expect(page.get_by_role("alert")).to_have_text(said(look, "wrong_key"))
    context.close()


def test_a_draft_is_approved_with_one_key(room: Room, look: Look, page: Page) -> None:
    chosen(page, "这个多少钱")
    expect(row(page, "这个多少钱").locator(".count")).to_have_text("2")
    page.keyboard.press("a")
    expect(row(page, "这个多少钱")).to_have_count(0)
    expect(status(page, said(look, "done_approve"))).to_be_visible()
    assert room.status("这个多少钱") == "answered"


def test_dismiss_and_hand_off_by_key(room: Room, look: Look, page: Page) -> None:
    chosen(page, "3号链接多少钱")
    page.keyboard.press("d")
    expect(row(page, "3号链接多少钱")).to_have_count(0)
    chosen(page, "4号链接多少钱")
    page.keyboard.press("h")
    expect(row(page, "4号链接多少钱").locator(".state")).to_have_text(said(look, "handed_off"))
    expect(status(page, said(look, "done_hand-off"))).to_be_visible()
    assert room.status("3号链接多少钱") == "dismissed"
    assert room.status("4号链接多少钱") == "handed_off"


def test_own_words_are_held_against_the_rules(room: Room, look: Look, page: Page) -> None:
    chosen(page, "包邮吗")
    page.keyboard.press("e")
    field = page.get_by_label(said(look, "edited_words"))
    field.fill("全网最低价，包邮")
    expect(page.locator(".checked li.bad").first).to_contain_text(said(look, "unlawful"))
    expect(page.get_by_role("button", name=said(look, "send"))).to_be_disabled()
    field.fill("今天只要9.9元")
    expect(page.locator(".checked li.doubt")).to_contain_text(said(look, "unlike_records"))
    expect(page.get_by_role("button", name=said(look, "send"))).to_be_disabled()
    field.fill("满88元包邮，放心拍")
    expect(page.locator(".checked .fine")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(row(page, "包邮吗")).to_have_count(0)
    expect(status(page, said(look, "done_edit"))).to_be_visible()
    assert room.status("包邮吗") == "answered"


def test_words_that_could_not_be_sent_come_back(room: Room, look: Look, page: Page) -> None:
    chosen(page, "可以退货吗")
    page.keyboard.press("r")
    page.route("**/answer?*", lambda route: route.abort())
    page.get_by_label(said(look, "own_words")).fill("七天之内可以退")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".notice.bad")).to_contain_text(said(look, "no_answer_from_shop"))
    expect(page.get_by_label(said(look, "own_words"))).to_have_value("七天之内可以退")
    page.unroute("**/answer?*")
    page.keyboard.press("Escape")


def test_an_answer_by_hand(room: Room, look: Look, page: Page) -> None:
    chosen(page, "可以退货吗")
    page.keyboard.press("r")
    page.get_by_label(said(look, "own_words")).fill("七天无理由可以退")
    page.keyboard.press("Control+Enter")
    expect(row(page, "可以退货吗")).to_have_count(0)
    expect(status(page, said(look, "done_answer"))).to_be_visible()
    assert room.status("可以退货吗") == "answered"


def test_the_second_host_reads_who_was_first(room: Room, look: Look, page: Page) -> None:
    chosen(page, "5号链接多少钱")
    question = row(page, "5号链接多少钱").get_attribute("data-id")
    done = room.http.post(f"{room.path}/questions/{question}/dismiss", params={"by": "小李"})
    assert done.is_success
    page.keyboard.press("h")
    expect(
        page.get_by_role("alert").or_(page.get_by_role("status")).filter(has_text="小李").first
    ).to_be_visible()


def test_price_and_stock_change_in_place(room: Room, look: Look, page: Page) -> None:
    shown = changing(page, 1)
    price, stock = (shown.locator(f"input[id^={name}-]").first for name in ("price", "stock"))
    price.fill("九十")
    price.press("Enter")
    expect(shown.get_by_role("alert")).to_contain_text("59.90")
    price.fill("88.50")
    stock.fill("7")
    stock.press("Enter")
    expect(shown.locator(".price").first).to_contain_text("¥88.50")
    expect(status(page, said(look, "saved_price", price="¥88.50"))).to_be_visible()
    product = room.get("/items")[1]["product"]
    assert product["variants"][0]["price"]["minor"] == 8850
    assert product["variants"][0]["availability"]["quantity"] == 7


def test_of_two_hosts_the_slower_one_is_told(room: Room, look: Look, page: Page) -> None:
    shown = changing(page, 4)
    variant = room.get("/items")[4]["product"]["variants"][0]
    path = f"/api/v1/variants/{variant['id']}"
    price = shown.locator("input[id^=price-]").first
    price.fill("5.50")
    room.http.patch(path, json={"stock": 3}).raise_for_status()  # a till: no concern of the price
    price.press("Enter")
    expect(status(page, said(look, "saved_price", price="¥5.50"))).to_be_visible()
    price.fill("6.50")
    room.http.patch(path, json={"price": {"minor": 700, "currency": "CNY"}}).raise_for_status()
    price.press("Enter")
    expect(page.locator(".notice.bad").last).to_contain_text(said(look, "overtaken", now="¥7"))
    expect(shown.locator(".price").first).to_contain_text("¥7")
    expect(price).to_have_value("6.50")
    price.press("Enter")
    expect(status(page, said(look, "saved_price", price="¥6.50"))).to_be_visible()
    assert room.http.get(path).json()["price"]["minor"] == 650


def test_what_the_service_does_not_take_is_taken_back(room: Room, look: Look, page: Page) -> None:
    shown = changing(page, 3)
    before = shown.locator(".price").first.inner_text()
    page.route("**/api/v1/variants/*", lambda route: route.abort())
    shown.locator("input[id^=price-]").first.fill("1.23")
    shown.locator("input[id^=price-]").first.press("Enter")
    notice = page.locator(".notice.bad").filter(has_text=said(look, "no_answer_from_shop")).last
    expect(notice).to_be_visible()
    expect(shown.locator(".price").first).to_have_text(before.replace("\n", ""))
    page.unroute("**/api/v1/variants/*")
    notice.get_by_role("button", name=said(look, "retry")).click()
    page.wait_for_function(
        "fetch('/api/v1/products/cabin-case').then(r => r.json())"
        ".then(p => p.variants[0].price.minor === 123)"
    )


def test_a_viewer_is_muted_and_heard_again(room: Room, look: Look, page: Page) -> None:
    chosen(page, "4号链接多少钱")
    asking = row(page, "4号链接多少钱").locator(".asking")
    asking.get_by_role("button", name=said(look, "who_asks")).click()
    asking.get_by_role("button", name=said(look, "mute")).click()
    expect(status(page, said(look, "muted", viewer="f"))).to_be_visible()
    assert room.get("/mute") == {"viewers": ["f"]}
    page.get_by_role("button", name=said(look, "settings")).click()
    page.get_by_role("dialog").get_by_role("button", name=said(look, "unmute")).click()
    expect(page.get_by_role("dialog").locator(".viewers li")).to_have_count(0)
    page.keyboard.press("Escape")
    assert room.get("/mute") == {"viewers": []}


def test_axe_finds_nothing(page: Page) -> None:
    axe = files("axe_playwright_python") / "axe.min.js"
    page.evaluate(axe.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run().then(all => all.violations.map(one => one.id))")
    assert found == []


def test_a_flash_sale_begins_and_ends(room: Room, look: Look, page: Page) -> None:
    shown = changing(page, 2)
    shown.get_by_label(said(look, "flash_price")).fill("10")
    shown.get_by_label(said(look, "minutes")).fill("5")
    shown.get_by_role("button", name=said(look, "start")).click()
    expect(shown.locator(".price").first).to_contain_text("¥10")
    product = room.get("/items")[2]["product"]["id"]
    offers = room.http.get("/api/v1/offers").json()
    flash = [one["amount"]["minor"] for one in offers if product in one["product_ids"]]
    assert flash == [1000]
    shown.get_by_role("button", name=said(look, "flash_end")).click()
    expect(shown.locator(".price").first).to_contain_text("¥45–¥109")
    expect(status(page, said(look, "flash_ended"))).to_be_visible()


def test_the_next_item_goes_on_air_and_the_mode_turns(room: Room, look: Look, page: Page) -> None:
    listed = room.get("/items")
    turn(page, "show")
    page.get_by_role("button", name=said(look, "next_item")).click()
    expect(page.locator(".air h3")).to_contain_text(listed[1]["product"]["title"][look.locale])
    page.locator("[data-mode=auto]").click()
    expect(page.locator("[data-mode=auto]")).to_have_attribute("aria-pressed", "true")
    page.wait_for_function(f"fetch('{room.path}').then(r => r.json()).then(r => r.mode === 'auto')")
    assert room.get()["on_air"] == listed[1]["product"]["id"]


def test_lines_and_the_report(room: Room, look: Look, page: Page) -> None:
    turn(page, "lines")
    page.get_by_role("button", name=said(look, "highlights")).click()
    price = {"zh": "元", "en": "¥"}[look.locale]
    expect(page.locator(".said-lines li", has_text=price).first).to_be_visible()
    page.get_by_label(said(look, "own_line")).fill("国家级品质")
    expect(page.locator("#lines .checked li.bad")).to_contain_text("国家级")
    page.get_by_role("button", name=said(look, "report"), exact=True).click()
    report = page.get_by_role("dialog", name=said(look, "report_title"))
    expect(report.get_by_role("table", name=said(look, "asked_most"))).to_contain_text("这个多少钱")
    with page.expect_download() as saved:
        report.get_by_role("button", name=said(look, "save_file")).click()
    text = saved.value.path().read_text(encoding="utf-8")
    assert said(look, "report_title") in text
    assert "<script" not in text
    page.emulate_media(media="print")  # the report alone, whole, and nothing to press
    expect(page.locator("#console")).to_be_hidden()
    expect(report.locator(".no-print")).to_be_hidden()
    expect(report.locator("h1")).to_be_visible()
    assert report.evaluate("(one) => one.scrollHeight <= one.clientHeight")
    page.emulate_media(media="screen")
    page.keyboard.press("Escape")


def test_a_pin_the_pulse_and_an_alert(room: Room, look: Look, page: Page) -> None:
    shown = item(page, 1)
    shown.locator("[data-key^='pin ']").click()
    expect(shown.get_by_text(said(look, "pinned"), exact=True)).to_be_visible()
    assert room.get("/pulse")["pins"] == ["enamel-pot"]
    turn(page, "pulse")
    chart = page.locator("#pulse").get_by_role("img", name=said(look, "comments_minute"))
    expect(chart).to_be_visible()
    room.send({"type": "live.stream.ended"})
    expect(page.locator(".alerts")).to_contain_text(said(look, "stream_ended"))
    room.send({"type": "live.stream.started"})
    expect(page.locator(".alerts .alert")).to_have_count(0)
