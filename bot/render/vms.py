"""Where VMs come up: one in full, several as a table with the worst first."""

from collections import Counter
from collections.abc import Sequence

from bot.domain.addresses import Outlook
from bot.domain.answers.shared import Age, UnreadableVm
from bot.domain.answers.vms import AdapterAnswer, LoneAnswer, PairAnswer, VmAnswer
from bot.domain.asking import Say, say
from bot.domain.codes import Note, Power, VmRole
from bot.domain.errors import NotFound
from bot.domain.numbers import plural
from bot.domain.replies import Fault, Reply
from bot.render.page import Page
from bot.render.phrases import TOO_OLD, listed
from bot.render.pieces import At, Piece, Run, Show
from bot.render.placements import WARNINGS, address, because, replication
from bot.render.running import (
    GOING_HOME,
    NOWHERE,
    age_of,
    away_answer,
    away_lead,
    runs_on,
    warn_of_running,
    where_it_runs,
    where_it_was_left,
    why_there,
)
from bot.render.trials import connected, trial, trial_answer, trial_summary, trial_warnings
from bot.render.verdicts import Rank, stands, together, verdict
from bot.render.words import (
    NO_NETWORK,
    NOTE,
    READINESS,
    RULE,
    STANDING,
    at_server,
    spot,
)

TABLE = ("VM", "NIC", "Comes up", "Why")
SUGGESTED = 3
"""Commands of a kind at the end of an answer."""


def vm_answer(result: VmAnswer, show: Show) -> Reply:
    """Answer `vm`."""
    count = len(result.pairs) + len(result.alone)
    missed = "" if count else _missed(result)
    if missed:
        page = Page(show, missed)
    elif count > 1 or result.unknown or result.elsewhere:
        page = _several(result, show)
    elif result.pairs:
        page = _pair(result.pairs[0], show, result.test)
    else:
        page = _lone(result.alone[0], show)
    near = [name for names in result.unknown.values() for name in names[:SUGGESTED]]
    instead = [say("vm", names=(name,)) for name in dict.fromkeys([*result.elsewhere, *near])]
    for command in instead:
        page.fact(Run(command))
    reply = page.reply(ok=not missed)
    if missed:
        commands = [show.line(command) for command in instead]
        reply.error = Fault(code=NotFound.code, message=missed, commands=commands)
    return reply


# One pair


def _pair(pair: PairAnswer, show: Show, test: bool) -> Page:
    page = Page(show, *([trial_answer(pair)] if test else _answer(pair)))
    for adapter in pair.adapters:
        page.fact(_adapter(pair, adapter, test))
    page.fact(*_state(pair, test))
    if test:
        for warning in trial_warnings(pair.adapters):
            page.warn(warning)
    _warn(page, pair)
    _suggest_mapping(page, [pair])
    for age in pair.ages:
        if age.stale:
            page.warn(f"{age.server}'s inventory is {TOO_OLD}: it is of ", At(age.collected_at))
    return page


def _answer(pair: PairAnswer) -> Sequence[Piece]:
    if not pair.passive:
        host = f", on host {pair.partner_host}," if pair.partner_host else ""
        why = f"its replica{host} is in no inventory"
        if pair.away:
            return [*away_lead(pair), f"{GOING_HOME} could NOT be CHECKED: {why}."]
        return [f"{pair.vm} comes up where it could NOT be CHECKED: {why}."]
    if not pair.active and pair.power == Power.RUNNING:
        return [f"{pair.vm} RUNS at {pair.passive} as a replica; its primary is in no inventory."]
    if not pair.active:
        why = f"its replica is at {pair.passive}, its primary is in no inventory"
        return [f"{pair.vm} comes up where it could NOT be CHECKED: {why}."]
    if not pair.adapters:
        return [f"{pair.vm} comes up {NO_NETWORK}: it has no network adapters."]
    if pair.away or pair.failed_over:
        return away_answer(pair)
    verdicts = [verdict(pair, adapter) for adapter in pair.adapters]
    words = str(verdicts[0]) if len(verdicts) == 1 else together(pair, verdicts)
    return [f"{pair.vm} {words}."]


