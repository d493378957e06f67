"""Where VMs come up: one in full, several as a table with the worst first."""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from bot.domain.answers import AdapterAnswer, Age, LoneAnswer, PairAnswer, Spot, VmAnswer
from bot.domain.asking import Say, say
from bot.domain.codes import Power, Rule, VmRole
from bot.domain.replies import Reply
from bot.render.page import At, Page, Piece, Run, Show, listed, plural
from bot.render.words import (
    NO_NETWORK,
    NOTE,
    READINESS,
    RULE,
    STANDING,
    TRIAL_REFUSAL,
    WARNINGS,
    address,
    at_server,
    because,
    replication,
    spot,
)

TABLE = ("VM", "NIC", "Comes up", "Why")


class Rank(IntEnum):
    """How badly an adapter fares at failover; the worst is the lowest."""

    WITHOUT = 0
    WRONG = 1
    UNCHECKED = 2
    UNSEEN = 3
    """It is to be connected; nobody saw it yet."""
    SUBNET = 4
    BY_HAND = 5
    FINE = 6


class Verdict(NamedTuple):
    """How one adapter comes up: `comes up on DR-Web / Web at VMM-Chicago`."""

    rank: Rank
    words: str


def vm_answer(result: VmAnswer, show: Show) -> Reply:
    """Answer `vm`."""
    count = len(result.pairs) + len(result.alone)
    if count == 1 and not result.unknown:
        page = (
            _one_pair(result.pairs[0], show, result.test)
            if result.pairs
            else _lone(result.alone[0], show)
        )
    elif count:
        page = _several(result, show)
    else:
        page = Page(show, _unknown_words(result.unknown))
    _suggest(page, result)
    return page.reply()


# One pair


def _one_pair(pair: PairAnswer, show: Show, test: bool) -> Page:
    page = Page(show, *_headline(pair, test))
    single = len(pair.adapters) == 1
    for adapter in pair.adapters:
        _tell_adapter(page, pair, adapter, single, test)
    _tell_state(page, pair)
    for adapter in pair.adapters:
        for note in WARNINGS:
            if note in adapter.notes:
                page.warn(f"{NOTE[note]}" if single else f"NIC {adapter.slot}: {NOTE[note]}")
    _warn(page, pair)
    _tell_fix(page, [pair])
    page.ages([age for age in pair.ages if age.stale])
    return page


def _headline(pair: PairAnswer, test: bool) -> tuple[Piece, ...]:
    if test:
        return (_test_headline(pair),)
    if not pair.passive or not pair.active:
        return (f"{pair.vm}: {_half_known(pair)}",)
    if not pair.adapters:
        return (f"{pair.vm} has no network adapters: it comes up {NO_NETWORK}.",)
    if pair.away or pair.failed_over:
        return _away(pair)
    verdicts = [_verdict(pair, adapter) for adapter in pair.adapters]
    if len(verdicts) == 1:
        return (f"{pair.vm} {verdicts[0].words}.",)
    return (f"{pair.vm} {_together(pair, verdicts)}.",)


def _half_known(pair: PairAnswer) -> str:
    if pair.passive:
        return (
            f"NOT CHECKED where it comes up: its replica is at {pair.passive}, its primary is in"
            " no inventory."
        )
    where = f" (its replica is on host {pair.partner_host})" if pair.partner_host else ""
    return (
        f"NOT CHECKED where it comes up: it is at {pair.active}, its replica is in no"
        f" inventory{where}."
    )


