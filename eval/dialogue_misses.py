"""What went wrong in a run of dialogues, as a page to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eval.dialogue_run import Scored


def faults(one: Scored) -> Iterator[tuple[str, str]]:
    """Each fault of a reply: its kind, and what was found."""
    score = one.score
    yield from (("wrong figure", claim) for claim in score.wrong)
    yield from (("claim without a record", claim) for claim in score.unfounded)
    if not score.language:
        yield "other language", one.dialogue.spoken(one.turn)
    if not score.kind_right:
        yield f"not {score.kind}", one.reply.finish
    yield from (("not said", fact) for fact in score.missing)
    yield from (("beyond the limits", key) for key in score.outside or ())
    yield from (("not cited", claim) for claim in score.uncited or ())
    if score.model_kept is False:
        yield "no sentence of the model", one.turn.task or ""


def misses(found: Sequence[Scored]) -> str:
    """A Markdown page: faults by kind, the most frequent first, each with its turn and reply."""
    kinds: dict[str, list[tuple[Scored, str]]] = {}
    for one in found:
        for kind, what in faults(one):
            kinds.setdefault(f"{one.solver}: {kind}", []).append((one, what))
    lines = ["# What the replies got wrong", ""]
    for kind, ones in sorted(kinds.items(), key=lambda item: -len(item[1])):
        lines += [f"## {kind} ({len(ones)})", ""]
        for one, what in ones:
            said = " / ".join(one.reply.text.splitlines())
            lines += [f"- **{one.turn.say}** ({one.dialogue.id}, turn {one.at + 1}): {what}"]
            lines += [f"  - reply: {said}"]
            lines += [f"  - kept back: {each}" for each in one.reply.stopped]
        lines += [""]
    return "\n".join(lines)
