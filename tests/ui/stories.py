"""What the stories of the panel share: a room of the shop, and what its viewers ask."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from playwright.sync_api import Frame, FrameLocator, Page

from tests.running_demo import Demo

SHEET_PX = 600  # below this the panel is a sheet
LAUNCHER = {"zh": "问问直播间助手", "en": "Ask the assistant"}
# A question, and what an answer made of records says to it.
PRICE = {"zh": ("这款多少钱？", "79元"), "en": ("How much is this one?", "¥79")}
RETURNS = {"zh": ("能退货吗？", "7天"), "en": ("Can I return it?", "return")}
WASHED = {"zh": ("这个能放洗碗机吗", "手洗"), "en": ("is it dishwasher safe?", "and wash")}
LINER = {"zh": ("这个是什么材质的", "316"), "en": ("what is the liner made of?", "316")}
ANSWERED = ".message.reply[aria-busy=false]"


class Room:
    """A room of the shop and what its host does."""

    def __init__(self, service: Demo, id_: str, on_air: str) -> None:
        self.service, self.id = service, id_
        self.address = str(service.http.base_url).rstrip("/")
        listed = {"id": id_, "on_air": on_air}
        service.http.put("/api/v1/rooms", json=listed).raise_for_status()

    def put(self, what: str, body: dict[str, Any]) -> None:
        self.service.http.put(f"/api/v1/rooms/{self.id}/{what}", json=body).raise_for_status()

    def price(self, minor: int) -> None:
        """The mug's price, with enough of it."""
        now = {"price": {"minor": minor, "currency": "CNY"}, "stock": 30}
        for colour in ("white", "blue"):
            self.service.http.patch(f"/api/v1/variants/pangdun-500-{colour}", json=now)

    def stock(self, stock: int, *colours: str) -> None:
        for colour in colours:
            self.service.http.patch(f"/api/v1/variants/pangdun-500-{colour}", json={"stock": stock})

    def send(self, type_: str, data: dict[str, Any], *viewers: str) -> None:
        """Events into the room, one for each viewer, or one of nobody's."""
        events = [
            {"specversion": "1.0", "id": uuid4().hex, "source": "test", "type": type_, "data": data}
            | ({"subject": viewer} if viewer else {})
            for viewer in viewers or ("",)
        ]
        path = f"/api/v1/rooms/{self.id}/events"
        self.service.http.post(path, json=events).raise_for_status()

    def says(self, text: str, *viewers: str) -> None:
        """A comment of each of these viewers."""
        self.send("live.comment", {"text": text}, *viewers)


def ask(page: Page | Frame | FrameLocator, text: str) -> None:
    page.locator("#box").fill(text)
    page.locator("#box").press("Enter")