def _verdict(pair: PairAnswer, adapter: AdapterAnswer) -> Verdict:
    wish, now, at = adapter.target, adapter.now, pair.passive
    if now is None:
        return Verdict(Rank.WITHOUT, f"comes up {NO_NETWORK}: its replica has no such adapter")
    if adapter.rule is Rule.NOT_CHECKED and wish is None:
        return Verdict(
            Rank.UNCHECKED,
            f"comes up where it could NOT be CHECKED: nobody could tell where it is at"
            f" {pair.active}",
        )
    if wish is None or not wish.network:
        return _unwished(pair, adapter, now)
    if not now.observed:
        return Verdict(
            Rank.UNCHECKED,
            f"is to come up on {spot(wish)} at {at}, but where it is connected now was not"
            " observed",
        )
    if adapter.standing == "connected" or (now.network, now.subnet) == (wish.network, wish.subnet):
        return Verdict(Rank.FINE, f"comes up on {spot(wish)} at {at}")
    if adapter.standing == "wrong_subnet":
        return Verdict(
            Rank.SUBNET,
            f"comes up on the wrong subnet of {wish.network} at {at}: {_subnet(now)} instead of"
            f" {_subnet(wish)}",
        )
    if adapter.standing == "drifted":
        if not now.network:
            return Verdict(
                Rank.WITHOUT,
                f"comes up {NO_NETWORK}: it was connected to {spot(wish)} at {at} and is not any"
                " more",
            )
        return Verdict(
            Rank.WRONG,
            f"comes up on {spot(now)} at {at}, NOT on {spot(wish)} where it belongs",
        )
    return Verdict(
        Rank.UNSEEN,
        f"is to come up on {spot(wish)} at {at}, but {_not_yet(pair, adapter)}",
    )


def _unwished(pair: PairAnswer, adapter: AdapterAnswer, now: Spot) -> Verdict:
    """An adapter that belongs nowhere, or of which netmap has no opinion."""
    why = _no_placement(pair, adapter)
    if not now.observed:
        return Verdict(
            Rank.UNCHECKED,
            f"comes up where it could NOT be CHECKED: {why}, and where it is connected now was not"
            " observed",
        )
    if not now.network:
        return Verdict(Rank.WITHOUT, f"comes up {NO_NETWORK}: {why}")
    if adapter.standing == "disconnect_pending":
        since = f" (pending since {adapter.since})" if adapter.since else ""
        return Verdict(
            Rank.UNSEEN,
            f"is to come up {NO_NETWORK}{since}, but is still on {spot(now)} at {pair.passive}:"
            f" {why}",
        )
    if adapter.target is not None:
        return Verdict(
            Rank.WRONG,
            f"comes up on {spot(now)} at {pair.passive}, though it belongs on no network: {why}",
        )
    return Verdict(
        Rank.BY_HAND,
        f"comes up on {spot(now)} at {pair.passive}, connected by hand: {why}",
    )


def _no_placement(pair: PairAnswer, adapter: AdapterAnswer) -> str:
    source = adapter.source
    match adapter.rule:
        case Rule.SOURCE_DISCONNECTED:
            return f"its own adapter at {pair.active} is on no network"
        case Rule.TARGET_GONE:
            return f"the network that {_named(source)} is mapped to is gone"
        case Rule.NOT_MAPPED:
            return f"{_named(source)} is not mapped toward {pair.passive}"
        case Rule.UNCHANGED:
            return "it had no network at home"
    return "nobody could tell where it belongs"


def _named(at: Spot) -> str:
    return at_server(at.network or "its network", at.server)


def _subnet(at: Spot) -> str:
    return at.subnet or "no subnet"


def _not_yet(pair: PairAnswer, adapter: AdapterAnswer) -> str:
    reason = READINESS.get(pair.readiness, "")
    if reason:
        return f"is not connected there: {reason}"
    since = f" (pending since {adapter.since})" if adapter.since else ""
    return f"nobody has seen it connected there yet{since}"


