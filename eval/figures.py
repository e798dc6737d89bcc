"""Figures: the one form in which every evaluation and benchmark states what it measured."""

from __future__ import annotations

import argparse
import html
import json
import math
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

MEASURED, COULD_NOT_MEASURE = 0, 2
_Z95 = 1.959964
_RESAMPLES = 1000


class CouldNotMeasure(Exception):
    """There is no figure to state: data are missing, or the thing measured does not run."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure with its 95 % interval and the number of samples it rests on."""

    value: float
    low: float
    high: float
    n: int


def share(hits: int, n: int) -> Metric:
    """`hits` of `n` as a share, with Wilson's score interval (Wilson 1927). n is at least 1."""
    if not 0 <= hits <= n or n == 0:
        raise ValueError(f"share of {hits} in {n}: needs 0 <= hits <= n and n > 0")
    p = hits / n
    centre = (p + _Z95**2 / (2 * n)) / (1 + _Z95**2 / n)
    half = _Z95 / (1 + _Z95**2 / n) * math.sqrt(p * (1 - p) / n + _Z95**2 / (4 * n**2))
    return Metric(p, max(0.0, centre - half), min(1.0, centre + half), n)


def count(hits: int, n: int) -> Metric:
    """`hits` among `n` as a number, with Wilson's interval scaled to `n`."""
    of = share(hits, n)
    return Metric(hits, of.low * n, of.high * n, n)


def clustered_share(groups: Sequence[Sequence[bool]], seed: int = 0) -> Metric:
    """Hits among all values as a share; the interval redraws whole groups, such as dialogues,
    whose values go together (Davison and Hinkley 1997). No group may be empty.

    Where all are hits, or none is, it is Wilson's interval over the groups.
    """
    if not groups or not all(groups):
        raise ValueError("groups: at least one, and none of them empty")
    hits = np.asarray([sum(group) for group in groups], dtype=np.float64)
    sizes = np.asarray([len(group) for group in groups], dtype=np.float64)
    value, n = float(hits.sum() / sizes.sum()), int(sizes.sum())
    if value in (0.0, 1.0):
        over = share(int(value) * len(groups), len(groups))
        return Metric(value, over.low, over.high, n)
    drawn = np.random.default_rng(seed).integers(len(groups), size=(_RESAMPLES, len(groups)))
    low, high = np.percentile(hits[drawn].sum(axis=1) / sizes[drawn].sum(axis=1), [2.5, 97.5])
    return Metric(value, float(low), float(high), n)


def percentile(values: Sequence[float], q: float, seed: int = 0) -> Metric:
    """The `q`-th percentile (0 to 100) of `values`, with a bootstrap interval (Efron 1979)."""
    return _bootstrap(values, lambda rows: np.percentile(rows, q, axis=-1), seed)


def mean(values: Sequence[float], seed: int = 0) -> Metric:
    """The mean of `values`, with a bootstrap interval."""
    return _bootstrap(values, lambda rows: np.mean(rows, axis=-1), seed)


def reading(value: float, n: int = 1) -> Metric:
    """A figure read once, such as a rate over one whole run; it has no interval of its own."""
    return Metric(value, value, value, n)


def _bootstrap(
    values: Sequence[float],
    statistic: Callable[[np.ndarray[tuple[int, ...], np.dtype[np.float64]]], object],
    seed: int,
) -> Metric:
    if not values:
        raise ValueError("no values to take a statistic of")
    sample = np.asarray(values, dtype=np.float64)
    random = np.random.default_rng(seed)
    drawn = [
        np.asarray(statistic(random.choice(sample, size=sample.size)), dtype=np.float64)
        for _ in range(_RESAMPLES)
    ]
    low, high = np.percentile(np.stack(drawn), [2.5, 97.5])
    value = np.asarray(statistic(sample), dtype=np.float64)
    return Metric(float(value), float(low), float(high), sample.size)


@dataclass(frozen=True, slots=True)
class Figures:
    """What one task measured. `excluded` counts rows left out, by the reason."""

    task: str
    metrics: Mapping[str, Metric]
    settings: Mapping[str, object]
    infrastructure_errors: int = 0
    excluded: Mapping[str, int] = field(default_factory=dict)

    def document(self, seconds: float) -> dict[str, object]:
        """The object that `--json` prints."""
        return {
            "task": self.task,
            "metrics": {name: asdict(metric) for name, metric in self.metrics.items()},
            "infrastructure_errors": self.infrastructure_errors,
            "excluded": dict(self.excluded),
            "settings": dict(self.settings),
            "code": code_version(),
            "machine": machine(),
            "seconds": round(seconds, 1),
        }


