"""Look after it: what the set-up lacks, how the running bot is, copies of the database."""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.cli.houses import opened, settings_of
from bot.cli.output import ANSWERED, REFUSED, STALE
from bot.domain.errors import NetmapError, SetupFault

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.slack.checking import Check


@click.command()
def check() -> None:
    """Say what the set-up lacks; each line says what to do."""
    from bot.domain.numbers import plural
    from bot.slack.checking import Check, check_slack

    found: list[Check] = []
    settings = settings_of()
    found.append(Check("settings", True, "understood"))
    found += _check_store(settings)
    if settings.vmm:
        from bot.appliers.vmm.checking import check_vmm

        found += [Check(*one) for one in check_vmm(settings, lambda: datetime.now(UTC))]
    found += _check_inbox(settings)
    found += check_slack(settings)
    if settings.for_slack and not settings.editors and not settings.admins:
        text = "nobody may change mappings: set NETMAP_EDITORS to Slack user ids"
        found.append(Check("editors", False, text))
    else:
        number = len(settings.editors | settings.admins)
        text = f"{plural(number, 'Slack id')} may change mappings"
        found.append(Check("editors", True, text if settings.for_slack else "not needed here"))
    for one in found:
        click.echo(f"{'ok  ' if one.ok else 'TODO'}  {one.about:<12}  {one.text}")
    sys.exit(ANSWERED if all(one.ok for one in found) else REFUSED)


def _check_store(settings: "Settings") -> "list[Check]":
    """Whether the database can be used, and how old its inventories are."""
    import shutil

    from bot.domain.codes import AHEAD
    from bot.render.phrases import since, utc
    from bot.slack.checking import Check

    if not settings.db.exists():
        folder = settings.db.absolute().parent
        usable = folder.is_dir() and os.access(folder, os.W_OK)
        text = f"{settings.db} will be made at the first start"
        return [Check("store", usable, text if usable else f"{folder} cannot be written to")]
    try:
        with opened(settings) as house:
            with house.store.write():
                pass
            with house.store.read() as tables:
                servers = list(tables.estate().servers.values())
            now = house.now()
    except NetmapError as error:
        return [Check("store", False, f"{error.message} {error.hint}".strip())]
    found = [Check("store", True, f"{settings.db} can be read and written")]
    free = shutil.disk_usage(settings.db.absolute().parent).free
    need = max(200_000_000, 2 * settings.db.stat().st_size)
    text = f"{free / 1e9:.1f} GB free"
    if free < need:
        text += f"; {need / 1e9:.1f} GB are wanted for backups and imports"
    found.append(Check("disk", free >= need, text))
    if not servers:
        found.append(Check("inventory", False, "none yet: netmap import <file>"))
    for server in servers:
        age = now - server.collected_at
        moment = f"{utc(server.collected_at):%Y-%m-%d %H:%M} UTC"
        text = f"{server.name} as of {moment} ({since(age)})"
        if -age > AHEAD:
            found.append(Check("inventory", False, f"{text}: a clock is wrong, here or there"))
            continue
        fresh = age <= timedelta(hours=settings.stale_hours)
        advice = "" if fresh else "; import a newer one: netmap import <file>"
        found.append(Check("inventory", fresh, text + advice))
    return found


def _check_inbox(settings: "Settings") -> "list[Check]":
    """Whether the folder that is watched can be used."""
    from bot.slack.checking import Check

    inbox = settings.inbox
    if inbox is None:
        return []
    usable = inbox.is_dir() and os.access(inbox, os.R_OK | os.W_OK)
    words = "is watched" if usable else "cannot be read and written: make it, or set another"
    return [Check("inbox", usable, f"{inbox} {words}")]


@click.command()
def health() -> None:
    """Say whether the running bot is well, for a service manager.

    Exit code 0 if it is, 1 if it is not, 3 if it is but an inventory is stale: a restart would
    not help then.
    """
    from bot.running import ailments, serving, stale

    settings = settings_of()
    now = datetime.now(UTC)
    wrong, living = ailments(settings.db, now), serving(settings.db)
    for line in wrong:
        click.echo(line)
    if wrong or not living:
        sys.exit(REFUSED)
    old = stale(living, now, settings.stale_hours)
    for found in living:
        ways = f", {sum(found.connections)} connections" if found.connections else ""
        click.echo(f"netmap is well: process {found.pid}, {found.door}{ways}.")
    for line in old:
        click.echo(line)
    sys.exit(STALE if old else ANSWERED)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Copy the database into a new FILE; the bot may be running."""
    settings = settings_of()
    if not settings.db.exists():
        raise SetupFault(f"There is no database {settings.db}.", "Set NETMAP_DB to netmap's file.")
    with opened(settings) as house:
        house.store.backup(file)
    click.echo(f"{settings.db} is copied to {file}. To put it back: netmap restore {file}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Put the backup FILE in the place of the database. The bot must be stopped."""
    from bot.domain.numbers import plural
    from bot.wiring import copies

    settings = settings_of()
    kept, found = copies.restore(file, settings.db)
    where = f" What was there before is in {kept}." if kept else ""
    click.echo(f"{settings.db} is as in {file}.{where}")
    if found.last_at:
        click.echo(
            f"It ends with {found.last} of {found.last_at:%Y-%m-%d %H:%M} UTC: what was changed"
            f" after that is not in it. Changes go on at {found.goes_on or 'the next number'},"
            " requests and mappings as far beyond theirs, so that old messages name nothing else."
        )
        if found.unsent:
            waited = plural(found.unsent, "message")
            click.echo(f"Not sent: {waited} that waited in it. Digests say anew what is so now.")
        if found.broken_off:
            changes = ", ".join(found.broken_off)
            click.echo(f"Being reconnected in it, and not gone on with: {changes}. See plan.")
        click.echo(
            "Before anything is reconnected: take in new inventories, map again what was mapped"
            " meanwhile, then look at drift."
        )


@click.command()
@click.option("--http", "url", metavar="URL", help="For signed HTTP: where Slack is to post to.")
def manifest(url: str | None) -> None:
    """Print Slack's app manifest as JSON. Its CLI and "Create from manifest" take it."""
    import json

    from bot.settings import Settings
    from bot.slack import manifest as app

    address = "" if url is None else app.checked(url)
    made = app.load(Settings.read(os.environ).command, address)
    click.echo(json.dumps(made, indent=2, ensure_ascii=False))
