"""Take in what somebody gave: inventories, answers of the script, mappings; files of any door.

What not every file needs is imported where it is used.
"""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic_core import from_json, to_json

from bot import commands
from bot.commands import Caller
from bot.domain.asking import Gate, Sheet, Stamp
from bot.domain.codes import Role
from bot.domain.errors import Forbidden, InventoryFault, NetmapError, Stopped
from bot.domain.replies import Fault, Reply
from bot.domain.requests import HANDED_IN
from bot.render import Show
from bot.render.errors import error as render_error
from bot.render.steps import about, steps

if TYPE_CHECKING:
    from bot.domain.intake import Intake
    from bot.domain.reports import ImportReport
    from bot.importers.kinds import Kind
    from bot.ports import InventorySource
    from bot.usecases.importing.imports import Options
    from bot.wiring.house import Files, House, Outside

log = logging.getLogger("netmap")


def take_files(ports: Outside, intake: Intake) -> Iterator[ImportReport]:
    """Import inventory files one after the other, in this process.

    Raises:
        NetmapError: one is refused; it says which were taken in before that, and stay so.
    """
    from bot.domain.intake import taken_before
    from bot.importers import open_inventory
    from bot.usecases.importing.imports import Options, import_inventory

    options = Options(force=intake.force, replace_server=intake.replace_server)
    before: list[str] = []
    for source in open_inventory(intake.paths, intake.server, intake.collected_at):
        command = intake.command or HANDED_IN + source.names
        stamp = Stamp(intake.by, intake.at, command=command)
        try:
            report = import_inventory(ports, source, stamp, options)
        except NetmapError as error:
            error.facts = (*taken_before(before), *error.facts)
            raise
        before.append(report.server)
        yield report


def take_in(
    house: House,
    sources: Sequence[InventorySource],
    by: str,
    at: datetime,
    options: Options,
) -> Reply:
    """Import these sources one after the other; what was taken in before a refusal stays."""
    from bot.usecases.importing.imports import import_inventory

    reports = [
        import_inventory(
            house.ports, source, Stamp(by, at, command=f"import {source.names}"), options
        )
        for source in sources
    ]
    if house.poster is None and not options.simulated:
        house.look()
    return _brought(reports, house.show(at))


def _brought(reports: list[ImportReport], show: Show) -> Reply:
    from bot.render.imports import import_report

    reply = import_report(reports, show)
    reply.found = reports
    return reply


def load_sample(house: House) -> None:
    """Fill an empty store with the sample estate: its inventories and its history."""
    from bot.importers.sample import sample_days
    from bot.usecases.importing.imports import Options
    from bot.usecases.watching.findings import look

    for day in sample_days(house.now()):
        take_in(house, day.inventories, "local:sample", day.at, Options(simulated=True))
        for line in day.commands:
            caller = Caller("local:sample", Role.ADMIN, day.at, where=day.where)
            reply = commands.answer(house.ports, line, caller)
            if not reply.ok:
                raise RuntimeError(f"the sample cannot say {line!r}: {reply.text}")
        look(house.ports, Stamp("local:sample", day.at))


def import_files(
    house: House,
    paths: Sequence[Path],
    by: str,
    server: str | None = None,
    collected_at: datetime | None = None,
    force: bool = False,
    replace_server: bool = False,
    dry_run: bool = False,
    change: bool = False,
    plan: str = "",
    gate: Gate | None = None,
    where: str = "",
    sheet: Sheet | None = None,
) -> Reply:
    """Read what somebody gave and take it in; a refusal is a reply too.

    Inventories, what a run of Connect-NetmapReplicas.ps1 put out, a mapping table as CSV, or the
    mappings of an Azure vault.

    Args:
        dry_run: for mappings: only say what would happen.
        change: for mappings: lead those mapped elsewhere to the target in the file.
        plan: for mappings: only if it is what this fingerprint showed.
        gate: for mappings: what has to be looked at before it is done.
        where: the channel it came from.
        sheet: for mappings: takes all that they reconnect.
    """
    from bot.domain.intake import Intake
    from bot.importers.kinds import Kind, kind_of

    show = house.show()
    try:
        kind = kind_of(paths)
        names = " ".join(path.name for path in paths)
        stamp = Stamp(
            by, house.now(), command=HANDED_IN + names, where=where, gate=gate, sheet=sheet
        )
        if kind is not Kind.INVENTORY and (server or collected_at or force or replace_server):
            raise InventoryFault(
                f"{paths[0]} is no inventory.",
                hint="--server, --collected-at, --force and --replace-server are for inventories.",
            )
        if kind in (Kind.VAULT, Kind.TABLE):
            return _take_mappings(house, kind, paths, stamp, dry_run, change, plan)
        if dry_run or change or plan:
            raise InventoryFault(
                f"{paths[0]} holds no mappings.",
                hint="--dry-run, --plan and --change are for mapping tables and vaults.",
            )
        if kind is Kind.ANSWERS:
            return _take_answers(house, paths[0], stamp)
        intake = Intake(
            paths=tuple(path.absolute() if house.ports.beside else path for path in paths),
            by=by,
            at=stamp.at,
            server=server,
            collected_at=collected_at,
            force=force,
            replace_server=replace_server,
        )
        before = _last(house)
        reports: list[ImportReport] = []
        try:
            reports = house.ports.bring(intake)
        finally:
            if house.poster is None and (reports or _last(house) != before):
                house.look()  # also at what was taken in before a refusal
        return _brought(reports, show)
    except NetmapError as error:
        return render_error(error, show)


