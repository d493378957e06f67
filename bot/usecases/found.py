"""What a look at the estate gathers, and the findings that it makes of it.

Names, examples and counts of VMs are asked for once everything is gathered: a few statements for
all findings together, as there may be a thousand.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import NamedTuple

from bot.domain.answers import Finding
from bot.domain.codes import FindingKind
from bot.domain.estate import NOT_OBSERVED, Estate, Network
from bot.domain.names import name_key
from bot.engine.severity import severity
from bot.ports import Tables
from bot.usecases.resolving import CHOSEN, certain

EXAMPLES = 3
COUNTED = 500
"""Up to so many adapters, the VMs they belong to are counted as well."""

Fix = tuple[str, dict[str, object]]
"""A command that mends a finding: its name and values."""
Key = tuple[FindingKind, int, int]
"""A kind, and the (network, server) whose mapping it is about; network 0: no network."""


@dataclass(slots=True)
class Members:
    """What a finding counts while it is gathered."""

    adapters: int = 0
    segments: set[int] = field(default_factory=set)
    pairs: list[str] = field(default_factory=list)
    """Their VMs, where those are known: numbers of pairs with commas between them."""
    facts: dict[str, str] = field(default_factory=dict)


class Gathered(NamedTuple):
    """A finding whose VMs are still to be named and counted."""

    kind: FindingKind
    key: str
    subject: str
    server: int
    toward: int
    members: Members
    fix: Fix | None
    vms: int | None
    examples: Sequence[str] | None
    """None: a few of its members."""


class Found:
    """Findings as they are gathered, narrowed to a server where one is named.

    Args:
        collects: servers that netmap asks for their inventories itself.
    """

    def __init__(
        self, tables: Tables, estate: Estate, only: int | None, collects: Iterable[str] = ()
    ) -> None:
        self.only = only
        self._collects = {name_key(name) for name in collects}
        self._tables = tables
        self._estate = estate
        self._gathered: list[Gathered] = []
        self.at_risk = 0
        """VMs that would come up without a network, or on the wrong one."""
        self.more_at_risk = False
        """There are more of them, too many to be counted."""
        self._certain = cache(partial(certain, estate))
        self.words = cache(partial(_words, estate))

    def about_mapping(self, kind: FindingKind, network: int, server: int, members: Members) -> None:
        """One on the mapping of a network toward a server, or on the want of one."""
        source = self._estate.networks.get(network)
        home = source.server if source else server
        if self.only not in (None, server, home):
            return
        mapping = self._estate.mappings.get((network, server))
        if mapping is not None:
            members.facts["mapping"] = mapping.label
            members.facts["target"] = self._estate.networks[mapping.target].name
        self._gathered.append(
            Gathered(
                kind,
                f"mapping:{network}:{server}",
                source.name if source else self._estate.server_named(server),
                home,
                server,
                members,
                self.fix(kind, source, server, mapping.label if mapping else None),
                None,
                None,
            )
        )

    def about_network(
        self, kind: FindingKind, network: Network, members: Members, fix: Fix | None
    ) -> None:
        """One on a network as it stands."""
        key, server = f"network:{network.id}", network.server
        many = members.adapters > COUNTED
        vms = self._tables.segments.pairs(members.segments) if many else None
        self._gathered.append(Gathered(kind, key, network.name, server, 0, members, fix, vms, None))

    def add(
        self,
        kind: FindingKind,
        key: str,
        subject: str,
        server: int,
        toward: int = 0,
        adapters: int = 0,
        examples: Sequence[str] = (),
        vms: int | None = None,
        facts: dict[str, str] | None = None,
        fix: Fix | None = None,
    ) -> None:
        """One of which all is known."""
        members = Members(adapters, facts=facts or {})
        self._gathered.append(
            Gathered(kind, key, subject, server, toward, members, fix, vms, examples)
        )

    def fix(
        self, kind: FindingKind, source: Network | None, server: int, label: str | None
    ) -> Fix | None:
        """What to do about one on a mapping; where a person has to choose, `<network>` says so."""
        if source is None:
            return None
        if kind in _PLANNED:
            return ("plan", {"server": self._estate.server_named(server)})
        if label is None or kind in _BLANK:
            name, on = self._certain(source)
            if kind in _BLANK:
                return ("add", {"source": name, "source_on": on, "target": CHOSEN})
            return ("show", {"mapping": {"source": name, "on": on}})
        mapping: dict[str, object] = {"mapping": {"id": label}}
        if kind is FindingKind.NETWORK_GONE:
            return ("remove", mapping) if source.gone else ("change", {**mapping, "target": CHOSEN})
        return ("show", mapping)

    def ask_again(self, server: str) -> Fix | None:
        """What brings a newer inventory of a server, where netmap can ask it."""
        return ("refresh", {"server": server}) if name_key(server) in self._collects else None

    def unmapped(self) -> dict[str, Members]:
        """Key -> those on networks that are not mapped, for what else there is to say of them."""
        return {one.key: one.members for one in self._gathered if one.kind is FindingKind.UNMAPPED}

    def findings(self) -> list[Finding]:
        """All of them, with their VMs named and counted."""
        open_ = [one for one in self._gathered if one.examples is None]
        pairs = self._pairs(one.members for one in open_)
        self._count_risk(pairs)
        few = self._few(open_, pairs)
        names = self._tables.vms.names(pair for some in few.values() for pair in some)
        found = []
        for one in self._gathered:
            members = one.members
            known = pairs.get(id(members))
            examples = one.examples
            if examples is None:
                examples = sorted({names.get(pair, "?") for pair in few.get(id(members), ())})
            found.append(
                Finding(
                    kind=one.kind,
                    severity=severity(one.kind),
                    key=f"{one.kind}:{one.key}",
                    subject=one.subject,
                    server=self._estate.server_named(one.server),
                    toward=self._estate.server_named(one.toward) if one.toward else "",
                    adapters=members.adapters,
                    vms=one.vms if known is None else len(known),
                    examples=list(examples),
                    facts=members.facts,
                    fix=one.fix,
                )
            )
        return found

    def _count_risk(self, pairs: dict[int, set[int]]) -> None:
        risky = [one.members for one in self._gathered if one.kind in _AT_RISK]
        known = [pairs[id(members)] for members in risky if id(members) in pairs]
        self.at_risk = len(set().union(*known))
        self.more_at_risk = any(m.adapters and id(m) not in pairs for m in risky)

    def _pairs(self, members: Iterable[Members]) -> dict[int, set[int]]:
        """Members (by identity) -> their pairs, where these are known or few enough to count."""
        asked, wanted = [], set[int]()
        found = {}
        for one in members:
            if one.pairs:
                found[id(one)] = numbers(one.pairs)
            elif one.segments and one.adapters <= COUNTED:
                asked.append(one)
                wanted |= one.segments
        standing = self._tables.findings.pairs(wanted)
        for one in asked:
            found[id(one)] = numbers(
                text for segment in one.segments for text in standing.get(segment, ()) if text
            )
        return found

    def _few(
        self, gathered: Sequence[Gathered], pairs: dict[int, set[int]]
    ) -> dict[int, list[int]]:
        """Members (by identity) -> a few of their pairs, as examples."""
        found, asked = dict[int, list[int]](), dict[int, int]()
        for one in gathered:
            members = one.members
            if id(members) in pairs:
                found[id(members)] = sorted(pairs[id(members)])[:EXAMPLES]
            elif members.segments:
                asked[id(members)] = min(members.segments)
        some = self._tables.findings.some_pairs(set(asked.values()), 2 * EXAMPLES)
        for which, segment in asked.items():
            found[which] = sorted(numbers([some.get(segment) or ""]))[:EXAMPLES]
        return found


def numbers(texts: Iterable[str]) -> set[int]:
    """The numbers in texts with commas between them; as one list, since that is read in C."""
    return set(json.loads(f"[{','.join(texts)}]"))


_AT_RISK = (
    FindingKind.DRIFTED,
    FindingKind.PENDING,
    FindingKind.UNMAPPED,
    FindingKind.NETWORK_GONE,
)
_PLANNED = (
    FindingKind.PENDING,
    FindingKind.DRIFTED,
    FindingKind.WRONG_SUBNET,
    FindingKind.DISCONNECT_PENDING,
    FindingKind.PLACEMENT_MOVED,
)
"""What a plan would put right."""
_BLANK = (FindingKind.UNMAPPED, FindingKind.CONNECTED_BY_HAND, FindingKind.APPEARED_UNMAPPED)
"""About a network that is not mapped."""


def _words(estate: Estate, at: int) -> str:
    if at == NOT_OBSERVED:
        return "not observed"
    network, subnet = estate.places.get(at, (None, None))
    if network is None:
        return "no network"
    return f"{network.name} / {subnet.name}" if subnet else network.name
