"""Is the host's console fit for its rooms? Run as liveshop eval console.

Opens it in Chromium at the width of a dock, a tablet and a desk, light and dark, in both languages,
and goes through its states: axe-core finds violations in none, nothing is wider than the window,
nothing fails on the page. Then a queue is worked by keys, each deed timed until it is shown and
until the service has kept it. --to keeps a picture of every state.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as PlaywrightError

from eval import figures
from eval.chromium import browsing, installed
from eval.figures import CouldNotMeasure, Figures, Metric, count, percentile
from eval.service import NO_ENGINE, running_service

SHOP = Path(str(files("assistant") / "demo_shop" / "shop.jsonl"))
ROOM = "/api/v1/rooms/demo"
KEY = "console"  # of a service of its own, gone afterwards
SIZES = {"dock": (320, 720), "tablet": (820, 1180), "desk": (1440, 900)}
THEMES, LOCALES = ("light", "dark"), ("zh", "en")
WIDE = 700
AXE = (
    "axe.run({resultTypes: ['violations'], runOnly: "
    "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
    ".then(found => found.violations.map(one => one.id + ': ' + "
    "one.nodes.slice(0, 3).map(node => node.target.join(' ')).join(' | ')))"
)
WATCH = """() => {
  window.took = [];
  addEventListener("keydown", () => { window.pressed = performance.now(); }, true);
  new MutationObserver(() => {
    if (window.pressed) window.took.push(performance.now() - window.pressed);
    window.pressed = 0;
  }).observe(document.querySelector(".queue"), { childList: true });
}"""
ASKED = (
    *[("这个多少钱", 47), ("how much is this?", 12), ("蓝色还有货吗", 18), ("包邮吗", 9)],
    *[("4号链接降噪吗", 5), ("我的快递到哪了", 1), ("质量太差了，退货！", 1)],
    *[("主播好漂亮", 3), ("冲冲冲", 6), ("来了来了", 4)],
)
TIMED = [f"{number}号链接多少钱" for number in range(2, 13)]


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 when measured, 2 when that could not be done."""
    parser = figures.arguments("eval console", __doc__ or "")
    parser.add_argument("--to", type=Path, metavar="DIR", help="keep a picture of every state")
    options = parser.parse_args(argv)
    return figures.state(lambda: measure(options), options)


def measure(options: argparse.Namespace) -> Figures:
    """The figures, over a service of its own. Raises CouldNotMeasure without Chromium or axe."""
    installed()
    try:
        axe = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    except (ModuleNotFoundError, OSError) as error:
        raise CouldNotMeasure(f"axe-core is not installed: {error}") from error
    if options.to:
        options.to.mkdir(parents=True, exist_ok=True)
    found = _Found(axe, options.to)
    with _room() as (address, host), browsing() as browser:
        try:
            for size, theme, locale in product(SIZES, THEMES, LOCALES):
                host.put(f"{ROOM}/on-air", json={"product_id": "pangdun-500"}).raise_for_status()
                found.go_through(browser, address, size, theme, locale)
            metrics = _worked(browser, address, host)
        except PlaywrightError as error:
            raise CouldNotMeasure(f"the page did not do what it should: {error}") from error
    for line in found.faults:
        sys.stderr.write(f"{line}\n")
    metrics |= {
        "axe.violations": count(min(len(found.violations), found.states), found.states),
        "wider_than_window": count(len(found.wide), found.states),
        "page_errors": count(min(len(found.faults), found.states), found.states),
    }
    sizes = {name: list(size) for name, size in SIZES.items()}
    return Figures("console", metrics, {"sizes": sizes, "themes": THEMES, "locales": LOCALES})


@contextmanager
def _room() -> Iterator[tuple[str, httpx.Client]]:
    """The demo room under review, with a crowd's questions: its address and a host's client."""
    settings = {**NO_ENGINE, "LIVESHOP_HOST_KEY": KEY}
    with (
        tempfile.TemporaryDirectory(prefix="liveshop-console-") as folder,
        running_service(settings, Path(folder), engine=False) as service,
        httpx.Client(
            base_url=service.url, headers={"Authorization": f"Bearer {KEY}"}, timeout=120
        ) as host,
    ):
        host.post("/api/v1/catalog/import", content=SHOP.read_bytes()).raise_for_status()
        service.wait("records", "index", seconds=120)
        host.put(f"{ROOM}/mode", json={"mode": "review"}).raise_for_status()
        send(host, [{"type": "live.stream.started"}])
        texts = [text for text, times in ASKED for _ in range(times)]
        send(host, [_comment(number, text) for number, text in enumerate(texts)])
        send(host, [_comment(1000 + number, text) for number, text in enumerate(TIMED)])
        heard = {"text": "家人们看一下这个小胖杯，一只手正好握住"}
        send(host, [{"type": "live.transcript", "data": heard}])
        yield service.url, host


