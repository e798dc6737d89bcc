"""Are our pages whole in every size, theme and language? Run as liveshop eval pages.

The panel with an answer, with a price that fell and a correction, offline, with its menu; the panel
in a shop's page on another site; the chat page with an answer; the demo room; the overlay with an
answer: each at 390, 820 and 1440 pixels, light and dark, in Chinese and English, in Debian's
Chromium with third-party cookies blocked. Counted are what axe-core finds, in frames too, pages
wider than their window, and errors of the console, such as what a policy stops. --pictures DIR
keeps a picture of each, to be looked at.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from eval import figures
from eval.chromium import browsing, installed
from eval.figures import CouldNotMeasure, Figures, count
from eval.panel_bench import SHOP
from eval.service import NO_ENGINE, Service, running_service
from eval.shop_page import shop_page

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page

WIDTHS = {390: 844, 820: 1180, 1440: 900}
THEMES, LOCALES = ("light", "dark"), ("zh", "en")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
AXE = {"resultTypes": ["violations"], "runOnly": RULES, "iframes": False}
BLOCKED = "--test-third-party-cookie-phaseout"
PAGE_S = 120
ANSWERED = ".message.reply[aria-busy=false]"


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 when measured, 2 when that could not be done."""
    parser = figures.arguments("eval pages", __doc__ or "")
    parser.add_argument("--pictures", type=Path, metavar="DIR", help="keep a picture of each state")
    options = parser.parse_args(argv)
    return figures.state(lambda: _measure(options), options)


class Seen:
    """What was found in the states that were looked at."""

    def __init__(self, axe: Any, pictures: Path | None) -> None:
        self._axe, self._pictures = axe, pictures
        self.states: list[str] = []
        self.violations: list[str] = []
        self.overflowing: list[str] = []
        self.errors: list[str] = []

    def hear(self, said: ConsoleMessage) -> None:
        """Note an error that a page tells of; that it is offline when we say so is none."""
        if said.type == "error" and "ERR_INTERNET_DISCONNECTED" not in said.text:
            self.errors.append(said.text)

    def look(self, page: Page, at: str, name: str) -> None:
        """Judge the page as it is now, in state `name`, opened as `at` says."""
        name = f"{name}-{at}"
        self.states.append(name)
        if self._pictures:
            page.screenshot(path=self._pictures / f"{name}.png")
        for frame in page.frames:
            found = self._axe.run(frame, options=AXE).response["violations"]
            self.violations += [f"{name}: {one['id']}" for one in found]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self.overflowing.append(name)


def _measure(options: argparse.Namespace) -> Figures:
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError as error:
        raise CouldNotMeasure(f"the development packages are not installed: {error}") from error
    installed()
    if options.pictures:
        options.pictures.mkdir(parents=True, exist_ok=True)
    seen = Seen(Axe(), options.pictures)
    with (
        shop_page() as shop,
        running_service({**NO_ENGINE, "LIVESHOP_EMBED_ORIGINS": shop}, engine=False) as service,
        browsing(BLOCKED) as browser,
    ):
        service.import_feed(SHOP.read_bytes())
        service.wait("page", seconds=PAGE_S)
        for width, theme, locale in product(WIDTHS, THEMES, LOCALES):
            context = browser.new_context(
                viewport={"width": width, "height": WIDTHS[width]},
                color_scheme="dark" if theme == "dark" else "light",
            )
            context.set_default_timeout(60_000)
            for state in (_panel, partial(_shop, shop), _chat, _demo_room, _overlay):
                page = context.new_page()
                page.on("pageerror", lambda error: seen.errors.append(str(error)))
                page.on("console", seen.hear)
                at = f"{width}-{theme}-{locale}"
                state(page, service, locale, partial(seen.look, page, at))
                page.close()
            context.close()
        version = browser.version
    n = len(seen.states)
    metrics = {
        "states": count(n, n),
        "with_violations": count(len({x.split(":")[0] for x in seen.violations}), n),
        "overflowing": count(len(seen.overflowing), n),
        "with_errors": count(min(n, len(seen.errors)), n),
    }
    found = {"axe": seen.violations[:20], "wide": seen.overflowing[:20], "errors": seen.errors[:20]}
    return Figures("eval pages", metrics, {"chromium": version, **found})


Look = Callable[[str], None]


