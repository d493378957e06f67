"""Serve Slack, or a workspace on this machine."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from bot.cli.houses import opened, settings_of
from bot.cli.talking import console
from bot.domain.errors import SetupFault

if TYPE_CHECKING:
    from threading import Event

    from bot.running import Seat
    from bot.settings import Settings
    from bot.slack.door import Door
    from bot.wiring import House


@click.command()
@click.option("--slack", is_flag=True, help="Refuse to start without Slack's tokens.")
@click.option("--http", metavar="[HOST:]PORT", help="Take signed HTTP instead of Socket Mode.")
@click.option("--rehearse", is_flag=True, help="A workspace on a copy of the real database.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    help="Port of the local workspace's page; a free one if 0.",
)
def run(slack: bool, http: str | None, rehearse: bool, port: int) -> None:
    """Serve Slack; without tokens, a workspace in the browser."""
    settings = settings_of(serving=True)
    if rehearse:
        from bot.wiring.copies import rehearsal

        if slack or http:
            raise SetupFault("A rehearsal does not serve Slack.", "Leave --slack and --http out.")
        copy = rehearsal(settings)
        click.echo(f"Rehearsing on {copy}: what is done there reaches no site.")
        _rehearse(settings.offline(copy), port)
        return
    wants = ("bot_token", "signing_secret") if http else ("bot_token", "app_token")
    lacking = settings.lacking(*wants)
    if slack or http or settings.for_slack:
        if lacking:
            raise SetupFault(
                f"{' and '.join(lacking)} {'is' if len(lacking) == 1 else 'are'} not set.",
                "Tokens are on the app's page at https://api.slack.com/apps. Socket Mode needs"
                " SLACK_BOT_TOKEN and SLACK_APP_TOKEN; run --http needs SLACK_BOT_TOKEN and"
                " SLACK_SIGNING_SECRET; with none of them netmap run starts a local workspace.",
            )
        _serve(settings, _address(http) if http else None)
    else:
        _rehearse(settings, port)


def _serve(settings: "Settings", http: tuple[str, int] | None) -> None:
    """Serve Slack until told to stop."""
    with ExitStack() as stack:
        stop = _stop_signal()
        door, beat = stack.enter_context(standing(settings, "http" if http else "socket"))
        if http:
            port = door.open_http(*http)
            click.echo(f"Listening on http://{http[0]}:{port}/slack/events")
        else:
            door.open_sockets(stop)
            click.echo("Connected to Slack." if not stop.is_set() else "Not connected to Slack.")
        door.resume()
        beat()
        _wait(stop)
        click.echo("Stopping.")


def _rehearse(settings: "Settings", port: int) -> None:
    """Serve a local workspace until told to stop; without its packages, the console."""
    from bot.slack import manifest

    try:
        from bot.workspace import Workspace
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "bot":
            raise
        click.echo(
            f"The local workspace needs more packages ({error.name} is missing):"
            " pip install '.[workspace]' in netmap's clone. Here is the console instead.",
            err=True,
        )
        click.get_current_context().invoke(console, as_json=False)
        return
    with ExitStack() as stack:
        stop = _stop_signal()
        try:
            workspace = Workspace(manifest.load(settings.command), port=port)
        except OSError as error:
            raise SetupFault(
                f"Port {port} cannot be used: {error.strerror}.", "Leave --port out for a free one."
            ) from error
        workspace.start()
        stack.callback(workspace.stop)
        _never_by_proxy()
        there = {
            "bot_token": workspace.bot_token,
            "app_token": workspace.app_token,
            "api_url": workspace.api_url,
        }
        door, beat = stack.enter_context(standing(settings, "workspace", there))
        door.open_sockets(stop)
        door.resume()
        beat()
        click.echo("netmap runs in a workspace on this machine; Ctrl-C stops it. Open:")
        click.echo(workspace.url)
        _wait(stop)


@contextmanager
def standing(
    settings: "Settings", kind: str, workspace: Mapping[str, str] | None = None
) -> Iterator[tuple["Door", Callable[[], None]]]:
    """All of a bot that serves, short of the connection to Slack.

    Args:
        kind: `socket`, `http` or `workspace`.
        workspace: the settings that a local workspace has of its own.

    Yields:
        The door to open, and what writes a heartbeat.
    """
    from bot.slack.door import Door

    with ExitStack() as stack:
        house = stack.enter_context(opened(settings, sample=workspace is not None))
        if workspace is not None:
            house.settings = _inside(settings, workspace)
        door = Door(house.settings, house.answer, house.now, house=house)
        house.poster = door.poster
        stack.callback(door.close)
        seat = stack.enter_context(_seat(settings, kind))
        yield door, stack.enter_context(_jobs(seat, house, door))


def _inside(settings: "Settings", there: Mapping[str, str]) -> "Settings":
    """The settings as they are inside the workspace: its tokens, and open to all."""
    given = {name: getattr(settings, name) for name in type(settings).model_fields}
    return type(settings).model_validate({**given, **there, "local": True})


def _never_by_proxy() -> None:
    """Keep the SDK from asking a proxy for this very machine."""
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), "127.0.0.1"]))


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not port.isdigit() or int(port) > 65535:
        raise SetupFault(f"--http {text} names no port.", "Such as: --http 3000, or 0.0.0.0:3000.")
    return host.strip("[]") or "127.0.0.1", int(port)


def _stop_signal() -> "Event":
    """An event that SIGTERM and Ctrl-C set."""
    import signal
    import threading

    # A busy thread gives way after half a millisecond, so that acknowledgements need not wait.
    sys.setswitchinterval(0.0005)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _wait(stop: "Event") -> None:
    """Wait for it; in pieces, as Windows hears no Ctrl-C while a thread waits without end."""
    while not stop.wait(0.5):
        pass


@contextmanager
def _seat(settings: "Settings", door: str) -> Iterator["Seat"]:
    """This process among those that serve the database; says so if there are others."""
    from bot.render.words import DOOR
    from bot.running import Seat

    seat = Seat(settings.db, door, lambda: datetime.now(UTC))
    try:
        for other in seat.others():
            click.echo(
                f"{settings.db} is served already: process {other.pid}, {DOOR[other.door]}, since"
                f" {other.since:%d %b %Y %H:%M} UTC. Each digest is told once all the same; with"
                " Socket Mode, Slack asks one or the other.",
                err=True,
            )
        yield seat
    finally:
        seat.leave()


@contextmanager
def _jobs(seat: "Seat", house: "House", door: "Door") -> Iterator[Callable[[], None]]:
    """The scheduler with its fixed jobs; gives the one that writes a heartbeat."""
    from bot import jobs
    from bot.running import BEAT_S
    from bot.wiring.timed import scheduled

    def work() -> None:
        seat.beat(door.state(), house.store)

    scheduler = jobs.Jobs()
    scheduler.every(BEAT_S, "heartbeat", work)
    scheduler.every(jobs.LOOK_S, "slack", door.look_after)
    for id, seconds, job in scheduled(house):
        scheduler.every(seconds, id, job)
    beside = house.serve()
    scheduler.start()
    work()
    try:
        yield work
    finally:
        beside.stop()  # before it is waited for
        scheduler.stop()
