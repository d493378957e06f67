"""One VMM server's inventory, format `netmap/inventory/1`: a JSON object a line.

Header, then one line each of cloud, host, network, VM, in that order, and a last line that counts.
An absent key means "not checked", never "no". Unknown keys are refused.

These are TypedDicts, not models: an estate has them by the hundred thousand.
"""

from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_network
from itertools import count, repeat
from typing import Annotated, Literal, NamedTuple, NotRequired

from pydantic import (
    AfterValidator,
    AwareDatetime,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    with_config,
)
from pydantic.networks import IPvAnyAddress
from typing_extensions import TypedDict

from bot.domain.codes import Isolation

FORMAT = "netmap/inventory/1"

MAX_LINE_BYTES = 1_000_000
MAX_NETWORK_BYTES = 16_000_000
"""Of a network's line, which names every address that VMM granted: 5 MB where those are a /16."""
MAX_FAULTS = 100
"""Faults reported at once."""


def _cidr(text: str) -> str:
    return str(ip_network(text, strict=False))


_CONTROL = r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
_BLANK = (
    r"\x00-\x20\x7f-\xa0\xad\u{61c}\u{1680}\u{180e}"
    r"\u{2000}-\u{200f}\u{2028}-\u{202f}\u{205f}-\u{206f}\u{3000}\u{feff}"
)
READABLE = f"^[^{_CONTROL}]*[^{_BLANK}][^{_CONTROL}]*$"
"""No control characters, and something to see: what `names.has_control` and `names.normal` say.

A pattern, in the syntax of Rust: calling Python for every name trebles the time of an import.
"""

Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=READABLE)]
Id = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=128, strip_whitespace=True, to_lower=True, pattern=READABLE
    ),
]
"""Compared in lower case: VMM writes GUIDs in both."""

Ref = Annotated[
    str, StringConstraints(min_length=1, max_length=128, strip_whitespace=True, to_lower=True)
]
"""An id listed on an earlier line; being found there is check enough."""

Whole = Annotated[int, Strict()]
"""`true` and `"1"` are no numbers."""

_strict = with_config(ConfigDict(extra="forbid"))


@_strict
class ServerRef(TypedDict):
    id: Id
    name: Name


@_strict
class Header(TypedDict):
    format: Literal["netmap/inventory/1"]
    server: ServerRef
    collected_at: AwareDatetime


@_strict
class ProtectedBy(TypedDict):
    """The cloud that receives this cloud's replicas, both by name."""

    server: Name
    cloud: Name


@_strict
class CloudLine(TypedDict):
    id: Id
    name: Name
    logical_networks: NotRequired[list[Name]]
    protected_by: NotRequired[ProtectedBy | None]


@_strict
class HostLine(TypedDict):
    id: Id
    name: Name
    cloud: NotRequired[Name | None]
    logical_networks: NotRequired[list[Name]]


@_strict
class RangeLine(TypedDict):
    """One CIDR of a subnet and the VLAN it lives on; VLAN 0 is untagged, as VMM writes it."""

    cidr: Annotated[str, StringConstraints(max_length=64), AfterValidator(_cidr)]
    vlan: NotRequired[Annotated[Whole, Field(ge=0, le=4094)]]


@_strict
class AllocatedLine(TypedDict):
    address: IPvAnyAddress
    adapter: NotRequired[Id | None]


@_strict
class PoolLine(TypedDict):
    """A static IP pool: a range of addresses, both ends included."""

    first: IPvAnyAddress
    last: IPvAnyAddress
    """Not before `first`, of the same IP version; the reader checks it."""
    reserved: NotRequired[list[IPvAnyAddress]]
    allocated: NotRequired[list[AllocatedLine]]


@_strict
class SubnetLine(TypedDict):
    id: Id
    name: Name
    ranges: NotRequired[list[RangeLine]]
    pools: NotRequired[list[PoolLine]]


@_strict
class NetworkLine(TypedDict):
    id: Id
    name: Name
    logical_network: NotRequired[Name | None]
    isolation: NotRequired[Isolation]
    subnets: list[SubnetLine]
    """In the order VMM returned them."""


