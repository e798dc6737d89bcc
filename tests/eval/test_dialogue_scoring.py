"""The scorer of dialogues, on replies made up to be right and wrong in known ways."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from eval.dialogue_check import DEMO
from eval.dialogue_reply import Reply
from eval.dialogue_scoring import Place, Score, score
from eval.dialogue_set import Change, Turn
from eval.dialogue_truth import Truth


@pytest.fixture(scope="module")
def truth() -> Truth:
    return Truth([json.loads(x, parse_float=Decimal) for x in DEMO.read_text().splitlines()])


def judged(truth: Truth, text: str, language: str = "zh", **turn: Any) -> Score:
    reply = Reply(text, **turn.pop("reply", {}))
    asked = Turn.model_validate({"say": turn.pop("say", "问"), **turn})
    return score(asked, reply, truth, Place((asked.say,), language))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("expected", "right", "wrong"),
    [
        (
            {"price": "air-2"},
            "聆拓 Air 2 真无线耳机现在169元。",
            "聆拓 Air 2 真无线耳机现在199元。",
        ),
        ({"was": "air-2-white"}, "划线价249元。", "原价就是169元。"),
        ({"left": "air-2-pro-black"}, "曜黑还有5件。", "曜黑还有15件。"),
        ({"stock": "air-2-pro-black"}, "曜黑有货。", "请看商品卡片。"),
        ({"total": {"osmanthus-oolong": 2}}, "两盒一共55.35元。", "两盒一共73.8元。"),
        ({"attribute": "power-10k", "name": "Weight"}, "重218克，218g。", "很轻。"),
        ({"answer": "air-2", "number": 1}, "无主动降噪，要降噪看Air 2 Pro。", "有降噪。"),
        ({"policy": "shipping", "sentence": 1}, "实付满88元包邮，不足收10元运费。", "都包邮。"),
        ({"policy": "shipping", "sentence": 2}, "48小时内发货，3至5天送达。", "很快就到。"),
        ({"offer": "bedding-12"}, "床品家居88折。", "床品打9折。"),
        ({"offer": "coupon-live20"}, "用LIVE20，满199减20。", "满199减20。"),
        ({"offer": "snacks-second-half"}, "第二件半价。", "买二送一。"),
        ({"named": "power-20k"}, "看看大满充电宝。", "看看充电宝。"),
        ({"any": ["air-2-pro", "h7-headphones"]}, "推荐降噪豆。", "推荐耳机。"),
        ({"words": ["没有这个编号"]}, "没有这个编号的商品。", "这是一款好货。"),
        ({"unsure": True}, "这个资料里没有写。", "可以的。"),
    ],
)
def test_an_expected_fact_is_found_where_it_is_said(
    truth: Truth, expected: dict[str, object], right: str, wrong: str
) -> None:
    assert not judged(truth, right, facts=[[expected]]).missing
    assert judged(truth, wrong, facts=[[expected]]).missing


def test_one_of_several_facts_is_enough(truth: Truth) -> None:
    group = [{"price": "air-2"}, {"handed_off": True}]
    assert judged(truth, "已转给主播。", facts=[group]).helpful


def test_a_figure_of_another_product_is_wrong_where_the_sentence_names_its_own(
    truth: Truth,
) -> None:
    facts = [[{"named": "air-2"}, {"named": "h7-headphones"}]]
    right = "聆拓 Air 2 真无线耳机169元。聆拓 H7 头戴式降噪耳机459元。"
    crossed = "聆拓 Air 2 真无线耳机459元。聆拓 H7 头戴式降噪耳机169元。"
    assert judged(truth, right, facts=facts).wrong == ()
    assert len(judged(truth, crossed, facts=facts).wrong) == 2


def test_stock_said_to_be_there_when_it_is_gone_is_a_wrong_figure(truth: Truth) -> None:
    found = judged(truth, "樱粉有货。", facts=[[{"stock": "pangdun-500-pink"}]])
    assert found.wrong == ("stock of pangdun-500-pink said to be had",)
    assert not found.grounded


def test_each_variant_is_read_in_its_own_clause(truth: Truth) -> None:
    said = "奶白有货，还有46件；雾蓝有货，还有8件；樱粉已售罄。"
    keys = ("white", "blue", "pink")
    facts = [[{"stock": f"pangdun-500-{key}"}] for key in keys]
    assert judged(truth, said, facts=facts).passed


def test_a_change_in_mid_stream_moves_the_truth() -> None:
    rows = [json.loads(x, parse_float=Decimal) for x in DEMO.read_text().splitlines()]
    moved = Truth(rows)
    moved.change(Change(stock="air-2-black", pieces=0))
    facts = [[{"stock": "air-2-black"}]]
    assert judged(moved, "曜黑已售罄。", facts=facts).passed
    assert judged(moved, "曜黑有货。", facts=facts).wrong


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("这款充电宝防水。", "property 防水"),
        ("详情见 http://evil.example/x 。", "link"),
        ("本店终身包换。", "forbidden 终身包换"),
    ],
)
def test_a_claim_without_a_record_is_unfounded(truth: Truth, text: str, claim: str) -> None:
    facts = [[{"named": "power-10k"}]]
    found = judged(truth, text, facts=facts, forbidden=["终身包换"]).unfounded
    assert any(each.startswith(claim) for each in found)


def test_a_property_of_the_record_and_one_denied_are_founded(truth: Truth) -> None:
    facts = [[{"named": "air-2-pro"}]]
    said = "聆拓 Air 2 Pro 主动降噪耳机支持无线充电，资料没写防滑。"
    assert judged(truth, said, facts=facts).unfounded == ()


@pytest.mark.parametrize(
    ("language", "text", "right"),
    [
        ("zh", "聆拓 Air 2 真无线耳机现在169元。", True),
        ("zh", "It is 169 yuan now.", False),
        ("en", "Lingtuo Air 2 True Wireless Earbuds are ¥169 now.", True),
        ("en", "现在169元。", False),
        ("en", "They are 现在有货的 now.", False),
    ],
)
def test_the_language_is_read_without_names(
    truth: Truth, language: str, text: str, right: bool
) -> None:
    facts = [[{"price": "air-2"}]]
    assert judged(truth, text, language, facts=facts, say="x").language is right


def test_limits_are_held_against_cards_and_names(truth: Truth) -> None:
    within = {"most": "100.00", "in_stock": True}
    inside = judged(truth, "看看这个。", within=within, reply={"cards": ("pangdun-500",)})
    dear = judged(truth, "看看聆拓 H7 头戴式降噪耳机。", within=within)
    gone = judged(truth, "看看这个。", within=within, reply={"cards": ("lunchbox-4",)})
    assert inside.outside == ()
    assert (dear.outside, gone.outside) == (("h7-headphones",), ("lunchbox-4",))


def test_a_claim_that_no_cited_record_carries_is_named(truth: Truth) -> None:
    said = "聆拓 Air 2 真无线耳机169元。"
    cited = judged(truth, said, reply={"cited": ("product:air-2",)})
    other = judged(truth, said, reply={"cited": ("product:yunbu-1",)})
    assert cited.uncited == ()
    assert other.uncited


@pytest.mark.parametrize(
    ("kind", "reply", "right"),
    [
        ("refused", {"finish": "refused"}, True),
        ("refused", {}, False),
        ("handed_off", {"notices": ("handed_off",)}, True),
        ("handed_off", {}, False),
        ("answered", {"finish": "refused"}, False),
    ],
)
def test_the_kind_is_read_from_how_it_ended(
    truth: Truth, kind: str, reply: dict[str, Any], right: bool
) -> None:
    assert judged(truth, "好的。", kind=kind, reply=reply).kind_right is right


def test_whether_the_model_was_kept_counts_where_it_was_wanted(truth: Truth) -> None:
    kept = judged(truth, "好。", task="advice", reply={"model": ("好。",)})
    lost = judged(truth, "好。", task="advice", reply={"model": ()})
    unasked = judged(truth, "好。", reply={"model": ()})
    assert (kept.model_kept, lost.model_kept, unasked.model_kept) == (True, False, None)
