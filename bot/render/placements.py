"""Why an adapter comes up where it does, with which address, and how its VM replicates."""

from bot.domain.addresses import Expectation, Outlook
from bot.domain.answers.shared import Spot
from bot.domain.codes import Note, Rule
from bot.render.phrases import listed
from bot.render.words import NOTE

WARNINGS = (
    Note.MAPPING_REMOVED,
    Note.OTHER_SUBNET,
    Note.MADE_ANEW,
    Note.NO_POOL,
    Note.UNREACHABLE_HOST,
    Note.UNREACHABLE_CLOUD,
)
"""Notes that are warnings by themselves; the others belong to the rule."""


def because(rule: Rule, notes: list[Note], target: Spot | None, missing: str | None) -> str:
    """Why an adapter joins its placement, as a clause that follows it."""
    network = target.network if target and target.network else "the target"
    match rule:
        case Rule.SAME_NAME if Note.OTHER_CASE in notes:
            clause = f"because {network} has a subnet of that name, letter case aside"
        case Rule.SAME_NAME:
            clause = f"because {network} has a subnet of the same name"
        case Rule.FIRST_SUBNET:
            which = "first" if Note.SEVERAL_SUBNETS in notes else "only"
            subnet = target.subnet if target and target.subnet else "this"
            if missing:
                lacks, whose = f"{network} has no subnet called {missing}", f"its {which} one"
            else:
                lacks, whose = "the adapter is on no subnet", f"the {which} one of {network}"
            clause = f"because {lacks}: {subnet} is {whose}"
        case Rule.NO_SUBNETS:
            clause = f"because {network} has no subnets"
        case Rule.UNCHANGED:
            clause = "where it was"
        case Rule.SOURCE_DISCONNECTED:
            clause = "because the adapter it stands for is on no network"
        case Rule.NOT_MAPPED:
            clause = "because its network is not mapped"
        case Rule.TARGET_GONE:
            clause = "because the network it is mapped to is gone"
        case Rule.NOT_CHECKED:
            clause = "because nobody could tell where it is connected"
    if Note.CASE_AMBIGUOUS in notes:
        clause += f" ({NOTE[Note.CASE_AMBIGUOUS]})"
    return clause


def missing_subnets(names: list[str | None], network: str) -> str:
    """Why the first subnet was taken: `DR-Web has no subnet called Batch`."""
    named = [name for name in names if name]
    if not named:
        return "the adapters are on no subnet"
    return f"{network} has no subnet called {listed(named, last='or')}"


def address(expected: Expectation | None) -> str:
    """What to expect of an adapter's address, as a sentence, if anything."""
    if expected is None:
        return ""
    match expected.outlook:
        case Outlook.KEEPS:
            text = f"Keeps {expected.address}."
        case Outlook.NEXT_FREE:
            text = f"Gets the next free address of the pool at failover, now {expected.address}."
        case Outlook.POOL_FULL:
            text = "Gets NO ADDRESS: the pool is full."
        case Outlook.FAILS:
            text = "Gets NO ADDRESS: the target subnet has no pool."
        case Outlook.NOT_MANAGED:
            text = "Its address comes by DHCP."
        case Outlook.FROM_POOL:
            text = "Gets an address of the pool at failover."
        case Outlook.NOT_CHECKED:
            text = "Address not checked."
    if expected.several:
        text += f" Only the first of its {expected.several} addresses survives."
    if expected.ipv6:
        text += " IPv6 addresses are not carried over."
    return text


def replication(state: str | None, health: str | None) -> str:
    """How replication does: `Replicating, healthy`."""
    if state is None and health is None:
        return "Replication not checked"
    how = {None: "health not checked", "normal": "healthy"}.get(
        health.casefold() if health else None, f"health {health}"
    )
    return f"{state or 'Replication state not checked'}, {how}"
