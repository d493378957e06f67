"""Where a test failover would put a VM."""

from collections import Counter
from collections.abc import Sequence

from bot.domain.answers.shared import Spot
from bot.domain.answers.vms import AdapterAnswer, PairAnswer
from bot.domain.checks import Trial
from bot.domain.numbers import plural
from bot.render.phrases import listed
from bot.render.words import TRIAL_REFUSAL, spot


def trial(adapter: AdapterAnswer) -> str:
    """Where one adapter starts: `starts on Test-Bubble / Web`."""
    found = adapter.test
    if found is None:
        return "starts where it could NOT be CHECKED"
    if found.refusal:
        return f"is REFUSED: {TRIAL_REFUSAL.get(found.refusal, found.refusal)}"
    if found.network is None:
        why = "the mapping has no test network" if adapter.mapping else "there is no mapping"
        if found.gone:
            why = "the test network of the mapping is GONE from VMM"
        return f"starts UNCONNECTED: {why}"
    where = f"starts on {spot(Spot(network=found.network, subnet=found.subnet))}"
    return f"{where}, unless it is refused, which was NOT CHECKED" if found.unsure else where


def connected(found: Trial | None) -> bool:
    """Whether it starts on a network for certain."""
    return found is not None and found.network is not None and not found.unsure


def trial_answer(pair: PairAnswer) -> str:
    """The first line about a test failover of a VM."""
    if not pair.adapters:
        return f"In a test failover {pair.vm} starts UNCONNECTED: it has no network adapters."
    words = [trial(adapter) for adapter in pair.adapters]
    if len(set(words)) == 1:
        return f"In a test failover {pair.vm} {words[0]}."
    off = sum(not connected(adapter.test) for adapter in pair.adapters)
    number = plural(len(pair.adapters), "NIC")
    return (
        f"In a test failover {pair.vm} starts with {off or 'none'} of {number} unconnected,"
        " refused or not checked."
    )


def trial_summary(pairs: Sequence[PairAnswer]) -> str:
    """The first line about a test failover of several VMs, each counted by the worst of it."""
    if len(pairs) == 1:
        return trial_answer(pairs[0])
    number = plural(len(pairs), "VM")
    ends = Counter(_worst(pair) for pair in pairs)
    bad = [words for words in _ENDS if ends[words]]
    if not bad:
        return f"In a test failover {number} would start connected."
    first, *others = bad
    parts = [f"{ends[first]} of {number} {first}", *(f"{ends[words]} {words}" for words in others)]
    return f"In a test failover {listed(parts)}, at least in part."


_OFF = "would start unconnected"
_REFUSED = "would be refused"
_UNREAD = "could not be checked"
_ENDS = (_OFF, _REFUSED, _UNREAD)


def _worst(pair: PairAnswer) -> str:
    """What keeps a test of the VM from starting connected; empty where nothing does."""
    tests = [adapter.test for adapter in pair.adapters]
    if not tests or any(test and not test.network and not test.refusal for test in tests):
        return _OFF
    if any(test and test.refusal for test in tests):
        return _REFUSED
    return "" if all(map(connected, tests)) else _UNREAD


def trial_warnings(adapters: Sequence[AdapterAnswer]) -> list[str]:
    """What speaks against such a test."""
    found = []
    used = {a.test.network for a in adapters if a.test and a.test.network}
    if any(a.target and a.target.network in used for a in adapters):
        found.append(
            "A network that VMs fail over to must not be used for a test: two machines with one"
            " identity would meet on it"
        )
    if len(used) > 1:
        found.append(
            f"The test uses several networks, {listed(sorted(filter(None, used)))}: one created"
            " for the test is the advice"
        )
    return found
