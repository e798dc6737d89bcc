"""Plots as inline SVG: no script, no file beside the page, colours by the page's classes s0 to s4.

Every text comes in through `_esc`; sizes are in SVG units, which the page scales.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence

from eval.figures import Metric

WIDTH, ROW, LEFT, RIGHT = 720, 22, 190, 60


def _esc(text: str) -> str:
    return html.escape(text)


def _svg(height: float, body: Sequence[str], title: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height:.0f}" role="img" aria-label="{_esc(title)}">'
        + "".join(body) + "</svg>"
    )  # fmt: skip


def _text(x: float, y: float, said: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{_esc(said)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def _legend(series: Sequence[str], y: float) -> list[str]:
    parts, x = [], float(LEFT)
    for at, name in enumerate(series):
        parts.append(f'<circle cx="{x:.0f}" cy="{y - 4:.0f}" r="5" class="s{at}"/>')
        parts.append(_text(x + 10, y, name))
        x += 24 + 9 * len(name)
    return parts


def _levels(shares: Sequence[float], deep: float) -> list[str]:
    """Horizontal lines at shares of a plot `deep` units high that begins at 30."""
    body: list[str] = []
    for share in shares:
        y = 30 + deep * (1 - share)
        body.append(_line(LEFT, y, WIDTH - RIGHT, y, "grid"))
        body.append(_text(LEFT - 8, y + 4, f"{share:g}", "end"))
    return body


def intervals(rows: Mapping[str, Mapping[str, Metric]], series: Sequence[str], title: str) -> str:
    """Shares from 0 to 1 as dots with their intervals: a row a figure, a colour a series."""
    body, y = _legend(series, 16), 34.0
    span = WIDTH - LEFT - RIGHT
    for name, by_series in rows.items():
        height = max(ROW, 12 * len(by_series) + 8)
        body.append(_text(LEFT - 10, y + height / 2 + 4, name, "end"))
        body.append(_line(LEFT, y + height, WIDTH - RIGHT, y + height, "grid"))
        for step, (one, metric) in enumerate(by_series.items()):
            at = series.index(one)
            line = y + 10 + 12 * step
            low, high, dot = (LEFT + span * v for v in (metric.low, metric.high, metric.value))
            body.append(_line(low, line, high, line, f"bar s{at}"))
            body.append(f'<circle cx="{dot:.1f}" cy="{line:.1f}" r="4" class="s{at}"/>')
            body.append(_text(WIDTH - RIGHT + 6, line + 4, f"{metric.value:.3f}"))
        y += height
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        body.append(_line(LEFT + span * share, 28, LEFT + span * share, y, "grid"))
        body.append(_text(LEFT + span * share, y + 16, f"{share:g}", "middle"))
    return _svg(y + 24, body, title)


def distribution(values: Mapping[str, Sequence[float]], title: str) -> str:
    """The share of replies that are there after so many milliseconds, on a logarithmic scale."""
    series = [name for name, ones in values.items() if ones]
    everything = [max(1.0, v) for name in series for v in values[name]]
    if not everything:
        return ""
    first, last = math.log10(min(everything)), math.log10(max(everything))
    span, deep = WIDTH - LEFT - RIGHT, 220
    width = max(last - first, 0.1)
    body = _legend(series, 16)
    for at, name in enumerate(series):
        ones = sorted(max(1.0, v) for v in values[name])
        points = [
            f"{LEFT + span * (math.log10(v) - first) / width:.1f},"
            f"{30 + deep * (1 - (n + 1) / len(ones)):.1f}"
            for n, v in enumerate(ones)
        ]
        body.append(f'<polyline points="{" ".join(points)}" class="curve s{at}"/>')
    for share in (0, 0.5, 0.95, 1):
        y = 30 + deep * (1 - share)
        body += [
            _line(LEFT, y, WIDTH - RIGHT, y, "grid"),
            _text(LEFT - 8, y + 4, f"{share:g}", "end"),
        ]
    for power in range(math.ceil(first), math.floor(last) + 1):
        x = LEFT + span * (power - first) / width
        body += [
            _line(x, 30, x, 30 + deep, "grid"),
            _text(x, 48 + deep, f"{10**power:,} ms", "middle"),
        ]
    return _svg(deep + 60, body, title)


def against(points: Mapping[str, tuple[Metric, Metric]], title: str) -> str:
    """Quality (a share) against cost (milliseconds), each point with both intervals."""
    if not points:
        return ""
    span, deep = WIDTH - LEFT - RIGHT, 240
    most = max(cost.high for _, cost in points.values()) * 1.1 or 1.0
    body = _legend(list(points), 16)
    for at, (quality, cost) in enumerate(points.values()):
        x, y = LEFT + span * cost.value / most, 30 + deep * (1 - quality.value)
        low, high = 30 + deep * (1 - quality.low), 30 + deep * (1 - quality.high)
        body.append(_line(x, low, x, high, f"bar s{at}"))
        body.append(
            _line(LEFT + span * cost.low / most, y, LEFT + span * cost.high / most, y, f"bar s{at}")
        )
        body.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" class="s{at}"/>')
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = 30 + deep * (1 - share)
        body += [
            _line(LEFT, y, WIDTH - RIGHT, y, "grid"),
            _text(LEFT - 8, y + 4, f"{share:g}", "end"),
        ]
    for share in (0, 0.5, 1):
        x = LEFT + span * share
        body.append(_text(x, 48 + deep, f"{most * share:,.0f} ms", "middle"))
    return _svg(deep + 60, body, title)


def steps(curves: Mapping[str, Sequence[float]], title: str) -> str:
    """pass^k for k from 1: the chance that all of k tries succeed."""
    series = [name for name, ones in curves.items() if ones]
    if not series:
        return ""
    span, deep = WIDTH - LEFT - RIGHT, 180
    longest = max(len(curves[name]) for name in series)
    body = _legend(series, 16)
    for k in range(longest):
        x = LEFT + span * (k / max(1, longest - 1))
        body += [_line(x, 30, x, 30 + deep, "grid"), _text(x, 48 + deep, f"k = {k + 1}", "middle")]
    for at, name in enumerate(series):
        points = [
            f"{LEFT + span * (k / max(1, longest - 1)):.1f},{30 + deep * (1 - share):.1f}"
            for k, share in enumerate(curves[name])
        ]
        body.append(f'<polyline points="{" ".join(points)}" class="curve s{at}"/>')
        body += [
            f'<circle cx="{p.split(",")[0]}" cy="{p.split(",")[1]}" r="4" class="s{at}"/>'
            for p in points
        ]
    for share in (0, 0.5, 1):
        y = 30 + deep * (1 - share)
        body += [
            _line(LEFT, y, WIDTH - RIGHT, y, "grid"),
            _text(LEFT - 8, y + 4, f"{share:g}", "end"),
        ]
    return _svg(deep + 60, body, title)


def bars(counts: Mapping[str, int], title: str) -> str:
    """Counts as bars, in the order given."""
    if not counts:
        return ""
    most, span = max(counts.values()), WIDTH - LEFT - RIGHT
    body: list[str] = []
    for at, (name, n) in enumerate(counts.items()):
        y = at * ROW
        body.append(_text(LEFT - 10, y + 15, name, "end"))
        body.append(
            f'<rect x="{LEFT}" y="{y + 4}" width="{span * n / most:.1f}" height="14" class="s0"/>'
        )
        body.append(_text(LEFT + span * n / most + 6, y + 15, str(n)))
    return _svg(len(counts) * ROW + 6, body, title)


def lines(curves: Mapping[str, Sequence[tuple[float, float]]], title: str) -> str:
    """Shares from 0 to 1 over a setting from 0 to 1, a curve a figure; a file of its own."""
    span, deep = WIDTH - LEFT - RIGHT, 240
    body = _legend(list(curves), 16)
    for at, points in enumerate(curves.values()):
        placed = [(LEFT + span * x, 30 + deep * (1 - y)) for x, y in points]
        drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        body.append(f'<polyline points="{drawn}" class="curve s{at}"/>')
        body += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" class="s{at}"/>' for x, y in placed]
    body += _levels((0, 0.25, 0.5, 0.75, 1), deep)
    for share in (0, 0.25, 0.5, 0.75, 1):
        body.append(_text(LEFT + span * share, 48 + deep, f"{share:g}", "middle"))
    colours = ("#1f6feb", "#d29922", "#2da44e", "#cf222e", "#8250df")
    style = (
        "text{font:13px sans-serif;fill:#57606a}.grid{stroke:#d0d7de}.curve{fill:none}"
        + "".join(
            f"circle.s{at}{{fill:{colour}}}.curve.s{at}{{stroke:{colour};stroke-width:2}}"
            for at, colour in enumerate(colours)
        )
    )
    drawing = _svg(deep + 60, [f"<style>{style}</style>", *body], title)
    return drawing.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
