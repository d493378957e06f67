"""VMs, some hundred lines at a time: checked column by column, and only the odd ones by pydantic.

Nearly every line of a large estate is plain: ASCII without escapes, keys that are known, values as
they should be. Looking once at all names, all slots and every kind of VM takes half of what a line
by itself takes. Whatever is not plain is left to the reader of single lines, who also knows what to
say of it.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import Any

from pydantic_core import from_json

from bot.domain.codes import Power, VmRole
from bot.domain.inventory import AdapterLine, Port, VmKind, VmLine, VmRows
from bot.domain.placements import ADDRESSING_CODES
from bot.importers.references import Listed
from bot.importers.repeated import has_keys

_MANY = 64
"""More lines at once would be slower: what they say is to stay in the processor's own memory."""
_FEW = 8
"""So few lines, one of them odd, are read one by one."""

_ABSENT: Any = object()
"""Unlike None, which a line may say."""
_VM_KEYS = frozenset(VmLine.__annotations__)
_NIC_KEYS = frozenset(AdapterLine.__annotations__) - {"observed"}  # said where it was not
_ROLES, _POWERS = frozenset(VmRole), frozenset(Power)
_ADDRESSING = ADDRESSING_CODES.keys() - {None}
_KIND = {
    "cloud": None,
    "host": None,
    "role": _ABSENT,
    "partner_host": None,
    "replication_state": None,
    "replication_health": None,
    "power": _ABSENT,
}
_PORT = {"network": _ABSENT, "subnet": None, "addressing": _ABSENT, "name": ""}
"""What stands for a key that is absent."""

_read = partial(from_json, cache_strings="keys")

_Json = dict[str, Any]
_One = Callable[[int, bytes], VmLine | None]


class Odd(Exception):
    """A line among these is not plain, which is not to say that it is faulty."""


_ODD = (Odd, AttributeError, KeyError, TypeError, ValueError)
"""That, or what Python raises of other types and missing keys."""