def _adapter(pair: PairAnswer, adapter: AdapterAnswer, test: bool) -> str:
    """From where to where, why, with which address; with several adapters how it stands too."""
    real = "in a real failover: " * test
    lead = f"NIC {adapter.slot}  {real}{spot(adapter.source)} → "
    if adapter.slot in pair.only_here:
        return f"{lead}nothing: the replica has no such adapter."
    if not pair.passive and adapter.target is None:
        return f"{lead}not checked."
    joins = spot(adapter.target) if adapter.target else "no placement"
    why = why_there(pair, adapter)
    parts = [f"{lead}{joins}, {why}."]
    if not pair.failed_over:
        parts.append(address(adapter.expected))
    if test and len(pair.adapters) > 1:
        parts.append(f"In a test it {trial(adapter)}.")
    elif len(pair.adapters) > 1 and pair.passive and not pair.failed_over:
        parts.append(stands(pair, adapter))
    return " ".join(filter(None, parts))


def _state(pair: PairAnswer, test: bool) -> Sequence[Piece]:
    pieces: list[Piece] = []
    single = len(pair.adapters) == 1 and pair.active and pair.passive
    if single and not pair.failed_over and not test:
        pieces.append(f"{stands(pair, pair.adapters[0])} ")
    pieces.append(replication(pair.state, pair.health))
    if pair.passive and pair.power is None:
        pieces.append(", power state not checked")
    age = age_of(pair.ages, pair.passive or pair.active)
    if age:
        pieces += [", as of ", At(age.collected_at, ago=True)]
    return [*pieces, "."]


def _warn(page: Page, pair: PairAnswer) -> None:
    for adapter in pair.adapters:
        for note in WARNINGS:
            said = note is Note.NO_POOL and adapter.expected is not None
            if note in adapter.notes and not said:
                nic = f"NIC {adapter.slot}: " if len(pair.adapters) > 1 else ""
                text = f"{nic}{NOTE[note]}"
                page.warn(text[0].upper() + text[1:])
        if adapter.expected and adapter.expected.outlook is Outlook.FAILS:
            page.warn(
                f"NIC {adapter.slot} needs a pool on {spot(adapter.target)} to get an address"
            )
    _warn_of_unread(page, pair.unreadable)
    warn_of_running(page, pair)
    for slots, here, there in (
        (pair.only_here, pair.vm, "the replica"),
        (pair.only_there, "the replica", pair.vm),
    ):
        if slots:
            nics = listed([f"NIC {slot}" for slot in slots], 8)
            has = "has" if len(slots) == 1 else "have"
            page.warn(f"{nics} of {here} {has} no counterpart on {there}")
    if pair.replica_name and pair.replica_name != pair.vm:
        page.fact(f"The replica is called {pair.replica_name}.")


# A VM that is in no pair


def _lone(alone: LoneAnswer, show: Show) -> Page:
    page = Page(show, f"{alone.vm} {_lone_words(alone)}.")
    for adapter in alone.adapters:
        line = f"NIC {adapter.slot}  {spot(adapter.source)}"
        if adapter.target is not None:
            why = because(adapter.rule, adapter.notes, adapter.target, adapter.missing)
            target = at_server(spot(adapter.target), adapter.target.server)
            line += f" → a replica would join {target}, {why}"
        page.fact(line)
    if not alone.adapters:
        page.fact("It has no network adapters.")
    _warn_of_unread(page, alone.unreadable)
    page.ages(alone.ages)
    return page


def _lone_words(alone: LoneAnswer) -> str:
    at = f"is at {alone.server}"
    match alone.role:
        case VmRole.NONE:
            return f"{at} and is not replicated: it comes up nowhere else"
        case VmRole.TEST:
            return f"{at} as a test replica: no mapping reaches it"
        case VmRole.PRIMARY:
            return f"{at}; where it comes up could NOT be CHECKED: its replica is in no inventory"
        case VmRole.REPLICA:
            return f"{at} as a replica; NOT CHECKED: its primary is in no inventory"
    return f"{at}; whether it is replicated could NOT be CHECKED: the inventory does not say"


