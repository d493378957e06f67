"""VMs, some hundred lines at a time: taken apart by a pattern, and only the odd ones by pydantic.

Nearly every line of a large estate is plain: keys that are known and in one order, values as they
should be, ids of ASCII. What many lines say alike is looked at once. Whatever is not plain is left
to the reader of single lines, who also knows what to say of it.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Any

from pydantic_core import from_json

from bot.domain.codes import Power, VmRole
from bot.domain.inventory import Port, VmKind, VmLine, VmRows
from bot.domain.placements import ADDRESSING_CODES
from bot.importers.references import Listed
from bot.importers.shapes import Shape, Taken

_MANY = 64
"""More lines at once would be slower: what they say is to stay in the processor's own memory."""
_FEW = 8
"""So few lines, one of them odd, are read one by one."""

_ROLES, _POWERS = frozenset(VmRole), frozenset(Power)
_ADDRESSING = ADDRESSING_CODES.keys() - {None}
_KIND = (
    "cloud",
    "host",
    "role",
    "partner_host",
    "replication_state",
    "replication_health",
    "power",
)
_VM = {
    "id": '"([^"]{1,128}+)"',
    "hyperv_id": '(?:"([^"]{1,128}+)"|null)',
    "name": '"([^"]{1,200}+)"',
    "adapters": r"\[(?:\{(.*)\}|)\]",
}
_NIC = {
    "id": '"([^"]{1,128}+)"',
    "slot": "([0-9]++)",
    "name": '"([^"]{0,200}+)"',
    "mac": '"([^"]{0,40}+)"',
    "addresses": r'\[("[^"]{0,64}+"|"[^"]{0,64}+"(?:, ?"[^"]{0,64}+")+|)\]',
}
_SLOTS = {str(slot): slot for slot in range(256)}
_PORT = ("network", "subnet", "addressing", "observed")

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
        self._vm = Shape(r'\{"vm":\{', r"\}\}", _VM, _KIND, needed=("id", "name", "adapters"))
        self._nic = Shape("", "", _NIC, _PORT, needed=("slot", "network"))
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
                few = len(raws) <= _FEW
                if few and self._learn(raws):
                    yield from self.read(numbers, raws, digests)
                    return
                rows = self._odd(numbers, raws, digests) if few else None
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
        vms = _taken(self._vm.take(b"\n".join(raws).decode(), len(raws)))
        between = f"}},{self._vm.gap}{{"
        lists = [nics.split(between) if nics else () for nics in vms.own["adapters"]]
        owners = [n for n, those in enumerate(lists) for _ in those]
        nics = _taken(self._nic.take("\n".join(chain.from_iterable(lists)), len(owners)))
        slots = [*map(_SLOTS.__getitem__, nics.own["slot"])]
        _see(len(set(zip(owners, slots, strict=True))) == len(slots))
        macs, addresses = nics.own["mac"], nics.own["addresses"]
        _see(_is_clear("".join(chain(macs, addresses))))
        names, nic_names = _names(vms.own["name"]), _names(nics.own["name"])
        _see(all(map(str.strip, names)))
        ids = _ids(vms.own["id"])
        rows = VmRows(
            ids=ids,
            hyperv=[id or None for id in _ids(vms.own["hyperv_id"])],
            names=names,
            kinds=[*map(self._kind_of.__getitem__, vms.shared)],
            digests=digests,
            owners=owners,
            slots=slots,
            nic_ids=_ids(nics.own["id"]),
            nic_names=nic_names,
            macs=macs,
            at=[*map(self._port_of.__getitem__, nics.shared)],
            addresses=_spaced(addresses),
            vm_kinds=self._kinds,
            ports=self._ports,
        )
        _see(self._listed.are_new(ids, numbers))
        return rows

    def _learn(self, raws: Sequence[bytes]) -> bool:
        """Whether there is anything new in the order in which these lines have their keys."""
        new = False
        for raw in raws:
            try:
                vm = from_json(raw)["vm"]
                gap = " " if raw[6:7] == b" " else ""
                new |= self._vm.learn(vm, gap)
                for nic in vm["adapters"]:
                    new |= self._nic.learn(nic, gap)
            except _ODD:
                continue
        return new

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
            nic_names=[nic.get("name", "") for _, nic in nics],
            macs=[nic.get("mac", "") for _, nic in nics],
            at=[
                self._odd_port_of[
                    nic["network"],
                    nic.get("subnet"),
                    nic.get("addressing"),
                    nic.get("observed", True),
                ]
                for _, nic in nics
            ],
            addresses=[" ".join(nic.get("addresses", ())) for _, nic in nics],
            vm_kinds=self._kinds,
            ports=self._ports,
        )

    def _kind(self, texts: tuple[str, ...]) -> VmKind:
        said = _said(texts)
        kind = VmKind(*map(said.get, _KIND))
        _see(self._listed.has(kind.cloud, kind.host))
        _see("role" not in said or kind.role in _ROLES)
        _see("power" not in said or kind.power in _POWERS)
        for name in (kind.partner_host, kind.state, kind.health):
            _see(name is None or (str.strip(name) != "" and _is_clear(name) and len(name) <= 200))
        return kind

    def _port(self, texts: tuple[str, ...]) -> Port:
        said = _said(texts)
        network, subnet = said["network"], said.get("subnet")
        port = Port(
            None if network is None else _id(network),
            None if subnet is None else _id(subnet),
            said.get("addressing"),
            said.get("observed", True),
        )
        _see(self._listed.has_place(port.network, port.subnet))
        _see("addressing" not in said or port.addressing in _ADDRESSING)
        _see(port.observed is True or (port.observed is False and port.network is None))
        return port


class _Numbers(dict[Any, int]):
    """What many lines say alike -> the number of what it comes to.

    Args:
        found: what it comes to, by number.
        read: takes what is met for the first time.
    """

    def __init__(self, found: list[Any], read: Callable[[Any], Any]) -> None:
        self._found = found
        self._read = read

    def __missing__(self, key: Any) -> int:
        self._found.append(self._read(key))
        number = self[key] = len(self._found) - 1
        return number


def _see(holds: bool) -> None:
    if not holds:
        raise Odd


def _is_clear(text: str) -> bool:
    """Whether there are neither control characters nor escapes in it."""
    return text.isprintable() and "\\" not in text


def _id(text: str) -> str:
    """As `Id` has it."""
    id = text.strip().lower()
    _see(0 < len(id) <= 128 and id.isascii())
    return id


def _ids(texts: Sequence[str]) -> list[str]:
    """The same of many, none of which has white space."""
    together = '"'.join(texts).lower()  # that sign is in none of them
    _see(together.isascii() and _is_clear(together) and " " not in together)
    return together.split('"') if texts else []


def _names(texts: Sequence[str]) -> Sequence[str]:
    """What these texts say, some of them with escapes."""
    together = "".join(texts)
    if "\\" in together:
        texts = [from_json(f'"{text}"') if "\\" in text else text for text in texts]
        together = "".join(texts)
    _see(together.isprintable())
    return texts


def _spaced(lists: Sequence[str]) -> list[str]:
    """What stands in each of these lists, a space between."""
    together = "\n".join(lists).replace('", "', " ").replace('","', " ")
    return together.replace('"', "").split("\n") if lists else []


def _said(texts: Sequence[str]) -> _Json:
    """What an object says as many others do."""
    said: _Json = from_json("{" + "".join(texts).lstrip(", ") + "}")
    return said


def _taken(found: Taken | None) -> Taken:
    if found is None:
        raise Odd
    return found
