"""Scripts in every text, shown on every page of ours in a real Chromium: does one run?

Each payload stands in a product's texts, options, attributes and answers, in its addresses, in an
offer, a policy, a room's title, a nickname, a comment, a transcript, a host's answer, and is typed
as a question. Panel, console, overlay, demo room and chat page look on meanwhile. It has run
where it calls `pwn`; it was let in where the page holds an element of it, though a page's policy
may have stopped it there.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import httpx

from eval.chromium import browsing, installed
from eval.figures import CouldNotMeasure, count
from eval.panel_bench import SHOP
from eval.safety_outcome import Outcome, sample
from eval.service import NO_ENGINE, Service, running_service

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PlaywrightTimeout: type[Exception]
try:
    from playwright.sync_api import TimeoutError as PlaywrightTimeout
except ImportError:  # no browser is asked for then
    PlaywrightTimeout = TimeoutError

PAYLOADS = files("eval") / "datasets" / "safety" / "xss.txt"
ROOM = "/api/v1/rooms/demo"
PAGES = ("/panel?room=demo&locale=en", "/console?room=demo&locale=en", "/overlay/demo?locale=en",
         "/demo?locale=en", "/")  # fmt: skip
SLOW_MS, LOOK_MS = 60_000, 10_000
# What only a payload would bring into one of our pages.
FOREIGN = """() => [...document.querySelectorAll("*")].filter((one) =>
  [...one.attributes].some((a) => /pwn\\(/.test(a.value) && (/^on/i.test(a.name)
    || (/^(href|src|action|formaction|data|srcdoc|to|values|xlink:href|content)$/i.test(a.name)
        && !/^(https?:)?\\/\\//.test(a.value) && !a.value.startsWith("/"))))
  || (/^(script|style|iframe|object|embed|svg|math)$/i.test(one.tagName)
      && /pwn\\(/.test(one.textContent))
).map((one) => one.outerHTML.slice(0, 160))"""


def payloads() -> list[str]:
    """The lines of xss.txt; {run} in one stands for the call by which it shows that it ran."""
    lines = PAYLOADS.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("# ")]


def shop(payload: str, number: int) -> Iterator[dict[str, Any]]:
    """Records of a product with the payload in every text and address, an offer, a policy.

    Its addresses are in a product of their own, since a feed may refuse them.
    """
    # A feed's texts lose their tags; what is left must still be a text.
    both = {"zh": f"{payload} 号{number}", "en": f"{payload} No{number}"}
    row = {
        "id": f"xss-{number}",
        "title": both,
        "description": both, "brand": both, "category": both, "aliases": [payload],
        "currency": "CNY", "price": "59.00", "list_price": "79.00", "stock": 9,
        "attributes": [{"name": both, "value": both}],
        "questions": [{"question": both, "answer": both}],
        "media": [{"url": "/pictures/pangdun-500.svg", "alt": both}],
    }  # fmt: skip
    yield row
    yield {**row, "id": f"xss-url-{number}", "url": payload, "media": [{"url": payload}]}
    yield {"type": "offer", "id": "xss", "kind": "percent_off", "percent": 10, "title": both,
           "product_ids": [f"xss-{number}"], "code": "SAVE"}  # fmt: skip
    yield {"type": "policy", "id": "xss", "kind": "returns", "title": both, "text": both}


def measure_xss(options: argparse.Namespace) -> Outcome:
    """The payloads shown, those that ran, and those of which a page held an element."""
    installed()
    chosen = sample(payloads(), options.n, options.seed)
    outcome, ran = Outcome(), set[str]()
    with (
        running_service(NO_ENGINE, engine=False) as service,
        browsing() as browser,
        httpx.Client(base_url=service.url, timeout=60) as http,
    ):
        service.import_feed(SHOP.read_bytes())
        pages = _opened(browser, service, ran)
        _checks_itself(pages[0], ran)
        held = set[int]()
        for number, payload in enumerate(chosen):
            run = f"(top.pwn||pwn)({number})" if "parent." not in payload else f"pwn({number})"
            shown = payload.replace("{run}", run)
            _put(http, shown, number)
            for at, page in zip(PAGES, pages, strict=True):
                types = at.startswith("/panel") or at == "/"
                if types and not _asked(page, shown, number):
                    outcome.errors += 1
                    outcome.miss(f"not shown by {at}", payload)
                if found := page.evaluate(FOREIGN):
                    held.add(number)
                    outcome.miss(f"let in by {at}", f"{payload}: {found[0]}")
        for page in pages:
            page.wait_for_timeout(500)
    for mark in sorted(ran):
        outcome.miss("ran", chosen[int(mark)] if mark.isdecimal() else mark)
    outcome.metrics["xss.payloads"] = count(len(chosen), len(chosen))
    outcome.metrics["xss.executed"] = count(min(len(ran), len(chosen)), len(chosen))
    outcome.metrics["xss.let_in"] = count(len(held), len(chosen))
    return outcome


def _opened(browser: Browser, service: Service, ran: set[str]) -> list[Page]:
    """Our pages, each with connections of its own, since most hold one open; what runs calls pwn
    and is noted, and no dialog that it opens stays."""
    pages = []
    for at in PAGES:
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        context.expose_binding("pwn", lambda _, mark="?": ran.add(str(mark)))
        page = context.new_page()
        page.set_default_timeout(SLOW_MS)
        page.on("dialog", lambda dialog: dialog.dismiss())
        page.goto(f"{service.url}{at}", wait_until="domcontentloaded")
        pages.append(page)
    pages[0].locator(".air .card").wait_for()
    pages[-1].locator(".ls-air .ls-card").wait_for()
    return pages


def _checks_itself(page: Page, ran: set[str]) -> None:
    """Raises CouldNotMeasure where a script that does run would not be seen, or not be found."""
    page.evaluate("pwn('seen')")
    page.evaluate("""() => {
      const one = document.createElement("a"); one.id = "own";
      one.href = "javascript:pwn('x')"; document.body.append(one); }""")
    if ran != {"seen"} or not page.evaluate(FOREIGN):
        raise CouldNotMeasure(f"a script that runs is not seen: {ran}")
    page.evaluate("document.querySelector('#own').remove()")
    ran.clear()


def _put(http: httpx.Client, shown: str, number: int) -> None:
    """Brings the payload into the shop's records and the room, as merchant, connector and host."""
    rows = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in shop(shown, number))
    done = http.post("/api/v1/catalog/import", content=rows.encode(), params={"format": "jsonl"})
    if done.status_code != 200 or done.json()["added"] < 1:
        raise CouldNotMeasure(f"the shop did not take {shown}: {done.text[:300]}")
    room = {"id": "demo", "title": {"zh": shown, "en": shown}, "on_air": f"xss-{number}",
            "items": [{"number": 1, "product_id": f"xss-{number}"}]}  # fmt: skip
    http.put("/api/v1/rooms", json=room).raise_for_status()
    http.put(f"{ROOM}/on-air", json={"product_id": f"xss-{number}"}).raise_for_status()
    said = (("live.comment", f"{shown} {number}"), ("live.comment", "how much is this one?"),
            ("live.transcript", shown))  # fmt: skip
    events = [
        {"specversion": "1.0", "id": uuid4().hex, "source": "eval", "type": kind,
         "subject": f"v{number}-{at}"[:60], "data": {"text": text, "nickname": shown[:60]}}
        for at, (kind, text) in enumerate(said)
    ]  # fmt: skip
    http.post(f"{ROOM}/events", json=events).raise_for_status()
    http.post(f"{ROOM}/pin", json={"product_id": f"xss-{number}"}).raise_for_status()
    waiting = http.get(f"{ROOM}/questions").raise_for_status().json()
    for one in (waiting["questions"] if isinstance(waiting, dict) else waiting)[:1]:
        http.post(f"{ROOM}/questions/{one['id']}/answer", json={"text": shown})


def _asked(page: Page, shown: str, number: int) -> bool:
    """Types the payload, and a question about the item on air that holds it. Whether the payload's
    number came to be seen."""
    try:
        box = page.locator("#box") if page.locator("#box").count() else page.get_by_role("textbox")
        for text in (
            f"{shown} seen-{number}",
            "what is it made of, any discount, can I return it?",
        ):
            box.fill(" ".join(text.split()))
            box.press("Enter")
        page.wait_for_function(
            "(n) => document.body.textContent.includes(n)", arg=f"seen-{number}", timeout=LOOK_MS
        )
    except PlaywrightTimeout:
        return False
    return True