def _together(pair: PairAnswer, verdicts: Sequence[Verdict]) -> str:
    """The first line of a VM with several adapters, worst first."""
    slots: dict[Rank, list[str]] = {}
    for verdict, adapter in sorted(
        zip(verdicts, pair.adapters, strict=True), key=lambda both: both[0].rank
    ):
        slots.setdefault(verdict.rank, []).append(f"NIC {adapter.slot}")
    number = len(verdicts)
    if slots.keys() == {Rank.FINE}:
        where = listed(list(dict.fromkeys(spot(a.target) for a in pair.adapters)))
        return f"comes up with all {number} NICs at {pair.passive}: {where}"
    if slots.keys() == {Rank.WITHOUT}:
        whys = dict.fromkeys(_tail(v.words) for v in verdicts)
        why = f": {next(iter(whys))}" if len(whys) == 1 else ""
        return f"comes up {NO_NETWORK} on any of its {number} NICs{why}"
    partly = Rank.WITHOUT in slots
    lead = "comes up PARTLY CONNECTED" if partly else "comes up"
    parts = [
        f"{_of_rank(rank, len(names), number)} ({listed(names, 6)})"
        for rank, names in slots.items()
    ]
    return f"{lead} at {pair.passive}: {', '.join(parts)}"


def _tail(words: str) -> str:
    return words.partition(": ")[2]


def _of_rank(rank: Rank, count: int, number: int) -> str:
    words = {
        Rank.WITHOUT: "without a network",
        Rank.WRONG: "on the WRONG network",
        Rank.UNCHECKED: "not checked",
        Rank.UNSEEN: "not yet seen connected",
        Rank.SUBNET: "on the wrong subnet",
        Rank.BY_HAND: "connected by hand",
        Rank.FINE: "where it belongs" if count == 1 else "where they belong",
    }[rank]
    return f"{count} of {plural(number, 'NIC')} {words}"


def _away(pair: PairAnswer) -> tuple[Piece, ...]:
    """A VM that runs away from home, or after a failover that was not reversed."""
    reversed_ = not pair.failed_over
    runs_at = pair.active if reversed_ else pair.passive
    spots = [(a.source if reversed_ else a.now) for a in pair.adapters]
    known = [one for one in spots if one is not None]
    on = listed(list(dict.fromkeys(map(spot, known)))) if known else "no network"
    home = "which is its home" if runs_at == pair.home else f"home is {pair.home}"
    when: list[Piece] = [" ", At(pair.since, day=True)] if pair.since else []
    lead: list[Piece] = [
        f"{pair.vm} RUNS at {runs_at} on {on} (failed over", *when, f", {home}). "
    ]  # fmt: skip
    if not reversed_:
        return (
            *lead,
            "Replication is not reversed yet, so nothing is placed at ",
            pair.active,
            ".",
        )
    return (*lead, _going_home(pair))


def _going_home(pair: PairAnswer) -> str:
    if len(pair.adapters) > 1:
        back = [a for a in pair.adapters if a.target and a.target.network]
        kept = sum(a.rule is Rule.UNCHANGED for a in back)
        lost = len(pair.adapters) - len(back)
        parts = []
        if lost:
            parts.append(f"{lost} {NO_NETWORK}")
        if kept:
            parts.append(f"{kept} where {'it was' if kept == 1 else 'they were'}")
        if len(back) > kept:
            parts.append(f"{len(back) - kept} by the mapping home")
        return f"Going home with {plural(len(pair.adapters), 'NIC')}: {', '.join(parts)}."
    adapter = pair.adapters[0]
    if adapter.target is None:
        return f"Going home is NOT CHECKED: {_no_placement(pair, adapter)}."
    if not adapter.target.network:
        return f"Going home it comes up {NO_NETWORK}: {_no_placement(pair, adapter)}."
    if adapter.rule is Rule.UNCHANGED:
        return f"Going home it returns to {spot(adapter.target)}, where it was."
    why = because(adapter.rule, adapter.notes, adapter.target, adapter.missing)
    return f"Going home it joins {spot(adapter.target)}, {why}."


