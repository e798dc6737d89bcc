"""Learning from clicks of viewers whose taste and eyes are known: both are found again."""

from __future__ import annotations

import random

import numpy as np
import pytest

from retrieval.catalog import Exposure
from retrieval.combiner import Combiner, fit
from retrieval.exploring import placed
from retrieval.features import NAMES, RISING
from retrieval.training.feedback import Shown, compared, gains, learn, looked_at, row_of, worth

EYES = (1.0, 0.5, 0.25)  # how likely each place is looked at, in truth
TASTE = {"same_brand": 2.0, "popular": 0.5}  # what makes viewers click, in truth
NOW = Combiner({"popular": 1.0})  # what ordered the cards
SEEN = {True: EYES, False: EYES}


def played(n: int, seed: int, share: float = 0.5, eyes: tuple[float, ...] = EYES) -> list[Shown]:
    """`n` turns of viewers with TASTE, shown three of eight products by NOW, some by chance."""
    chance = random.Random(seed)
    turns = []
    for number in range(n):
        rows = []
        for _ in range(8):
            told = {"popular": chance.random(), "same_brand": float(chance.random() < 0.3)}
            rows.append(row_of(told))
        matrix = np.stack(rows)
        order = np.argsort(-NOW.scores(matrix), kind="stable")
        found = placed(8, 3, 0, [3, 4, 5, 6, 7], share, chance.random())
        cards, grades, mine = [], [], []
        for position, one in enumerate(found):
            row = matrix[order[one.place]]
            liked = 0.1 + 0.25 * row[NAMES.index("same_brand")] + 0.1 * row[NAMES.index("popular")]
            clicked = chance.random() < eyes[position] * liked
            cards.append(
                Exposure(
                    product_id=str(order[one.place]),
                    position=position,
                    propensity=one.propensity,
                    chance=one.chance,
                    explored=one.explored,
                )
            )
            grades.append(float(clicked))
            mine.append(row)
        turns.append(Shown(tuple(cards), tuple(grades), np.stack(mine), f"v{number}", True))
    return turns


def test_how_far_viewers_look_is_found_from_their_clicks() -> None:
    seen = looked_at(played(12_000, 1), 3)
    assert seen[0] == 1
    assert seen[1] == pytest.approx(0.5, abs=0.06)
    assert seen[2] == pytest.approx(0.25, abs=0.06)
    even = looked_at(played(12_000, 2, eyes=(1.0, 1.0, 1.0)), 3)
    assert min(even) > 0.9


def test_without_chance_or_clicks_the_usual_fall_is_taken() -> None:
    usual = [1.0, 0.5**0.5, (1 / 3) ** 0.5]
    assert looked_at([], 3) == pytest.approx(usual)
    assert looked_at(played(500, 3, share=0.0), 3) == pytest.approx(usual)


def test_what_viewers_like_is_learned_and_not_what_stood_first() -> None:
    turns = played(6000, 4)
    learned = learn(turns, SEEN, NOW)
    later = [turn for turn in played(3000, 5) if any(turn.grades)]
    before, after = (
        gains(later, [one.scores(turn.rows) for turn in later], SEEN) for one in (NOW, learned)
    )
    better = compared(later, before, after)
    assert 0 < better.low < better.after - better.before < better.high
    same = compared(later, before, before)
    assert (same.low, same.high) == (0, 0)
    # Without the correction what was shown first seems to be liked for what put it first.
    blind = learn(turns, {True: (1.0,), False: (1.0,)}, NOW)
    ours, theirs = (one.weights["popular"] / one.weights["same_brand"] for one in (learned, blind))
    assert 0 < ours < theirs


def test_sense_is_kept_and_few_clicks_move_little() -> None:
    turns = [turn for turn in played(400, 6) if any(turn.grades)]
    wrong = [
        turn._replace(grades=tuple(float(row[7] == min(turn.rows[:, 7])) for row in turn.rows))
        for turn in turns
    ]
    weights = learn(wrong, SEEN, NOW).weights
    assert all(weights.get(name, 0) >= 0 for name in RISING)
    assert learn(turns[:1], SEEN, NOW).weights["popular"] == pytest.approx(1.0, abs=0.5)
    with pytest.raises(ValueError, match="no card"):
        learn([turn._replace(grades=(0.0, 0.0, 0.0)) for turn in turns], SEEN, NOW)


def test_a_click_far_down_counts_more_and_within_bounds() -> None:
    card = Exposure(product_id="a", position=1)
    assert worth(card, 0.5, EYES) == pytest.approx(0.5 / 0.5)
    assert worth(card, 1.0, (1.0, 0.01)) == 10.0
    assert worth(card.model_copy(update={"position": 9}), 1.0, EYES) == pytest.approx(4)
    assert worth(card, 0.0, EYES) == 0.0


def test_a_gain_is_one_where_what_was_taken_comes_first() -> None:
    turn = played(1, 7)[0]._replace(grades=(0.0, 1.0, 0.0))
    for scores, place in (([0, 1, 0], 0), ([2, 1, 0], 1), ([0, 0, 0], 1)):
        (gain,) = gains([turn], [np.array(scores, np.float32)], SEEN)
        # No opinion is the order that was shown; the second place was seen half as often.
        assert gain.sum == pytest.approx(2 / np.log2(place + 2))
        assert gain.worth == pytest.approx(2)


def test_lists_of_any_length_fit_as_equal_ones_do() -> None:
    chance = np.random.default_rng(0)
    lists = [chance.normal(size=(6, len(NAMES))).astype(np.float32) for _ in range(100)]
    picks = [int(np.argmax(rows[:, 2])) for rows in lists]
    far = np.full((2, len(NAMES)), -50.0, np.float32)
    whole, again = fit(lists, picks), fit(lists, picks, worth=[3.0] * 100)
    assert whole.weights == pytest.approx(again.weights)
    assert (
        fit([*lists[:99], lists[99][:5]], [*picks[:99], min(picks[99], 4)]).weights["follows"] > 1
    )
    ragged = fit([np.vstack([rows, far[: n % 3]]) for n, rows in enumerate(lists)], picks)
    assert ragged.weights["follows"] > 0
