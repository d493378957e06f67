"""The one way to answer a line, whichever door it came through."""

import logging
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from bot.commands.command import Command
from bot.commands.lines import Said
from bot.commands.rows import TABLE
from bot.domain.answers.shared import Long
from bot.domain.asking import Gate, Stamp, say
from bot.domain.codes import Role
from bot.domain.errors import Forbidden, Misread, NetmapError, NoCommand
from bot.domain.replies import Reply, Step, StepKind
from bot.ports import Ports
from bot.render import Show
from bot.render import errors as render_errors
from bot.render.sheets import Sheet, fill
from bot.render.steps import SHARE, about, steps
from bot.usecases.people import Names
from bot.usecases.resolving import Ask, check_no_server

log = logging.getLogger("netmap")

LINE = 200
"""Characters of a line that is no command in which VMs are looked for."""
SEVERAL = 5
"""VMs of it that are named."""
GATED = frozenset({"add", "change", "remove", "undo", "adopt", "match", "apply"})
"""Commands that a gate holds up."""


class Caller(NamedTuple):
    """Who says a line through which door."""

    by: str
    """A Slack user id, or `local:<login>`."""
    role: Role
    at: datetime
    page: int | None = 12
    """Rows of a long list to show; None: all."""
    where: str = ""
    zone: str = "UTC"
    remedy: Callable[[Role], str] = str
    """How to get a role, as a sentence for those refused."""
    who: Callable[[Role], Sequence[str]] = lambda role: ()
    """Who has a role, for those refused: ids of people and user groups."""
    gate: Gate | None = None
    """What has to be looked at before it is done; None: nothing."""
    pages: bool = False
    """The door turns pages: answers are cut to one."""
    skip: int = 0
    """Rows on the pages before."""
    sheet: Sheet | None = None
    """Takes all rows of the answer, which then shows the first of them; where pages are turned,
    reconnections only."""


def answer(ports: Ports, line: str | Said, caller: Caller) -> Reply:
    """Answer one line. Never raises: a refusal is a reply, and so is a bug."""
    said = TABLE.read(line)
    show = Show(TABLE.write, caller.at, said.again, Names(ports.store))
    try:
        _permit(ports, said, caller)
        asks = _asks(ports, said)
        stamp = Stamp(
            caller.by,
            caller.at,
            caller.role,
            said.again,
            None if caller.skip or caller.sheet else caller.page,
            caller.where,
            caller.zone,
            _gate(caller, said),
            caller.sheet,
        )
        if caller.sheet is not None:
            caller.sheet.name = show.name
        result = said.command.do(ports, asks, stamp)
        if caller.sheet is not None and not caller.pages:
            fill(caller.sheet, result)
        reply = _shown(said, result, show, caller)
        reply.found = result
    except NetmapError as error:
        reply = render_errors.error(error, show)
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("bug %s", reference)
        reply = render_errors.error(reference, show)
    reply.command = said.again
    if reply.error:
        reply.steps = steps(None, reply, show)
    reply.steps = [step for step in reply.steps if _may(caller.role, step)]
    if reply.menus:
        reply.menus = {
            block: [step for step in menu if _may(caller.role, step)]
            for block, menu in reply.menus.items()
        }
    return reply


def write_table(ports: Ports, line: str | Said, caller: Caller, sheet: Sheet) -> None:
    """Write all rows of what a line that only reads answers; none where it is no table.

    Raises:
        NetmapError: it cannot be answered, or would write.
    """
    said = TABLE.read(line)
    _permit(ports, said, caller)
    if not said.only_reads:
        raise _forbidden(said.command, caller)
    stamp = Stamp(caller.by, caller.at, caller.role, said.again, None, caller.where, caller.zone)
    sheet.name = Names(ports.store)
    fill(sheet, said.command.do(ports, said.asks, stamp._replace(sheet=sheet)))


def _permit(ports: Ports, said: Said, caller: Caller) -> None:
    """Let pass what this person may say.

    Raises:
        Misread: there is no such command; a line that names VMs is led on to `vm`.
        Forbidden: they may not.
    """
    try:
        command = said.command
    except NoCommand as error:
        where = TABLE.by_name["vm"]
        names = _named(ports, said.again) if caller.role.allows(where.role) else []
        if not names:
            raise
        raise NoCommand(
            error.message,
            hint="To see where it comes up:" if len(names) == 1 else "To see where they come up:",
            commands=[say("vm", names=tuple(names))],
        ) from None
    if not caller.role.allows(command.role):
        raise _forbidden(command, caller)


