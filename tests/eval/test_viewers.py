"""Simulated viewers, against clerks that answer well, vaguely and wrongly."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from eval.dialogue_check import DEMO
from eval.dialogue_reply import Reply
from eval.dialogue_solvers import Asking
from eval.dialogue_stage import Stage
from eval.dialogue_truth import Truth
from eval.samples import Samples
from eval.viewers import Viewer, Visit, pass_hat, read_viewers, visit
from eval.viewers_run import send, visit_figures


@pytest.fixture(scope="module")
def truth() -> Truth:
    return Truth([json.loads(x, parse_float=Decimal) for x in DEMO.read_text().splitlines()])


def _viewer(**changed: object) -> Viewer:
    row = {
        "id": "v", "language": "zh", "persona": "terse", "opening": ["有降噪耳机吗"],
        "hints": ["要入耳的"], "any": ["air-2-pro"], "budget": "350.00", "patience": 6,
        "asks": [{"say": ["多少钱"], "fact": {"price": "$"}}],
    }  # fmt: skip
    return Viewer.model_validate_json(json.dumps(row | changed))


async def _visit(truth: Truth, viewer: Viewer, *replies: Reply | None) -> Visit:
    async def answer(n: int, text: str) -> Reply | None:
        return replies[min(n, len(replies) - 1)]

    return await visit(viewer, 0, 1, truth, answer)


SHOWN = Reply("看看这款。", cards=("air-2-pro",))
PRICE = Reply("聆拓 Air 2 Pro 主动降噪耳机现在329元。", cards=("air-2-pro",))


async def test_who_finds_and_hears_what_it_came_for_passes(truth: Truth) -> None:
    one = await _visit(truth, _viewer(), SHOWN, PRICE)
    assert one.passed
    assert [said for said, _ in one.said] == ["有降噪耳机吗", "多少钱"]


async def test_a_hint_is_given_where_nothing_fits(truth: Truth) -> None:
    other = Reply("看看这款。", cards=("h7-headphones",))
    one = await _visit(truth, _viewer(), other, SHOWN, PRICE)
    assert one.passed
    assert one.said[1][0] == "要入耳的"


async def test_it_asks_again_by_name_and_then_gives_up(truth: Truth) -> None:
    one = await _visit(truth, _viewer(), SHOWN, Reply("不太清楚。"))
    assert one.faults == ["never heard: 多少钱"]
    assert one.said[-1][0] == "聆拓 Air 2 Pro 主动降噪耳机 多少钱"


async def test_one_untrue_figure_fails_the_visit(truth: Truth) -> None:
    wrong = Reply("聆拓 Air 2 Pro 主动降噪耳机329元，还有999件。")
    one = await _visit(truth, _viewer(), SHOWN, wrong)
    assert any(fault.startswith("untrue: count 999") for fault in one.faults)


async def test_patience_budget_and_need_are_held(truth: Truth) -> None:
    vague = Reply("看看别的。")
    assert len((await _visit(truth, _viewer(patience=2, hints=["a", "b"]), vague)).said) == 2
    dear = await _visit(truth, _viewer(budget="100.00"), SHOWN, PRICE)
    assert dear.faults == ["beyond the budget"]
    assert not (await _visit(truth, _viewer(), vague)).passed


async def test_a_reply_that_never_came_is_no_failure_of_the_viewer(truth: Truth) -> None:
    one = await _visit(truth, _viewer(), SHOWN, None)
    assert one.broken


async def test_wordings_are_the_same_for_the_same_attempt(truth: Truth) -> None:
    viewer = _viewer(persona="typo", opening=["有没有主动降噪的耳机", "想要一副降噪的耳机"])
    first, again = [await _visit(truth, viewer, SHOWN, PRICE) for _ in range(2)]
    assert [s for s, _ in first.said] == [s for s, _ in again.said]


def test_pass_hat_k_is_the_chance_that_all_of_k_tries_succeed() -> None:
    passed = {"a": [True] * 4, "b": [True, True, False, False], "c": [False] * 4}
    assert pass_hat(passed, 1).value == pytest.approx(0.5)
    assert pass_hat(passed, 2).value == pytest.approx((1 + 1 / 6 + 0) / 3)
    assert pass_hat(passed, 4).value == pytest.approx(1 / 3)


def test_our_viewers_need_what_the_shop_has(truth: Truth) -> None:
    viewers = read_viewers()
    assert len(viewers) >= 20
    for viewer in viewers:
        assert set(viewer.any) <= set(truth.records.products)
        assert truth.prices(viewer.any[0])[0] <= viewer.budget


async def test_visits_are_played_again_from_what_is_kept() -> None:
    stage, samples, clerk = Stage(DEMO), Samples(None, {"settings": {}}), _Clerk()
    viewers = [_viewer()]
    first = await send(viewers, 2, 1, stage, samples, clerk)
    assert [one.passed for one in first] == [True, True]
    assert clerk.asked == 4
    await send(viewers, 2, 1, stage, samples, clerk)
    assert clerk.asked == 4
    again = await send(viewers, 2, 1, stage, samples, None, "clerk")
    said = visit_figures(again, 2, "x.", 0)
    assert (said["x.pass_hat_1"].value, said["x.pass_hat_2"].value) == (1.0, 1.0)
    nobody = await send(viewers, 2, 1, stage, samples, None, "plain")
    assert all(one.broken for one in nobody)
    assert visit_figures(nobody, 2, "", 0) == {}


class _Clerk:
    name = "clerk"

    def __init__(self) -> None:
        self.asked = 0

    async def reply(self, asking: Asking) -> Reply:
        self.asked += 1
        return PRICE if asking.before else SHOWN
