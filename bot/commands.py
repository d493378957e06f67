"""The table of everything one can say, and the one way to answer it.

A usage line is the grammar of its command: help shows it, README copies it, the parser reads it.
"""

import logging
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, get_type_hints

from pydantic import BaseModel

from bot.domain.answers import Help, HelpEntry, MappingChanged, VmAnswer, Who
from bot.domain.asking import Gate, Say, Stamp
from bot.domain.codes import Role
from bot.domain.errors import Forbidden, Misread, NetmapError, Refused
from bot.domain.replies import Reply, Step, StepKind
from bot.domain.requests import RequestLine
from bot.grammar import schedules
from bot.grammar.lines import compose, split_verb
from bot.grammar.tokens import Token, tokenize, unescaped
from bot.grammar.usage import readings
from bot.ports import Ports
from bot.render import Show, sheets
from bot.render import bulk as render_bulk
from bot.render import digests as render_digests
from bot.render import errors as render_errors
from bot.render import findings as render_findings
from bot.render import history as render_history
from bot.render import lists as render_lists
from bot.render import mappings as render_mappings
from bot.render import maps as render_maps
from bot.render import networks as render_networks
from bot.render import plans as render_plans
from bot.render import remotes as render_remotes
from bot.render import requests as render_requests
from bot.render import status as render_status
from bot.render import vms as render_vms
from bot.render.steps import steps
from bot.usecases import (
    admin,
    bulk,
    digests,
    drift,
    findings,
    history,
    holding,
    lists,
    mappings,
    maps,
    networks,
    plans,
    refreshing,
    requests,
    status,
    vms,
)
from bot.usecases.resolving import Ask

log = logging.getLogger("netmap")


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


class Command(NamedTuple):
    """One thing one can say."""

    name: str
    usage: str
    summary: str
    example: str
    """A line that runs on the sample estate."""
    asks: type[Ask]
    does: Callable[..., Any]
    shows: Callable[[Any, Show], Reply]
    role: Role = Role.READER
    aliases: tuple[str, ...] = ()
    quick: bool = False
    """Index seeks only: may be answered before the acknowledgement."""
    reads: Mapping[str, Callable[[str], object]] = {}
    """Key -> what makes a value of the words that were said for it; raises Misread."""

    @property
    def writes(self) -> bool:
        return self.role is not Role.READER and self.name not in ("plan", "script")


GATED = frozenset({"add", "change", "remove", "undo", "adopt"})
"""Commands that a gate holds up."""


class AskHelp(Ask):
    command: str | None = None


def _help(ports: Ports, asks: Sequence[AskHelp], stamp: Stamp) -> Help:
    """What this person may run."""
    about = (asks[0].command or "").casefold()
    if about:
        name, _ = split_verb(tokenize(about), SPOKEN)
        command = BY_NAME[name]
        return Help(commands=[_entry(command)], about=name)
    return Help(commands=[_entry(c) for c in COMMANDS if stamp.role.allows(c.role)])


def _whoami(ports: Ports, asks: Sequence[Ask], stamp: Stamp) -> Who:
    found = status.whoami(ports, [networks.AskNothing()], stamp)
    found.may = [c.name for c in COMMANDS if stamp.role.allows(c.role)]
    return found


def _apply(ports: Ports, asks: Sequence[plans.Apply], stamp: Stamp) -> MappingChanged:
    """Do what a plan showed, or what a change that waits did."""
    if re.fullmatch("[Rr][0-9]{1,9}", asks[0].plan):
        return _agree(ports, asks[0].plan, stamp, approving=False)
    return plans.apply(ports, asks, stamp)


def _approve(ports: Ports, asks: Sequence[holding.AskRequest], stamp: Stamp) -> MappingChanged:
    """Have a request done, in the name of who asked for it."""
    return _agree(ports, asks[0].change, stamp, approving=True)


def _review(ports: Ports, asks: Sequence[holding.AskRequest], stamp: Stamp) -> RequestLine:
    """Say that a change that went through with `--break-glass` was looked at."""
    with ports.store.read() as tables:
        request = holding.find_request(tables, asks[0].change)
    return requests.review(ports, request, stamp)


