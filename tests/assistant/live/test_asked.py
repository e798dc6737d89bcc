import pytest

from assistant.live.asked import read_asked
from assistant.live.folding import fold, mended


@pytest.mark.parametrize(
    ("text", "plainer"),
    [
        ("這個多少錢", "这个多少钱"),
        ("dsq", "多少钱"),
        ("多少米", "多少钱"),
        ("多少💰", "多少钱"),
        ("duoshaoqian", "多少钱"),
        ("baoyou ma", "包邮吗"),
        ("有冇黑色", "有没有黑色"),
        ("有吗有吗有吗", "有吗"),
        ("@主播小美 有货吗😂", "有货吗"),
        ("what's the price pls!!!", "whats the price"),
        ("hooow much", "how much"),
    ],
)
def test_folding(text: str, plainer: str) -> None:
    assert fold(text) == plainer


def test_a_slip_is_mended_and_a_word_is_left() -> None:
    known = frozenset(("material", "quality"))
    assert mended("matrial", known) == "material"
    assert mended("equality", known) == "equality"
    assert mended("red", known) == "red"
    assert mended("wait", frozenset(f"wai{last}" for last in "badcfehgji")) == "waia"
    assert mended("wait", frozenset(("wain", "waist"))) == "waist"


def test_sounds_are_heard_where_nothing_else_explains() -> None:
    assert read_asked("优会多少").concepts == read_asked("优惠多少").concepts


def test_what_is_asked_and_of_what() -> None:
    asked = read_asked("黑色M码多少钱")
    assert asked.concepts == {"price_money"}
    assert asked.details == {"color_black", "size_m"}
    assert read_asked("how much is the black in medium").details == asked.details


def test_figures_are_read_in_words() -> None:
    assert read_asked("买两件多少钱").figures == read_asked("how much for 2").figures == ("2",)
    assert read_asked("买三件多少钱").figures == ("3",)


@pytest.mark.parametrize(
    "text",
    [
        "我160 100斤穿什么码",
        "哪个适合我",
        "which one suits me",
        "what size should i get",
        "i'm 5'4 and 130 lbs, what size",
        "我的快递到哪了",
        "where is my order",
    ],
)
def test_what_is_ones_own_has_no_key(text: str) -> None:
    assert read_asked(text).key is None


def test_long_and_odd_texts_are_read() -> None:
    for text in ("", "?", "😂" * 500, "多" * 5000, "\ue000", "((((", "a.b.c"):
        read_asked(text)
