"""What the stories of the console share: a room with questions, and the way about the page."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.running_demo import Demo
from tests.ui.looks import Look

COMMENTS = [
    ("a", "这个多少钱"), ("b", "多少钱"), ("c", "包邮吗"), ("d", "可以退货吗"),
    ("e", "5号链接多少钱"), ("f", "4号链接多少钱"), ("g", "3号链接多少钱"),
]  # fmt: skip
ITEMS = ("sateen-set", "enamel-pot", "jasmine-tea", "cabin-case", "shea-hand-cream")


class Room:
    """A room of its own for each look: the demo room is the panel's."""

    def __init__(self, service: Demo, look: Look) -> None:
        self.http, self.id = service.http, f"console-{look}"
        self.path = f"/api/v1/rooms/{self.id}"

    def send(self, *events: dict[str, Any]) -> None:
        """Events of the room, as a connector sends them."""
        envelope = {"specversion": "1.0", "source": "test"}
        batch = [{**envelope, "id": uuid4().hex, **one} for one in events]
        self.http.post(f"{self.path}/events", json=batch).raise_for_status()

    def get(self, what: str = "", **query: Any) -> Any:
        return self.http.get(f"{self.path}{what}", params=query).raise_for_status().json()

    def status(self, text: str) -> str:
        """What has become of a question."""
        statuses = ["waiting", "review", "answered", "handed_off", "dismissed"]
        found = self.get("/questions", status=statuses)["questions"]
        return next(str(one["status"]) for one in found if one["text"] == text)

    def variants(self) -> dict[str, dict[str, Any]]:
        """What a host may change of the items' variants, by variant."""
        return {
            one["id"]: {"price": one["price"], "stock": one["availability"]["quantity"]}
            for item in self.get("/items")
            for one in item["product"]["variants"]
        }


def comment(viewer: str, text: str) -> dict[str, Any]:
    return {"type": "live.comment", "subject": viewer, "data": {"text": text}}


def said(look: Look, key: str, **values: object) -> str:
    return look.say(key, "console", **values)


def turn(page: Page, section: str) -> None:
    """Show a section, where the window has not room for all."""
    tab = page.locator(f".tabs [data-tab={section}]")
    if tab.is_visible():
        tab.click()


def row(page: Page, text: str) -> Locator:
    return page.locator(".queue > li").filter(has_text=text)


def status(page: Page, words: str) -> Locator:
    return page.get_by_role("status").filter(has_text=words)


def item(page: Page, place: int) -> Locator:
    """The item at a place of the list, from 0."""
    turn(page, "show")
    return page.locator("#show .item").nth(place)


def changing(page: Page, place: int) -> Locator:
    """The same, with the fields for its prices open."""
    shown = item(page, place)
    shown.locator("[data-key^='change ']").click()
    return shown


def chosen(page: Page, text: str) -> None:
    """Move with J until the question of this text is the open one."""
    turn(page, "questions")
    expect(row(page, text).locator(".preview")).not_to_have_text("")
    for _ in range(len(COMMENTS) + 1):
        if row(page, text).get_attribute("class") == "chosen":
            return
        page.keyboard.press("j")
    page.keyboard.press("k")
    for _ in range(len(COMMENTS) + 1):
        if row(page, text).get_attribute("class") == "chosen":
            return
        page.keyboard.press("k")
    raise AssertionError(f"{text} is not among the questions")