def _agree(ports: Ports, label: str, stamp: Stamp, approving: bool) -> MappingChanged:
    """Do what a request showed, if it is still that."""
    with ports.store.read() as tables:
        request = holding.find_request(tables, label)
    holding.may_agree(request, stamp, approving)
    name, rest = split_verb(tokenize(request.line, escaped=False), SPOKEN)
    command = BY_NAME[name]
    result = command.does(
        ports,
        read_asks(command, rest),
        stamp._replace(
            by=request.by if approving else stamp.by,
            command=request.line,
            where=request.where,
            gate=Gate(agreed=request.id, agreed_by=stamp.by),
        ),
    )
    assert isinstance(result, MappingChanged)
    result.request = request.label
    return result


def _entry(command: Command) -> HelpEntry:
    return HelpEntry(
        name=command.name,
        usage=command.usage,
        summary=command.summary,
        example=command.example,
        role=command.role,
        aliases=list(command.aliases),
    )


_DIGEST: dict[str, Callable[[str], object]] = {
    "schedule": schedules.schedule,
    "zone": schedules.zone,
    "quiet": schedules.quiet,
    "severity": schedules.least,
    "heartbeat": schedules.weekday,
}

COMMANDS: tuple[Command, ...] = (
    Command(
        name="help",
        usage="[<command>]",
        summary="What you may run, each with an example that runs",
        example="help add",
        asks=AskHelp,
        does=_help,
        shows=render_status.help_,
        aliases=("?",),
        quick=True,
    ),
    Command(
        name="add",
        usage="<source> [on <server>] to <target> [on <server>] [--test <network>] [--both]"
        " [--reason <text>] [--break-glass] [--dry-run]",
        summary="Map a network to the one its VMs join after failover; reconnect their replicas",
        example="add Prod-Web to DR-Web --dry-run",
        asks=mappings.AddMapping,
        does=mappings.add_mapping,
        shows=render_mappings.mapping_changed,
        role=Role.EDITOR,
    ),
    Command(
        name="change",
        usage="<mapping> to <target> [--test <network>|--no-test] [--reason <text>]"
        " [--break-glass] [--dry-run]",
        summary="Lead a mapping to another network of the same server; reconnect",
        example="change M1 to DR-Old --dry-run",
        asks=mappings.ChangeMapping,
        does=mappings.change_mapping,
        shows=render_mappings.mapping_changed,
        role=Role.EDITOR,
        aliases=("set",),
    ),
    Command(
        name="remove",
        usage="<mapping> [--reason <text>] [--break-glass] [--dry-run]",
        summary="Unmap a network; disconnect what the mapping had connected",
        example="remove M1 --dry-run",
        asks=mappings.RemoveMapping,
        does=mappings.remove_mapping,
        shows=render_mappings.mapping_changed,
        role=Role.EDITOR,
        aliases=("rm", "delete"),
    ),
    Command(
        name="list",
        usage="[<text>] [--server <server>] [--unmapped]",
        summary="The mapping table per pair of servers, blanks included",
        example="list --unmapped",
        asks=lists.AskList,
        does=lists.mapping_table,
        shows=render_lists.mapping_list,
        aliases=("ls",),
    ),
    Command(
        name="show",
        usage="<mapping|network>",
        summary="One mapping or network in full: subnets side by side, clouds, VMs, history",
        example="show M1",
        asks=lists.AskCard,
        does=lists.card,
        shows=render_lists.mapping_card,
        aliases=("info",),
    ),
    Command(
        name="vm",
        usage="<name>[, <name>…] [on <server>] [--test]",
        summary="Where each adapter of a VM comes up, why, and where it is now",
        example="vm web01",
        asks=vms.AskVms,
        does=vms.where,
        shows=render_vms.vm_answer,
        aliases=("subnet", "where", "failover"),
        quick=True,
    ),
    Command(
        name="networks",
        usage="[<server>]",
        summary="The networks that were retrieved, with their subnets in order",
        example="networks VMM-Chicago",
        asks=networks.AskNetworks,
        does=networks.networks,
        shows=render_networks.network_list,
    ),
    Command(
        name="servers",
        usage="",
        summary="The VMM servers that were retrieved, and how old that is",
        example="servers",
        asks=networks.AskNothing,
        does=networks.servers,
        shows=render_networks.server_list,
    ),
    Command(
        name="drift",
        usage="[--server <server>]",
        summary="What is not as it should be, worst first",
        example="drift",
        asks=drift.AskDrift,
        does=findings.drift_now,
        shows=render_findings.drift_report,
        aliases=("scan",),
    ),
    Command(
        name="map",
        usage="[<server>]",
        summary="The mapping of the estate as a picture, and the trend of findings",
        example="map",
        asks=maps.AskMap,
        does=maps.estate_map,
        shows=render_maps.estate_map,
    ),
    Command(
        name="plan",
        usage="[--server <server>]",
        summary="Which replicas would be reconnected now",
        example="plan",
        asks=plans.AskPlan,
        does=plans.plan,
        shows=render_plans.plan,
        role=Role.EDITOR,
    ),
    Command(
        name="apply",
        usage="<plan>",
        summary="Do exactly what a plan showed",
        example="apply 5f0c1a2b",
        asks=plans.Apply,
        does=_apply,
        shows=render_mappings.mapping_changed,
        role=Role.EDITOR,
    ),
    Command(
        name="script",
        usage="<plan>",
        summary="A plan as Connect-NetmapReplicas.ps1, to read and run in VMM",
        example="script 5f0c1a2b",
        asks=plans.Apply,
        does=plans.script,
        shows=render_remotes.script,
        role=Role.EDITOR,
    ),
    Command(
        name="refresh",
        usage="[<server>]",
        summary="Ask VMM servers for their inventories now",
        example="refresh",
        asks=refreshing.AskRefresh,
        does=refreshing.refresh,
        shows=render_remotes.refreshed,
        role=Role.EDITOR,
    ),
    Command(
        name="match",
        usage="<source> to <target> [--apply <plan>]",
        summary="Pairs of networks of two servers whose names match, to map them at once",
        example="match VMM-NewYork to VMM-Chicago",
        asks=bulk.AskMatch,
        does=bulk.match,
        shows=render_bulk.matched,
        role=Role.EDITOR,
    ),
    Command(
        name="export",
        usage="",
        summary="The mapping table as a CSV file",
        example="export",
        asks=networks.AskNothing,
        does=bulk.export,
        shows=render_bulk.exported,
    ),
    Command(
        name="adopt",
        usage="<network> [on <server>] [--dry-run]",
        summary="Take over a new order of a network's subnets",
        example="adopt DR-Reports --dry-run",
        asks=networks.Adopt,
        does=networks.adopt,
        shows=render_mappings.mapping_changed,
        role=Role.EDITOR,
    ),
    Command(
        name="ack",
        usage="<finding> [for <time>|until <date>] [--reason <text>]",
        summary="Say that you know of a finding: it is not said again unless it gets worse",
        example="ack all --reason known since the move",
        asks=findings.AskHush,
        does=findings.acknowledge,
        shows=render_findings.hushed,
        role=Role.EDITOR,
        aliases=("acknowledge",),
    ),
    Command(
        name="snooze",
        usage="<finding> [for <time>|until <date>] [--reason <text>]",
        summary="Put a finding off for a day or as long as you say, 30 days at most",
        example="snooze all for 2d",
        asks=findings.AskHush,
        does=findings.snooze,
        shows=render_findings.hushed,
        role=Role.EDITOR,
    ),
    Command(
        name="digest on",
        usage="[here|#channel] <schedule> [in <zone>] [quiet <from>-<to>] [min <severity>]"
        " [--heartbeat <weekday>|--no-heartbeat] [--picture]",
        summary="Tell a channel by the clock what drifts, and be silent when nothing does",
        example="digest on <#C0ONCALL1> weekdays 08:30 in Europe/Amsterdam quiet 22:00-07:00",
        asks=digests.DigestOn,
        does=digests.turn_on,
        shows=render_digests.changed,
        role=Role.EDITOR,
        aliases=("subscribe",),
        reads=_DIGEST,
    ),
    Command(
        name="digest list",
        usage="",
        summary="The digests that are on: last delivery, next run, what is wrong with them",
        example="digest list",
        asks=networks.AskNothing,
        does=digests.listing,
        shows=render_digests.listing,
        aliases=("digests", "subscriptions"),
    ),
    Command(
        name="digest show",
        usage="<id>",
        summary="One digest and what its last runs came to",
        example="digest show D1",
        asks=digests.WhichDigest,
        does=digests.card,
        shows=render_digests.card,
    ),
    Command(
        name="digest edit",
        usage="<id> [here|#channel] [<schedule>] [in <zone>] [quiet <from>-<to>] [min <severity>]"
        " [--heartbeat <weekday>|--no-heartbeat] [--picture|--no-picture] [--no-quiet]",
        summary="Change when, where or what a digest tells",
        example="digest edit D1 daily 07:00 min medium",
        asks=digests.DigestEdit,
        does=digests.edit,
        shows=render_digests.changed,
        role=Role.EDITOR,
        reads=_DIGEST,
    ),
    Command(
        name="digest off",
        usage="<id>",
        summary="End a digest",
        example="digest off D1",
        asks=digests.WhichDigest,
        does=digests.turn_off,
        shows=render_digests.changed,
        role=Role.EDITOR,
        aliases=("unsubscribe",),
    ),
    Command(
        name="digest run",
        usage="<id>",
        summary="Run a digest now; one that is paused goes on",
        example="digest run D1",
        asks=digests.WhichDigest,
        does=digests.run,
        shows=render_digests.changed,
        role=Role.EDITOR,
    ),
    Command(
        name="digest test",
        usage="<id>",
        summary="See whether a digest arrives in its channel",
        example="digest test D1",
        asks=digests.WhichDigest,
        does=digests.test,
        shows=render_digests.changed,
        role=Role.EDITOR,
    ),
    Command(
        name="history",
        usage="[<mapping|network>|@user] [last <time>]",
        summary="Who did what",
        example="history last 30d",
        asks=history.AskHistory,
        does=history.history,
        shows=render_history.history,
    ),
    Command(
        name="pending",
        usage="",
        summary="What waits for another person to approve or review",
        example="pending",
        asks=networks.AskNothing,
        does=requests.pending,
        shows=render_requests.pending,
    ),
    Command(
        name="approve",
        usage="<change>",
        summary="Have somebody else's request done",
        example="approve R1",
        asks=holding.AskRequest,
        does=_approve,
        shows=render_mappings.mapping_changed,
        role=Role.EDITOR,
    ),
    Command(
        name="reject",
        usage="<change> [--reason <text>]",
        summary="Say no to a request, or take your own back",
        example="reject R1",
        asks=holding.AskRequest,
        does=requests.reject,
        shows=render_requests.request,
        role=Role.EDITOR,
    ),
    Command(
        name="review",
        usage="<change>",
        summary="Say that a change made with --break-glass was looked at",
        example="review C1",
        asks=holding.AskRequest,
        does=_review,
        shows=render_requests.request,
        role=Role.EDITOR,
    ),
    Command(
        name="undo",
        usage="<change> [--reason <text>] [--break-glass] [--dry-run]",
        summary="Take a change of the mapping table back",
        example="undo C3 --dry-run",
        asks=mappings.Undo,
        does=mappings.undo,
        shows=render_mappings.mapping_changed,
        role=Role.EDITOR,
    ),
    Command(
        name="status",
        usage="",
        summary="How the bot is doing, and how old its inventories are",
        example="status",
        asks=networks.AskNothing,
        does=status.status,
        shows=render_status.status,
    ),
    Command(
        name="whoami",
        usage="",
        summary="What you may do",
        example="whoami",
        asks=networks.AskNothing,
        does=_whoami,
        shows=render_status.who,
        quick=True,
    ),
    Command(
        name="forget",
        usage="<server>",
        summary="Drop a server's inventory; refused while mappings lead from or to it",
        example="forget VMM-Denver",
        asks=admin.Forget,
        does=admin.forget,
        shows=render_history.forgotten,
        role=Role.ADMIN,
    ),
    Command(
        name="home",
        usage="<vm> on <server>",
        summary="Say where a replicated VM is at home",
        example="home web01 on VMM-NewYork",
        asks=admin.SetHome,
        does=admin.set_home,
        shows=render_history.home_set,
        role=Role.ADMIN,
    ),
)

