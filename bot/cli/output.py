"""What a command prints of a reply, and the code it then leaves with."""

import sys
from typing import TYPE_CHECKING, NoReturn

import click

if TYPE_CHECKING:
    from bot.domain.replies import Reply

ANSWERED, REFUSED, BUG, STALE = 0, 1, 2, 3
"""Exit codes."""


def print_reply(reply: "Reply", as_json: bool) -> None:
    """Its text, or all of it as one JSON object."""
    from bot import console

    if as_json:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a real stream
        click.echo(console.as_json(reply))
    else:
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a real stream
        click.echo(console.shown(reply, console.look(sys.stdout)))


def leave(reply: "Reply") -> NoReturn:
    """End with the code that says whether it was answered."""
    if reply.ok:
        sys.exit(ANSWERED)
    sys.exit(BUG if reply.error is not None and reply.error.code == "bug" else REFUSED)