# Several VMs


def _several(result: VmAnswer, show: Show) -> Page:
    rows: list[tuple[int, tuple[str, ...]]] = []
    ranks: list[Rank | None] = []
    for pair, name in zip(result.pairs, _names(result.pairs), strict=True):
        found = _rows(pair, name, result.test)
        rows += found
        ranks.append(Rank(min(rank for rank, _ in found)))
    for alone in result.alone:
        rank = None if alone.role in (VmRole.NONE, VmRole.TEST) else Rank.UNCHECKED
        rows.append((Rank.FINE if rank is None else rank, (alone.vm, "", _lone_words(alone), "")))
        ranks.append(rank)
    page = Page(show, _summary(result, ranks))
    page.adapters(TABLE, [row for _, row in sorted(rows, key=lambda row: row[0])])
    if result.unknown or result.elsewhere:
        page.warn(_missed(result))
    for pair in result.pairs:
        _warn_of_unread(page, pair.unreadable)
    for alone in result.alone:
        _warn_of_unread(page, alone.unreadable)
    _suggest_mapping(page, result.pairs)
    ages = [age for pair in result.pairs for age in pair.ages]
    ages += [age for alone in result.alone for age in alone.ages]
    newest: dict[str, Age] = {}
    for age in ages:
        known = newest.setdefault(age.server, age)
        newest[age.server] = max(known, age, key=lambda one: one.collected_at)
    page.ages(list(newest.values()))
    return page


def _names(pairs: Sequence[PairAnswer]) -> list[str]:
    """What tells each apart from its namesakes: its servers, if need be its cloud, its host."""
    marks = [
        (
            f"{pair.active or '?'} → {pair.passive or '?'}",
            pair.cloud or "",
            pair.host or "",
            f"pair {pair.pair}",
        )
        for pair in pairs
    ]
    known = Counter(
        (pair.vm, mark[:depth])
        for pair, mark in zip(pairs, marks, strict=True)
        for depth in range(len(mark))
    )
    found = []
    for pair, mark in zip(pairs, marks, strict=True):
        alone = (n for n in range(len(mark)) if known[pair.vm, mark[:n]] == 1)
        depth = next(alone, len(mark))
        said = ", ".join(filter(None, mark[:depth]))
        found.append(f"{pair.vm} ({said})" if said else pair.vm)
    return found


_SUMMARY = {
    Rank.TWICE: ("runs", "run", "TWICE, at both sides"),
    Rank.WITHOUT: ("comes up", "come up", "WITHOUT A NETWORK or only partly connected"),
    Rank.WRONG: ("comes up", "come up", "on the WRONG network"),
    Rank.AT_RISK: ("is", "are", "connected but AT RISK"),
    Rank.UNCHECKED: ("could", "could", "NOT be CHECKED"),
    Rank.UNSEEN: ("is", "are", "not yet seen connected"),
    Rank.SUBNET: ("comes up", "come up", "on the wrong subnet"),
    Rank.BY_HAND: ("is", "are", "connected by hand"),
    Rank.AWAY: ("runs", "run", "after a failover"),
    Rank.FINE: ("is", "are", "where the mapping wants"),
    None: ("is", "are", "not replicated"),
}
"""What is said of one VM, and how it starts for several."""


def _summary(result: VmAnswer, ranks: Sequence[Rank | None]) -> str:
    missed = [
        f"{count} {'is' if count == 1 else 'are'} {words}"
        for count, words in (
            (len(result.elsewhere), f"not at {result.server}"),
            (len(result.unknown), "unknown"),
        )
        if count
    ]
    if result.test and result.pairs:
        also = f" {', '.join(missed)}." if missed else ""
        return f"{trial_summary(result.pairs)}{also}"
    parts = []
    for rank, (one, several, words) in _SUMMARY.items():
        if count := ranks.count(rank):
            them = " it" if count == 1 else " them"
            words += them if rank is Rank.FINE else ""
            parts.append(f"{count} {one if count == 1 else several} {words}")
    number = len(ranks) + len(result.unknown) + len(result.elsewhere)
    return f"{plural(number, 'VM')}: {', '.join([*parts, *missed])}."