def _panel(page: Page, service: Service, locale: str, look: Look) -> None:
    service.put("/api/v1/rooms/demo/on-air", {"product_id": "pangdun-500"})
    page.goto(f"{service.url}/panel?room=demo&locale={locale}")
    page.locator(".air .card").wait_for()
    look("panel")
    page.locator(".chip").first.click()
    page.locator(f"{ANSWERED} .card img").first.wait_for()
    page.wait_for_timeout(400)
    look("panel-answer")
    _flash(service, page.evaluate("new Date(Date.now() + 600_000).toISOString()"))
    page.locator(".message.correction", has_text="49").last.wait_for()
    page.locator(".air .left").wait_for()
    page.wait_for_timeout(400)
    look("panel-corrected")
    page.context.set_offline(True)
    page.locator(".chip").first.click()
    page.locator(".message.failed").wait_for()
    look("panel-offline")
    page.context.set_offline(False)
    page.locator(".tops button").first.click()
    page.locator("dialog").wait_for()
    page.wait_for_timeout(300)
    look("panel-menu")
    _flash(service, None)


def _flash(service: Service, ends_at: str | None) -> None:
    """Begin a flash sale of what is on air, or end it."""
    price = {"minor": 4900, "currency": "CNY"}
    sale = {
        "kind": "flash_price",
        "product_ids": ["pangdun-500"],
        "amount": price,
        "title": {"zh": "限时秒杀", "en": "Flash sale"},
        "ends_at": ends_at,
    }
    data: dict[str, Any] = {"id": "flash", **(sale if ends_at else {"ended": True})}
    _send(service, [{"type": "live.offer.updated", "data": data}])


def _send(service: Service, events: Sequence[dict[str, Any]]) -> None:
    batch = [{"specversion": "1.0", "id": uuid4().hex, "source": "eval", **one} for one in events]
    service.put("/api/v1/rooms/demo/events", batch, "POST")


def _shop(shop: str, page: Page, service: Service, locale: str, look: Look) -> None:
    page.goto(f"{shop}/?{service.url}")
    page.evaluate("(locale) => assistant.setAttribute('locale', locale)", locale)
    look("shop")
    page.locator("live-assistant button").last.click()
    panel = page.frame_locator("live-assistant iframe")
    panel.locator(".air .card").wait_for()
    panel.locator(".chip").first.click()
    panel.locator(f"{ANSWERED} .card img").first.wait_for()
    page.wait_for_timeout(400)
    look("shop-panel")


def _chat(page: Page, service: Service, locale: str, look: Look) -> None:
    page.goto(service.url)
    page.locator(".ls-air .ls-card").wait_for()
    page.get_by_label({"zh": "中文", "en": "English"}[locale]).check()
    page.get_by_role("button", name={"zh": "发送", "en": "Send"}[locale]).wait_for()
    page.locator(f".ls-air[class~='locale={locale}']").wait_for()
    page.wait_for_timeout(400)
    look("chat")
    page.locator(".ls-examples button").nth(2).click()
    page.locator(".ls-cards .ls-card img").last.wait_for()
    page.wait_for_timeout(800)
    look("chat-answer")


def _demo_room(page: Page, service: Service, locale: str, look: Look) -> None:
    page.goto(f"{service.url}/demo?locale={locale}")
    page.locator(".now li").first.wait_for()
    page.locator(".comments li").nth(3).wait_for()
    page.wait_for_timeout(800)
    look("demo")


def _overlay(page: Page, service: Service, locale: str, look: Look) -> None:
    with page.expect_response(lambda answer: "/feed" in answer.url):
        page.goto(f"{service.url}/overlay/demo?locale={locale}")
    # Another price than before: what was answered then is no answer now, and a new one is written.
    price = {"minor": 6000 + int(page.evaluate("Date.now() % 1000")), "currency": "CNY"}
    service.put("/api/v1/variants/pangdun-750", {"price": price}, "PATCH")
    text = {"zh": "胖墩保温杯750ml多少钱", "en": "how much is the Pangdun 750 ml mug?"}[locale]
    asked = {"type": "live.comment", "data": {"text": text}}
    _send(service, [asked | {"subject": f"v{number}"} for number in range(12)])
    page.locator(".shown .card").first.wait_for()  # it comes after the correction of the price
    page.wait_for_timeout(500)
    look("overlay")


if __name__ == "__main__":
    sys.exit(main())
