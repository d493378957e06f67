"""Find what is not as it should be, without loading the estate.

Placement drift is two range seeks per class; the other findings are read from the classes
themselves, from pairs that carry a fault, and from networks and servers.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import groupby
from operator import itemgetter

from bot.domain.answers import DriftReport, Finding
from bot.domain.asking import Stamp
from bot.domain.checks import Standing
from bot.domain.codes import FindingKind, Note, Readiness, Rule
from bot.domain.digests import Happening
from bot.domain.estate import DISCONNECTED, NO_OPINION, NOT_OBSERVED, Estate, Network
from bot.domain.names import name_key
from bot.domain.pairs import PairFault
from bot.domain.placements import Move, Segment
from bot.engine.checks import carries, linked
from bot.engine.placing import join
from bot.engine.severity import ORDER, severity
from bot.ports import Ports, Tables
from bot.usecases.placing import ages, spot
from bot.usecases.resolving import Ask, certain, find_server

EXAMPLES = 3
RECENT = timedelta(days=7)
"""For so long what an import brought is told, unless somebody says that they know."""


class AskDrift(Ask):
    server: str | None = None


@dataclass
class _Members:
    """What a finding counts while it is gathered."""

    pairs: set[int] = field(default_factory=set)
    segments: set[int] = field(default_factory=set)
    adapters: int = 0
    facts: dict[str, str] = field(default_factory=dict)


def drift(ports: Ports, asks: Sequence[AskDrift], stamp: Stamp) -> DriftReport:
    """Every finding there is now, worst first.

    Args:
        asks: `server` narrows it to findings that concern this server on either side.
    """
    with ports.store.read() as tables:
        estate = tables.estate()
        name = asks[0].server
        only = find_server(estate, name).id if name is not None else None
        watch = _Watch(ports, tables, estate, stamp, only)
        return watch.report()


class _Watch:
    """One look at the whole estate, in one snapshot."""

    def __init__(
        self, ports: Ports, tables: Tables, estate: Estate, stamp: Stamp, only: int | None
    ) -> None:
        self.ports, self.tables, self.estate, self.stamp = ports, tables, estate, stamp
        self.only = only
        self.segments = {s.id: s for s in tables.segments.all()}
        self.findings: list[Finding] = []
        self.at_risk: set[int] = set()
        self.leaving: Counter[tuple[int, int]] = Counter()
        """(segment, place) -> adapters that still stand on a removed mapping's target."""
        self.leaving_pairs: set[int] = set()

    def report(self) -> DriftReport:
        self._moves()
        self._classes()
        self._faults()
        self._networks()
        self._servers()
        self._outside()
        self._happenings()
        self.findings.sort(key=lambda f: (ORDER.index(f.severity), -f.adapters, f.kind, f.subject))
        counts = {s: sum(f.severity is s for f in self.findings) for s in ORDER}
        servers = [self.only] if self.only else sorted(self.estate.servers)
        return DriftReport(
            findings=self.findings,
            counts={str(s): n for s, n in counts.items() if n},
            vms_at_risk=len(self.at_risk),
            checked=ages(self.ports, self.estate, servers, self.stamp),
            server=self.estate.server_named(self.only) if self.only else "",
        )

    # -- what does not stand where it belongs --------------------------------------------

    def _moves(self) -> None:
        found: dict[tuple[FindingKind, int, int], _Members] = defaultdict(_Members)
        alike = itemgetter(2, 3, 4, 5)  # all of a move but pair and slot; they come class by class
        for _, group in groupby(self.tables.segments.moves(), alike):
            moves = list(group)
            move, pairs = moves[0], {move.pair for move in moves}
            segment = self.segments[move.segment]
            kind = self._kind(move, segment)
            network, server = self._mapping_key(segment)
            members = found[kind, network, server]
            members.pairs |= pairs
            members.adapters += len(moves)
            members.segments.add(segment.id)
            if segment.former:
                self.leaving[segment.id, move.observed] += len(moves)
                self.leaving_pairs |= pairs
            if kind in (FindingKind.DRIFTED, FindingKind.PENDING):
                self.at_risk |= pairs
            if "now" not in members.facts:
                members.facts["now"] = _words(self.estate, move.observed)
                members.facts["wish"] = _words(self.estate, move.wish)
            if kind is FindingKind.PENDING:
                members.facts["since"] = f"C{segment.since}"
        for (kind, network, server), members in found.items():
            self._about_mapping(kind, network, server, members)

    def _kind(self, move: Move, segment: Segment) -> FindingKind:
        if segment.readiness is Readiness.WAITING:
            return FindingKind.WAITING
        if segment.readiness is Readiness.UNKNOWN:
            return FindingKind.POWER_UNKNOWN
        if segment.readiness is not Readiness.READY:
            return FindingKind.LEFT_RUNNING
        if segment.former:
            return FindingKind.DISCONNECT_PENDING
        if move.pending:
            return FindingKind.PENDING
        wished = self.estate.network_at(move.wish)
        if wished is not None and wished is self.estate.network_at(move.observed):
            return FindingKind.WRONG_SUBNET
        return FindingKind.DRIFTED

    def _mapping_key(self, segment: Segment) -> tuple[int, int]:
        """(network, server) whose mapping a class hangs on; network 0: no network."""
        network = self.estate.network_at(segment.key.source)
        return (network.id if network else 0), segment.key.server

    # -- what the classes say ------------------------------------------------------------

    def _classes(self) -> None:
        found: dict[tuple[FindingKind, int, int], _Members] = defaultdict(_Members)
        unmapped: dict[tuple[int, int], list[Segment]] = defaultdict(list)
        for segment in self.segments.values():
            key = self._mapping_key(segment)
            kinds = {kind for note in segment.notes if (kind := _NOTES.get(note))}
            if segment.rule is Rule.TARGET_GONE:
                kinds.add(FindingKind.NETWORK_GONE)
            if self._source_cloud_lacks(segment):
                kinds.add(FindingKind.CLOUD_LACKS_NETWORK)
            if self._cloud_not_checked(segment):
                kinds.add(FindingKind.CLOUD_NOT_CHECKED)
            for kind in kinds:
                network = 0 if kind is FindingKind.CLOUD_NOT_CHECKED else key[0]
                members = found[kind, network, segment.key.server]
                members.segments.add(segment.id)
                members.adapters += segment.adapters
            if segment.rule is Rule.NOT_MAPPED and key[0] and segment.desired == NO_OPINION:
                unmapped[key].append(segment)
        for (kind, network, server), members in found.items():
            self._about_mapping(kind, network, server, members)
        for (network, server), segments in unmapped.items():
            self._unmapped(network, server, segments)
        self._off_network(FindingKind.NOT_ON_A_NETWORK, DISCONNECTED)
        self._off_network(FindingKind.NOT_OBSERVED, NOT_OBSERVED)

    def _off_network(self, kind: FindingKind, at: int) -> None:
        """Active sides with an adapter that is on no network, or nobody could tell on which."""
        classes = [s.id for s in self.segments.values() if s.key.source == at]
        for server, adapters, vms, names in self.tables.findings.active_sides(classes, EXAMPLES):
            if self.only in (None, server):
                subject = self.estate.server_named(server)
                self._add(
                    kind, f"server:{server}", subject, server, 0, adapters, names, vms, {}, None
                )

    def _source_cloud_lacks(self, segment: Segment) -> bool:
        network = self.estate.network_at(segment.key.source)
        cloud = self.estate.clouds.get(segment.key.cloud)
        return (
            network is not None
            and not segment.key.baseline
            and linked(network) is Standing.OK
            and carries(cloud, network) is Standing.BROKEN
        )

    def _cloud_not_checked(self, segment: Segment) -> bool:
        """Whether it cannot be told that the clouds of a mapped class carry its networks."""
        source = self.estate.network_at(segment.key.source)
        target = self.estate.network_at(segment.desired)
        if segment.key.baseline or source is None or target is None:
            return False
        return Standing.NOT_CHECKED in (
            carries(self.estate.clouds.get(segment.key.cloud), source),
            carries(self.estate.clouds.get(segment.key.toward), target),
        )

    def _unmapped(self, network: int, server: int, segments: list[Segment]) -> None:
        """Protected adapters that come up with no network, and those that somebody connected."""
        by_hand, alone = _Members(), _Members()
        standing = self.tables.segments.connected(s.id for s in segments)
        for segment in segments:
            connected = {
                at: left
                for at, count in standing.get(segment.id, {}).items()
                if (left := count - self.leaving[segment.id, at])
            }
            count = sum(connected.values())
            if count:
                by_hand.adapters += count
                by_hand.segments.add(segment.id)
                most = max(connected, key=lambda at: connected[at])
                by_hand.facts.setdefault("now", _words(self.estate, most))
            leaving = sum(n for (id, _), n in self.leaving.items() if id == segment.id)
            if segment.adapters - count - leaving > 0:
                alone.adapters += segment.adapters - count - leaving
                alone.segments.add(segment.id)
        if by_hand.adapters:
            self._count(by_hand, connected=True)
            self._about_mapping(FindingKind.CONNECTED_BY_HAND, network, server, by_hand)
        if alone.adapters:
            self._count(alone, connected=False)
            self._about_mapping(FindingKind.UNMAPPED, network, server, alone)

    def _count(self, members: _Members, connected: bool) -> None:
        """Which VMs these adapters are of, unless there are too many to count them all."""
        if members.adapters <= _COUNTED:
            found = self.tables.segments.pairs_standing(members.segments, connected)
            members.pairs = found - self.leaving_pairs if connected else found

    # -- what pairs carry ----------------------------------------------------------------

    def _faults(self) -> None:
        unknown: dict[int, list[tuple[int, str]]] = defaultdict(list)
        for pair, faults, name, server in self.tables.findings.faulty():
            if self.only not in (None, server) and not self._touches(pair):
                continue
            if faults & PairFault.OTHER_SIDE_UNKNOWN:
                unknown[server].append((pair, name))
            for fault, kind in _FAULTS.items():
                if faults & fault:
                    self._add(
                        kind, f"vm:{pair}", name, server, 0, 1, [], 1, {},
                        ("vm", {"names": (name,)}),
                    )  # fmt: skip
        for server, members in unknown.items():
            hosts = self.tables.findings.partner_hosts(pair for pair, _ in members)
            self._add(
                FindingKind.OTHER_SIDE_UNKNOWN,
                f"server:{server}",
                self.estate.server_named(server),
                server,
                0,
                0,
                [name for _, name in members[:EXAMPLES]],
                len(members),
                {"hosts": ", ".join(host for host, _ in hosts if host)},
                None,
            )

    def _touches(self, pair: int) -> bool:
        row = self.tables.vms.pair(pair)
        sides = [self.tables.vms.get(id) for id in (row.active, row.passive)] if row else []
        return any(side is not None and side.server == self.only for side in sides)

    # -- networks and servers ------------------------------------------------------------

    def _networks(self) -> None:
        used = {id for m in self.estate.mappings.values() for id in (m.source, m.target)}
        for network in self.estate.networks.values():
            if self.only not in (None, network.server):
                continue
            if network.id in used and not network.gone and linked(network) is Standing.BROKEN:
                self._about_network(FindingKind.NO_LOGICAL_NETWORK, network, {}, None)
            if network.reordered:
                facts = {
                    "adopted": ", ".join(s.name for s in network.subnets),
                    "listed": ", ".join(
                        s.name for s in sorted(network.subnets, key=lambda s: s.listed)
                    ),
                }
                name, server = certain(self.estate, network)
                members = self._would_move(network)
                self._about_network(
                    FindingKind.SUBNETS_REORDERED,
                    network,
                    facts,
                    ("adopt", {"network": name, "server": server}),
                    members,
                )
        for (source, toward), mapping in self.estate.mappings.items():
            ends = [self.estate.networks[mapping.source], self.estate.networks[mapping.target]]
            lost = [n for n in ends if n.gone]
            segments = self.tables.segments.of(source, toward) if lost else []
            if lost and not any(s.rule is Rule.TARGET_GONE and s.adapters for s in segments):
                members = _Members(facts={"gone": ", ".join(n.name for n in lost)})
                self._about_mapping(FindingKind.NETWORK_GONE, source, toward, members)

    def _would_move(self, network: Network) -> _Members:
        """The adapters that would belong elsewhere if the new order counted."""
        members = _Members()
        listed = tuple(sorted(network.subnets, key=lambda s: s.listed))
        adopted = replace(network, subnets=listed)
        for segment in self.segments.values():
            by_rule = segment.rule in (Rule.SAME_NAME, Rule.FIRST_SUBNET)
            if not by_rule or self.estate.network_at(segment.desired) is not network:
                continue
            placed = self.estate.places.get(segment.key.source)
            if placed is not None and join(placed[1], adopted).at != segment.desired:
                members.adapters += segment.adapters
                members.segments.add(segment.id)
        return members

    def _servers(self) -> None:
        for age, id in (
            (ages(self.ports, self.estate, [id], self.stamp)[0], id) for id in self.estate.servers
        ):
            if age.stale and self.only in (None, id):
                self._add(
                    FindingKind.INVENTORY_STALE,
                    f"server:{id}",
                    age.server,
                    id,
                    0,
                    0,
                    [],
                    None,
                    {"collected_at": age.collected_at.isoformat()},
                    None,
                )

        for id in self.estate.servers:
            count, names = self.tables.vms.unknown(id) if self.only in (None, id) else (0, [])
            if count:
                self._add(
                    FindingKind.REPLICATION_NOT_CHECKED,
                    f"server:{id}",
                    self.estate.server_named(id),
                    id,
                    0,
                    0,
                    names,
                    count,
                    {},
                    None,
                )

    # -- what was done to the table, and what imports brought ------------------------------

    def _outside(self) -> None:
        for network, server in self.tables.lives.changed_outside():
            self._about_mapping(FindingKind.CHANGED_OUTSIDE, network, server, _Members())
        for failure in self.tables.lives.failed_imports():
            server = self._server_called(failure.server)
            if self.only in (None, server):
                facts = {"tried": failure.at.isoformat(), "said": failure.message}
                self._add(
                    FindingKind.IMPORT_FAILED, f"import:{failure.server}", failure.server, server,
                    0, 0, [], None, facts, None,
                )  # fmt: skip

    def _server_called(self, name: str) -> int:
        for server in self.estate.servers.values():
            if name_key(server.name) == name_key(name):
                return server.id
        return 0

    def _happenings(self) -> None:
        """What imports of the last days brought, a finding for each mapping it concerns."""
        found: dict[tuple[FindingKind, int, int], list[Happening]] = defaultdict(list)
        for one in self.tables.lives.happenings(self.stamp.at - RECENT):
            if one.network not in self.estate.networks:
                continue
            kind = one.kind
            if kind is FindingKind.APPEARED:
                mapping = self.estate.mappings.get((one.network, one.server))
                if mapping is None:
                    kind = FindingKind.APPEARED_UNMAPPED
                elif one.change <= mapping.change:
                    continue  # whoever made or changed the mapping saw them
            found[kind, one.network, one.server].append(one)
        unmapped = {
            one.key: nth
            for nth, one in enumerate(self.findings)
            if one.kind is FindingKind.UNMAPPED
        }
        present = {self._mapping_key(segment) for segment in self.segments.values()}
        for (kind, network, server), those in found.items():
            if (network, server) not in present:
                continue  # its VMs are gone again
            source = self.estate.networks[network]
            nth = unmapped.get(f"{FindingKind.UNMAPPED}:mapping:{network}:{server}")
            if kind is FindingKind.APPEARED_UNMAPPED and nth is not None:
                self.findings[nth] = _with_newcomers(self.findings[nth], those)
                continue  # one fact, said once: that finding is new or worse by them
            if kind is FindingKind.PLACEMENT_MOVED and not self._still_moved(those):
                continue
            if self.only not in (None, server, source.server):
                continue
            mapping = self.estate.mappings.get((network, server))
            facts = dict(those[-1].facts)
            facts["brought"] = f"C{those[-1].change}"
            if mapping is not None:
                facts["mapping"] = mapping.label
                facts["target"] = self.estate.networks[mapping.target].name
            examples = list(dict.fromkeys(name for one in those for name in one.examples))
            self._add(
                kind,
                f"mapping:{network}:{server}",
                source.name,
                source.server,
                server,
                sum(one.adapters for one in those),
                examples[:EXAMPLES],
                sum(one.vms for one in those) or None,
                facts,
                self._fix(kind, source, server, mapping.label if mapping else None),
            )

    def _still_moved(self, those: list[Happening]) -> bool:
        """Whether any class belongs elsewhere than before the first of these; it may be back."""
        before: dict[int, int] = {}
        for one in those:
            before = one.before | before
        return any(
            (segment := self.segments.get(id)) is not None and segment.desired != was
            for id, was in before.items()
        )

    # -- writing findings down -----------------------------------------------------------

    def _about_mapping(
        self, kind: FindingKind, network: int, server: int, members: _Members
    ) -> None:
        source = self.estate.networks.get(network)
        home = source.server if source else server
        if self.only not in (None, server, home):
            return
        mapping = self.estate.mappings.get((network, server))
        facts = dict(members.facts)
        if mapping is not None:
            facts["mapping"] = mapping.label
            facts["target"] = self.estate.networks[mapping.target].name
        vms = len(members.pairs) if members.pairs else None
        if vms is None and members.segments and members.adapters <= _COUNTED:
            vms = self.tables.segments.pairs(members.segments)
        if members.pairs:
            some = sorted(members.pairs)[:EXAMPLES]
            examples = sorted(self.tables.vms.names(some).values())
        elif members.segments:
            examples = self.tables.findings.examples(members.segments, EXAMPLES)
        else:
            examples = []
        self._add(
            kind,
            f"mapping:{network}:{server}",
            source.name if source else self.estate.server_named(server),
            home,
            server,
            members.adapters,
            examples,
            vms,
            facts,
            self._fix(kind, source, server, mapping.label if mapping else None),
        )

    def _fix(
        self, kind: FindingKind, source: Network | None, server: int, label: str | None
    ) -> tuple[str, dict[str, object]] | None:
        if source is None:
            return None
        name, on = certain(self.estate, source)
        if kind in _BLANK:
            return ("show", {"mapping": {"source": name, "on": on}})
        if kind in (FindingKind.PENDING, FindingKind.DRIFTED, FindingKind.WRONG_SUBNET):
            return ("plan", {"server": self.estate.server_named(server)})
        if kind is FindingKind.DISCONNECT_PENDING:
            return ("plan", {"server": self.estate.server_named(server)})
        if label is not None:
            return ("show", {"mapping": {"id": label}})
        return ("show", {"mapping": {"source": name, "on": on}})

    def _about_network(
        self,
        kind: FindingKind,
        network: Network,
        facts: dict[str, str],
        fix: tuple[str, dict[str, object]] | None,
        members: _Members | None = None,
    ) -> None:
        members = members or _Members()
        self._add(
            kind,
            f"network:{network.id}",
            network.name,
            network.server,
            0,
            members.adapters,
            self.tables.findings.examples(members.segments, EXAMPLES) if members.segments else [],
            self.tables.segments.pairs(members.segments) if members.segments else None,
            facts,
            fix,
        )

    def _add(
        self,
        kind: FindingKind,
        key: str,
        subject: str,
        server: int,
        toward: int,
        adapters: int,
        examples: list[str],
        vms: int | None,
        facts: dict[str, str],
        fix: tuple[str, dict[str, object]] | None,
    ) -> None:
        self.findings.append(
            Finding(
                kind=kind,
                severity=severity(kind),
                key=f"{kind}:{key}",
                subject=subject,
                server=self.estate.server_named(server),
                toward=self.estate.server_named(toward) if toward else "",
                adapters=adapters,
                vms=vms,
                examples=examples,
                facts=facts,
                fix=fix,
            )
        )


