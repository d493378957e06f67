"""What is said of a VM that runs: where, whether it is to be there, and where it goes home to."""

from collections.abc import Sequence

from bot.domain.answers.shared import Age, Spot
from bot.domain.answers.vms import AdapterAnswer, PairAnswer
from bot.domain.codes import Power, Rule
from bot.render.page import Page
from bot.render.phrases import listed
from bot.render.pieces import At, Piece
from bot.render.placements import because
from bot.render.verdicts import GONE_AT_HOME, no_placement
from bot.render.words import NO_NETWORK, spot

GOING_HOME = "Where it joins going home"
NOWHERE = Spot()
"""Where an adapter is that was seen on no network."""


def away_answer(pair: PairAnswer) -> Sequence[Piece]:
    """A VM that runs away from home, or after a failover that was not reversed."""
    lead = away_lead(pair)
    if pair.failed_over:
        if pair.runs_twice:
            lead = [*lead, f"It RUNS {where_it_was_left(pair)} TOO. "]
        return [*lead, f"Nothing is placed at {pair.active} until replication is reversed."]
    return [*lead, _going_home(pair)]


def away_lead(pair: PairAnswer) -> Sequence[Piece]:
    """Where it runs, since when, and where its home is."""
    seen = [a.now if pair.failed_over else a.source for a in pair.adapters]
    there = [one for one in seen if one is not None]
    nowhere = there.count(NOWHERE)
    spots = list(dict.fromkeys(spot(one) for one in there if one != NOWHERE))
    on = f"on {listed(spots)}" if spots else NO_NETWORK
    if spots and nowhere:
        on += f" with {nowhere} of {len(there)} NICs {NO_NETWORK}"
    day: list[Piece] = [" ", At(pair.since, day=True)] if pair.since else []
    return [f"{pair.vm} {where_it_runs(pair)} {on} (failed over", *day, f", {_home(pair)}). "]


def where_it_runs(pair: PairAnswer) -> str:
    """Where it runs that is not where it is active at home."""
    over = pair.failed_over
    server, cloud = (pair.passive, pair.protecting_cloud) if over else (pair.active, pair.cloud)
    return f"RUNS {_at(server, cloud, pair)}"


def runs_on(pair: PairAnswer, at: Spot | None) -> str:
    """The same with the network that one of its adapters is on there."""
    return f"{where_it_runs(pair)} {NO_NETWORK if at == NOWHERE else f'on {spot(at)}'}"


def where_it_was_left(pair: PairAnswer) -> str:
    """Where the side is that was left by a failover."""
    return _at(pair.active, pair.cloud, pair)


def _at(server: str, cloud: str | None, pair: PairAnswer) -> str:
    """A side of a pair; at one server, its cloud tells which."""
    return f"at {server}" + f" in {cloud}" * (_at_one_server(pair) and cloud is not None)


def _home(pair: PairAnswer) -> str:
    if pair.failed_over and pair.away:
        return "which is its home"
    if _at_one_server(pair) and pair.home:
        cloud = pair.cloud if pair.failed_over else pair.protecting_cloud
        return f"home is {cloud or 'its other side'}"
    return f"home is {pair.home or 'unknown'}"


def _at_one_server(pair: PairAnswer) -> bool:
    return pair.active == pair.passive


def _going_home(pair: PairAnswer) -> str:
    if len(pair.adapters) > 1:
        return _going_home_with_several(pair)
    adapter = pair.adapters[0]
    if adapter.target is None:
        return f"{GOING_HOME} was NOT CHECKED: {no_placement(pair, adapter)}."
    if not adapter.target.network:
        return f"Going home it comes up {NO_NETWORK}: {no_placement(pair, adapter)}."
    if adapter.rule is Rule.UNCHANGED:
        return f"Going home it returns to {spot(adapter.target)}, where it was."
    why = why_there(pair, adapter)
    return f"Going home it joins {spot(adapter.target)}, {why}."


def _going_home_with_several(pair: PairAnswer) -> str:
    number = len(pair.adapters)
    unknown = sum(a.target is None for a in pair.adapters)
    placed = [a for a in pair.adapters if a.target and a.target.network]
    kept = sum(a.rule is Rule.UNCHANGED for a in placed)
    counts = (
        (number - unknown - len(placed), NO_NETWORK),
        (unknown, "NOT CHECKED"),
        (len(placed) - kept, "by the mapping home"),
        (kept, "where it was" if kept == 1 else "where they were"),
    )
    parts = [f"{count} {words}" for count, words in counts if count]
    return f"Going home with {number} NICs: {', '.join(parts)}."


def warn_of_running(page: Page, pair: PairAnswer) -> None:
    """Say what runs that should not, and what runs where it does not belong."""
    if pair.runs_twice:
        age = age_of(pair.ages, pair.active)
        when: list[Piece] = [" as of ", At(age.collected_at, ago=True)] if age else []
        on = listed(list(dict.fromkeys(spot(a.source) for a in pair.adapters)))
        what = ": two machines with one identity, of which one is to be shut down"
        page.warn(f"It RUNS {where_it_was_left(pair)} on {on or NO_NETWORK} too", *when, what)
    if pair.both_primary:
        running = f"; it was seen RUNNING at {pair.passive} too" * (pair.power == Power.RUNNING)
        page.warn(
            "Both sides claim to be primary; the newer inventory was believed,"
            f" {pair.active}'s{running}"
        )
    elif pair.power == Power.RUNNING and pair.active and pair.passive and not pair.failed_over:
        page.warn(
            f"Its replica RUNS {_at(pair.passive, pair.protecting_cloud, pair)}, and no inventory"
            " says that it failed over"
        )
    for adapter in pair.adapters if pair.failed_over else ():
        wish, now = adapter.target, adapter.now
        if not wish or not wish.network or not now or not now.observed:
            continue
        if (now.network, now.subnet) != (wish.network, wish.subnet):
            hand = "" if now.network else ", so connect it by hand"
            page.warn(
                f"NIC {adapter.slot} runs on {spot(now)}, NOT on {spot(wish)} where the mapping"
                f" wants it; nothing here touches a VM that runs{hand}"
            )


def why_there(pair: PairAnswer, adapter: AdapterAnswer) -> str:
    """Why an adapter joins what it joins."""
    if pair.away and adapter.rule is Rule.TARGET_GONE:
        return f"because {GONE_AT_HOME}"
    return because(adapter.rule, adapter.notes, adapter.target, adapter.missing)


def age_of(ages: Sequence[Age], server: str) -> Age | None:
    """How old what is known of a side is."""
    return next((age for age in ages if age.server == server), ages[-1] if ages else None)
