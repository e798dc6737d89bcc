"""liveshop experiment: try another ranker on some viewers, and say what came of it."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from assistant.cli.console import err, out
from assistant.cli.keys import opened

if TYPE_CHECKING:
    from assistant.trial import Figure

app = typer.Typer(
    help="Try another ranker on some viewers: start, end, report.", no_args_is_help=True
)
Name = Annotated[str, typer.Argument(help="name of the experiment")]


@app.command()
def start(
    name: Name,
    ranker: Annotated[int, typer.Option(help="version that is tried; 0 is what ships")],
    percent: Annotated[int, typer.Option(help="share of the viewers, 1 to 99")] = 50,
) -> None:
    """Serve some viewers another ranker: always the same ones, by their ids."""
    with opened() as store:
        begun = store.rankers.begin(name, ranker, percent)
    out.print(f"{begun.percent} % of the viewers are served ranker version {begun.version}")


@app.command()
def end() -> None:
    """End the experiment that runs: all viewers are served the same again."""
    with opened() as store:
        out.print(f"experiment {store.rankers.end().name!r} is over", markup=False)


@app.command()
def report(
    name: Name,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object")] = False,
) -> None:
    """Say what viewers of both sides did with the cards they were shown."""
    from assistant.trial import MEASURES, trial

    with opened() as store:
        found = trial(store, name)
    if as_json:
        out.print(json.dumps(asdict(found)), markup=False, soft_wrap=True)
        return
    table = Table("of the replies", "what serves", f"version {found.version}", "difference")
    for kind in MEASURES:
        sides = (found.a.shares[kind], found.b.shares[kind], found.differences[kind])
        table.add_row(kind.removeprefix("shop."), *map(_said, sides))
    for title, one in (("viewers", "viewers"), ("replies", "replies")):
        table.add_row(title, str(getattr(found.a, one)), str(getattr(found.b, one)), "")
    out.print(table)
    if found.uneven:
        err.print(
            f"The viewers are not parted {100 - found.percent} to {found.percent} as they should "
            f"be (chance {found.p:.2g}): these figures say nothing."
        )


def _said(figure: Figure) -> str:
    return f"{figure.value:.4f} ({figure.low:.4f} to {figure.high:.4f})"
