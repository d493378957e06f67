"""Decide where the VM at home belongs while its pair is away from home.

Compared with the baseline frozen when the pair was first seen away, first match wins:

1. the active adapter is where the baseline has it, and its network's mapping home is absent, as it
   was then, or leads to the adapter's own network: as the baseline has it, with a warning where
   that mapping was removed since;
2. the same, but that mapping now leads elsewhere: by the rule, in the new target;
3. it is disconnected: disconnected;
4. it is on another network that is mapped home: by the rule, in that network's target;
5. it is on another network that is not: disconnected.

Source: Microsoft Learn, "Prepare network mapping for Hyper-V VM disaster recovery", its four cases
of failback; the removed mapping and the other network that is mapped are our reading, as is another
subnet of the same network: by the rule if that network is mapped home, else as the baseline has it.
What was deleted and made anew under its name counts as what it was, on either side: nobody could
say so of what is frozen, and it was not the VM that moved. Nor was one moved that came up on no
network and was then connected where its own at home is mapped to. Nothing else is consulted, so
applying the answer and asking again gives the same answer.
"""

from collections.abc import Callable

from bot.domain.codes import Note, Rule
from bot.domain.estate import (
    DISCONNECTED,
    NO_OPINION,
    NOT_OBSERVED,
    Estate,
    Network,
    Subnet,
)
from bot.domain.placements import Baseline, Placement


def failback(
    now: int,
    baseline: Baseline,
    home_server: int,
    estate: Estate,
    join: Callable[[Subnet | None, Network | None], Placement],
) -> Placement:
    """Where the adapter at home belongs.

    Args:
        now: the place of the active side's adapter.
        join: the rule within one target network.
    """
    if now == NOT_OBSERVED:
        return Placement(NO_OPINION, Rule.NOT_CHECKED)
    network, subnet = estate.places.get(now, (None, None))
    if (
        baseline.away == DISCONNECTED
        and network
        and now == _wished(baseline, network, estate, join)
    ):
        baseline = baseline._replace(away=now)
    away = estate.network_at(baseline.away)
    same_network = away is not None and _anew(network, estate) == _anew(away, estate)
    mapping = estate.mappings.get((network.id, home_server)) if network else None
    if mapping is None and away is not None and same_network:
        mapping = estate.mappings.get((away.id, home_server))
    if estate.place_anew(now) == estate.place_anew(baseline.away):
        leads = _anew(estate.networks.get(mapping.target), estate) if mapping else 0
        as_then = _anew(estate.networks.get(baseline.mapped), estate)
        home = _anew(estate.network_at(baseline.home), estate)
        if mapping is None or leads in (as_then, home):
            notes = {Note.MADE_ANEW} if now != baseline.away else set()
            if mapping is None and baseline.mapped:
                notes.add(Note.MAPPING_REMOVED)
            return _unchanged(baseline, estate, notes)
        return join(subnet, estate.networks.get(mapping.target))
    if now == DISCONNECTED:
        return Placement(DISCONNECTED, Rule.SOURCE_DISCONNECTED)
    if network is None:
        return Placement(NO_OPINION, Rule.NOT_CHECKED)
    if mapping is not None:
        return join(subnet, estate.networks.get(mapping.target))
    if baseline.away == NOT_OBSERVED:
        return Placement(NO_OPINION, Rule.NOT_CHECKED)
    if same_network:
        return _unchanged(baseline, estate, {Note.OTHER_SUBNET})
    return Placement(DISCONNECTED, Rule.NOT_MAPPED)


def _unchanged(baseline: Baseline, estate: Estate, notes: set[Note]) -> Placement:
    if baseline.home == NOT_OBSERVED:
        return Placement(NO_OPINION, Rule.NOT_CHECKED, frozenset(notes))
    at = estate.place_anew(baseline.home)
    if at != baseline.home:
        notes.add(Note.MADE_ANEW)
    home, subnet = estate.places.get(at, (None, None))
    if home is not None and (home.gone or (subnet is not None and subnet.gone)):
        return Placement(NO_OPINION, Rule.TARGET_GONE, frozenset(notes))
    return Placement(at, Rule.UNCHANGED, frozenset(notes))


def _wished(
    baseline: Baseline,
    network: Network,
    estate: Estate,
    join: Callable[[Subnet | None, Network | None], Placement],
) -> int:
    """Where the mapping toward the server of this network leads the connection at home."""
    home, subnet = estate.places.get(estate.place_anew(baseline.home), (None, None))
    mapping = estate.mappings.get((home.id, network.server)) if home else None
    return join(subnet, estate.networks.get(mapping.target)).at if mapping else NO_OPINION


def _anew(network: Network | None, estate: Estate) -> int:
    """The network that counts as it; 0: none."""
    return 0 if network is None else estate.made_anew(network).id
