"""Figures over scored turns, with intervals that know that turns of a dialogue go together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from eval.dialogue_run import Scored
from eval.figures import Metric, clustered_share, count, mean, percentile

Judged = Callable[[Scored], bool | None]
SHARES: dict[str, Judged] = {
    "grounded": lambda s: s.score.grounded,
    "language": lambda s: s.score.language,
    "helpful": lambda s: s.score.helpful if s.turn.kind == "answered" and s.turn.facts else None,
    "model_kept": lambda s: s.score.model_kept,
    "constraint": lambda s: None if s.score.outside is None else not s.score.outside,
    "citation_support": lambda s: None if s.score.uncited is None else not s.score.uncited,
    "refusal": lambda s: s.score.kind_right if s.turn.kind == "refused" else None,
    "hand_off": lambda s: s.score.kind_right if s.turn.kind == "handed_off" else None,
    "unsure": lambda s: s.score.kind_right if s.turn.kind == "unsure" else None,
    "turn_passed": lambda s: s.score.passed,
}  # fmt: skip
ENGINE_GONE = "engine_unavailable"


def metrics(found: Sequence[Scored], prefix: str = "", seed: int = 0) -> dict[str, Metric]:
    """The figures of one solver; those that do not apply to any of its turns are left out."""
    if not found:
        return {}
    said = {"wrong_figures": count(sum(bool(s.score.wrong) for s in found), len(found))}
    for name, judged in SHARES.items():
        groups = [
            [value for one in turns if (value := judged(one)) is not None]
            for _, turns in groupby(found, key=lambda s: s.dialogue.id)
        ]
        if any(groups):
            said[name] = clustered_share([g for g in groups if g], seed)
    alike = [s.score.similarity for s in found if s.score.similarity is not None]
    if alike:
        said["similarity"] = mean(alike, seed)
    gone = sum(ENGINE_GONE in s.reply.notices for s in found)
    if any(s.reply.notices for s in found):
        said[ENGINE_GONE] = count(gone, len(found))
    took = [s.reply.milliseconds for s in found]
    said |= {f"reply.p{q}_ms": percentile(took, q, seed) for q in (50, 95)}
    first = [s.reply.timings_ms["first_sentence"] for s in found
             if s.reply.timings_ms.get("first_sentence")]  # fmt: skip
    if first:
        said["first_sentence.p50_ms"] = percentile(first, 50, seed)
    return {prefix + name: metric for name, metric in said.items()}


def by_part(found: Sequence[Scored], seed: int = 0) -> dict[str, Metric]:
    """`helpful` and the like by language, in a running room, and by family."""
    parts: dict[str, list[Scored]] = {}
    for one in found:
        parts.setdefault(one.dialogue.language, []).append(one)
        if one.dialogue.on_air:
            parts.setdefault("live", []).append(one)
        parts.setdefault(f"family.{one.dialogue.family}", []).append(one)
    said: dict[str, Metric] = {}
    for name, ones in parts.items():
        kept = ["turn_passed"]
        if not name.startswith("family."):
            kept += ["wrong_figures", "grounded", "helpful", "language"]
        whole = metrics(ones, seed=seed)
        said |= {f"{name}.{metric}": whole[metric] for metric in kept if metric in whole}
    return said
