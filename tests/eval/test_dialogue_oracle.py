"""A clerk who says of each turn exactly what the records hold passes every dialogue of ours.

It holds the dialogues and the scorer against each other: an expectation that cannot be met, or a
true claim that is called untrue, fails here.
"""

from __future__ import annotations

import pytest

from eval.dialogue_check import DEMO
from eval.dialogue_reply import Reply
from eval.dialogue_scoring import Place, Score, score
from eval.dialogue_set import OWN, Dialogue, Expected, Language, Turn, read_dialogues
from eval.dialogue_stage import Stage
from eval.dialogue_truth import Truth, policy_sentence


def _truth_of(expected: Expected, truth: Truth, language: Language) -> str:
    kind, value = expected.kind, getattr(expected, expected.kind)
    zh = language == "zh"
    match kind:
        case "price" | "was":
            product, variants = truth.sold(value)
            sums = truth.prices(value) if kind == "price" else [variants[0].list_price]
            return f"{product.name(language)} " + (" " if zh else ", ").join(
                f"¥{each:f}" for each in sums if each is not None
            )
        case "stock" | "left":
            product, variants = truth.sold(value)
            there, pieces = any(v.available for v in variants), sum(v.stock or 0 for v in variants)
            label = variants[0].label(language) if value != product.id else ""
            if not there:
                return f"{product.name(language)} {label}" + ("已售罄" if zh else " is sold out")
            left = f"有货，还有{pieces}件" if zh else f" is in stock, {pieces} left"
            return f"{product.name(language)} {label}{left}"
        case "attribute":
            product = truth.records.products[value]
            named = next(a for a in product.attributes if a.name.en == expected.name)
            return (
                f"{product.name(language)} {named.name.say(language)} {named.value.say(language)}"
            )
        case "answer":
            return truth.records.products[value].questions[expected.number - 1][1].say(language)
        case "offer":
            offer = truth.records.offers[value]
            return f"{offer.title.say(language)} {offer.code}"
        case "policy":
            return policy_sentence(
                truth.records.policies[value].text.say(language), expected.sentence
            )
        case "total":
            total = truth.total(value, expected.codes)
            return f"一共¥{total:f}" if zh else f"¥{total:f} together"
        case "named":
            return truth.records.products[value].name(language)
        case "any":
            return truth.records.products[value[0]].name(language)
        case "words":
            return str(value[0])
    return "资料里没有写，已转给主播" if zh else "The record does not say; I have passed it on"


def _clerk(turn: Turn, truth: Truth, language: Language) -> Reply:
    end = "。" if language == "zh" else ". "
    facts = [_truth_of(group[0], truth, language) for group in turn.facts]
    text = "".join(fact.rstrip("。. ") + end for fact in facts)
    greeting = "好的，请说。" if language == "zh" else "Sure, tell me more."
    if turn.kind == "refused":
        return Reply("这个不能帮忙。" if language == "zh" else "I cannot help.", finish="refused")
    if turn.kind == "unsure":
        text = "资料里没有写，我不确定。" if language == "zh" else "The record does not say."
    notices = ("handed_off",) if turn.kind == "handed_off" else ()
    return Reply(text.strip() or greeting, notices=notices, at="2026-06-18T12:00:00+00:00")


def _scores(dialogue: Dialogue, stage: Stage) -> list[tuple[Turn, Reply, Score]]:
    stage.truth.reset()
    asked: list[str] = []
    found, on_air = [], dialogue.on_air
    for turn in dialogue.turns:
        for change in turn.do:
            stage.truth.change(change)
            on_air = change.on_air or on_air
        asked.append(turn.say)
        language = dialogue.spoken(turn)
        reply = _clerk(turn, stage.truth, language)
        place = Place(tuple(asked), language, on_air, stage.numbers if on_air else None)
        found.append((turn, reply, score(turn, reply, stage.truth, place)))
    return found


@pytest.mark.parametrize("part", range(4))
def test_who_says_what_the_records_hold_passes_every_turn(part: int) -> None:
    stage = Stage(DEMO)
    missed = [
        f"{dialogue.id} {turn.say!r}: {reply.text!r} {judged}"
        for dialogue in read_dialogues(OWN)[part::4]
        for turn, reply, judged in _scores(dialogue, stage)
        if not judged.passed
    ]
    assert missed == []
