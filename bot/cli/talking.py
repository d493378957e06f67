"""Talk: one line, or a conversation."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.houses import login, opened, settings_of
from bot.cli.output import leave, print_reply
from bot.cli.paper import Paper

if TYPE_CHECKING:
    from bot.domain.replies import Reply

FILES = click.option(
    "--files",
    metavar="FOLDER",
    type=click.Path(exists=True, file_okay=False, writable=True, path_type=Path),
    help="Write the files that go with answers into FOLDER.",
)
GREETING = "netmap console. Try: servers, list, vm web01, help. Ctrl-D leaves."


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("line", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as one JSON object.")
@FILES
@click.option(
    "--csv",
    "to",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write all rows of the answer to FILE, however many they are.",
)
def say(line: tuple[str, ...], as_json: bool, files: Path | None, to: Path | None) -> None:
    """Answer one LINE, such as: netmap say vm web01.

    Exit code 0 if it was answered, 1 if it was refused, 2 for a bug.
    """
    from bot.console import clean, join, with_files
    from bot.render.sheets import Sheet

    with opened(settings_of(), sample=True) as house, ExitStack() as kept:
        by, page = login(), None if as_json else 12
        paper = kept.enter_context(Paper(to, house.settings.db)) if to is not None else None
        sheet = Sheet(paper) if paper is not None else None

        def answer(line: str) -> "Reply":
            return house.answer(line, by=by, page=page, sheet=sheet)

        told = answer if as_json and not files else with_files(answer, files)
        reply = told(clean(join(line)))
        print_reply(reply, as_json)
        if paper is not None and sheet is not None:
            whole = reply.ok and sheet.rows >= 0
            if whole:
                paper.keep()
            said = (
                f"{sheet.rows:,} rows written to {to}." if whole else f"There are no rows for {to}."
            )
            click.echo(said, err=True)
    leave(reply)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One command a line in, one answer out.")
@FILES
def console(as_json: bool, files: Path | None) -> None:
    """Talk to netmap in this terminal."""
    from bot import console as door
    from bot.commands import COMMANDS

    with opened(settings_of(), sample=True) as house:
        by, page = login(), None if as_json else 12

        def answer(line: str) -> "Reply":
            return house.answer(line, by=by, page=page)

        told = answer if as_json and not files else door.with_files(answer, files)
        if as_json:
            sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
            sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # real streams
            door.machine(told, sys.stdin, sys.stdout)
        else:
            sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]  # real streams
            sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
            names = [command.name for command in COMMANDS]
            door.converse(told, names, GREETING)
