"""A price said too long after its change is stale; one said in time is not."""

from __future__ import annotations

import pytest

from eval.figures import CouldNotMeasure
from eval.room_prices import Change, Told, named


def told(*answers: tuple[float, int]) -> Told:
    changes = [Change(10.0, 10.1, 5007), Change(20.0, 20.1, 5014)]
    found = Told(7900, changes)
    found.answers = [[(at, frozenset({minor}))] for at, minor in answers]
    return found


def test_the_old_price_may_be_said_for_a_second() -> None:
    metrics = told((5, 7900), (11.0, 7900), (10.3, 5007), (20.5, 5014), (20.9, 5007)).metrics()
    assert metrics["stale_answers"].value == 0
    assert metrics["price_change.p99_ms"].value == pytest.approx(400, abs=3)
    assert metrics["price_change.changes"].value == 2


@pytest.mark.parametrize("stale", [(11.2, 7900), (22.0, 5007), (9.0, 5007)])
def test_a_price_not_in_force_is_stale(stale: tuple[float, int]) -> None:
    metrics = told((10.3, 5007), stale).metrics()
    assert (metrics["stale_answers"].value, metrics["stale_answers"].n) == (1, 2)


def test_an_answer_that_names_no_price_is_not_counted() -> None:
    found = told((10.3, 5007))
    found.answers.append([])
    assert found.metrics()["stale_answers"].n == 1
    with pytest.raises(CouldNotMeasure, match="no answer"):
        told((5, 7900)).metrics()


def test_prices_are_read_from_sentences() -> None:
    found = told()
    assert named("胖墩保温杯现在50.07元。", found) == {5007}
    assert named("It is ¥79.00, 500 ml, was ¥50.14.", found) == {7900, 5014}
    assert named("直降150.07元", found) == set()
