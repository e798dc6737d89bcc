"""liveshop models: fetch, list and verify the pinned model files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from assistant.cli.console import bar, err, out
from assistant.errors import ModelFileRefused

if TYPE_CHECKING:
    from assistant.settings import Settings

app = typer.Typer(
    help="Model files: fetch, list, verify. Learned rankers: list, use, roll back.",
    no_args_is_help=True,
)
Only = Annotated[
    list[str] | None, typer.Option("--only", help="name of a model; may stand more than once")
]


def pull_with_a_bar(settings: Settings, name: str) -> None:
    """Bring the model file `name` into the cache. Raises ModelFileRefused."""
    from assistant.llm.weights import path_of, pull

    if name.endswith(".gguf"):
        path_of(name, settings.cache)
        return
    with bar(name, in_bytes=True) as step:
        pull(
            name,
            settings.cache,
            models_from=settings.models_from,
            progress=step,
            say=lambda line: err.print(line, markup=False),
        )


@app.command()
def pull(only: Only = None) -> None:
    """Fetch model files: the engine's, or those named. Quick for what is there already."""
    from assistant.llm.weights import path_of
    from assistant.settings import read_settings

    settings = read_settings()
    for name in only or [settings.engine_model]:
        pull_with_a_bar(settings, name)
        out.print(str(path_of(name, settings.cache)), markup=False)


@app.command("list")
def list_() -> None:
    """List the model files known, and whether each is here."""
    from assistant.llm.weights import known, place_of
    from assistant.settings import read_settings

    settings = read_settings()
    table = Table("name", "size", "licence", "here", "origin")
    for model in known():
        here = "yes" if place_of(model, settings.cache).is_file() else "no"
        size = f"{model.size / 1e6:,.0f} MB"
        table.add_row(model.name, size, model.licence, here, model.origin)
    out.print(table)


@app.command()
def verify(only: Only = None) -> None:
    """Hash the model files that are here, or those named, and compare with the pinned hashes."""
    from assistant.llm.weights import known, place_of
    from assistant.llm.weights import verify as verified
    from assistant.settings import read_settings

    settings = read_settings()
    here = [m.name for m in known() if place_of(m, settings.cache).is_file()]
    if not (only or here):
        raise ModelFileRefused("no model file is here; fetch one with: liveshop models pull")
    for name in only or here:
        with bar(name, in_bytes=True) as step:
            verified(name, settings.cache, progress=step)
        out.print(f"{name}: every byte is right", markup=False)


@app.command()
def rankers() -> None:
    """List the rankers learned from events, and which of them serves."""
    from assistant.cli.keys import opened

    with opened() as store:
        serving, versions = store.rankers.serving(), store.rankers.versions()
    tried = serving.experiment.version if serving.experiment else None
    table = Table("version", "made", "later events, before", "after", "serves")
    for version, made, held_out in (
        (0, "shipped", {}),
        *((v.version, f"{v.made_at:%Y-%m-%d %H:%M}", v.card.get("held_out", {})) for v in versions),
    ):
        found = held_out.get("all", {})
        figures = [f"{found[key]:.4f}" if key in found else "" for key in ("before", "after")]
        serves = "yes" if version == serving.version else "some" if version == tried else ""
        table.add_row(str(version), made, *figures, serves)
    out.print(table)


@app.command()
def use(version: Annotated[int, typer.Argument(help="version; 0 is what ships")]) -> None:
    """Let a learned ranker serve; a running service takes it up within a second or two."""
    from assistant.cli.keys import opened

    with opened() as store:
        store.rankers.use(version)
    out.print(f"ranker version {version} serves")


@app.command()
def rollback() -> None:
    """Let the ranker serve again that served before the present one."""
    from assistant.cli.keys import opened

    with opened() as store:
        out.print(f"ranker version {store.rankers.rollback()} serves again")
