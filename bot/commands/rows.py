"""The table of everything one can say."""

from collections.abc import Callable, Sequence
from typing import get_args, get_type_hints

from bot.commands import own
from bot.commands.command import Command
from bot.commands.lines import Table
from bot.domain.answers import Help, MappingChanged, Who
from bot.domain.asking import Stamp
from bot.domain.bulk import Brought
from bot.domain.codes import Role
from bot.domain.model import Model
from bot.grammar import schedules
from bot.ports import Ports
from bot.render import bulk as render_bulk
from bot.render import digests as render_digests
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


def _help(ports: Ports, asks: Sequence[own.AskHelp], stamp: Stamp) -> Help:
    return own.help_(TABLE, asks[0], stamp)


def _whoami(ports: Ports, asks: Sequence[Ask], stamp: Stamp) -> Who:
    return own.whoami(TABLE, ports, stamp)


def _apply(ports: Ports, asks: Sequence[plans.Apply], stamp: Stamp) -> MappingChanged | Brought:
    return own.apply(TABLE, ports, asks, stamp)


def _approve(
    ports: Ports, asks: Sequence[holding.AskRequest], stamp: Stamp
) -> MappingChanged | Brought:
    return own.approve(TABLE, ports, asks, stamp)


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
        asks=own.AskHelp,
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
        usage="<plan> [--reason <text>] [--break-glass]",
        summary="Do exactly what a plan showed",
        example="apply 5f0c1a2b",
        asks=plans.Apply,
        does=_apply,
        shows=render_bulk.agreed,
        role=Role.EDITOR,
    ),
    Command(
        name="script",
        usage="<plan>",
        summary="A plan as Connect-NetmapReplicas.ps1, to read and run in VMM",
        example="script 5f0c1a2b",
        asks=plans.WhichPlan,
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
        usage="<source> to <target> [--apply <plan>] [--reason <text>] [--break-glass]",
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
        usage="<network> [on <server>] [--reason <text>] [--break-glass] [--dry-run]",
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
        usage="<change> [--dry-run]",
        summary="Have somebody else's request done",
        example="approve R1",
        asks=holding.AskRequest,
        does=_approve,
        shows=render_bulk.agreed,
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
        does=own.review,
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

TABLE = Table(COMMANDS)

RESULTS: dict[type[Model], list[str]] = {}
"""Result model -> the commands that answer with it."""
for _command in COMMANDS:
    _answer = get_type_hints(_command.does)["return"]
    for _model in get_args(_answer) or (_answer,):
        RESULTS.setdefault(_model, []).append(_command.name)
