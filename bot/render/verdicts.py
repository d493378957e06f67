"""How an adapter comes up at failover, judged by where it stands and where it belongs."""

from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from bot.domain.addresses import Outlook
from bot.domain.answers.shared import Spot
from bot.domain.answers.vms import AdapterAnswer, PairAnswer
from bot.domain.codes import Note, Rule
from bot.domain.numbers import plural
from bot.render.phrases import listed
from bot.render.words import NO_NETWORK, READINESS, at_server, spot

GONE_AT_HOME = "the network or subnet that it would join at home is gone"


class Rank(IntEnum):
    """How badly an adapter fares; the worst is the lowest."""

    TWICE = -1
    """Its VM runs at both sides after a failover."""
    WITHOUT = 0
    WRONG = 1
    AT_RISK = 2
    """It is connected, but gets no address or cannot reach its network from its host."""
    UNCHECKED = 3
    UNSEEN = 4
    """It is to be connected; nobody saw it yet."""
    SUBNET = 5
    BY_HAND = 6
    AWAY = 7
    """Its VM runs after a failover, and it is well placed for going home."""
    FINE = 8


class Verdict(NamedTuple):
    """How one adapter comes up: `comes up on DR-Web / Web at VMM-Chicago`."""

    rank: Rank
    words: str
    why: str = ""
    """What the words end with, after a colon."""

    def __str__(self) -> str:
        return f"{self.words}: {self.why}" if self.why else self.words


def verdict(pair: PairAnswer, adapter: AdapterAnswer) -> Verdict:
    """How an adapter of a pair comes up whose VM runs at home."""
    wish, now, at = adapter.target, adapter.now, pair.passive
    if now is None:
        return Verdict(Rank.WITHOUT, f"comes up {NO_NETWORK}", "its replica has no such adapter")
    if wish is None or not wish.network:
        return _unwished(pair, adapter, now)
    where = f"{spot(wish)} at {at}"
    if not now.observed:
        return Verdict(
            Rank.UNCHECKED,
            f"is to come up on {where}, but where it is connected now was NOT observed",
        )
    if adapter.standing == "connected" or (now.network, now.subnet) == (wish.network, wish.subnet):
        risk = _risk(adapter)
        return Verdict(Rank.AT_RISK if risk else Rank.FINE, f"comes up on {where}{risk}")
    if adapter.standing == "wrong_subnet":
        return Verdict(
            Rank.SUBNET,
            f"comes up on the wrong subnet of {wish.network} at {at}",
            f"{now.subnet or 'none'} instead of {wish.subnet or 'none'}",
        )
    if adapter.standing == "drifted" and not now.network:
        return Verdict(
            Rank.WITHOUT,
            f"comes up {NO_NETWORK}",
            f"it was connected to {where} and is not any more",
        )
    if adapter.standing == "drifted":
        return Verdict(
            Rank.WRONG, f"comes up on {spot(now)} at {at}, NOT on {spot(wish)} where it belongs"
        )
    return Verdict(Rank.UNSEEN, f"is to come up on {where}, but {_not_yet(pair, adapter)}")


def no_placement(pair: PairAnswer, adapter: AdapterAnswer) -> str:
    """Why an adapter belongs on no network, or nobody can tell where it belongs."""
    source = at_server(adapter.source.network or "its network", adapter.source.server)
    match adapter.rule:
        case Rule.SOURCE_DISCONNECTED:
            return f"its own adapter at {pair.active} is on no network"
        case Rule.TARGET_GONE if pair.away:
            return GONE_AT_HOME
        case Rule.TARGET_GONE:
            return f"the network that {source} is mapped to is gone"
        case Rule.NOT_MAPPED:
            return f"{source} is not mapped toward {pair.passive}"
        case Rule.UNCHANGED:
            return "it had no network at home"
    return f"nobody could tell where it is connected at {pair.active}"


def stands(pair: PairAnswer, adapter: AdapterAnswer) -> str:
    """Where the replica's adapter is now, as a sentence."""
    now = adapter.now
    if now is None:
        return "The replica has no such adapter."
    if not now.observed:
        return "Not checked: where it is connected now was not observed."
    said = _stands_now(pair, adapter, now)
    if not pair.away:
        return said
    said = said if said[:2].isupper() else said[0].lower() + said[1:]
    return f"Its replica at {pair.passive}: {said}"  # the VM itself runs elsewhere


