"""Raw files as JSON, and which cmdlet printed them, told by their shape."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from bot.domain.errors import InventoryFault
from bot.domain.inventory import FORMAT
from bot.importers.lines import encoding_of
from bot.importers.vmm.values import unwrap
from bot.importers.whole import whole_json

Object = dict[str, Any]

DEPTH = "Print it again with `ConvertTo-Json -Depth 4`."


_SHAPES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Get-SCVMMServer", ("ems", "ServerInterfaceVersion")),
    ("Get-SCStaticIPAddressPool", ("IPAddressRangeStart",)),
    ("Get-SCVMSubnet", ("SubnetVLans", "VMSubnetID")),
    (
        "Get-SCVirtualMachine",
        ("VirtualNetworkAdapters", "VMCPath", "VirtualMachineStateString", "IsPrimaryVM"),
    ),
    ("Get-SCVirtualNetworkAdapter", ("SlotId", "SlotID")),
    ("Get-SCVirtualNetwork", ("VMHostName",)),
    ("Get-SCVMHostNetworkAdapter", ("VMHost",)),
    ("Get-SCVMHost", ("VMHostGroup", "HyperVState", "VirtualServerState")),
    ("Get-SCVMNetwork", ("IsolationType", "VMSubnet")),
    ("Get-SCCloud", ("CloudCapacity", "ReadWriteLibraryPath", "ReadableLibraryPaths")),
)
"""Cmdlet and keys, one of which each of its objects has. The first that fits; what only one
cmdlet's objects have stands before what others have too."""

_KEYS = tuple(key for _, keys in _SHAPES for key in keys)

CMDLETS = tuple(cmdlet for cmdlet, _ in _SHAPES)

KNOWN = (
    f"netmap reads JSON Lines of format `{FORMAT}`, and what these cmdlets of VMM print through "
    f"`ConvertTo-Json`: {', '.join(sorted(CMDLETS))}. Of mappings, a CSV table with the columns "
    "source and target, and an Azure vault's networks and mappings as JSON."
)

_KINDS = {
    "Get-SCCloud": "clouds",
    "Get-SCVMHost": "hosts",
    "Get-SCVirtualNetwork": "hosts",
    "Get-SCVMNetwork": "networks",
    "Get-SCVirtualMachine": "vms",
}


HEAD = 1 << 20
"""Bytes at the beginning of a raw file in which a key of a known shape must stand."""


class Document(NamedTuple):
    path: Path
    cmdlet: str
    objects: list[Object]


class Documents:
    """All files of one server, by cmdlet. A cmdlet's output may be spread over several files."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self.all = documents
        self._by_cmdlet: dict[str, list[Document]] = defaultdict(list)
        for document in documents:
            self._by_cmdlet[document.cmdlet].append(document)
        self.kinds = frozenset(_KINDS[c] for c in self._by_cmdlet if c in _KINDS)

    def __contains__(self, cmdlet: str) -> bool:
        return cmdlet in self._by_cmdlet

    def of(self, cmdlet: str) -> Iterator[tuple[str, Object]]:
        """Each object the cmdlet printed, with what to call it in a fault."""
        for document in self._by_cmdlet.get(cmdlet, ()):
            for number, row in enumerate(document.objects, 1):
                name = row.get("Name")
                called = f" ({name[:60]})" if isinstance(name, str) else ""
                yield f"{document.path.name}, object {number}{called}", row


def may_be_raw(path: Path) -> bool:
    """Whether the beginning of a file, or its name, is like that of a known cmdlet's output."""
    with path.open("rb") as stream:
        head = stream.read(HEAD)
    encoding, mark = encoding_of(head)
    start = head[mark:].decode(encoding, "replace")
    return any(f'"{key}"' in start for key in _KEYS) or _by_name(path.name) is not None


def load(path: Path) -> Document:
    """The file as a list of objects; PowerShell writes one object without its list.

    Raises:
        InventoryFault: it is no JSON, or of no known kind.
    """
    rows = unwrap(whole_json(path))
    cmdlet = recognise(rows, path.name)
    if cmdlet is None:
        raise InventoryFault(f"{path} is of no kind that is known here.", hint=KNOWN)
    return Document(path, cmdlet, rows)


def recognise(rows: Sequence[Any], name: str = "") -> str | None:
    """Which cmdlet printed these objects; None if none that is known, or several did.

    The file's name decides only where the shape does not: `Get-SCCloud.json`.
    """
    if not all(isinstance(row, dict) for row in rows):
        return None
    for cmdlet, keys in _SHAPES:
        if rows and all(any(key in row for key in keys) for row in rows):
            return cmdlet
    return _by_name(name)


def _by_name(name: str) -> str | None:
    plain = "".join(char for char in name.rpartition(".")[0].lower() if char.isalnum())
    for cmdlet in sorted(CMDLETS, key=len, reverse=True):
        if cmdlet.lower().replace("-", "") in plain:
            return cmdlet
    return None
