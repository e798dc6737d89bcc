"""One service with the demo shop and one browser for all tests of our own pages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.running_demo import Demo, running_demo

CHROMIUM = shutil.which("chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SLOW_MS = 60_000
KEY = "a host's key"


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo shop's service with a host key; `service.http` is a host's client."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with running_demo(tmp_path_factory.mktemp("pages"), KEY) as running:
        yield running


@pytest.fixture(scope="session")
def browser(service: Demo) -> Iterator[Browser]:
    """A browser for all tests; each opens a context of its own."""
    expect.set_options(timeout=SLOW_MS)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()
