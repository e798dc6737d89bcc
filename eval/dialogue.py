"""How well does the assistant hold a conversation? Run as liveshop eval dialogue.

Plays dialogues over the demo shop to a service of its own, and a fixed part of them to the
baselines on the same engine. --data may name a folder with dialogues/*.jsonl; else our own set.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from rich.console import Console

from eval import figures
from eval.dialogue_check import DEMO
from eval.dialogue_metrics import by_part, metrics
from eval.dialogue_misses import misses
from eval.dialogue_report import page, read_before
from eval.dialogue_run import Scored, play, scored
from eval.dialogue_set import OWN, Dialogue, chosen, read_dialogues, slice_of
from eval.dialogue_solvers import ANSWER_S, Bm25, Liveshop, Model, Pasted, Plain, Solver
from eval.dialogue_stage import Stage
from eval.facts import PATIENT
from eval.figures import CouldNotMeasure, Figures
from eval.samples import Samples
from eval.service import NO_ENGINE, running_service
from eval.viewers import Viewer, Visit, read_viewers
from eval.viewers_run import send, visit_figures, visit_misses

SOLVERS = ("liveshop", "plain", "pasted", "bm25")
NEEDS_MODEL = ("plain", "pasted")
BASELINE_VIEWERS = 6


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 0 when measured, 2 when that could not be done."""
    parser = figures.arguments("eval dialogue", __doc__ or "")
    add_options(parser)
    parser.add_argument("--solvers", default=",".join(SOLVERS), help="of " + ", ".join(SOLVERS))
    parser.add_argument("--n", type=int, help="dialogues, drawn from every family; else all")
    parser.add_argument("--baseline-turns", type=int, default=100, help="turns of the baselines")
    parser.add_argument("--tries", type=int, default=4, help="visits of each simulated viewer")
    parser.add_argument("--viewers", type=int, help="simulated viewers; else all")
    parser.add_argument("--samples", type=Path, metavar="RUN.jsonl",
                        help="keep the replies here and go on where this file ends")  # fmt: skip
    parser.add_argument("--before", type=Path, metavar="RUN.json",
                        help="an earlier run's --json, beside this one in the report")  # fmt: skip
    parser.add_argument("--misses", type=Path, metavar="OUT.md", help="write what went wrong here")
    options = parser.parse_args(argv)
    wanted = tuple(options.solvers.split(","))
    if unknown := set(wanted) - set(SOLVERS):
        parser.error(f"--solvers: {', '.join(sorted(unknown))}: not of {', '.join(SOLVERS)}")
    played = Played()

    def report(document: Mapping[str, object]) -> str:
        before = read_before(options.before) if options.before else None
        return page(document, played.found, played.visits, before)

    return figures.state(lambda: measure(options, wanted, played), options, report)


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that say which engine answers."""
    parser.add_argument("--engine", choices=("embedded", "none"), default="embedded",
                        help="none: records alone answer")  # fmt: skip
    parser.add_argument("--llm-url", help="an OpenAI-compatible server in place of the embedded")
    parser.add_argument("--llm-model", default="", help="model name at --llm-url")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--concurrency", type=int, default=1)
    parser.add_argument("--log", type=Path, metavar="OUT.log", help="keep the service's log here")


@dataclass(slots=True)
class Played:
    """What a report tells beside the figures, by solver."""

    found: dict[str, list[Scored]] = field(default_factory=dict)
    visits: dict[str, list[Visit]] = field(default_factory=dict)


def measure(options: argparse.Namespace, wanted: Sequence[str], told: Played) -> Figures:
    """Plays, scores and sums up; `told` gets what was played. With --misses it writes a page."""
    everything = read_dialogues(where(options.data))
    played = chosen(everything, options.n, options.seed)
    part = slice_of(played, options.baseline_turns, options.seed)
    if not model_there(options):
        wanted = [name for name in wanted if name not in NEEDS_MODEL]
    settings = said_settings(options) | {"n": options.n, "dialogues": len(everything)}
    samples = Samples.open(options.samples, run_of(settings))
    guests = {name: _guests(name, options) for name in wanted}
    for name in wanted:
        ask(played if name == "liveshop" else part, name, options, samples, guests[name])
    stage = Stage(DEMO)
    found = told.found
    errors = 0
    for name in wanted:
        found[name], failed = scored(played if name == "liveshop" else part, name, samples, stage)
        errors += failed
    if not any(found.values()):
        raise CouldNotMeasure(f"no turn was answered, {errors} failed: {_first_error(samples)}")
    everyone = [one for ones in found.values() for one in ones]
    if options.misses:
        options.misses.write_text(misses(everyone), encoding="utf-8")
    ours, same = found.get("liveshop", []), {d.id for d in part}
    said = metrics(ours, seed=options.seed)
    if len(found) > 1:
        said |= metrics([s for s in ours if s.dialogue.id in same], "same.", options.seed)
    for name, ones in found.items():
        said |= {} if name == "liveshop" else metrics(ones, f"{name}.", options.seed)
    said |= by_part(ours, options.seed)
    for name in wanted:
        coming = send(guests[name], options.tries, options.seed, stage, samples, None, name)
        visits = told.visits[name] = asyncio.run(coming)
        prefix = "" if name == "liveshop" else f"{name}."
        said |= visit_figures(visits, options.tries, prefix, options.seed)
        errors += sum(one.broken for one in visits)
        if options.misses and name == "liveshop":
            with options.misses.open("a", encoding="utf-8") as page:
                page.write("\n" + visit_misses(visits))
    return Figures("dialogue", said, settings, infrastructure_errors=errors)


def _guests(name: str, options: argparse.Namespace) -> list[Viewer]:
    """The viewers who visit solver `name`: a few of them come to the baselines."""
    if name == "bm25" or not options.tries:
        return []
    return read_viewers()[: options.viewers if name == "liveshop" else BASELINE_VIEWERS]


def where(data: Path | None) -> Path:
    """The file or folder of the dialogues that `--data` means."""
    if data is None:
        return OWN
    if data.is_file():
        return data
    return data / "dialogues" if (data / "dialogues").is_dir() else OWN


def model_there(options: argparse.Namespace) -> bool:
    """Whether the options name a model."""
    return bool(options.llm_url) or options.engine == "embedded"


def said_settings(options: argparse.Namespace) -> dict[str, object]:
    """What of the options decides the replies."""
    from assistant.settings import read_settings

    model = options.llm_model or "none"
    if not options.llm_url and options.engine == "embedded":
        model = read_settings().engine_model
    return {
        "data": str(options.data) if options.data else "own",
        "engine": options.llm_url or options.engine,
        "model": model,
        "seed": options.seed,
        "concurrency": options.concurrency,
    }


def run_of(settings: dict[str, object]) -> dict[str, object]:
    """What the first line of a file of samples tells of its run."""
    return {
        "settings": settings,
        "code": figures.code_version(),
        "machine": figures.machine(),
    }


def ask(
    dialogues: Sequence[Dialogue],
    name: str,
    options: argparse.Namespace,
    samples: Samples,
    guests: Sequence[Viewer] = (),
) -> None:
    """Has solver `name` answer what `samples` lacks, with whatever it needs started for it."""
    if all(samples.whole(name, d.id, len(d.turns)) for d in dialogues) and _been(
        guests, name, options, samples
    ):
        return
    console = Console(stderr=True, quiet=not sys.stderr.isatty())
    tell = console.print
    if name == "liveshop":
        with tempfile.TemporaryDirectory(prefix="liveshop-dialogue-") as folder:
            home = Path(folder)
            none = options.engine == "none" and not options.llm_url
            with running_service(
                service_settings(options), home, engine=not none, log_to=options.log
            ) as service:
                service.import_feed(DEMO.read_bytes())
                stage = Stage(DEMO, service)

                async def over_rest() -> None:
                    async with httpx.AsyncClient(base_url=service.url, timeout=ANSWER_S) as client:
                        solver = Liveshop(client, home)
                        await play(dialogues, solver, stage, samples, options.concurrency, tell)
                        if guests:
                            await send(guests, options.tries, options.seed, stage, samples, solver)

                asyncio.run(over_rest())
        return

    async def directly() -> None:
        async with _solver(name, options) as solver:
            stage = Stage(DEMO)
            await play(dialogues, solver, stage, samples, options.concurrency, tell)
            if guests:
                await send(guests, options.tries, options.seed, stage, samples, solver)

    asyncio.run(directly())


def _been(
    guests: Sequence[Viewer], name: str, options: argparse.Namespace, samples: Samples
) -> bool:
    """Whether every visit can be played from what is kept."""
    if not guests:
        return True
    coming = send(guests, options.tries, options.seed, Stage(DEMO), samples, None, name)
    return not any(one.broken for one in asyncio.run(coming))


def service_settings(options: argparse.Namespace) -> dict[str, str]:
    """The settings of the service that is measured."""
    if options.llm_url:
        key = os.environ.get("LIVESHOP_LLM_API_KEY", "none")
        named = {"LIVESHOP_LLM_BASE_URL": options.llm_url, "LIVESHOP_LLM_MODEL": options.llm_model}
        return PATIENT | named | {"LIVESHOP_LLM_API_KEY": key}
    return PATIENT if options.engine == "embedded" else NO_ENGINE


@asynccontextmanager
async def _solver(name: str, options: argparse.Namespace) -> AsyncIterator[Solver]:
    if name == "bm25":
        yield Bm25()
        return
    async with model(options) as answering:
        yield Plain(answering) if name == "plain" else Pasted(answering)


@asynccontextmanager
async def model(options: argparse.Namespace) -> AsyncIterator[Model]:
    """The engine the options name, asked directly; the embedded one runs as long as this lasts."""
    if options.llm_url:
        key = {"Authorization": f"Bearer {os.environ.get('LIVESHOP_LLM_API_KEY', 'none')}"}
        url = options.llm_url.rstrip("/") + "/"
        async with httpx.AsyncClient(base_url=url, headers=key, timeout=ANSWER_S) as client:
            yield Model(client, options.llm_model, options.seed)
        return
    from assistant.llm.engine import Engine
    from assistant.llm.weights import path_of
    from assistant.settings import read_settings

    settings = read_settings()
    path = path_of(settings.engine_model, settings.cache)
    async with Engine(path, parallel=max(1, options.concurrency), log=options.log) as engine:
        key = {"Authorization": f"Bearer {engine.api_key}"}
        url = engine.base_url + "/"
        async with httpx.AsyncClient(base_url=url, headers=key, timeout=ANSWER_S) as client:
            yield Model(client, engine.model, options.seed)


def _first_error(samples: Samples) -> str:
    return next((s.error for s in samples.held if s.error), "nothing was asked")


if __name__ == "__main__":
    sys.exit(main())