def _stands_now(pair: PairAnswer, adapter: AdapterAnswer, now: Spot) -> str:
    where = spot(now)
    since = f" since {adapter.since}" if adapter.since else ""
    reason = READINESS.get(pair.readiness, "")
    match adapter.standing:
        case "connected":
            return "Connected there now." if now.network else "On no network now."
        case "pending" if adapter.target and not adapter.target.network:
            return f"To be disconnected{since}; still on {where}."
        case "pending" if not reason:
            return f"Pending{since}: nobody has seen it connected there yet; on {where} now."
        case "drifted":
            return f"DRIFTED{since}: on {where} now."
        case "wrong_subnet":
            return f"Right network, wrong subnet{since}: on {where} now."
        case "by_hand" if adapter.rule is Rule.NOT_MAPPED:
            return f"Not mapped; connected by hand to {where}."
        case "by_hand":
            return f"Connected by hand to {where}."
        case "disconnect_pending":
            return f"To be disconnected{since}; still on {where}."
    return f"On {where} now: {reason}." if reason else f"On {where} now."


def together(pair: PairAnswer, verdicts: Sequence[Verdict]) -> str:
    """How a VM with several adapters comes up, worst first."""
    slots: dict[Rank, list[str]] = {}
    for one, adapter in sorted(
        zip(verdicts, pair.adapters, strict=True), key=lambda both: both[0].rank
    ):
        slots.setdefault(one.rank, []).append(f"NIC {adapter.slot}")
    number = len(verdicts)
    if slots.keys() == {Rank.FINE}:
        where = listed(list(dict.fromkeys(spot(a.target) for a in pair.adapters)))
        nics = "both NICs" if number == 2 else f"all {number} NICs"
        return f"comes up with {nics} at {pair.passive}: {where}"
    if slots.keys() == {Rank.WITHOUT}:
        whys = list(dict.fromkeys(one.why for one in verdicts))
        return f"comes up {NO_NETWORK} on any of its {number} NICs: {listed(whys)}"
    lead = "comes up PARTLY CONNECTED" if Rank.WITHOUT in slots else "comes up"
    parts = [f"{len(nics)} {_RANK[rank]} ({listed(nics, 6)})" for rank, nics in slots.items()]
    return f"{lead} at {pair.passive}: of {plural(number, 'NIC')} {', '.join(parts)}"


_RANK = {
    Rank.WITHOUT: "without a network",
    Rank.WRONG: "on the WRONG network",
    Rank.AT_RISK: "connected but AT RISK",
    Rank.UNCHECKED: "NOT CHECKED",
    Rank.UNSEEN: "not yet seen connected",
    Rank.SUBNET: "on the wrong subnet",
    Rank.BY_HAND: "connected by hand",
    Rank.AWAY: "running after a failover",
    Rank.FINE: "where the mapping wants it",
}


def _unwished(pair: PairAnswer, adapter: AdapterAnswer, now: Spot) -> Verdict:
    """An adapter that belongs on no network, or of which netmap has no opinion."""
    why = no_placement(pair, adapter)
    if not now.observed:
        return Verdict(
            Rank.UNCHECKED,
            "comes up where it could NOT be CHECKED",
            f"{why}, and where its replica is connected was not observed",
        )
    if not now.network:
        return Verdict(Rank.WITHOUT, f"comes up {NO_NETWORK}", why)
    at = f"{spot(now)} at {pair.passive}"
    if adapter.standing == "disconnect_pending":
        since = f" (pending since {adapter.since})" if adapter.since else ""
        still = f"is to come up {NO_NETWORK}{since}, but is still on {at}"
        return Verdict(Rank.UNSEEN, still, why)
    if adapter.target is not None:
        return Verdict(Rank.WRONG, f"comes up on {at}, though it belongs on no network", why)
    if adapter.rule is Rule.NOT_CHECKED:
        return Verdict(
            Rank.UNCHECKED, f"comes up on {at}; whether that is right is NOT CHECKED", why
        )
    return Verdict(Rank.BY_HAND, f"comes up on {at}, connected by hand", why)


def _risk(adapter: AdapterAnswer) -> str:
    if Note.UNREACHABLE_HOST in adapter.notes:
        return ", which its replica's host CANNOT REACH"
    if Note.UNREACHABLE_CLOUD in adapter.notes:
        return ", which its replica's cloud CANNOT REACH"
    fails = (Outlook.FAILS, Outlook.POOL_FULL)
    if adapter.expected and adapter.expected.outlook in fails:
        return ", WITHOUT AN ADDRESS"
    return ""


def _not_yet(pair: PairAnswer, adapter: AdapterAnswer) -> str:
    if reason := READINESS.get(pair.readiness, ""):
        return f"is not connected there: {reason}"
    since = f" (pending since {adapter.since})" if adapter.since else ""
    return f"nobody has seen it connected there yet{since}"