_BLANK = (FindingKind.UNMAPPED, FindingKind.CONNECTED_BY_HAND, FindingKind.APPEARED_UNMAPPED)
"""About a network that is not mapped."""

_COUNTED = 500
"""Up to so many adapters, the VMs they belong to are counted as well."""

_NOTES = {
    Note.SEVERAL_SUBNETS: FindingKind.FIRST_OF_SEVERAL,
    Note.CASE_AMBIGUOUS: FindingKind.CASE_AMBIGUOUS,
    Note.NO_POOL: FindingKind.NO_POOL,
    Note.UNREACHABLE_HOST: FindingKind.UNREACHABLE_HOST,
    Note.UNREACHABLE_CLOUD: FindingKind.UNREACHABLE_CLOUD,
}
_FAULTS = {
    PairFault.ADAPTER_MISMATCH: FindingKind.ADAPTER_MISMATCH,
    PairFault.SEVERAL_ADDRESSES: FindingKind.SEVERAL_ADDRESSES,
    PairFault.BOTH_PRIMARY: FindingKind.BOTH_PRIMARY,
    PairFault.NOT_OBSERVED: FindingKind.NOT_OBSERVED,
}


def _with_newcomers(finding: Finding, those: list[Happening]) -> Finding:
    names = list(dict.fromkeys(name for one in those for name in one.examples))
    facts = {"appeared": ", ".join(names[:EXAMPLES]), "brought": f"C{those[-1].change}"}
    return finding.model_copy(update={"facts": finding.facts | facts})


def _words(estate: Estate, at: int) -> str:
    found = spot(estate, at)
    if not found.observed:
        return "not observed"
    if found.network is None:
        return "no network"
    return f"{found.network} / {found.subnet}" if found.subnet else found.network
