import pytest

from assistant.live.asked import read_asked
from assistant.live.merging import Merger, same
from assistant.turn.understanding import understand
from retrieval.catalog import Language, RoomContext
from retrieval.names import ProductNames


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("这个多少钱", "价格呢"),
        ("这个多少钱", "how much"),
        ("几块", "多少米"),
        ("dsq", "這個幾多錢"),
        ("包邮吗", "运费多少"),
        ("does it come in black", "黑色有没有"),
        ("可以机洗吗", "is it machine washable"),
        ("100%棉吗", "是纯棉的吗"),
        ("主播主播还有货吗吗吗", "still in stock?"),
    ],
)
def test_the_same(a: str, b: str) -> None:
    assert same(read_asked(a), read_asked(b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("红色多少钱", "蓝色多少钱"),
        ("M码有吗", "L码有吗"),
        ("买2件多少钱", "买3件多少钱"),
        ("什么时候发货", "多久能退货"),
        ("可以机洗吗", "可以干洗吗"),
        ("新疆包邮吗", "包邮吗"),
        ("多少钱", "多少钱包邮吗"),
        ("is it waterproof", "is it dustproof"),
        ("哪个适合我", "哪个适合我"),
        ("上衣多少钱", "裤子多少钱"),
    ],
)
def test_not_the_same(a: str, b: str) -> None:
    assert not same(read_asked(a), read_asked(b))


def test_another_product_is_another_question() -> None:
    names = ProductNames()
    first, second = (
        read_asked("多少钱", understand("多少钱", room=RoomContext(id="r", on_air=x), names=names))
        for x in ("mug", "kettle")
    )
    assert not same(first, second)


def test_one_question_has_a_count_askers_and_a_wording() -> None:
    merger = Merger()
    for place, (viewer, text) in enumerate(
        [("ann", "how much is it"), ("bo", "多少钱"), ("cai", "价格呢"), ("bo", "多少钱")]
    ):
        language = triage_language(text)
        question, joined = merger.add(f"q{place}", text, read_asked(text), viewer, language)
        assert joined == (place > 0)
    assert len(merger) == 1
    assert (question.id, question.count, question.wording) == ("q0", 3, "多少钱")
    assert dict(question.askers) == {"ann": "en", "bo": "zh", "cai": "zh"}
    assert question.languages == {"en": 1, "zh": 2}


def test_ones_own_question_is_never_joined() -> None:
    merger = Merger()
    asked = read_asked("哪个适合我")
    assert not merger.add("a", "哪个适合我", asked, "ann", "zh")[1]
    assert not merger.add("b", "哪个适合我", asked, "bo", "zh")[1]
    assert len(merger) == 2


def test_the_merger_is_bounded_and_keeps_what_is_asked() -> None:
    merger = Merger(limit=2, askers=1)
    merger.add("price", "多少钱", read_asked("多少钱"), "ann", "zh")
    merger.add("stock", "有货吗", read_asked("有货吗"), "bo", "zh")
    question, _ = merger.add("x", "价格", read_asked("价格"), "cai", "zh")
    assert (question.count, list(question.askers)) == (2, ["ann"])
    merger.add("wash", "能机洗吗", read_asked("能机洗吗"), "di", "zh")
    assert [question.id for question in merger] == ["price", "wash"]
    assert merger.find(read_asked("有货吗")) is None


def test_a_closed_question_is_merged_into_no_more() -> None:
    merger = Merger()
    merger.add("price", "多少钱", read_asked("多少钱"), None, "zh")
    closed = merger.close("price")
    assert closed is not None
    assert closed.id == "price"
    assert merger.close("price") is None
    assert merger.find(read_asked("多少钱")) is None


def test_an_id_names_one_question() -> None:
    merger = Merger()
    merger.add("q", "多少钱", read_asked("多少钱"), None, "zh")
    with pytest.raises(ValueError, match="'q' is open"):
        merger.add("q", "有货吗", read_asked("有货吗"), None, "zh")


def triage_language(text: str) -> Language:
    return "en" if text.isascii() else "zh"
