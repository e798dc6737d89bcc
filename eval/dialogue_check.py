"""Checks the dialogue set: python -m eval.dialogue_check [--data PATH]. Returns 1 with its faults.

Form, ids that exist, near duplicates (Jaccard over character 5-grams) and questions that trained
the ranker.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from itertools import combinations
from pathlib import Path

from eval.dialogue_set import OWN, Dialogue, Expected, read_dialogues, texts
from eval.dialogue_truth import policy_sentence
from eval.figures import CouldNotMeasure
from eval.safety_records import Records
from retrieval.training.snippets import question_hash
from retrieval.weights import RANKER

GRAM, ALIKE = 5, 0.6
DEMO = Path(str(files("assistant") / "demo_shop" / "shop.jsonl"))


def main(argv: Sequence[str] | None = None) -> int:
    """Prints what is wrong, one fault a line; 0 where nothing is, 1 else, 2 for an unread file."""
    parser = argparse.ArgumentParser(prog="python -m eval.dialogue_check", description=__doc__)
    parser.add_argument("--data", type=Path, default=OWN, help="a file or folder of dialogues")
    parser.add_argument("--card", type=Path, default=RANKER / "card.json", help="of the ranker")
    options = parser.parse_args(argv)
    try:
        dialogues = read_dialogues(options.data)
    except CouldNotMeasure as error:
        sys.stderr.write(f"{error}\n")
        return 2
    records = Records.read(DEMO)
    found = [*ids(dialogues, records), *duplicates(dialogues), *leaks(dialogues, options.card)]
    turns = sum(len(d.turns) for d in dialogues)
    live = sum(d.on_air is not None for d in dialogues)
    for fault in found:
        sys.stdout.write(f"{fault}\n")
    counted = f"{len(dialogues)} dialogues, {turns} turns, {live} in a running room"
    sys.stdout.write(f"{counted}, {len(found)} faults\n")
    return 1 if found else 0


def ids(dialogues: Iterable[Dialogue], records: Records) -> Iterator[str]:
    """Ids that stand twice, and names of records that are not there."""
    variants = {v.id: p for p in records.products.values() for v in p.variants}
    goods = set(records.products) | set(variants)
    categories = {name for p in records.products.values() for name in p.category.both()}
    seen: set[str] = set()
    for dialogue in dialogues:
        if dialogue.id in seen:
            yield f"{dialogue.id}: the id stands twice"
        seen.add(dialogue.id)
        named = {dialogue.on_air} - {None}
        for turn in dialogue.turns:
            named |= set(turn.only)
            for change in turn.do:
                named |= {change.on_air, change.flash, change.end_flash} - {None}
                if change.stock or change.price:
                    variant = change.stock or change.price
                    if variant not in variants:
                        yield f"{dialogue.id}: no variant {variant!r}"
            if turn.within and turn.within.category and turn.within.category not in categories:
                yield f"{dialogue.id}: no category {turn.within.category!r}"
            for group in turn.facts:
                for expected in group:
                    yield from _unknown(dialogue.id, expected, records, goods)
        for product in sorted(str(each) for each in named):
            if product not in records.products:
                yield f"{dialogue.id}: no product {product!r}"


def _unknown(at: str, expected: Expected, records: Records, goods: set[str]) -> Iterator[str]:
    kind, value = expected.kind, getattr(expected, expected.kind)
    if kind in ("price", "was", "stock", "left"):
        if value not in goods:
            yield f"{at}: {kind}: no product or variant {value!r}"
    elif kind == "total":
        yield from (f"{at}: total: no variant {v!r}" for v in value if v not in goods)
    elif kind in ("named", "any"):
        chosen = (value,) if kind == "named" else value
        yield from (f"{at}: {kind}: no product {p!r}" for p in chosen if p not in records.products)
    elif kind in ("attribute", "answer"):
        product = records.products.get(value)
        if product is None:
            yield f"{at}: {kind}: no product {value!r}"
        elif kind == "attribute":
            names = [a.name.en for a in product.attributes]
            if expected.name not in names:
                yield f"{at}: {value} has no attribute {expected.name!r}, only {names}"
        elif expected.number > len(product.questions):
            yield f"{at}: {value} has no answer {expected.number}"
    elif kind == "offer" and value not in records.offers:
        yield f"{at}: no offer {value!r}"
    elif kind == "policy":
        policy = records.policies.get(value)
        if policy is None:
            yield f"{at}: no policy {value!r}"
        elif not all(policy_sentence(policy.text.say(x), expected.sentence) for x in ("zh", "en")):
            yield f"{at}: policy {value} has no sentence {expected.sentence}"


def duplicates(dialogues: Sequence[Dialogue]) -> Iterator[str]:
    """Pairs of one language whose viewers say nearly the same."""
    grams = {key: _grams(text) for key, text in texts(dialogues).items()}
    for a, b in combinations(grams, 2):
        shared = len(grams[a] & grams[b])
        if shared and shared / len(grams[a] | grams[b]) > ALIKE:
            yield f"{a} and {b} are near duplicates"


def _grams(text: str) -> set[str]:
    plain = "".join(text.lower().split())
    return {plain[at : at + GRAM] for at in range(max(1, len(plain) - GRAM + 1))}


def leaks(dialogues: Iterable[Dialogue], card: Path) -> Iterator[str]:
    """Turns whose question is among those that trained the ranker, as its card lists them."""
    if not card.is_file():
        return
    trained = set(json.loads(card.read_text(encoding="utf-8")).get("questions", ()))
    for dialogue in dialogues:
        for turn in dialogue.turns:
            if question_hash(turn.say) in trained:
                yield f"{dialogue.id}: the ranker was trained on {turn.say!r}"


if __name__ == "__main__":
    sys.exit(main())
