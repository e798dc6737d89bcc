"""One service with the demo shop and one browser for all tests of our own pages."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest
from _pytest.runner import runtestprotocol
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

# Playwright keeps an event loop running in the thread it was started in, where no other test
# could run one: the tests of the pages run in a thread of their own.
BROWSER_THREAD = ThreadPoolExecutor(max_workers=1, thread_name_prefix="browser")
Result = TypeVar("Result")


def in_browser_thread(work: Callable[[], Result]) -> Result:
    """What `work` returns, done in the thread that Playwright lives in."""
    if threading.current_thread().name.startswith("browser"):
        return work()
    return BROWSER_THREAD.submit(work).result()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool | None:
    if Path(__file__).parent not in item.path.parents:
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    in_browser_thread(lambda: runtestprotocol(item, nextitem=nextitem))
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


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
    playwright = in_browser_thread(lambda: sync_playwright().start())
    opened = in_browser_thread(
        lambda: playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
    )
    yield opened
    in_browser_thread(opened.close)
    in_browser_thread(playwright.stop)
