"""Learning the ranker's weights from the log of events, and publishing them when they are better.

The log is cut once: what was shown before the cut, with what was done before it, trains; what was
shown after it tells whether the new order would have been better than the one that serves. Rows
are those that were kept when the cards were shown: nothing that happened later is in them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.errors import Conflict
from assistant.events import LISTED
from assistant.outcomes import Showing, attributed, opted_out
from assistant.profiles import KINDS
from assistant.store import Store
from assistant.store.rankers import SHIPPED
from retrieval.combiner import Combiner
from retrieval.features import KINDS as WORTH
from retrieval.features import NAMES
from retrieval.training.feedback import (
    Better,
    Scores,
    Shown,
    compared,
    gains,
    learn,
    looked_at,
    row_of,
)

FORM = "liveshop-combiner/1"
GRADES = {kind: WORTH[name] for kind, name in KINDS.items()}
_PLACES = 10
_HELD_OUT = 0.3  # share of the turns with deeds that are kept to compare on
_FEWEST = 50  # turns with deeds that a comparison needs
_FEW = 30  # of one kind of turn, fewer than these tell nothing by themselves
_LOSS = 0.01  # what a fixed set may lose: a point
Fixed = Callable[[Combiner, Combiner], Mapping[str, tuple[float, float]]]


@dataclass(frozen=True)
class Plan:
    """What one learning looks at, so that it can be done again after a kill.

    Events up to the number `split` train, later ones up to `until` compare; `live` is the version
    that served, `judge` the relevance model beside which weights are learned.
    """

    split: int
    until: int
    live: int
    judge: str


@dataclass(frozen=True)
class Learned:
    """New weights, what is known of them, and whether they may serve, or why not."""

    combiner: Combiner
    card: Mapping[str, Any]
    refused: str


def planned(store: Store, judge: str, folder: Path) -> Plan:
    """The plan that lies in `folder`, or a new one, which is written there.

    Raises Conflict where the log holds too little.
    """
    path = folder / "plan.json"
    if path.is_file():
        return Plan(**json.loads(path.read_text(encoding="utf-8")))
    found, out = attributed(store), opted_out(store)
    useful = [one for one in found.showings if one.deeds and _usable(one, out, judge)]
    if len(useful) * _HELD_OUT < _FEWEST:
        raise Conflict(
            f"{len(useful)} replies whose cards viewers did something with: at least "
            f"{_FEWEST / _HELD_OUT:.0f} are needed to learn and to compare"
        )
    newest = store.events.read(limit=1, newest=True)[0].seq
    split = useful[int(len(useful) * (1 - _HELD_OUT))].seq - 1
    plan = Plan(split, newest, store.rankers.serving().version, judge)
    folder.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(plan)), encoding="utf-8")
    partial.replace(path)
    return plan


def learned(store: Store, plan: Plan, shipped: Combiner, fixed: Fixed | None = None) -> Learned:
    """Weights from the events before the plan's split, compared on those after it.

    `fixed` measures two combiners, the live one and the new one, on sets that never change.
    Raises Conflict where too little was done with cards. The same plan over the same events gives
    the same weights; who has opted out by now is in none of them.
    """
    out = opted_out(store)
    train = turns_of(attributed(store, until=plan.split).showings, out, plan.judge)
    later = attributed(store, until=plan.until).showings
    held_out = turns_of([one for one in later if one.seq > plan.split], out, plan.judge)
    seen = {
        asked: looked_at([turn for turn in train if turn.asked == asked], _PLACES)
        for asked in (True, False)
    }
    live = shipped
    if plan.live != SHIPPED:
        live = Combiner(store.rankers.version(plan.live).weights)
    try:
        combiner = learn(train, seen, live)
    except ValueError as error:
        raise Conflict(f"events up to {plan.split}: {error}") from error
    held_out = [turn for turn in held_out if any(turn.grades) and len(turn.cards) > 1]
    kinds = {
        "all": held_out,
        "answers": [turn for turn in held_out if turn.asked],
        "lists": [turn for turn in held_out if not turn.asked],
    }
    better = {
        name: _better(turns, live, combiner, seen, plan)
        for name, turns in kinds.items()
        if len(turns) >= (_FEWEST if name == "all" else _FEW)
    }
    sets = dict(fixed(live, combiner)) if fixed else {}
    card = {
        "form": FORM,
        "judge": plan.judge,
        "plan": asdict(plan),
        "trained_on": {
            "turns": len(train),
            "turns_with_deeds": sum(any(turn.grades) for turn in train),
            "viewers": len({turn.who for turn in train}),
        },
        "looked_at": {"answers": seen[True], "lists": seen[False]},
        "held_out": {name: one._asdict() for name, one in better.items()},
        "fixed_sets": {name: list(pair) for name, pair in sets.items()},
    }
    return Learned(combiner, card, _refused(better, sets))


def turns_of(showings: Sequence[Showing], out: set[str], judge: str) -> list[Shown]:
    """Rows of training from showings: their ranked cards, graded by the most that was done."""
    found = []
    for one in showings:
        cards = tuple(card for card in one.cards if card.features)
        if cards and _usable(one, out, judge):
            deeds = [one.deeds.get(card.product_id, set()) for card in cards]
            grades = tuple(max((GRADES[kind] for kind in did), default=0.0) for did in deeds)
            rows = np.stack([row_of(card.features) for card in cards])
            who = one.viewer or one.reply_id
            found.append(Shown(cards, grades, rows, who, one.kind != LISTED))
    return found


def publish(store: Store, plan: Plan, done: Learned, *, serve: bool) -> int:
    """Keep the weights as a version, which serves at once with `serve`; its number.

    Done again for the same plan, after a kill, it keeps and turns nothing twice.
    """
    versions = store.rankers.versions()
    if versions and versions[-1].card.get("plan") == asdict(plan):
        version = versions[-1].version
        if serve and store.rankers.serving().version != version:
            store.rankers.use(version)
        return version
    keep = store.rankers.publish if serve else store.rankers.keep
    return keep(done.combiner.weights, done.card)


def _usable(one: Showing, out: set[str], judge: str) -> bool:
    """Whether a showing trains: of nobody who opted out, ranked beside the same model."""
    if one.viewer in out:
        return False
    asked_of = one.ranker.partition("/")[2]
    return one.kind == LISTED or asked_of == judge


def _better(
    turns: Sequence[Shown],
    live: Combiner,
    new: Combiner,
    seen: Mapping[bool, Sequence[float]],
    plan: Plan,
) -> Better:
    first_stage = plan.judge == "" and plan.live == SHIPPED

    def served(turn: Shown) -> Scores:
        # What ships orders no question without a model: the first stage does.
        if first_stage and turn.asked:
            return np.asarray(turn.rows[:, NAMES.index("first_stage")])
        return live.scores(turn.rows)

    by_live = gains(turns, [served(turn) for turn in turns], seen)
    by_new = gains(turns, [new.scores(turn.rows) for turn in turns], seen)
    return compared(turns, by_live, by_new)


def _refused(better: Mapping[str, Better], sets: Mapping[str, tuple[float, float]]) -> str:
    """Why the new weights may not serve; '' where they may."""
    whole = better.get("all")
    if whole is None:
        return f"fewer than {_FEWEST} later replies whose cards viewers did something with"
    if whole.low <= 0:
        return f"no better on later events: {whole.low:+.4f} to {whole.high:+.4f}"
    for name, one in better.items():
        if one.high < 0:
            return f"worse on {name}: {one.low:+.4f} to {one.high:+.4f}"
    for name, (was, now) in sets.items():
        if now < was - _LOSS:
            return f"worse on {name}: {was:.3f} before, {now:.3f} now"
    return ""