BY_NAME = {command.name: command for command in COMMANDS}
SPOKEN = {spoken: c.name for c in COMMANDS for spoken in (c.name, *c.aliases)}
"""What can be said -> the command."""


RESULTS: dict[type[BaseModel], list[str]] = {}
"""Result model -> the commands that answer with it."""
for _command in COMMANDS:
    RESULTS.setdefault(get_type_hints(_command.does)["return"], []).append(_command.name)


def answer(ports: Ports, line: str, caller: Caller, escaped: bool = False) -> Reply:
    """Answer one line. Never raises: a refusal is a reply, and so is a bug.

    Args:
        escaped: the line comes from Slack, with `&`, `<` and `>` as entities.
    """
    line = unescaped(line) if escaped else line
    asked = compose_again(line)
    show = Show(write_line, caller.at, asked)
    try:
        name, rest = split_verb(tokenize(line, escaped=False), SPOKEN)
        command = BY_NAME[name or "help"]
        if not caller.role.allows(command.role):
            raise Forbidden(
                f"`{command.name}` is for {command.role}s, and you are {_a(caller.role)}.",
                hint=caller.remedy(command.role),
                commands=["whoami"],
                people=caller.who(command.role),
            )
        asks = read_asks(command, rest)
        stamp = Stamp(
            caller.by,
            caller.at,
            caller.role,
            asked,
            None if caller.skip else caller.page,
            caller.where,
            caller.zone,
            _gate(caller, command, asks),
        )
        result = command.does(ports, asks, stamp)
        reply = _shown(command, result, show, caller, only_reads(command, asks))
        reply.result = result.model_dump(mode="json")
        if isinstance(result, VmAnswer) and not result.pairs and not result.alone:
            reply.ok = False
    except NetmapError as error:
        reply = render_errors.error(error, show)
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("bug %s", reference)
        reply = render_errors.error(reference, show)
    reply.command = compose_again(line)
    if reply.error:
        reply.steps = steps(None, reply, show)
    reply.steps = [step for step in reply.steps if _may(caller.role, step)]
    return reply


