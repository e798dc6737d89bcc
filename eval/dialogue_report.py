"""The report of a run of dialogues: one HTML page that opens offline, light or dark, and prints."""

from __future__ import annotations

import html
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval import svg_plots
from eval.dialogue_misses import faults
from eval.dialogue_run import Scored
from eval.figures import Metric
from eval.viewers import Visit, pass_hat

CSS = Path(__file__).parent / "report.css"
SUMMED = (
    "wrong_figures", "grounded", "language", "helpful", "model_kept", "constraint",
    "citation_support", "similarity", "refusal", "hand_off", "unsure", "turn_passed", "pass_hat_1",
    "pass_hat_4", "reply.p50_ms", "reply.p95_ms",
)  # fmt: skip
PLOTTED = ("grounded", "language", "helpful", "model_kept", "constraint", "turn_passed")
WORST, SHOWN = 25, 20


def page(
    document: Mapping[str, Any],
    found: Mapping[str, Sequence[Scored]],
    visits: Mapping[str, Sequence[Visit]],
    before: Mapping[str, Any] | None = None,
) -> str:
    """The page. `document` is what `--json` prints; `before`, one of an earlier run."""
    metrics = {name: Metric(**each) for name, each in document["metrics"].items()}
    solvers = [name for name in found if found[name]]
    ours = found.get("liveshop", ())
    parts = [
        "<h1>Dialogues with the assistant</h1>",
        f'<p class="soft">{_told(document)}</p>',
        "<h2>Summary</h2>",
        _table(_summary(metrics, solvers, before)),
    ]
    together = _together(metrics, solvers)
    parts += _plot(
        "Shares with their 95 % intervals",
        "The baselines answer a fixed part of the turns; liveshop beside them is on the same part.",
        svg_plots.intervals(together, _series(solvers), "Shares with intervals"),
    )
    families = {
        name.split(".")[1]: {"liveshop": metric}
        for name, metric in sorted(metrics.items(), key=lambda item: item[1].value)
        if name.startswith("family.")
    }
    parts += _plot(
        "Turns without a fault, by family",
        "A turn passes when it is helpful, grounded and in the viewer's language.",
        svg_plots.intervals(families, ["liveshop"], "Turns passed by family"),
    )
    took = {name: [s.reply.milliseconds for s in found[name]] for name in solvers}
    first = [s.reply.timings_ms.get("first_sentence", 0.0) for s in ours]
    took["first sentence"] = [value for value in first if value > 0]
    parts += _plot(
        "Latency", "The share of replies that are whole after so long.",
        svg_plots.distribution(took, "Latency distribution"),
    )  # fmt: skip
    cost = {
        name: (metrics[f"{prefix}turn_passed"], metrics[f"{prefix}reply.p50_ms"])
        for name, prefix in _prefixes(solvers).items()
        if f"{prefix}turn_passed" in metrics
    }
    parts += _plot(
        "Quality against cost", "Turns passed against the median time of a reply, same turns.",
        svg_plots.against(cost, "Quality against cost"),
    )  # fmt: skip
    parts += _plot(
        "Reliability", "Simulated viewers: the chance that all of k visits end well (pass^k).",
        svg_plots.steps({name: _curve(v) for name, v in visits.items()}, "Reliability"),
    )  # fmt: skip
    shown = Counter(card for s in ours for card in s.reply.cards)
    parts += _plot(
        "Exposure", f"The {SHOWN} products shown on most cards, of {len(shown)} shown at all.",
        svg_plots.bars(dict(shown.most_common(SHOWN)), "Exposure of products"),
    )  # fmt: skip
    parts += ["<h2>Worst replies</h2>", *map(_sample, _worst(ours))]
    parts += [_visits(visits.get("liveshop", ()))]
    return (
        '<!doctype html>\n<html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>liveshop: dialogues</title>\n<style>{CSS.read_text(encoding='utf-8')}</style>\n"
        + "\n".join(parts) + "\n</html>\n"
    )  # fmt: skip


def read_before(path: Path) -> Mapping[str, Any]:
    """An earlier run's `--json` document."""
    document: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return document


def _told(document: Mapping[str, Any]) -> str:
    settings = ", ".join(f"{k} {v}" for k, v in document["settings"].items())
    errors = document["infrastructure_errors"]
    return html.escape(
        f"{settings}; code {document['code']}; {document['machine']}; "
        f"{document['seconds']} s; {errors} infrastructure errors, left out of every figure"
    )


