"""How light is the panel? Run as liveshop bench panel.

A service of its own with the demo shop, and a shop's page on another site that holds the panel, in
Debian's Chromium. Times are the browser's own: from the click to the panel's `ready`, in a browser
that nobody drives; the main thread's work that the script adds to the shop's page, as the median
of pages with it and without it; tasks beyond 50 ms while a conversation of
500 messages is scrolled; the share of time that the panel's main thread is busy while the feed
brings 1,000 changes of price a minute.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from queue import Empty, Queue
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from eval import figures
from eval.chromium import FLAGS, browsing, installed
from eval.figures import CouldNotMeasure, Figures, Metric, percentile, reading
from eval.service import NO_ENGINE, Service, running_service
from eval.shop_page import shop_page

if TYPE_CHECKING:
    from playwright.sync_api import Browser, CDPSession, Page

SHOP = Path(str(files("assistant") / "demo_shop" / "shop.jsonl"))
MESSAGES, CHANGED_AT_ONCE = 500, 20
OPEN_S = 60.0
STEPS, STEP_PX = 240, 600  # at 60 steps a second, 36,000 pixels a second
WATCH = """
window.long = []; window.shift = 0;
new PerformanceObserver((list) => long.push(...list.getEntries().map((e) => e.duration)))
  .observe({ type: "longtask", buffered: true });
new PerformanceObserver((list) => list.getEntries().forEach((e) => { shift += e.value; }))
  .observe({ type: "layout-shift", buffered: true });
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 when measured, 2 when that could not be done."""
    parser = figures.arguments("bench panel", __doc__ or "")
    parser.add_argument("--opens", type=int, default=15, help="how often the panel is opened")
    parser.add_argument("--per-minute", type=int, default=1000, help="changes of price")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long prices change")
    options = parser.parse_args(argv)
    return figures.state(lambda: _measure(options), options)


def _measure(options: argparse.Namespace) -> Figures:
    chromium = installed()
    metrics: dict[str, Metric] = {}
    opens = options.opens
    took: Queue[float] = Queue()
    with shop_page(took=took) as shop:
        settings = {**NO_ENGINE, "LIVESHOP_EMBED_ORIGINS": shop}
        with running_service(settings, engine=False) as service:
            service.import_feed(SHOP.read_bytes())
            times = [_opened(chromium, f"{shop}/clicked?{service.url}", took) for _ in range(opens)]
            metrics["interactive.p50_ms"] = percentile(times, 50)
            metrics["interactive.p95_ms"] = percentile(times, 95)
            with browsing() as browser:
                _shifting(metrics, browser, f"{shop}/?{service.url}")
                _script(metrics, browser, shop, service.url, opens)
                _sizes(metrics, browser, service.url)
                _scrolling(metrics, browser, service.url)
                _updates(metrics, browser, service, options)
                version = browser.version
    given = {
        "chromium": version,
        "messages": MESSAGES,
        "per_minute": options.per_minute,
        "scroll_px_per_step": STEP_PX,
    }
    return Figures("bench panel", metrics, given)


def _opened(chromium: str, page_url: str, took: Queue[float]) -> float:
    """Milliseconds from the click to the panel that answers, in a browser of its own that has
    nothing cached. Raises CouldNotMeasure when it does not come."""
    folder = tempfile.TemporaryDirectory(prefix="liveshop-chromium-", ignore_cleanup_errors=True)
    with folder as profile:
        browser = subprocess.Popen(  # noqa: S603 - Debian's own, found on the path
            [chromium, "--headless", *FLAGS, f"--user-data-dir={profile}", page_url],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return took.get(timeout=OPEN_S)
        except Empty as error:
            raise CouldNotMeasure(f"the panel was not ready after {OPEN_S:g} s") from error
        finally:
            os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()


def _shifting(metrics: dict[str, Metric], browser: Browser, page_url: str) -> None:
    """What moves by itself while the panel opens and an answer comes, in the shop's page and it."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(WATCH)
    page = context.new_page()
    page.goto(page_url)
    page.locator("live-assistant button").last.click()
    panel = page.frame_locator("iframe")
    panel.locator(".air .card").wait_for()
    panel.locator(".chip").first.click()
    panel.locator(".message.reply[aria-busy=false] .card img").first.wait_for()
    page.wait_for_timeout(500)
    shifts = [frame.evaluate("shift") for frame in page.frames]
    metrics["layout_shift"] = reading(sum(shifts), len(shifts))
    context.close()


def _script(
    metrics: dict[str, Metric], browser: Browser, shop: str, service: str, opens: int
) -> None:
    """The main thread's work for the shop's page, with the script and without it."""
    spent = {
        url: [_task_ms(browser, url) for _ in range(opens)]
        for url in (f"{shop}/plain", f"{shop}/?{service}")
    }
    plain, held = (statistics.median(times) for times in spent.values())
    metrics["script_ms"] = reading(held - plain, opens)


def _task_ms(browser: Browser, url: str) -> float:
    page = browser.new_page()
    session = _performance(page)
    page.goto(url, wait_until="load")
    spent = _busy_s(session)
    page.close()
    return 1000 * spent