def _gate(caller: Caller, command: Command, asks: Sequence[Ask]) -> Gate | None:
    """What the line has to pass before it is done."""
    glass = any(getattr(ask, "break_glass", False) for ask in asks)
    if glass and not all(getattr(ask, "reason", "") for ask in asks):
        raise Misread(
            "`--break-glass` needs a reason.",
            hint="Say it with `--reason`; somebody will review it.",
        )
    gate = caller.gate
    if gate is None or command.name in GATED:
        said = str(getattr(asks[0], "reason", ""))
        return gate._replace(glass=glass, reason=said) if gate else None
    if gate.approval and any(getattr(ask, "apply", None) for ask in asks):
        raise Refused(
            f"Changes have to be approved, and `{command.name}` cannot wait for that.",
            hint="Add the mappings one by one.",
        )
    return None


def _shown(command: Command, result: Any, show: Show, caller: Caller, reads: bool) -> Reply:
    """The answer, or the page of it that was asked for, with what could be done next."""
    whole = result
    if caller.pages and reads:
        result = sheets.page_of(whole, caller.skip)
    reply = command.shows(result, show)
    reply.command = show.again
    reply.steps = steps(result, reply, show)
    if caller.pages and reads:
        reply.steps += _turns(whole, result, reply, caller.skip)
    if isinstance(result, RequestLine):
        reply.about = result.id
    elif isinstance(result, MappingChanged):
        reply.about = result.request or ""
    return reply