class Vms:
    """Reads the VMs of one file.

    Args:
        listed: what the lines before them have listed.
        one: reads a line by its number that is not plain; None if it is faulty.
    """

    def __init__(self, listed: Listed, one: _One) -> None:
        self._listed = listed
        self._one = one
        self._kinds: list[VmKind] = []
        self._ports: list[Port] = []
        self._kind_of = _Numbers(self._kinds, self._kind)
        self._port_of = _Numbers(self._ports, self._port)
        self._odd_kind_of = _Numbers(self._kinds, VmKind._make)
        self._odd_port_of = _Numbers(self._ports, Port._make)

    def read(
        self, numbers: Sequence[int], raws: Sequence[bytes], digests: Sequence[bytes]
    ) -> Iterator[VmRows]:
        """What these lines say, in their order; faulty ones are left out."""
        if len(raws) <= _MANY:
            try:
                rows: VmRows | None = self._plain(numbers, raws, digests)
            except _ODD:
                rows = self._odd(numbers, raws, digests) if len(raws) <= _FEW else None
            if rows is not None:
                yield rows
                return
        half = len(raws) // 2
        for some in (slice(half), slice(half, None)):
            yield from self.read(numbers[some], raws[some], digests[some])

    def _plain(
        self, numbers: Sequence[int], raws: Sequence[bytes], digests: Sequence[bytes]
    ) -> VmRows:
        """The same, if all are plain.

        Raises:
            One of _ODD: at least one is not.
        """
        text = b"\n".join(raws)
        _see(text.isascii() and b"\\" not in text and b"\x7f" not in text)
        outer: list[_Json] = [*map(_read, raws)]
        _see(set(map(len, outer)) == {1})
        vms: list[_Json] = [row["vm"] for row in outer]
        _see(_VM_KEYS.issuperset(chain.from_iterable(set(map(tuple, vms)))))
        ids = _ids([vm["id"] for vm in vms])
        hyperv = _ids(_column(vms, "hyperv_id", None), None, None)
        names = [vm["name"] for vm in vms]
        _see(all(map(str.strip, names)) and max(map(len, names)) <= 200)
        kinds = [*map(self._kind_of.__getitem__, _columns(vms, _KIND))]

        lists = [vm["adapters"] for vm in vms]
        _see(set(map(type, lists)) == {list})
        nics: list[_Json] = [*chain.from_iterable(lists)]
        _see(_NIC_KEYS.issuperset(chain.from_iterable(set(map(tuple, nics)))))
        _see(has_keys(text, len(raws) + sum(map(len, vms)) + sum(map(len, nics))))
        slots = [nic["slot"] for nic in nics]
        _see(set(map(type, slots)) <= {int})
        owners = [n for n, those in enumerate(lists) for _ in those]
        _see(len(set(zip(owners, bytes(slots), strict=True))) == len(slots))
        nic_ids = _ids(_column(nics, "id", _ABSENT), _ABSENT, "")
        macs = _column(nics, "mac", "")
        _see(max(map(str.__len__, macs), default=0) <= 40)
        at = [*map(self._port_of.__getitem__, _columns(nics, _PORT))]
        several = _column(nics, "addresses", [])
        _see(set(map(type, several)) <= {list})
        _see(max(map(str.__len__, chain.from_iterable(several)), default=0) <= 64)
        addresses = [*map(" ".join, several)]
        _see(self._listed.are_new(ids, numbers))
        return VmRows(
            ids=ids,
            hyperv=hyperv,
            names=names,
            kinds=kinds,
            digests=digests,
            owners=owners,
            slots=slots,
            nic_ids=nic_ids,
            macs=macs,
            at=at,
            addresses=addresses,
            vm_kinds=self._kinds,
            ports=self._ports,
        )

    def _odd(
        self, numbers: Sequence[int], raws: Sequence[bytes], digests: Sequence[bytes]
    ) -> VmRows:
        """The same, whatever they are."""
        lines = map(self._one, numbers, raws)
        read = [(line, digest) for line, digest in zip(lines, digests, strict=True) if line]
        nics = [(n, nic) for n, (line, _) in enumerate(read) for nic in line["adapters"]]
        return VmRows(
            ids=[line["id"] for line, _ in read],
            hyperv=[line.get("hyperv_id") for line, _ in read],
            names=[line["name"] for line, _ in read],
            kinds=[self._odd_kind_of[tuple([line.get(key) for key in _KIND])] for line, _ in read],
            digests=[digest for _, digest in read],
            owners=[n for n, _ in nics],
            slots=[nic["slot"] for _, nic in nics],
            nic_ids=[nic.get("id", "") for _, nic in nics],
            macs=[nic.get("mac", "") for _, nic in nics],
            at=[
                self._odd_port_of[
                    nic["network"],
                    nic.get("subnet"),
                    nic.get("addressing"),
                    nic.get("name", ""),
                    nic.get("observed", True),
                ]
                for _, nic in nics
            ],
            addresses=[" ".join(nic.get("addresses", ())) for _, nic in nics],
            vm_kinds=self._kinds,
            ports=self._ports,
        )

    def _kind(self, values: tuple[Any, ...]) -> VmKind:
        kind = VmKind(*(None if value is _ABSENT else value for value in values))
        _see(self._listed.has(kind.cloud, kind.host))
        _see(values[2] is _ABSENT or kind.role in _ROLES)
        _see(values[6] is _ABSENT or kind.power in _POWERS)
        for name in (kind.partner_host, kind.state, kind.health):
            _see(name is None or (str.strip(name) != "" and len(name) <= 200))
        return kind

    def _port(self, values: tuple[Any, ...]) -> Port:
        network, subnet = (id if id is None else _id(id) for id in values[:2])
        _, _, addressing, name = values
        _see(self._listed.has_place(network, subnet))
        _see(addressing is _ABSENT or addressing in _ADDRESSING)
        _see(str.__len__(name) <= 200)
        return Port(network, subnet, None if addressing is _ABSENT else addressing, name, True)


class _Numbers(dict[Any, int]):
    """What many lines say alike -> the number of what it comes to.

    Args:
        found: what it comes to, by number.
        read: takes what is met for the first time.
    """

    def __init__(self, found: list[Any], read: Callable[[Any], Any]) -> None:
        self._found = found
        self._read = read
        self._parts: dict[Any, Any] = {}

    def __missing__(self, key: Any) -> int:
        self._found.append(self._read(key))
        # Equal parts become one, which is then at hand when the next key is compared.
        number = self[tuple([self._parts.setdefault(part, part) for part in key])] = (
            len(self._found) - 1
        )
        return number


def _see(holds: bool) -> None:
    if not holds:
        raise Odd


def _id(text: str) -> str:
    """As `Id` has it."""
    id = text.strip().lower()
    _see(0 < len(id) <= 128)
    return id


def _ids(texts: Sequence[Any], absent: Any = _ABSENT, instead: str | None = None) -> list[Any]:
    """The same of many; `instead` in the place of what is `absent`."""
    if absent in texts:
        return [instead if text is absent else _id(text) for text in texts]
    ids = [*map(str.lower, map(str.strip, texts))]
    _see(all(ids) and max(map(len, ids), default=0) <= 128)
    return ids


def _column(rows: Sequence[_Json], key: str, default: Any) -> list[Any]:
    try:
        return [*map(itemgetter(key), rows)]
    except KeyError:
        return [row.get(key, default) for row in rows]


def _columns(rows: Sequence[_Json], defaults: _Json) -> list[tuple[Any, ...]]:
    try:
        return [*map(itemgetter(*defaults), rows)]
    except KeyError:
        return [tuple([row.get(key, none) for key, none in defaults.items()]) for row in rows]