def _take_mappings(
    house: House,
    kind: Kind,
    paths: Sequence[Path],
    stamp: Stamp,
    dry_run: bool,
    change: bool,
    plan: str,
) -> Reply:
    from bot.importers.kinds import Kind
    from bot.importers.table import open_table
    from bot.importers.vault import open_vault
    from bot.render.bulk import brought
    from bot.usecases.mapping.bulk import bring

    strict = kind is Kind.TABLE
    wanted = open_table(paths[0]) if strict else open_vault(paths)
    wanted = wanted._replace(strict=strict, change=change)
    result = bring(house.ports, wanted, stamp, dry_run, plan)
    show = house.show()
    reply = brought(result, show)
    reply.found, reply.steps, reply.about = result, steps(result, reply, show), about(result)
    return reply


def _last(house: House) -> int:
    """The number of the newest change."""
    with house.store.read() as tables:
        return tables.changes.last()


def _take_answers(house: House, path: Path, stamp: Stamp) -> Reply:
    from bot.importers.answers import open_answers
    from bot.render.remotes import answers_taken
    from bot.usecases.applying.orders import take_answers

    result = take_answers(house.ports, open_answers(path), stamp)
    reply = answers_taken(result, house.show())
    reply.found = result
    return reply


def take_given(
    house: House,
    files: Files,
    by: str,
    dry_run: bool = False,
    change: bool = False,
    role: Role | None = None,
    gate: Gate | None = None,
    where: str = "",
    sheet: Sheet | None = None,
) -> Reply:
    """Take in files that came through a door, as this person, who has to be an editor.

    Args:
        files: as they were called there, and all of each; what belongs together is read together.
        by: who.
        dry_run: for mappings: only say what would happen.
        change: for mappings: lead those mapped elsewhere to the target in the file.
        role: theirs, where the door knows better than the settings.
        gate: for mappings: what has to be looked at before it is done.
        where: the channel it came from.
        sheet: for mappings: takes all that they reconnect.
    """
    role = role or house.settings.role_of(by)
    if not role.allows(Role.EDITOR):
        fault = Forbidden(
            f"Only an editor may hand in files; you are a {role}.",
            hint=house.settings.remedy(by, Role.EDITOR),
            commands=["whoami"],
        )
        return render_error(fault, house.show())
    with tempfile.TemporaryDirectory(prefix="netmap-") as folder:
        paths: list[Path] = []
        for name, data in files:
            path = Path(folder) / _plain(name)
            while path in paths:
                path = path.with_name(f"2-{path.name}")
            path.write_bytes(data)
            paths.append(path)
        reply = import_files(
            house, paths, by, dry_run=dry_run, change=change, gate=gate, where=where, sheet=sheet
        )
    return _without_folder(reply, folder)


def _plain(name: str) -> str:
    """The name without what a folder could take amiss."""
    kept = "".join(c if c.isalnum() or c in "-_. " else "_" for c in name)
    return kept.strip(". ")[-100:] or "file"


def _without_folder(reply: Reply, folder: str) -> Reply:
    """The reply without the temporary folder: the person knows the file by its own name."""
    said = to_json((reply.text, reply.blocks, reply.error)).decode()
    cut = said.replace(json.dumps(f"{folder}{os.sep}")[1:-1], "")
    reply.text, reply.blocks, error = from_json(cut)
    reply.error = Fault(**error) if error else None
    return reply


def take_inbox(house: House) -> list[Reply]:
    """Take in what lies ready in NETMAP_INBOX, and put it away; one reply for each delivery."""
    from bot.importers.inbox import deliveries, put_away
    from bot.importers.kinds import Kind, kind_of
    from bot.usecases.importing.import_failures import INBOX, remember, settle_inbox

    folder = house.settings.inbox
    replies: list[Reply] = []
    if folder is None:
        return replies
    for path, files in list(deliveries(folder, house.now())):
        try:
            if kind_of(files) in (Kind.VAULT, Kind.TABLE):
                raise InventoryFault(
                    "Mappings are not taken from a folder: somebody has to see what would change.",
                    hint="Look with netmap import --dry-run, then take them with netmap import.",
                )
            reply = import_files(house, files, by="local:inbox")
        except NetmapError as fault:
            reply = render_error(fault, house.show())
        if reply.error is not None and reply.error.code == Stopped.code:
            break  # it lies there still when netmap runs again
        kept = put_away(folder, path, reply.ok, reply.text, house.now())
        log.info("inbox: %s %s", kept.name, "taken in" if reply.ok else "refused")
        if reply.ok:
            settle_inbox(house.ports)
        elif reply.error is not None:
            failed = InventoryFault(f"{kept.name}: {reply.error.message}")
            remember(house.ports, INBOX, failed, house.now())
        replies.append(reply)
    return replies