def send(host: httpx.Client, events: Sequence[dict[str, Any]]) -> None:
    """Send events to the room as a connector does."""
    batch = [{"specversion": "1.0", "id": uuid4().hex, "source": "eval", **one} for one in events]
    host.post(f"{ROOM}/events", json=batch).raise_for_status()


def _comment(number: int, text: str) -> dict[str, Any]:
    return {"type": "live.comment", "subject": f"viewer-{number}", "data": {"text": text}}


def _opened(
    browser: Browser, address: str, size: tuple[int, int], theme: str, locale: str
) -> tuple[Page, list[str]]:
    """The console with its key given, and where what fails on its page is noted."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.set_default_timeout(30_000)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto(f"{address}/console?room=demo&theme={theme}&locale={locale}")
    page.locator("#key").wait_for()
    faults.clear()  # a browser tells of the 401 that asks for the key
    return page, faults


class _Found:
    """What is not as it should be, over all states."""

    def __init__(self, axe: str, to: Path | None) -> None:
        self._axe, self._to = axe, to
        self.states = 0
        self.violations: list[str] = []
        self.wide: list[str] = []
        self.faults: list[str] = []

    def go_through(
        self, browser: Browser, address: str, size: str, theme: str, locale: str
    ) -> None:
        """Look at every state of the console in one size, theme and language."""
        page, faults = _opened(browser, address, SIZES[size], theme, locale)
        page.evaluate(self._axe)
        name = f"{size}-{theme}-{locale}"
        for state in _states(page, SIZES[size][0]):
            self.states += 1
            self._look(page, f"{name}-{state}")
        self.faults += [f"{name}: {fault}" for fault in faults]
        page.context.close()

    def _look(self, page: Page, name: str) -> None:
        # What fades in would be judged half seen.
        page.evaluate("Promise.allSettled(document.getAnimations().map(one => one.finished))")
        violations = [f"{name}: {one}" for one in page.evaluate(AXE)]
        self.violations += violations
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self.wide.append(f"{name}: wider than the window")
            violations.append(self.wide[-1])
        for line in violations:
            sys.stderr.write(f"{line}\n")
        if self._to:
            page.screenshot(path=self._to / f"console-{name}.png")


def _states(page: Page, width: int) -> Iterator[str]:
    """Bring the console into one state after another."""

    def turn(tab: str) -> None:
        button = page.locator(f".tabs [data-tab={tab}]")
        if button.is_visible():
            button.click()

    yield "key"
    page.locator("#key").fill(KEY)
    page.keyboard.press("Enter")
    page.locator(".queue .preview:not([hidden])").first.wait_for()
    page.keyboard.press("j")
    yield "queue"
    page.keyboard.press("e")
    page.locator(".writing textarea").fill("全网最低价，国家级品质 eco-friendly")
    page.locator(".checked li.bad").first.wait_for()
    yield "writing"
    page.keyboard.press("Escape")
    turn("show")
    page.locator("#show .item").nth(3).locator("[data-key^=change]").click()
    page.locator(".changing").wait_for()
    yield "show"
    page.locator("[data-key=next]").click()
    page.locator(".notice").first.wait_for()
    yield "notice"
    turn("pulse")
    page.locator("#pulse .chart").first.wait_for()
    yield "pulse"
    turn("lines")
    page.locator("[data-kind=crowd]").click()
    page.locator(".said-lines li").first.wait_for()
    yield "lines"
    for number, state in enumerate(("report", "keys", "settings")):
        page.locator(".top .tools button").nth(number).click()
        page.locator("dialog[open]").wait_for()
        yield state
        page.keyboard.press("Escape")
        page.locator("dialog[open]").wait_for(state="detached")


def _worked(browser: Browser, address: str, host: httpx.Client) -> dict[str, Metric]:
    """How long it takes until the queue is there, and a deed is shown and kept."""
    opened = []
    for _ in range(3):
        page, _ = _opened(browser, address, SIZES["desk"], "light", "zh")
        page.locator("#key").fill(KEY)
        begun = page.evaluate("performance.now()")
        page.keyboard.press("Enter")
        page.locator(".queue > li").first.wait_for()
        opened.append(page.evaluate("performance.now()") - begun)
    kept = []
    page.locator("[data-filter=review]").click()
    page.keyboard.press("j")
    page.evaluate(WATCH)
    for _ in TIMED[:10]:
        with page.expect_response("**/approve?*") as response:
            page.keyboard.press("a")
        response.value.finished()
        kept.append(response.value.request.timing["responseEnd"])
    took = page.evaluate("window.took")[: len(kept)]
    answered = host.get(f"{ROOM}/questions", params={"status": "answered"}).json()["questions"]
    if len(answered) < len(kept):
        raise CouldNotMeasure(f"{len(kept)} deeds, {len(answered)} kept")
    return {
        "opened.p50_ms": percentile(opened, 50),
        "deed_shown.p50_ms": percentile(took, 50),
        "deed_kept.p50_ms": percentile(kept, 50),
        "deed_kept.p99_ms": percentile(kept, 99),
    }


if __name__ == "__main__":
    sys.exit(main())