def _prefixes(solvers: Sequence[str]) -> dict[str, str]:
    """Each solver with the prefix of its figures on the turns that all of them answered."""
    alone = len(solvers) == 1
    return {name: ("" if alone else "same.") if name == "liveshop" else f"{name}."
            for name in solvers}  # fmt: skip


def _series(solvers: Sequence[str]) -> list[str]:
    return list(_prefixes(solvers))


def _together(
    metrics: Mapping[str, Metric], solvers: Sequence[str]
) -> dict[str, dict[str, Metric]]:
    rows = {
        name: {
            solver: metrics[prefix + name]
            for solver, prefix in _prefixes(solvers).items()
            if prefix + name in metrics
        }
        for name in PLOTTED
    }
    return {name: row for name, row in rows.items() if row}


def _summary(
    metrics: Mapping[str, Metric], solvers: Sequence[str], before: Mapping[str, Any] | None
) -> list[list[str]]:
    columns = {"liveshop, all turns": ""} if "liveshop" in solvers else {}
    if len(solvers) > 1:
        columns |= {("liveshop, same turns" if k == "liveshop" else k): v
                    for k, v in _prefixes(solvers).items()}  # fmt: skip
    head = ["figure", *(["before"] if before else []), *columns]
    rows = [head]
    for name in SUMMED:
        cells = [_cell(metrics.get(prefix + name)) for prefix in columns.values()]
        if before:
            old = before["metrics"].get(name)
            cells.insert(0, _cell(Metric(**old) if old else None))
        if any(cells):
            rows.append([html.escape(name), *cells])
    return rows


def _cell(metric: Metric | None) -> str:
    if metric is None:
        return ""
    form = "{:,.0f}" if metric.value > 1 or metric.high > 1 else "{:.3f}"
    value, low, high = (form.format(x) for x in (metric.value, metric.low, metric.high))
    return f"{value} <small>{low} to {high}, n {metric.n}</small>"


def _table(rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{html.escape(cell)}</th>" for cell in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows[1:]
    )
    return f'<div class="scroll"><table><tr>{head}</tr>{body}</table></div>'


def _plot(title: str, told: str, plot: str) -> list[str]:
    if not plot:
        return []
    return [f"<h2>{html.escape(title)}</h2>", f'<p class="soft">{html.escape(told)}</p>', plot]


def _curve(visits: Sequence[Visit]) -> list[float]:
    passed: dict[str, list[bool]] = {}
    for one in visits:
        if not one.broken:
            passed.setdefault(one.viewer, []).append(one.passed)
    most = min((len(tries) for tries in passed.values()), default=0)
    return [pass_hat(passed, k).value for k in range(1, most + 1)]


def _worst(found: Sequence[Scored]) -> list[Scored]:
    """The replies with the gravest faults first: untrue before unhelpful."""
    bad = [one for one in found if not one.score.passed]
    bad.sort(key=lambda s: (-len(s.score.wrong), -len(s.score.unfounded), -len(s.score.missing)))
    return bad[:WORST]


def _sample(one: Scored) -> str:
    def listed(title: str, lines: Sequence[str], kind: str = "") -> str:
        items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
        return f'<p class="soft">{title}</p><ul class="{kind}">{items}</ul>' if lines else ""

    found = [f"{kind}: {what}" for kind, what in faults(one)]
    return (
        f"<article><p><b>{html.escape(one.turn.say)}</b> "
        f'<span class="soft">{html.escape(one.dialogue.id)}, turn {one.at + 1}</span></p>'
        f"<p>{html.escape(one.reply.text)}</p>"
        + listed("Faults", found, "bad")
        + listed("Kept back by the gate and the rules", one.reply.stopped)
        + listed("Evidence", one.reply.evidence)
        + "</article>"
    )


def _visits(visits: Sequence[Visit]) -> str:
    bad = [one for one in visits if not one.passed and not one.broken]
    if not visits:
        return ""
    rows = [["viewer", "why it did not end well"]]
    rows += [[html.escape(one.viewer), html.escape("; ".join(one.faults))] for one in bad]
    return f"<h2>Visits that did not end well: {len(bad)} of {len(visits)}</h2>" + _table(rows)