def arguments(task: str, description: str) -> argparse.ArgumentParser:
    """A parser with the three options that every task takes."""
    parser = argparse.ArgumentParser(prog=f"liveshop {task}", description=description)
    parser.add_argument("--data", type=Path, metavar="DIR", help="folder of the data sets")
    parser.add_argument("--json", action="store_true", help="print one JSON object, nothing else")
    parser.add_argument("--report", type=Path, metavar="OUT.html", help="also write a web page")
    return parser


def state(
    measure: Callable[[], Figures],
    options: argparse.Namespace,
    page: Callable[[Mapping[str, object]], str] | None = None,
) -> int:
    """Measures and states the figures as `options` of `arguments` say. Returns the exit status.

    `page` makes the web page of a task that has one of its own.
    """
    begin = time.monotonic()
    # Ended like this, what was started for the measurement is ended too.
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        figures = measure()
    except CouldNotMeasure as error:
        sys.stderr.write(f"could not measure: {error}\n")
        return COULD_NOT_MEASURE
    finally:
        signal.signal(signal.SIGTERM, before)
    document = figures.document(time.monotonic() - begin)
    if options.report:
        options.report.write_text((page or _page)(document), encoding="utf-8")
    if options.json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    else:
        _show(document)
    return MEASURED


def code_version() -> str:
    """The commit this code stands at, with '-changed' when files differ; 'unknown' outside git."""
    git, root = shutil.which("git"), Path(__file__).parent.parent
    if git is None or not (root / ".git").exists():
        return "unknown"

    def ask(*words: str) -> str:
        done = subprocess.run(  # noqa: S603
            [git, "-C", str(root), *words], capture_output=True, text=True, check=False
        )
        return done.stdout.strip() if done.returncode == 0 else ""

    commit = ask("rev-parse", "HEAD")
    changed = "-changed" if ask("status", "--porcelain", "--untracked-files=no") else ""
    return commit + changed if commit else "unknown"


def machine() -> str:
    """Processor, cores and memory of this machine, in words."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
        name = next((x.split(":", 1)[1].strip() for x in lines if x.startswith("model name")), name)
    memory = ""
    if "SC_PHYS_PAGES" in os.sysconf_names:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        memory = f", {size / 2**30:.0f} GiB"
    return f"{name}, {os.cpu_count()} cores{memory}, Python {platform.python_version()}"


def _rows(document: Mapping[str, object]) -> list[tuple[str, str, str, str]]:
    metrics = document["metrics"]
    if not isinstance(metrics, dict):
        raise TypeError("metrics: a mapping of names to figures")
    return [
        (name, _number(m["value"]), f"{_number(m['low'])} to {_number(m['high'])}", str(m["n"]))
        for name, m in metrics.items()
    ]


def _number(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return (
        f"{value:.1f}" if abs(value) > 1 and value % 1 else f"{value:.3f}".rstrip("0").rstrip(".")
    )


def _notes(document: Mapping[str, object]) -> list[tuple[str, str]]:
    return [
        (key, json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else str(value))
        for key, value in document.items()
        if key not in ("task", "metrics")
    ]


def _show(document: Mapping[str, object]) -> None:
    table = Table("figure", "value", "95 % interval", "n", title=str(document["task"]))
    for row in _rows(document):
        table.add_row(*row)
    console = Console()
    console.print(table)
    for key, value in _notes(document):
        console.print(f"{key}: {value}", markup=False, highlight=False)


def _page(document: Mapping[str, object]) -> str:
    def cells(row: Sequence[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{html.escape(x)}</{tag}>" for x in row) + "</tr>"

    title = html.escape(str(document["task"]))
    figures = "\n".join(cells(row, "td") for row in _rows(document))
    notes = "\n".join(cells(row, "td") for row in _notes(document))
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>liveshop: {title}</title>
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}}
table{{border-collapse:collapse;margin:1rem 0}}td,th{{border:1px solid #ccc;padding:.3rem .7rem;
text-align:left;vertical-align:top;overflow-wrap:anywhere}}</style>
<h1>{title}</h1>
<table>{cells(("figure", "value", "95 % interval", "n"), "th")}
{figures}</table>
<table>{notes}</table>
</html>
"""
