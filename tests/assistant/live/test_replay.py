"""Replays: read strictly, played in order and in time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from assistant.api.events import CloudEvent
from assistant.api.service import SHOW
from assistant.live.replay import ReplayRefused, play, read_replay


async def test_lines_are_sent_in_order_as_good_events(tmp_path: Path) -> None:
    file = tmp_path / "show.jsonl"
    file.write_text(
        '{"at": 2, "type": "live.comment", "subject": "b", "data": {"text": "2"}}\n\n'
        '{"at": 0.5, "type": "live.comment", "subject": "a", "data": {"text": "1"}}\n'
    )
    sent: list[dict[str, Any]] = []

    async def send(batch: list[dict[str, Any]]) -> None:
        sent.extend(batch)

    assert await play(read_replay(file), "replay/1", send, speed=100) == 2
    assert [event["subject"] for event in sent] == ["a", "b"]
    assert len({event["id"] for event in sent}) == 2


@pytest.mark.parametrize(
    "line", ["{", '{"type": "live.comment"}', '{"at": -1, "type": "x"}', "[]", '{"at": 1}']
)
def test_a_line_that_is_none_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "show.jsonl"
    file.write_text('{"at": 0, "type": "live.like"}\n' + line)
    with pytest.raises(ReplayRefused, match="line 2"):
        read_replay(file)


async def test_the_demonstration_is_a_whole_show() -> None:
    lines = read_replay(SHOW)
    sent: list[dict[str, Any]] = []

    async def send(batch: list[dict[str, Any]]) -> None:
        sent.extend(batch)

    await play(lines, "replay/show", send, speed=10_000)
    events = [CloudEvent.model_validate(event) for event in sent]
    kinds = [event.type for event in events]
    assert {"live.product.on_air", "live.product.updated", "live.offer.updated"} <= set(kinds)
    assert kinds.count("live.comment") > 150
    texts = [event.data["text"] for event in events if event.type == "live.comment"]
    assert any(text.isascii() for text in texts)
    offer = next(event for event in events if event.type == "live.offer.updated").data
    spans = [datetime.fromisoformat(offer[name]) for name in ("starts_at", "ends_at")]
    assert (spans[1] - spans[0]).total_seconds() == pytest.approx(80, abs=1)