def _rows(pair: PairAnswer, name: str, test: bool) -> list[tuple[Rank, tuple[str, ...]]]:
    if not pair.active or not pair.passive:
        where = "NOT CHECKED"
        if pair.away:
            where = f"{where_it_runs(pair)}, at home {where}"
        elif pair.power == Power.RUNNING:
            where = f"RUNS at {pair.passive}, {where}"
        return [(Rank.UNCHECKED, (name, "", where, "the other side is in no inventory"))]
    if not pair.adapters:
        return [(Rank.WITHOUT, (name, "", NO_NETWORK, "it has no network adapters"))]
    return [_row(pair, name, adapter, test) for adapter in pair.adapters]


def _row(
    pair: PairAnswer, name: str, adapter: AdapterAnswer, test: bool
) -> tuple[Rank, tuple[str, ...]]:
    nic = f"NIC {adapter.slot}"
    if test:
        where, _, why = trial(adapter).partition(": ")
        return Rank.FINE if connected(adapter.test) else Rank.WITHOUT, (name, nic, where, why)
    if pair.failed_over:
        where = runs_on(pair, adapter.now)
        if pair.runs_twice:
            return Rank.TWICE, (
                name,
                nic,
                f"{where}, and {where_it_was_left(pair)} too",
                "RUNS TWICE",
            )
        rank = Rank.WITHOUT if adapter.now == NOWHERE else Rank.AWAY
        return rank, (name, nic, where, "replication not reversed")
    rank = verdict(pair, adapter).rank
    if adapter.target is not None and adapter.target.network:
        joins = spot(adapter.target)
    else:
        joins = {Rank.UNCHECKED: "NOT CHECKED", Rank.BY_HAND: spot(adapter.now)}.get(
            rank, NO_NETWORK
        )
    where = f"{spot(adapter.source)} → {joins}"
    if pair.away:
        where = f"{runs_on(pair, adapter.source)}, at home {joins}"
        rank = Rank.WITHOUT if adapter.source == NOWHERE else rank
    reason = READINESS.get(pair.readiness, "") if adapter.standing in ("", "pending") else ""
    if pair.away and rank is Rank.FINE:
        rank = Rank.AWAY
    words = [
        RULE[adapter.rule],
        STANDING.get(adapter.standing, ""),
        reason,
        "AT RISK" if rank is Rank.AT_RISK else "",
        f"on {spot(adapter.now)} now" if rank in (Rank.WRONG, Rank.SUBNET) else "",
    ]
    return rank, (name, nic, where, " · ".join(filter(None, words)))


# What to do


def _suggest_mapping(page: Page, pairs: Sequence[PairAnswer]) -> None:
    """Commands that map what is not mapped, or to what is gone; one for each network."""
    fixes: dict[tuple[str, str, str], Say] = {}
    for pair in pairs:
        for adapter in pair.adapters:
            source = adapter.source
            if adapter.fix is None or not source.network or pair.failed_over:
                continue
            fixes.setdefault((source.network, source.server, pair.passive), Say(*adapter.fix))
    for fix in list(fixes.values())[:SUGGESTED]:
        page.run("To map it" if fix.command == "add" else "To lead it elsewhere", fix)


def _missed(result: VmAnswer) -> str:
    sentences = [
        f"{name} is not at {result.server}: it is at {listed(servers)}."
        for name, servers in result.elsewhere.items()
    ]
    sentences += [
        f"I know no VM called {name}." + f" Did you mean {listed(near, last='or')}?" * bool(near)
        for name, near in result.unknown.items()
    ]
    sentences += [
        f"{one.server} lists {one.vm} and could not read it: {one.why}."
        for one in result.never_read
    ]
    return " ".join(sentences) or "I know no such VM."


def _warn_of_unread(page: Page, unread: Sequence[UnreadableVm]) -> None:
    for one in unread:
        age = ["What is said of it is as of ", At(one.as_of), ", and "] if one.as_of else [""]
        page.warn(
            f"{one.server} could not read {one.vm} ({one.why}). ",
            *age,
            "nothing touches it until it is read again",
        )