def _turns(whole: Any, shown: Any, reply: Reply, skip: int) -> list[Step]:
    """Pages before and after this one, and all of them as a file."""
    rows, here = sheets.rows_of(whole), sheets.rows_of(shown)
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


def only_reads(command: Command, asks: Sequence[Ask]) -> bool:
    """Whether saying it again changes nothing."""
    return not command.writes or all(getattr(ask, "dry_run", False) for ask in asks)


def reads(line: str) -> bool:
    """The same of a line; one that cannot be read changes nothing."""
    try:
        name, rest = split_verb(tokenize(line, escaped=False), SPOKEN)
        command = BY_NAME[name or "help"]
        return only_reads(command, read_asks(command, rest))
    except NetmapError:
        return True


def table_of(ports: Ports, line: str, caller: Caller) -> str | None:
    """All rows of what a line that only reads answers, as CSV; None where it is no table.

    Raises:
        NetmapError: it cannot be answered, or would write.
    """
    name, rest = split_verb(tokenize(line, escaped=False), SPOKEN)
    command = BY_NAME[name or "help"]
    asks = read_asks(command, rest)
    if not caller.role.allows(command.role) or not only_reads(command, asks):
        raise Forbidden(
            f"`{command.name}` is for {command.role}s, and you are {_a(caller.role)}.",
            hint=caller.remedy(command.role),
        )
    stamp = Stamp(caller.by, caller.at, caller.role, line, None, caller.where, caller.zone)
    rows = sheets.sheet(command.does(ports, asks, stamp))
    return sheets.as_csv(rows) if rows else None


