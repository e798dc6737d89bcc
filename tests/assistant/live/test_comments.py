"""What a comment is: a question to answer, or only something to count."""

from __future__ import annotations

import pytest

from assistant.live.comments import CommentReader, mentioned
from retrieval.catalog import RoomContext
from tests.assistant.live.conftest import Indexed

ROOM = RoomContext(id="r", on_air="pangdun-500")


@pytest.mark.parametrize(
    ("text", "asks"),
    [("这个多少钱", True), ("怎么下单", True), ("冲冲冲", False), ("已拍", False), ("666", False)],
)
def test_what_asks_nothing_is_only_counted(indexed: Indexed, text: str, asks: bool) -> None:
    read = CommentReader(indexed.names).read(text, ROOM, ())
    assert (read.asked is not None) is asks
    assert (read.alike is not None) is asks


def test_the_same_words_mean_another_item_once_it_is_on_air(indexed: Indexed) -> None:
    reader = CommentReader(indexed.names)
    before = reader.read("这个多少钱", ROOM, ()).asked
    after = reader.read("这个多少钱", ROOM.model_copy(update={"on_air": "air-2"}), ()).asked
    assert before
    assert after
    assert (before.product_ids, after.product_ids) == (("pangdun-500",), ("air-2",))


def test_a_host_s_words_name_products(indexed: Indexed) -> None:
    assert mentioned("来看聆拓 Air 2，今天特价", ROOM, indexed.names, ()) == ("air-2",)
    assert mentioned("大家晚上好", ROOM, indexed.names, ()) == ()
