"""What a command prints of a reply, and the code it then leaves with."""

import os
import sys
from typing import TYPE_CHECKING, NoReturn

import click

from bot.domain.errors import SetupFault

if TYPE_CHECKING:
    from bot.domain.replies import Reply

ANSWERED, REFUSED, BUG, STALE = 0, 1, 2, 3
"""Exit codes."""


def print_reply(reply: "Reply", as_json: bool) -> None:
    """Its text, or all of it as one JSON object."""
    from bot import console

    if as_json:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a real stream
        put(console.as_json(reply) + "\n")
    else:
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a real stream
        put(console.shown(reply, console.look(sys.stdout), console.columns(sys.stdout)) + "\n")


def put(text: str) -> None:
    """Write to standard output.

    Raises:
        SetupFault: it takes no more, such as a file on a full disk.
    """
    try:
        click.echo(text, nl=False)
    except BrokenPipeError:
        raise  # whoever read has seen enough; click ends quietly
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what is left of it
        raise SetupFault(
            f"The answer cannot be written: {error.strerror}.",
            "What was asked for may be done all the same; netmap say history tells.",
        ) from error


def leave(reply: "Reply") -> NoReturn:
    """End with the code that says whether it was answered."""
    if reply.ok:
        sys.exit(ANSWERED)
    sys.exit(BUG if reply.error is not None and reply.error.code == "bug" else REFUSED)
