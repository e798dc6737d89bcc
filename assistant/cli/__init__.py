"""The command line. It alone prints; everything else returns, raises or logs.

Imports wait inside the commands: `liveshop --version` need not load a model's libraries.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
from collections.abc import Callable
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from assistant.cli import (
    audit,
    backup,
    bilibili,
    catalog,
    doctor,
    experiment,
    keys,
    models,
    privacy,
    replay,
    rules,
    sbom,
    train,
)
from assistant.cli.console import err, log_to_terminal, out
from assistant.errors import LiveshopError, ModelFileRefused
from retrieval.errors import RetrievalError

if TYPE_CHECKING:
    from assistant.settings import Settings

__all__ = ["app"]


class OneLineErrors(TyperGroup):
    """Commands whose expected errors are one line on standard error and exit code 2."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (LiveshopError, RetrievalError) as error:
            err.print(f"liveshop: {error}", markup=False)
            raise typer.Exit(2) from error


app = typer.Typer(
    cls=OneLineErrors,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(audit.app, name="audit")
app.add_typer(catalog.app, name="catalog")
app.add_typer(experiment.app, name="experiment")
app.add_typer(keys.app, name="keys")
app.add_typer(models.app, name="models")
app.add_typer(privacy.app, name="privacy")
app.add_typer(rules.app, name="rules")
app.add_typer(train.app, name="train")
app.command("backup")(backup.backup)
app.command("bilibili")(bilibili.bilibili)
app.command("doctor")(doctor.doctor)
app.command("restore")(backup.restore)
app.command("import")(catalog.import_feed)
app.command("replay")(replay.replay)
app.command("sbom")(sbom.sbom)
PASS_ON: dict[Any, Any] = {
    "allow_extra_args": True,
    "ignore_unknown_options": True,
    "help_option_names": [],
}
TaskName = Annotated[str, typer.Argument(help="name of the task")]


def _say_version(asked: bool) -> None:
    if asked:
        out.print(f"liveshop {version('liveshop')}")
        raise typer.Exit


@app.callback()
def liveshop(
    show_version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    """A shopping assistant for live-stream rooms."""


@app.command()
def demo(
    replay_show: Annotated[
        bool, typer.Option("--replay", help="play a show of five minutes into room demo")
    ] = False,
) -> None:
    """Start everything on this machine with a demo shop: model, catalogue, rooms, chat page."""
    from assistant.serve import listening
    from assistant.settings import read_settings

    settings = read_settings()
    listening(settings.host, settings.port).close()  # before a long download, not after it
    if settings.llm_base_url is None:
        try:
            models.pull_with_a_bar(settings, settings.engine_model)
        except ModelFileRefused as error:
            err.print(f"liveshop: {error}", markup=False)
            err.print("Until the model is there, answers come from the shop's records alone.")
    _import_demo_shop(settings)

    def up() -> None:
        out.print(f"Demo room     {settings.address}/demo   (begin here)")
        if replay_show:
            replay.play_behind(settings)

    _serve(settings, up)


@app.command()
def serve() -> None:
    """Start the service."""
    from assistant.settings import read_settings

    _serve(read_settings())


@app.command("eval", context_settings=PASS_ON)
def evaluate(name: TaskName, context: typer.Context) -> None:
    """Measure how good the answers are; `liveshop eval NAME --help` says what a task takes."""
    _hand_over("eval", name, context.args)


@app.command("bench", context_settings=PASS_ON)
def benchmark(name: TaskName, context: typer.Context) -> None:
    """Measure how fast something is; `liveshop bench NAME --help` says what a task takes."""
    _hand_over("bench", name, context.args)


def _hand_over(kind: Literal["eval", "bench"], name: str, arguments: list[str]) -> None:
    """Run `main(arguments)` of a task by name: nothing here imports eval."""
    names = _tasks(kind)
    if name not in names:
        raise LiveshopError(f"there is no {kind} {name!r}; there are {', '.join(names)}")
    task = importlib.import_module(f"eval.{name}_bench" if kind == "bench" else f"eval.{name}")
    raise typer.Exit(task.main(arguments) or 0)


def _tasks(kind: Literal["eval", "bench"]) -> list[str]:
    """The names of what eval/ holds of this kind: files that have a main."""
    found = importlib.util.find_spec("eval")
    folders = found.submodule_search_locations if found else None
    held = [file for folder in folders or () for file in Path(folder).glob("*.py")]
    runs = [f.stem for f in held if "\ndef main(" in f.read_text(encoding="utf-8")]
    benches = {name for name in runs if name.endswith("_bench")}
    if kind == "bench":
        return sorted(name.removesuffix("_bench") for name in benches)
    return sorted(set(runs) - benches)


def _import_demo_shop(settings: Settings) -> None:
    """Import the demo shop once for each of its versions, so that later changes to it stay."""
    feed = Path(str(files("assistant") / "demo_shop" / "shop.jsonl"))
    known_by = feed.read_bytes() + settings.database.encode()
    fingerprint = hashlib.sha256(known_by).hexdigest()
    stamp = settings.home / "demo_shop.sha256"
    if stamp.is_file() and stamp.read_text() == fingerprint:
        return
    from assistant.store import Store
    from assistant.store.importing import import_feed
    from retrieval.feeds import read_feed

    settings.home.mkdir(parents=True, exist_ok=True)
    with Store(settings.database) as store:
        store.migrate()
        import_feed(read_feed(feed), store)
    stamp.write_text(fingerprint)


def _serve(settings: Settings, then: Callable[[], None] | None = None) -> None:
    from assistant import serve

    def up() -> None:
        address = settings.address
        out.print(f"Chat page     {address}/")
        out.print(f"API and docs  {address}/docs")
        out.print(f"OpenAI base   {address}/v1   (models are room:ROOM_ID)")
        out.print("It answers from the records until the model is loaded. Ctrl-C stops it.")
        if then:
            then()

    log_to_terminal(as_json=settings.log == "json")
    serve.serve(settings, up)