def _tell_adapter(
    page: Page, pair: PairAnswer, adapter: AdapterAnswer, single: bool, test: bool
) -> None:
    way = f"NIC {adapter.slot}  {spot(adapter.source)} → "
    if adapter.target is None and not pair.passive:
        way += "not checked."
    elif adapter.target is None:
        way += f"no placement, {because(adapter.rule, adapter.notes, None, None)}."
    else:
        why = because(adapter.rule, adapter.notes, adapter.target, adapter.missing)
        way += f"{spot(adapter.target)}, {why}."
    if not pair.failed_over:
        way = f"{way} {address(adapter.expected)}".rstrip()
        if not single and not test and pair.passive:
            way = f"{way} {_stands(pair, adapter)}"
    page.fact(way)
    if test:
        page.fact(
            f"{_trial_words(adapter)}."
            if single
            else f"NIC {adapter.slot}: {_trial_words(adapter)}."
        )


def _stands(pair: PairAnswer, adapter: AdapterAnswer) -> str:
    """Where the replica's adapter is now, as a sentence."""
    now = adapter.now
    if now is None:
        return "The replica has no such adapter."
    if not now.observed:
        return "Where it is connected now was not observed: not checked."
    where = spot(now)
    since = f" since {adapter.since}" if adapter.since else ""
    match adapter.standing:
        case "connected":
            return "Connected there now." if now.network else "On no network now."
        case "pending":
            reason = READINESS.get(pair.readiness, "")
            if reason:
                return f"On {where} now: {reason}."
            return f"Pending{since}: nobody has seen it connected there yet; on {where} now."
        case "drifted":
            return f"DRIFTED{since}: on {where} now."
        case "wrong_subnet":
            return f"Right network, wrong subnet{since}: on {where} now."
        case "by_hand":
            return f"Not mapped; connected by hand to {where}."
        case "disconnect_pending":
            return f"To be disconnected{since}; still on {where}."
    reason = READINESS.get(pair.readiness, "")
    return f"On {where} now{f': {reason}' if reason else ''}."


def _tell_state(page: Page, pair: PairAnswer) -> None:
    pieces: list[Piece] = []
    if len(pair.adapters) == 1 and pair.passive and pair.active and not pair.failed_over:
        pieces.append(f"{_stands(pair, pair.adapters[0])} ")
    pieces.append(replication(pair.state, pair.health))
    age = _age_of(pair.ages, pair.passive or pair.active)
    if age:
        pieces += [", as of ", At(age.collected_at, ago=True)]
    page.fact(*pieces, ".")


def _age_of(ages: Sequence[Age], server: str) -> Age | None:
    return next((age for age in ages if age.server == server), ages[-1] if ages else None)


def _warn(page: Page, pair: PairAnswer) -> None:
    if pair.both_primary:
        page.warn(
            f"Both sides claim to be primary; the newer inventory was believed: {pair.active}"
        )
    if pair.only_here:
        page.warn(
            f"{_slots(pair.only_here)} of {pair.vm} {_has(pair.only_here)} no counterpart on the"
            " replica"
        )
    if pair.only_there:
        page.warn(
            f"{_slots(pair.only_there)} of the replica {_has(pair.only_there)} no counterpart on"
            f" {pair.vm}"
        )
    if pair.replica_name and pair.replica_name != pair.vm:
        page.fact(f"The replica is called {pair.replica_name}.")
    if pair.power is None and pair.passive:
        page.warn("Not checked: whether the replica is switched off, so nothing touches it")
    elif pair.readiness == "running" and pair.power != Power.OFF and not pair.failed_over:
        page.warn(f"The replica is {pair.power}, so nothing touches it")


def _slots(slots: Sequence[int]) -> str:
    return f"NIC {listed([str(slot) for slot in slots], 8)}"


def _has(slots: Sequence[int]) -> str:
    return "has" if len(slots) == 1 else "have"


# Test failover


