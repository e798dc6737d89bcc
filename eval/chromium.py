"""Debian's Chromium, driven by Playwright, for what looks at our pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from eval.figures import CouldNotMeasure

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")


def installed() -> str:
    """Where Chromium lies. Raises CouldNotMeasure where it or Playwright is not installed."""
    if find_spec("playwright") is None:
        raise CouldNotMeasure("playwright is not installed")
    chromium = shutil.which("chromium")
    if chromium is None:
        raise CouldNotMeasure("chromium is not installed")
    return chromium


@contextmanager
def browsing(*more: str) -> Iterator[Browser]:
    """A browser with nothing kept; `more` are further flags. Raises as `installed` does."""
    chromium = installed()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, *more])
        try:
            yield browser
        finally:
            browser.close()
