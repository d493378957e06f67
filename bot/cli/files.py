"""Inventories in; the mapping table and scripts out."""

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from bot.cli.houses import login, opened, settings_of
from bot.cli.output import leave, print_reply, put
from bot.cli.paper import check_no_database
from bot.domain.errors import NetmapError, SetupFault

if TYPE_CHECKING:
    from bot.domain.replies import Reply


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--server", help="The VMM server they come from, if the files do not say.")
@click.option(
    "--collected-at", metavar="TIME", help="When VMM was asked, such as 2026-11-22T06:00Z."
)
@click.option("--force", is_flag=True, help="Take it although it is older, or much has vanished.")
@click.option("--replace-server", is_flag=True, help="Accept a known server under a new id.")
@click.option("--dry-run", is_flag=True, help="For mappings: only say what would happen.")
@click.option("--plan", default="", help="For mappings: take only what --dry-run showed so.")
@click.option("--change", is_flag=True, help="For mappings: lead them elsewhere where they differ.")
@click.option("--reason", default="", help="For mappings: why, for the history.")
@click.option(
    "--break-glass", is_flag=True, help="For mappings: at once, although changes are approved."
)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as one JSON object.")
def import_(
    files: tuple[Path, ...],
    server: str | None,
    collected_at: str | None,
    force: bool,
    replace_server: bool,
    dry_run: bool,
    plan: str,
    change: bool,
    reason: str,
    break_glass: bool,
    as_json: bool,
) -> None:
    """Take in FILES: inventories, mappings, a script's answers.

    Inventories of netmap/inventory/1, the raw output of VMM's cmdlets, what a run of
    Connect-NetmapReplicas.ps1 put out, a mapping table as CSV, or what az site-recovery prints of a
    vault's networks and mappings. A folder stands for the files in it.
    """
    from bot.importers.inbox import files_of
    from bot.wiring import taking

    at = _moment(collected_at) if collected_at else None
    if break_glass and not reason:
        raise SetupFault("--break-glass needs a reason.", "Say it with --reason.")
    with opened(settings_of()) as house:
        reply = taking.import_files(
            house,
            files_of(files),
            by=login(),
            server=server,
            collected_at=at,
            force=force,
            replace_server=replace_server,
            dry_run=dry_run,
            change=change,
            plan=plan,
            gate=house.gate(reason, break_glass),
        )
        print_reply(reply, as_json)
    leave(reply)


@click.command("take-in", hidden=True)
def take_in() -> None:
    """Take in what standard input says, for the bot that serves; see bot/beside.py."""
    from bot.domain.intake import Fault, Intake, Taken
    from bot.wiring import taking

    if hasattr(os, "nice"):
        os.nice(5)  # whoever asks the bot something goes first
    intake = Intake.model_validate_json(sys.stdin.buffer.read())
    try:
        with opened(settings_of()) as house:
            for report in taking.take_files(house.ports, intake):
                put(Taken(report=report).model_dump_json() + "\n")
    except NetmapError as error:
        put(Taken(fault=Fault.of(error)).model_dump_json() + "\n")


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
def export(file: Path | None) -> None:
    """Write the mapping table as CSV to FILE, or to standard output."""
    with opened(settings_of(), sample=True) as house:
        reply = house.answer("export", by=login())
    _write_files(reply, file)


@click.group()
def script() -> None:
    """The PowerShell scripts that a VMM administrator runs."""


@script.command("export")
@click.argument("file", required=False, type=click.Path(path_type=Path))
def script_export(file: Path | None) -> None:
    """Export-NetmapInventory.ps1: it collects an inventory.

    To FILE or standard output.
    """
    from bot.render.scripts import export_script

    _write_text(export_script(), file)


@script.command("connect")
@click.argument("plan")
@click.argument("file", required=False, type=click.Path(path_type=Path))
def script_connect(plan: str, file: Path | None) -> None:
    """Connect-NetmapReplicas.ps1: it carries out PLAN.

    PLAN as `netmap say plan` names it, to FILE or standard output. A plan for several servers makes
    several files; FILE is then the folder for them.
    """
    from bot.commands import write_line
    from bot.domain.asking import say as ask

    with opened(settings_of(), sample=True) as house:
        reply = house.answer(write_line(ask("script", plan=plan)), by=login())
    _write_files(reply, file)


def _write_files(reply: "Reply", to: Path | None) -> NoReturn:
    """Write what goes with a reply; a refusal is printed instead."""
    if not reply.ok:
        print_reply(reply, as_json=False)
    elif len(reply.files) == 1:
        _write_text(reply.files[0].text, to)
    elif to is None or not to.is_dir():
        names = ", ".join(file.name for file in reply.files)
        raise SetupFault(f"These are several files: {names}.", "Name a folder for them.")
    else:
        for file in reply.files:
            _write_text(file.text, to / file.name)
    leave(reply)


def _write_text(text: str, to: Path | None) -> None:
    if to is None:
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]  # a real stream
        put(text)
        return
    check_no_database(to, settings_of().db)
    try:
        with to.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise SetupFault(f"{to} cannot be written: {error.strerror}.") from error
    click.echo(f"Written to {to}.", err=True)


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise SetupFault(
            f"--collected-at {text} is no moment: date, time and zone are needed.",
            "Such as: --collected-at 2026-11-22T06:00+01:00, or with Z for UTC.",
        )
    return at