def _test_headline(pair: PairAnswer) -> str:
    if not pair.adapters:
        return f"In a test failover {pair.vm} starts UNCONNECTED: it has no network adapters."
    if len(pair.adapters) == 1:
        return f"In a test failover {pair.vm}: {_trial_words(pair.adapters[0])}."
    groups: dict[str, list[str]] = {}
    for adapter in pair.adapters:
        groups.setdefault(_trial_words(adapter), []).append(f"NIC {adapter.slot}")
    parts = [f"{listed(slots, 8)} {words}" for words, slots in groups.items()]
    return f"In a test failover of {pair.vm}: {'; '.join(parts)}."


def _trial_words(adapter: AdapterAnswer) -> str:
    trial = adapter.test
    if trial is None:
        return "NOT CHECKED where it starts"
    if trial.refusal:
        return f"REFUSED, {TRIAL_REFUSAL.get(trial.refusal, trial.refusal)}"
    if trial.network is None:
        why = "the mapping has no test network" if adapter.mapping else "there is no mapping"
        return f"starts UNCONNECTED, {why}"
    return f"starts on {spot(Spot(network=trial.network, subnet=trial.subnet))}"


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
    page.ages(alone.ages)
    return page


def _lone_words(alone: LoneAnswer) -> str:
    at = f"at {alone.server}"
    match alone.role:
        case None:
            return f"is {at}; whether it is replicated was NOT CHECKED: the inventory does not say"
        case VmRole.NONE:
            return f"is {at} and is not replicated: it comes up nowhere else"
        case VmRole.TEST:
            return f"is a test replica {at}: no mapping reaches it"
        case VmRole.PRIMARY:
            return f"is {at}, and its replica is in no inventory: NOT CHECKED where it comes up"
        case VmRole.REPLICA:
            return f"is a replica {at}, and its primary is in no inventory: NOT CHECKED"
    return f"is {at}"


# Several VMs


def _several(result: VmAnswer, show: Show) -> Page:
    rows: list[tuple[int, tuple[str, ...]]] = []
    ranks: list[Rank | None] = []
    double = {pair.vm for pair in result.pairs if sum(p.vm == pair.vm for p in result.pairs) > 1}
    for pair in result.pairs:
        found = _rows(pair, pair.vm in double, result.test)
        rows += found
        ranks.append(Rank(min(rank for rank, _ in found)) if found else None)
    for alone in result.alone:
        rows.append((Rank.UNCHECKED if alone.role is None else Rank.FINE, _lone_row(alone)))
        ranks.append(Rank.UNCHECKED if alone.role is None else None)
    rows.sort(key=lambda row: row[0])
    page = Page(show, _summary(result, ranks))
    page.table(TABLE, [row for _, row in rows])
    if result.unknown:
        page.warn(_unknown_words(result.unknown))
    _tell_fix(page, result.pairs)
    ages = [age for pair in result.pairs for age in pair.ages]
    ages += [age for alone in result.alone for age in alone.ages]
    page.ages(list({age.server: age for age in ages}.values()))
    return page


def _summary(result: VmAnswer, ranks: Sequence[Rank | None]) -> str:
    number = len(ranks)
    away = sum(pair.away or pair.failed_over for pair in result.pairs)
    words = {
        Rank.WITHOUT: ("comes up", "come up", f"{NO_NETWORK} or only partly connected"),
        Rank.WRONG: ("comes up", "come up", "on the WRONG network"),
        Rank.UNCHECKED: ("was", "were", "not checked"),
        Rank.UNSEEN: ("is", "are", "not yet seen connected"),
        Rank.SUBNET: ("comes up", "come up", "on the wrong subnet"),
        Rank.BY_HAND: ("is", "are", "connected by hand"),
        Rank.FINE: ("is", "are", "where it belongs"),
    }
    parts = []
    for rank in Rank:
        count = sum(one is rank for one in ranks)
        if count:
            one, several, rest = words[rank]
            if rank is Rank.FINE and count > 1:
                rest = "where they belong"
            parts.append(f"{count} {one if count == 1 else several} {rest}")
    others = sum(one is None for one in ranks)
    if others:
        parts.append(f"{others} {'is' if others == 1 else 'are'} not replicated")
    if away:
        parts.append(f"{away} {'runs' if away == 1 else 'run'} after a failover")
    if result.unknown:
        parts.append(f"{len(result.unknown)} {'is' if len(result.unknown) == 1 else 'are'} unknown")
    lead = "In a test failover of " if result.test else ""
    return f"{lead}{plural(number, 'VM')}: {', '.join(parts)}."


