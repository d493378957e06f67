"""What a look at the estate gathers, and the findings that it makes of it.

Names, examples and counts of VMs are asked for once everything is gathered: a few statements for
all findings together, as there may be a thousand.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from itertools import chain
from typing import NamedTuple

from bot.domain.answers.findings import Finding
from bot.domain.codes import FindingKind
from bot.domain.estate import NOT_OBSERVED, Estate, Network
from bot.domain.names import name_key
from bot.engine.severity import severity
from bot.ports import Tables
from bot.usecases.mapping.matching import made_anew
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
    pairs: list[int] = field(default_factory=list)
    """The pair of each of them, where those are known."""
    facts: dict[str, str] = field(default_factory=dict)
    vms: set[int] | None = None
    """The same, each once; None: there are too many to count."""
    some: Sequence[int] = ()
    """A few of them, as examples."""


class Mapped(NamedTuple):
    """What all findings on the mapping of a network toward a server say alike."""

    key: str
    subject: str
    home: int
    """The server that the network is of."""
    server: str
    toward: str
    source: Network | None
    label: str | None
    facts: dict[str, str]


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
        self._found: list[Finding] = []
        self._open: list[tuple[Finding, Members]] = []
        """Those whose VMs are still to be named and counted."""
        self.risky: set[int] = set()
        """Pairs whose VMs run without a network, which no finding on a mapping tells."""
        self.at_risk = 0
        """VMs that would come up without a network, or on the wrong one."""
        self.more_at_risk = False
        """There are more of them, too many to be counted."""
        self._anew = cache(partial(made_anew, estate))
        self._mapped = cache(partial(_mapped, estate))
        self._certain = cache(partial(certain, estate))
        self.words = cache(partial(_words, estate))
        self.network_of = estate.network_of.get
        """Place -> the network it is on."""

    def about_mapping(self, kind: FindingKind, network: int, server: int, members: Members) -> None:
        """One on the mapping of a network toward a server, or on the want of one."""
        mapped = self._mapped(network, server)
        if self.only not in (None, server, mapped.home):
            return
        members.facts |= mapped.facts
        finding = Finding(
            kind,
            severity(kind),
            f"{kind}:{mapped.key}",
            mapped.subject,
            mapped.server,
            mapped.toward,
            members.adapters,
            facts=members.facts,
            fix=self.fix(kind, mapped.source, server, mapped.label),
        )
        self._found.append(finding)
        self._open.append((finding, members))

    def about_network(
        self, kind: FindingKind, network: Network, members: Members, fix: Fix | None
    ) -> None:
        """One on a network as it stands."""
        many = members.adapters > COUNTED
        found = self.add(
            kind,
            f"network:{network.id}",
            network.name,
            network.server,
            adapters=members.adapters,
            vms=self._tables.segments.pairs(members.segments) if many else None,
            facts=members.facts,
            fix=fix,
        )
        self._open.append((found, members))

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
    ) -> Finding:
        """One of which all is known."""
        named = self._estate.server_named
        found = Finding(
            kind,
            severity(kind),
            f"{kind}:{key}",
            subject,
            named(server),
            named(toward) if toward else "",
            adapters,
            vms,
            list(examples),
            {} if facts is None else facts,
            fix,
        )
        self._found.append(found)
        return found

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
            if kind in _BLANK or kind is FindingKind.NETWORK_GONE:  # of home, where none is mapped
                return ("add", {"source": name, "source_on": on, "target": CHOSEN})
            return ("show", {"mapping": {"source": name, "on": on}})
        mapping: dict[str, object] = {"mapping": {"id": label}}
        if kind is FindingKind.NETWORK_GONE and self._is_made_anew(source, server):
            ends = (self._estate.server_named(id) for id in (source.server, server))
            return ("match", dict(zip(("source", "target"), ends, strict=True)))
        if kind is FindingKind.NETWORK_GONE:
            return ("remove", mapping) if source.gone else ("change", {**mapping, "target": CHOSEN})
        return ("show", mapping)

    def _is_made_anew(self, source: Network, server: int) -> bool:
        mapping = self._estate.mappings.get((source.id, server))
        return mapping is not None and mapping.id in self._anew(source.server, server)

    def ask_again(self, server: str) -> Fix | None:
        """What brings a newer inventory of a server, where netmap can ask it."""
        return ("refresh", {"server": server}) if name_key(server) in self._collects else None

    def unmapped(self) -> dict[str, Finding]:
        """Key -> those on networks that are not mapped, for what else there is to say of them."""
        return {one.key: one for one in self._found if one.kind is FindingKind.UNMAPPED}

    def findings(self) -> list[Finding]:
        """All of them, with their VMs named and counted."""
        gathered = [members for _, members in self._open]
        self._know_vms(gathered)
        self._count_risk()
        names = self._tables.vms.names(pair for members in gathered for pair in members.some)
        for finding, members in self._open:
            finding.examples = sorted({names.get(pair, "?") for pair in members.some})
            if members.vms is not None:
                finding.vms = len(members.vms)
        return self._found

    def _count_risk(self) -> None:
        risky = [members for finding, members in self._open if finding.kind in _AT_RISK]
        self.at_risk = len(self.risky.union(*[members.vms or () for members in risky]))
        self.more_at_risk = any(members.adapters and members.vms is None for members in risky)

    def _know_vms(self, gathered: Sequence[Members]) -> None:
        """Find the VMs of these where they are known or few enough to count, and examples."""
        few = [m for m in gathered if m.segments and not m.pairs and m.adapters <= COUNTED]
        standing = self._tables.findings.pairs({id for m in few for id in m.segments})
        for members in few:
            for id in members.segments:
                members.pairs += chain(*standing[id])
        many = [m for m in gathered if m.segments and not m.pairs]
        firsts = [min(m.segments) for m in many]
        some = self._tables.findings.some_pairs(set(firsts), 2 * EXAMPLES)
        for members in gathered:
            if members.pairs:
                members.vms = set(members.pairs)
                members.some = sorted(members.vms)[:EXAMPLES]
        for members, first in zip(many, firsts, strict=True):
            members.some = sorted(set(some[first]))[:EXAMPLES]


_AT_RISK = (
    FindingKind.DRIFTED,
    FindingKind.PENDING,
    FindingKind.RUNS_UNCONNECTED,
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


def _mapped(estate: Estate, network: int, server: int) -> Mapped:
    source, mapping = estate.networks.get(network), estate.mappings.get((network, server))
    home, toward = source.server if source else server, estate.server_named(server)
    return Mapped(
        f"mapping:{network}:{server}",
        source.name if source else toward,
        home,
        estate.server_named(home),
        toward if server else "",
        source,
        mapping.label if mapping else None,
        {"mapping": mapping.label, "target": estate.networks[mapping.target].name}
        if mapping
        else {},
    )


def _words(estate: Estate, at: int) -> str:
    if at == NOT_OBSERVED:
        return "not observed"
    network, subnet = estate.places.get(at, (None, None))
    if network is None:
        return "no network"
    return f"{network.name} / {subnet.name}" if subnet else network.name
