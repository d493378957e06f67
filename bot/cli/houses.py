"""The house as the command line opens it."""

import gc
import getpass
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.wiring import House

LARGE = 5_000_000
"""Bytes of an inventory from which a progress bar is worth a line."""


def settings_of(serving: bool = False) -> "Settings":
    """The settings, with the log set up; a bot that serves logs more.

    Raises:
        SetupFault: a variable cannot be used.
    """
    from bot.settings import Settings, configure_logging

    settings = Settings.read(os.environ)
    configure_logging(settings, quiet=not serving or not settings.for_slack)
    return settings


@contextmanager
def opened(settings: "Settings", sample: bool = False) -> Iterator["House"]:
    """The house, closed at the end.

    Args:
        settings: with the database.
        sample: load the sample estate if there is no database yet and Slack is out of play.
    """
    from bot.wiring import build

    new = not os.path.exists(settings.db)  # also for what can be no path
    house = build(settings, _bar)
    gc.freeze()  # what is loaded by now stays: there is no need to look at it again
    gc.enable()
    with closing(house):
        if sample and new and not settings.for_slack:
            _load_sample(house)
        yield house


def _load_sample(house: "House") -> None:
    """Fill a new database with the sample estate, or leave none behind."""
    import click

    from bot.wiring.taking import load_sample

    if sys.stderr.isatty():
        click.echo("No database yet: loading the sample estate …", err=True)
    try:
        load_sample(house)
    except BaseException:
        house.close()
        for end in ("", "-wal", "-shm"):
            Path(f"{house.settings.db}{end}").unlink(missing_ok=True)
        raise


def login() -> str:
    """Who sits at this terminal, as `local:<login>`."""
    from bot.settings import LOCAL

    try:
        return LOCAL + getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return f"{LOCAL}{os.getuid() if hasattr(os, 'getuid') else 'somebody'}"


def _bar(what: str, done: int, of: int) -> None:
    """Draw how far long work is, on a terminal."""
    if of < LARGE or not sys.stderr.isatty():
        return
    import click

    share = min(1.0, done / of)
    filled = round(30 * share)
    end = "\r\033[K" if share >= 1 else ""
    click.echo(
        f"\r{what} [{'#' * filled}{'.' * (30 - filled)}] {share:4.0%}{end}", err=True, nl=False
    )
