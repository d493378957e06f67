"""The command line. What a command needs is imported inside it, so that `--version` is quick."""

import getpass
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from bot import __version__
from bot.domain.errors import NetmapError, SetupFault

if TYPE_CHECKING:
    from threading import Event

    from bot.domain.replies import Reply
    from bot.settings import Settings
    from bot.wiring import House

GREETING = "netmap console. Try: servers, list, vm web01, help. Ctrl-D leaves."
LARGE = 5_000_000
"""Bytes of an inventory from which a progress bar is worth a line."""

ANSWERED, REFUSED, BUG, STALE = 0, 1, 2, 3
"""Exit codes."""


class _Explained(click.ClickException):
    """A NetmapError as the command line says it: what is wrong, then what to do."""

    exit_code = REFUSED

    def __init__(self, error: NetmapError) -> None:
        lines = [error.message, *(f"  {fact}" for fact in error.facts), error.hint]
        super().__init__("\n".join(line for line in lines if line))

    def show(self, file: Any = None) -> None:
        click.echo(self.message, file=file or sys.stderr)


class _Commands(click.Group):
    """Explains what can be explained."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except NetmapError as error:
            raise _Explained(error) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="netmap")
def main() -> None:
    """Network mapping of a Hyper-V / VMM disaster-recovery estate, from Slack or a terminal."""


def _settings(serving: bool = False) -> "Settings":
    from bot.settings import Settings, configure_logging

    settings = Settings.read(os.environ)
    configure_logging(settings, quiet=not serving or not settings.for_slack)
    return settings


@contextmanager
def _house(settings: "Settings", sample: bool = False) -> Iterator["House"]:
    """The house, closed at the end.

    Args:
        settings: with the database.
        sample: load the sample estate if there is no database yet and Slack is out of play.
    """
    from bot import wiring

    new = not os.path.exists(settings.db)  # also for what can be no path
    house = wiring.build(settings, _bar)
    with closing(house):
        if sample and new and not settings.for_slack:
            _load_sample(house)
        yield house


def _load_sample(house: "House") -> None:
    """Fill a new database with the sample estate, or leave none behind."""
    from bot import wiring

    if sys.stderr.isatty():
        click.echo("No database yet: loading the sample estate …", err=True)
    try:
        wiring.load_sample(house)
    except BaseException:
        house.close()
        for end in ("", "-wal", "-shm"):
            Path(f"{house.settings.db}{end}").unlink(missing_ok=True)
        raise


def _login() -> str:
    """Who sits at this terminal, as `local:<login>`."""
    from bot.settings import LOCAL

    try:
        return LOCAL + getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return f"{LOCAL}{os.getuid() if hasattr(os, 'getuid') else 'somebody'}"


def _leave(reply: "Reply") -> NoReturn:
    if reply.ok:
        sys.exit(ANSWERED)
    sys.exit(BUG if reply.error is not None and reply.error.code == "bug" else REFUSED)


def _print(reply: "Reply", as_json: bool) -> None:
    from bot import console

    if as_json:
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # a real stream
        click.echo(console.as_json(reply))
    else:
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a real stream
        click.echo(console.shown(reply, console.look(sys.stdout)))


# Talking


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("line", nargs=-1, required=True, type=click.UNPROCESSED)
@click.option("--json", "as_json", is_flag=True, help="Print the answer as one JSON object.")
def say(line: tuple[str, ...], as_json: bool) -> None:
    """Answer one LINE, such as: netmap say vm web01.

    Exit code 0 if it was answered, 1 if it was refused, 2 for a bug.
    """
    from bot.console import clean, join

    with _house(_settings(), sample=True) as house:
        page = None if as_json else 12
        reply = house.answer(clean(join(line)), by=_login(), page=page)
        _print(reply, as_json)
    _leave(reply)


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One command a line in, one answer out.")
def console(as_json: bool) -> None:
    """Talk to netmap in this terminal."""
    from bot import console as door
    from bot.commands import COMMANDS

    with _house(_settings(), sample=True) as house:
        by = _login()
        if as_json:
            sys.stdin.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
            sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]  # real streams
            door.machine(lambda line: house.answer(line, by=by, page=None), sys.stdin, sys.stdout)
        else:
            sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]  # real streams
            sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
            names = [command.name for command in COMMANDS]
            door.converse(lambda line: house.answer(line, by=by, page=12), names, GREETING)


# Serving


@main.command()
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
    """Serve Slack; without any tokens, a local workspace in the browser."""
    settings = _settings(serving=True)
    if rehearse:
        from bot import wiring

        if slack or http:
            raise SetupFault("A rehearsal does not serve Slack.", "Leave --slack and --http out.")
        copy = wiring.rehearsal(settings)
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
    from bot.slack.door import Door

    with ExitStack() as stack:
        stop = _stop_signal()
        house = stack.enter_context(_house(settings))
        door = Door(settings, house.answer, house.now, house=house)
        house.poster = door.poster
        stack.callback(door.close)
        kind = "http" if http else "socket"
        beat = stack.enter_context(_jobs(settings, house, kind, door.state))
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
    from bot.slack.door import Door

    try:
        from bot.workspace import Workspace
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "bot":
            raise
        click.echo(
            f"The local workspace needs more packages ({error.name} is missing):"
            " pip install 'netmap[workspace]'. Here is the console instead.",
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
        house = stack.enter_context(_house(settings, sample=True))
        there = {
            "bot_token": workspace.bot_token,
            "app_token": workspace.app_token,
            "api_url": workspace.api_url,
        }
        inside = house.settings = _inside(settings, there)
        door = Door(inside, house.answer, house.now, house=house)
        house.poster = door.poster
        stack.callback(door.close)
        door.open_sockets(stop)
        stack.enter_context(_jobs(settings, house, "workspace", door.state))
        door.resume()
        click.echo("netmap runs in a workspace on this machine; Ctrl-C stops it. Open:")
        click.echo(workspace.url)
        _wait(stop)


def _inside(settings: "Settings", there: dict[str, str]) -> "Settings":
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
def _jobs(
    settings: "Settings", house: "House", door: str, state: Callable[[], dict[str, Any]]
) -> Iterator[Callable[[], None]]:
    """The scheduler with its fixed jobs; gives the one that writes a heartbeat."""
    from bot import jobs, wiring

    def work() -> None:
        made = jobs.beat(door, state(), house.store, house.now, os.getpid())
        jobs.write_beat(settings.db, made)

    scheduler = jobs.Jobs()
    scheduler.every(jobs.BEAT_S, "heartbeat", work)
    for id, seconds, job in wiring.scheduled(house):
        scheduler.every(seconds, id, job)
    scheduler.start()
    work()
    try:
        yield work
    finally:
        scheduler.stop()
        jobs.remove_beat(settings.db)


# Inventories


@main.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--server", help="The VMM server they come from, if the files do not say.")
@click.option(
    "--collected-at", metavar="TIME", help="When VMM was asked, such as 2026-11-22T06:00Z."
)
@click.option("--force", is_flag=True, help="Take it although it is older, or much has vanished.")
@click.option("--replace-server", is_flag=True, help="Accept a known server under a new id.")
@click.option("--dry-run", is_flag=True, help="For mappings: only say what would happen.")
@click.option("--change", is_flag=True, help="For mappings: lead them elsewhere where they differ.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as one JSON object.")
def import_(
    files: tuple[Path, ...],
    server: str | None,
    collected_at: str | None,
    force: bool,
    replace_server: bool,
    dry_run: bool,
    change: bool,
    as_json: bool,
) -> None:
    """Take in FILES.

    Inventories of netmap/inventory/1, the raw output of VMM's cmdlets, what a run of
    Connect-NetmapReplicas.ps1 put out, a mapping table as CSV, or what az site-recovery prints of a
    vault's networks and mappings.
    """
    from bot import wiring

    at = _moment(collected_at) if collected_at else None
    with _house(_settings()) as house:
        reply = wiring.import_files(
            house,
            files,
            by=_login(),
            server=server,
            collected_at=at,
            force=force,
            replace_server=replace_server,
            dry_run=dry_run,
            change=change,
        )
        _print(reply, as_json)
    _leave(reply)


@main.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
def export(file: Path | None) -> None:
    """Write the mapping table as CSV to FILE, or to standard output."""
    with _house(_settings(), sample=True) as house:
        reply = house.answer("export", by=_login())
    _write_files(reply, file)


@main.group()
def script() -> None:
    """The PowerShell scripts that a VMM administrator runs."""


@script.command("export")
@click.argument("file", required=False, type=click.Path(path_type=Path))
def script_export(file: Path | None) -> None:
    """Export-NetmapInventory.ps1, which collects an inventory: to FILE or standard output."""
    from bot.render.scripts import export_script

    _write_text(export_script(), file)


@script.command("connect")
@click.argument("plan")
@click.argument("file", required=False, type=click.Path(path_type=Path))
def script_connect(plan: str, file: Path | None) -> None:
    """Connect-NetmapReplicas.ps1 for PLAN, as netmap say plan names it: to FILE or standard output.

    A plan for several servers makes several files; FILE is then the folder for them.
    """
    from bot.commands import write_line
    from bot.domain.asking import say as ask

    with _house(_settings(), sample=True) as house:
        reply = house.answer(write_line(ask("script", plan=plan)), by=_login())
    _write_files(reply, file)


def _write_files(reply: "Reply", to: Path | None) -> NoReturn:
    """Write what goes with a reply; a refusal is printed instead."""
    if not reply.ok:
        _print(reply, as_json=False)
    elif len(reply.files) == 1:
        _write_text(reply.files[0].text, to)
    elif to is None or not to.is_dir():
        names = ", ".join(file.name for file in reply.files)
        raise SetupFault(f"These are several files: {names}.", "Name a folder for them.")
    else:
        for file in reply.files:
            _write_text(file.text, to / file.name)
    _leave(reply)


def _write_text(text: str, to: Path | None) -> None:
    if to is None:
        sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]  # a real stream
        click.echo(text, nl=False)
        return
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


def _bar(what: str, done: int, of: int) -> None:
    """Draw how far long work is, on a terminal."""
    if of < LARGE or not sys.stderr.isatty():
        return
    share = min(1.0, done / of)
    filled = round(30 * share)
    end = "\r\033[K" if share >= 1 else ""
    click.echo(
        f"\r{what} [{'#' * filled}{'.' * (30 - filled)}] {share:4.0%}{end}", err=True, nl=False
    )


# Operation


@main.command()
def check() -> None:
    """Say what the set-up lacks; each line says what to do."""
    from bot import wiring
    from bot.slack.checking import Check, check_slack

    found: list[Check] = []
    settings = _settings()
    found.append(Check("settings", True, "understood"))
    found += _check_store(settings)
    found += [Check(*one) for one in wiring.check_vmm(settings)]
    found += check_slack(settings)
    if settings.for_slack and not settings.editors and not settings.admins:
        text = "nobody may change mappings: set NETMAP_EDITORS to Slack user ids"
        found.append(Check("editors", False, text))
    else:
        text = f"{len(settings.editors | settings.admins)} people may change mappings"
        found.append(Check("editors", True, text if settings.for_slack else "not needed here"))
    for one in found:
        click.echo(f"{'ok  ' if one.ok else 'TODO'}  {one.about:<12}  {one.text}")
    sys.exit(ANSWERED if all(one.ok for one in found) else REFUSED)


def _check_store(settings: "Settings") -> list[Any]:
    """Whether the database can be used, and how old its inventories are."""
    import shutil

    from bot.slack.checking import Check

    if not settings.db.exists():
        folder = settings.db.absolute().parent
        usable = folder.is_dir() and os.access(folder, os.W_OK)
        text = f"{settings.db} will be made at the first start"
        return [Check("store", usable, text if usable else f"{folder} cannot be written to")]
    try:
        with _house(settings) as house:
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
        hours = (now - server.collected_at).total_seconds() / 3600
        fresh = hours <= settings.stale_hours
        text = f"{server.name} as of {hours:.0f} h ago"
        advice = "" if fresh else "; import a newer one: netmap import <file>"
        found.append(Check("inventory", fresh, text + advice))
    return found


@main.command()
def health() -> None:
    """Say whether the running bot is well, for a service manager.

    Exit code 0 if it is, 1 if it is not, 3 if it is but an inventory is stale: a restart would
    not help then.
    """
    from bot import jobs

    settings = _settings()
    now = datetime.now(UTC)
    found = jobs.read_beat(settings.db)
    wrong = jobs.ailments(found, now)
    for line in wrong:
        click.echo(line)
    if wrong or found is None:
        sys.exit(REFUSED)
    old = jobs.stale(found, now, settings.stale_hours)
    ways = f", {sum(found.connections)} connections" if found.connections else ""
    click.echo(f"netmap is well: process {found.pid}, {found.door}{ways}.")
    for line in old:
        click.echo(line)
    sys.exit(STALE if old else ANSWERED)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Copy the database into a new FILE; the bot may be running."""
    settings = _settings()
    if not settings.db.exists():
        raise SetupFault(f"There is no database {settings.db}.", "Set NETMAP_DB to netmap's file.")
    with _house(settings) as house:
        house.store.backup(file)
    click.echo(f"{settings.db} is copied to {file}. To put it back: netmap restore {file}")


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
def restore(file: Path) -> None:
    """Put the backup FILE in the place of the database; the bot must be stopped."""
    from bot import wiring

    settings = _settings()
    kept = wiring.restore(file, settings.db)
    where = f" What was there before is in {kept}." if kept else ""
    click.echo(f"{settings.db} is as in {file}.{where}")


@main.command()
@click.option("--http", "url", metavar="URL", help="For signed HTTP: where Slack is to post to.")
def manifest(url: str | None) -> None:
    """Print Slack's app manifest as JSON, as its CLI and "Create from manifest" take it."""
    import json

    from bot.settings import Settings
    from bot.slack import manifest as app

    made = app.load(Settings.read(os.environ).command, url or "")
    click.echo(json.dumps(made, indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
