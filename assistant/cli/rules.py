"""liveshop rules: the compliance rules in force, and a line held against them."""

from __future__ import annotations

from typing import Annotated

import typer

from assistant.cli.console import out

app = typer.Typer(help="Compliance rules: those in force, a line checked.", no_args_is_help=True)


@app.command("list")
def listed() -> None:
    """Every rule: id, date in force, severity, source. LIVESHOP_RULES adds the shop's own."""
    from assistant.settings import read_settings
    from assistant.turn.compliance import read_rules

    for rule in read_rules(read_settings().rules).rules:
        out.print(f"{rule.id}  {rule.date}  {rule.severity}  {rule.source}", markup=False)


@app.command()
def check(
    line: Annotated[str, typer.Argument(help="what is to be said")],
    category: Annotated[str | None, typer.Option(help="the goods it is about")] = None,
) -> None:
    """Hold a line against the rules; exit status 1 where one is broken."""
    from assistant.settings import read_settings
    from assistant.turn.compliance import Compliance, read_rules

    settings = read_settings()
    found = Compliance(read_rules(settings.rules)).check(line, category)
    for finding in found:
        rule = finding.rule
        said = f"{finding.start}-{finding.end}  {line[finding.start : finding.end]}  {rule.id}"
        out.print(f"{said}  {rule.reason.say(settings.locale)}", markup=False)
    raise typer.Exit(1 if found else 0)