def _sizes(metrics: dict[str, Metric], browser: Browser, service: str) -> None:
    """What travels, compressed, in units of 1024 bytes."""
    page = browser.new_page()
    page.goto(f"{service}/panel?room=demo&locale=zh")
    page.locator(".air .card").wait_for()
    loaded = page.evaluate(
        "performance.getEntriesByType('resource').filter((e) => e.name.includes('/ui/'))"
        ".concat(performance.getEntriesByType('navigation')).map((e) => e.encodedBodySize)"
    )
    script = page.request.get(f"{service}/live-assistant.js", headers={"Accept-Encoding": "gzip"})
    metrics["panel_kb"] = reading(sum(loaded) / 1024, len(loaded))
    metrics["loader_kb"] = reading(int(script.headers["content-length"]) / 1024)
    page.close()


def _scrolling(metrics: dict[str, Metric], browser: Browser, service: str) -> None:
    """Tasks beyond 50 ms while a long conversation is scrolled from its end to its beginning."""
    context = browser.new_context(viewport={"width": 400, "height": 720})
    page = context.new_page()
    page.goto(f"{service}/panel?room=demo&locale=zh")
    card = page.evaluate("fetch('/api/v1/rooms/demo/on-air?locale=zh').then((r) => r.json())")
    talk = {"id": "c", "last": "", "messages": list(_messages(card))}
    # Each page keeps its own talk when it is left: this one is put there as the next begins.
    kept = f"sessionStorage.setItem('liveshop.talk.demo', {json.dumps(json.dumps(talk))});"
    context.add_init_script(kept)
    context.add_init_script(WATCH)
    page.reload()
    page.locator(".message").nth(MESSAGES).wait_for(state="attached")
    page.wait_for_timeout(1000)
    session = _performance(page)
    page.evaluate("long.length = 0")
    before = _busy_s(session)
    page.mouse.move(200, 400)
    for _ in range(STEPS):
        page.mouse.wheel(0, -STEP_PX)
        page.wait_for_timeout(16)
    page.wait_for_timeout(300)
    spent = _busy_s(session) - before
    top, longest = page.evaluate("[document.querySelector('.log').scrollTop, long]")
    if top > 0:
        raise CouldNotMeasure(f"the conversation was not scrolled to its beginning: {top} px left")
    metrics["scroll.long_tasks"] = reading(len(longest), STEPS)
    metrics["scroll.ms_a_step"] = reading(1000 * spent / STEPS, STEPS)
    metrics["scroll.longest_ms"] = reading(max(longest, default=0.0), STEPS)
    context.close()


def _messages(card: dict[str, Any]) -> list[dict[str, Any]]:
    """A conversation: questions, and answers of which every second one shows a card."""
    said: list[dict[str, Any]] = []
    for number in range(MESSAGES // 2):
        said.append({"kind": "mine", "id": f"m{number}", "text": "这款多少钱？"})
        said.append(
            {
                "kind": "reply",
                "id": f"r{number}",
                "text": "暖壑 胖墩保温杯 500ml现在79元（划线价109元）。" * 3,
                "asked": "这款多少钱？",
                "reply": f"reply{number}",
                "cards": [card] if number % 2 else [],
                "notices": [],
                "state": "done",
                "value": "",
            }
        )
    return said


def _updates(
    metrics: dict[str, Metric], browser: Browser, service: Service, options: argparse.Namespace
) -> None:
    """How busy the panel is while prices of the room's products change without pause."""
    products = _listed(service)
    page = browser.new_page(viewport={"width": 400, "height": 720})
    session = _performance(page)
    page.goto(f"{service.url}/panel?room=demo&locale=zh")
    page.locator(".air .card").wait_for()
    page.wait_for_timeout(2000)
    before, begun, sent, turn = _busy_s(session), time.monotonic(), 0, 0
    while (passed := time.monotonic() - begun) < options.seconds:
        turn += 1
        due = int(passed * options.per_minute / 60) + CHANGED_AT_ONCE - sent  # never behind
        if due >= CHANGED_AT_ONCE:
            _change(service, products[:due], turn)
            sent += min(due, len(products))
        page.wait_for_timeout(50)
    wall = time.monotonic() - begun
    metrics["updates.busy_share"] = reading((_busy_s(session) - before) / wall, sent)
    metrics["updates.per_minute"] = reading(60 * sent / wall, sent)
    page.close()


def _listed(service: Service) -> list[tuple[str, int]]:
    """Puts every product of the shop on the room's list; their variants and prices."""
    products = [
        one
        for line in SHOP.read_text(encoding="utf-8").splitlines()
        if (one := json.loads(line))["type"] == "product"
    ]
    items = [{"number": n, "product_id": one["id"]} for n, one in enumerate(products, 1)]
    service.put("/api/v1/rooms/demo/items", {"items": items})
    found = []
    for one in products:
        variant = one["variants"][0] if "variants" in one else {"id": one["id"], **one}
        found.append((variant["id"], round(100 * float(variant["price"]))))
    return found


def _change(service: Service, variants: Sequence[tuple[str, int]], turn: int) -> None:
    """Another price for each of these variants."""
    batch = [
        {
            "specversion": "1.0",
            "id": uuid4().hex,
            "source": "bench",
            "type": "live.product.updated",
            "data": {
                "variant_id": variant,
                "price": {"minor": minor + turn % 50, "currency": "CNY"},
            },
        }
        for variant, minor in variants
    ]
    service.put("/api/v1/rooms/demo/events", batch, "POST")


def _performance(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    # The thread's own time: what else this machine does is not counted.
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    return session


def _busy_s(session: CDPSession) -> float:
    """How long the page's main thread has worked since it began, in seconds."""
    found = session.send("Performance.getMetrics")["metrics"]
    return float(next(one["value"] for one in found if one["name"] == "TaskDuration"))


if __name__ == "__main__":
    sys.exit(main())