def _may(role: Role, step: Step) -> bool:
    """Whether a step is worth offering to somebody of that role."""
    if step.kind is StepKind.FORM:
        return role.allows(Role.EDITOR)
    if step.kind is not StepKind.RUN:
        return True
    name, _ = split_verb(tokenize(step.line, escaped=False), SPOKEN)
    return role.allows(BY_NAME[name].role)


def _a(role: Role) -> str:
    """The role as one says it of a person."""
    return {
        Role.NOBODY: "not one who may ask",
        Role.READER: "a reader",
        Role.EDITOR: "an editor",
        Role.ADMIN: "an admin",
    }[role]


def read_asks(command: Command, rest: Sequence[Token]) -> list[Ask]:
    """Every reading of what follows the command's name, as requests."""
    found = readings(command.usage, rest, name=command.name, example=command.example)
    faults: list[Misread] = []
    asks: list[Ask] = []
    for reading in found:
        try:
            read = {key: _read_value(command, key, value) for key, value in reading.items()}
            asks.append(command.asks.model_validate(read))
        except Misread as fault:
            faults.append(fault)
    if not asks:
        raise faults[0]
    return asks


def _read_value(command: Command, key: str, value: object) -> object:
    read = command.reads.get(key)
    if read is None or not isinstance(value, str):
        return value
    try:
        return read(value)
    except Misread as fault:
        raise Misread(
            fault.message, fault.hint, [command.example], [f"usage: {command.name} {command.usage}"]
        ) from fault


def is_quick(line: str) -> bool:
    """Whether the answer is index seeks only, so that it may come before the acknowledgement."""
    try:
        name, _ = split_verb(tokenize(line), SPOKEN)
    except Misread:
        return True
    return BY_NAME[name or "help"].quick


def may_change(line: str) -> bool:
    """Whether it can leave the estate other than it was."""
    try:
        name, _ = split_verb(tokenize(line), SPOKEN)
    except Misread:
        return False
    return BY_NAME[name or "help"].writes


def write_line(say: Say) -> str:
    """The line, without `/netmap`, that says just that."""
    return compose(say.command, BY_NAME[say.command].usage, say.values)


def compose_again(line: str) -> str:
    """The line as it can be run again, without the bot's own name."""
    words = line.strip().split(maxsplit=1)
    if words and words[0].casefold() in ("netmap", "/netmap", "@netmap"):
        return words[1] if len(words) > 1 else ""
    return line.strip()