def _rows(pair: PairAnswer, double: bool, test: bool) -> list[tuple[int, tuple[str, ...]]]:
    name = at_server(pair.vm, pair.active or pair.passive) if double else pair.vm
    if not pair.active or not pair.passive:
        return [(Rank.UNCHECKED, (name, "", "NOT CHECKED", "the other side is in no inventory"))]
    if not pair.adapters:
        return [(Rank.WITHOUT, (name, "", NO_NETWORK, "it has no network adapters"))]
    return [_row(pair, name, adapter, test) for adapter in pair.adapters]


def _row(
    pair: PairAnswer, name: str, adapter: AdapterAnswer, test: bool
) -> tuple[int, tuple[str, ...]]:
    nic = f"NIC {adapter.slot}"
    if test:
        trial = adapter.test
        bad = trial is None or trial.refusal or not trial.network
        return (Rank.WITHOUT if bad else Rank.FINE), (name, nic, _trial_words(adapter), "")
    if pair.failed_over:
        return Rank.FINE, (
            name, nic, f"RUNS at {pair.passive} on {spot(adapter.now)}", "not reversed yet"
        )  # fmt: skip
    rank = _verdict(pair, adapter).rank
    if adapter.target is not None and adapter.target.network:
        wish = spot(adapter.target)
    elif rank is Rank.UNCHECKED:
        wish = "NOT CHECKED"
    elif rank is Rank.BY_HAND:
        wish = spot(adapter.now)
    else:
        wish = NO_NETWORK
    where = f"{spot(adapter.source)} → {wish}"
    if pair.away:
        where = f"RUNS at {pair.active} on {spot(adapter.source)}; home: {wish}"
    standing = STANDING.get(adapter.standing, "")
    reason = READINESS.get(pair.readiness, "") if standing in ("", "pending") else ""
    why = [RULE[adapter.rule], standing, reason]
    if rank in (Rank.WRONG, Rank.SUBNET):
        why.append(f"on {spot(adapter.now)} now")
    return rank, (name, nic, where, " · ".join(filter(None, why)))


def _lone_row(alone: LoneAnswer) -> tuple[str, ...]:
    return (alone.vm, "", _lone_words(alone), "")


# What to do


def _tell_fix(page: Page, pairs: Sequence[PairAnswer]) -> None:
    """Commands that map what is not mapped; one for each network."""
    done: set[tuple[str, str, str]] = set()
    for pair in pairs:
        for adapter in pair.adapters:
            source = adapter.source
            key = (source.network or "", source.server, pair.passive)
            if adapter.rule is not Rule.NOT_MAPPED or not source.network or key in done:
                continue
            if pair.failed_over or not pair.passive:
                continue
            done.add(key)
            fix = adapter.fix or ("add", {"source": source.network, "target": "<network>"})
            if len(done) <= 3:
                page.run("To map it", Say(*fix))


def _unknown_words(unknown: dict[str, list[str]]) -> str:
    sentences = []
    for name, near in unknown.items():
        guess = f" Did you mean {listed(near, last='or')}?" if near else ""
        sentences.append(f"I know no VM called {name}.{guess}")
    return " ".join(sentences) if sentences else "I know no such VM."


def _suggest(page: Page, result: VmAnswer) -> None:
    for near in result.unknown.values():
        for name in near[:3]:
            page.fact(Run(say("vm", names=(name,))))