@_strict
class AdapterLine(TypedDict):
    slot: Annotated[Whole, Field(ge=0, le=255)]
    network: Ref | None
    """None: connected to nothing."""
    id: NotRequired[Id]
    name: NotRequired[Annotated[str, StringConstraints(max_length=200)]]
    mac: NotRequired[Annotated[str, StringConstraints(max_length=40)]]
    subnet: NotRequired[Ref | None]
    addressing: NotRequired[Literal["static", "dhcp"]]
    addresses: NotRequired[list[Annotated[str, StringConstraints(max_length=64)]]]
    observed: NotRequired[Annotated[bool, Strict()]]
    """False: where it is connected could not be told, and `network` is null."""


@_strict
class VmLine(TypedDict):
    id: Id
    name: Name
    adapters: list[AdapterLine]
    hyperv_id: NotRequired[Id | None]
    """Common to primary and replica."""
    cloud: NotRequired[Name | None]
    host: NotRequired[Name | None]
    role: NotRequired[Literal["primary", "replica", "test", "none"]]
    partner_host: NotRequired[Name | None]
    replication_state: NotRequired[Name | None]
    replication_health: NotRequired[Name | None]
    power: NotRequired[Literal["running", "off", "paused", "saved"]]


@_strict
class UnreadableLine(TypedDict):
    """A VM that the server lists and could not read: what was known of it is kept."""

    id: Id
    name: Name
    why: Annotated[str, StringConstraints(max_length=100_000)]


@_strict
class EndLine(TypedDict):
    """How many of each the file holds; a file without it was cut off."""

    clouds: Annotated[Whole, Field(ge=0)]
    hosts: Annotated[Whole, Field(ge=0)]
    networks: Annotated[Whole, Field(ge=0)]
    vms: Annotated[Whole, Field(ge=0)]
    unreadable: NotRequired[Annotated[Whole, Field(ge=0)]]


class VmLines(NamedTuple):
    """Lines of VMs that are to be read, in the order of the file."""

    numbers: list[int]
    digests: list[bytes]
    raws: list[bytes]


class VmKind(NamedTuple):
    """What one line of a VM says as many others do."""

    cloud: str | None
    host: str | None
    role: str | None
    partner_host: str | None
    state: str | None
    health: str | None
    power: str | None


class Port(NamedTuple):
    """Where an adapter is, and how it gets its addresses."""

    network: str | None
    subnet: str | None
    addressing: str | None
    observed: bool


class VmRows(NamedTuple):
    """VMs that were read, and their adapters, column by column."""

    ids: Sequence[str]
    hyperv: Sequence[str | None]
    names: Sequence[str]
    kinds: Sequence[int]
    """Places in `vm_kinds`."""
    digests: Sequence[bytes]

    owners: Sequence[int]
    """Of each adapter, which of these VMs it is of, from 0 and in order."""
    slots: Sequence[int]
    nic_ids: Sequence[str]
    nic_names: Sequence[str]
    """VMM gives many an adapter the name of its VM."""
    macs: Sequence[str]
    at: Sequence[int]
    """Places in `ports`."""
    addresses: Sequence[str]
    """A space between them."""

    vm_kinds: Sequence[VmKind]
    """All that were found in the file so far."""
    ports: Sequence[Port]


class Known(NamedTuple):
    """What is stored of one server, so that lines that are as they were need not be parsed."""

    vms: Mapping[bytes, int]
    """Digest of a line -> the VM."""
    unread: frozenset[int]
    """VMs whose lines have to be parsed, whatever they say."""
    networks: Mapping[bytes, int]
    """Digest of a line -> the network."""


class Batch(NamedTuple):
    """Lines of one kind that follow one another, not parsed yet."""

    number: int
    """Of the first, from 1."""
    kind: str
    """`cloud`, `host`, `network` or `vm`."""
    digests: Sequence[bytes]
    """8 bytes of each line's content: an unchanged line need not be parsed again."""
    raws: Sequence[bytes]
    """The whole JSON lines, UTF-8."""

    def items(self) -> "Iterator[Item]":
        """One by one."""
        numbers, kinds = count(self.number), repeat(self.kind)
        return map(Item, numbers, kinds, self.digests, self.raws)

    def item(self, place: int) -> "Item":
        """One of them, counted from 0."""
        return Item(self.number + place, self.kind, self.digests[place], self.raws[place])


class Item(NamedTuple):
    """One line after the header and before the end, not parsed yet."""

    number: int
    """Line number in its file, from 1."""
    kind: str
    """`cloud`, `host`, `network` or `vm`."""
    digest: bytes
    """8 bytes of the line's content: an unchanged line need not be parsed again."""
    raw: bytes
    """The whole JSON line, UTF-8."""
