"""The flood's comments: as many and as alike as stated, the same for the same seed."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval.figures import CouldNotMeasure
from eval.room_mix import Logs, comments, read_logs
from retrieval.catalog import Money as Price
from retrieval.catalog import Product, Text, Variant, stock

PRODUCT = Product(
    id="mug",
    title=Text(zh="马克杯", en="Mug"),
    variants=(Variant(id="v", price=Price(minor=100, currency="CNY"), availability=stock(1)),),
)


def test_a_minute_has_its_comments_questions_and_duplicates() -> None:
    found = comments(20_000, 60, [PRODUCT], 12, Logs())
    assert len(found) == 20_000
    assert [c.at for c in found] == sorted(c.at for c in found)
    assert all(0 <= c.at <= 60 for c in found)
    questions = [c for c in found if c.question]
    assert len(questions) / len(found) == pytest.approx(0.13, abs=0.01)
    assert len({c.viewer for c in questions}) == len(questions)
    assert not any("{" in c.text for c in found)
    assert found == comments(20_000, 60, [PRODUCT], 12, Logs())
    assert found != comments(20_000, 60, [PRODUCT], 12, Logs(), seed=2)


def test_real_logs_say_when_and_what(tmp_path: Path) -> None:
    folder = tmp_path / "bilibili_danmaku_lpl"
    folder.mkdir()
    rows = [f"{second}.5,1,弹幕{second}" for second in range(40) for _ in range(1 + second % 9)]
    (folder / "game.csv").write_text("video_time_s,unix_ts,text\n" + "\n".join(rows))
    logs = read_logs(tmp_path)
    assert sum(logs.per_second) < len(rows)
    found = comments(6000, 20, [PRODUCT], 12, logs)
    assert len(found) == 2000
    assert all(c.question or c.text.startswith("弹幕") for c in found)
    assert read_logs(tmp_path / "none") == Logs()


def test_no_comments_are_no_measurement() -> None:
    with pytest.raises(CouldNotMeasure):
        comments(1, 1, [PRODUCT], 12, Logs())