def _named(ports: Ports, line: str) -> list[str]:
    """The VMs that a line which is no command names."""
    from bot.usecases.mentioned import vms_in

    return vms_in(ports, line[:LINE], SEVERAL).names


def _asks(ports: Ports, said: Said) -> Sequence[Ask]:
    """Every reading of the line.

    Raises:
        Misread: there is none.
        NotFound: it has a server's name where the command wants it after `--server`.
    """
    try:
        return said.asks
    except Misread:
        if "[--server <server>]" in said.command.usage:
            with ports.store.read() as tables:
                check_no_server(tables.estate(), said.words, said.command.name)
        raise


def _forbidden(command: Command, caller: Caller) -> Forbidden:
    return Forbidden(
        f"`{command.name}` is for {command.role}s, and you are {_a(caller.role)}.",
        hint=caller.remedy(command.role),
        commands=["whoami"] if caller.role.allows(Role.READER) else [],
        people=caller.who(command.role),
    )


def _a(role: Role) -> str:
    """The role as one says it of a person."""
    return {
        Role.NOBODY: "not one who may ask",
        Role.READER: "a reader",
        Role.EDITOR: "an editor",
        Role.ADMIN: "an admin",
    }[role]


def _gate(caller: Caller, said: Said) -> Gate | None:
    """What the line has to pass before it is done."""
    if not said.command.writes:
        return None
    asks = said.asks
    glass = any(getattr(ask, "break_glass", False) for ask in asks)
    if glass and not all(getattr(ask, "reason", "") for ask in asks):
        raise Misread(
            "`--break-glass` needs a reason.",
            hint="Say it with `--reason`; somebody will review it.",
        )
    gate = caller.gate
    if gate is None or said.command.name in GATED:
        reason = str(getattr(asks[0], "reason", ""))
        return gate._replace(glass=glass, reason=reason) if gate else None
    return None


def _shown(said: Said, result: Any, show: Show, caller: Caller) -> Reply:
    """The answer, or the page of it that was asked for, with what could be done next."""
    whole = result
    paged = caller.pages and said.only_reads
    skip, long = 0, isinstance(whole, Long)
    if long and (paged or caller.sheet):
        from bot.render.tables import page_of, rows_of

        skip = caller.skip if caller.skip < rows_of(whole) else 0  # there were more rows
        result = page_of(whole, skip)
        show = show._replace(before=skip)
    reply = said.command.show(result, show)
    reply.command = show.again
    reply.steps = steps(result, reply, show)
    if long and paged:
        reply.steps += _turns(whole, result, reply, skip)
    elif long and caller.pages and getattr(result, "held", False) and said.rehearsed:
        if result.more:
            reply.steps.append(Step(StepKind.SHEET, "All as CSV", said.rehearsed))
        reply.steps.append(SHARE._replace(line=said.rehearsed))
    reply.about = about(result)
    return reply


def _turns(whole: Any, shown: Any, reply: Reply, skip: int) -> list[Step]:
    """Pages before and after this one, and all of them as a file."""
    from bot.render.tables import rows_in, rows_of

    rows, here = rows_of(whole), rows_in(shown)
    tables = [block for block in reply.blocks if block["type"] == "table"]
    end = skip + (len(tables[0]["rows"]) - 1 if tables else here)
    found = []
    if skip:
        found.append(Step(kind=StepKind.PAGE, label="First page"))
    if end < rows:
        found.append(Step(kind=StepKind.PAGE, label="More", skip=end))
    if found:
        found.append(Step(kind=StepKind.SHEET, label="All as CSV"))
    return found


_CHANGING = (StepKind.FORM, StepKind.FIX, StepKind.HUSH, StepKind.MUTE, StepKind.DIGEST)


def _may(role: Role, step: Step) -> bool:
    """Whether a step is worth offering to somebody of that role."""
    if step.kind in _CHANGING:
        return role.allows(Role.EDITOR)
    if step.kind is not StepKind.RUN:
        return True
    command = TABLE.by_name.get(step.verb) or TABLE.read(step.line).command
    return role.allows(command.role)
