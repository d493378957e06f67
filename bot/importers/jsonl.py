"""Read `netmap/inventory/1`: a JSON object a line, as a stream.

A line is not parsed until somebody asks for it, because most lines of most days are those of the
day before: `items` gives each with a digest, `parse` turns it into what it says. Clouds, hosts and
networks are looked into even so, for the lines after them refer to them; VMs are not. What may be
referred to is what was listed before, also when a file lists no clouds at all but names one: that
is a fault, not something unchecked.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC
from functools import partial
from hashlib import sha1
from io import BytesIO
from itertools import repeat
from pathlib import Path
from typing import Any, BinaryIO

from pydantic import ValidationError

from bot.domain.codes import KINDS
from bot.domain.errors import InventoryFault
from bot.domain.inventory import FORMAT, Batch, Header, Item, VmLines, VmRows
from bot.importers.faults import Faults
from bot.importers.lines import BadLine, Lines, encoding_of
from bot.importers.references import Listed, pool_faults
from bot.importers.repeated import repeated, repeated_of_vm
from bot.importers.rows import validator
from bot.importers.vms import Vms

TAIL = 1 << 12
"""Bytes at the end of a file in which its last line is looked for before reading it all."""

_ORDER = {"cloud": 0, "host": 1, "network": 2, "vm": 3, "unreadable": 3, "end": 4}
_MACHINES = ("vm", "unreadable")
_KIND = re.compile(rb'\{\s*"([a-z]+)"\s*:')
_VM = b'{"vm":'


class InventoryLines:
    """One server's inventory; an `InventorySource` that may be read any number of times.

    Args:
        opens: gives the stream from its start.
        names: the file or files it comes from.
        size: bytes in all.
        kinds: what it speaks of; None: what its last line counts, and always networks and VMs.
        places: what to call each line in a fault; None: by its number.
        notes: sentences for the person who imports.

    Raises:
        InventoryFault: there is no header that can be understood.
    """

    def __init__(
        self,
        opens: Callable[[], BinaryIO],
        names: str,
        size: int,
        kinds: frozenset[str] | None = None,
        places: Sequence[str] | None = None,
        notes: Sequence[str] = (),
    ) -> None:
        self.names = names
        self.size = size
        self.position = 0
        self.notes = tuple(notes)
        self._opens = opens
        self._places = places
        self._start()
        with opens() as stream:
            self._first, self.header = self._read_header(stream)
            self.kinds = _kinds(stream, size) if kinds is None else kinds

    def items(self) -> Iterator[Item]:
        """The lines in order, each a cloud, host, network or VM.

        Raises:
            InventoryFault: at the end, with all faults found until then by anybody.
        """
        for batch in self.batches():
            yield from batch.items()
        self.finish()

    def batches(self) -> Iterator[Batch]:
        """The same, VMs some hundred at a time; that it is faulty is left to `finish`."""
        self._start()
        self._counts = dict.fromkeys(_ORDER, 0)
        self._current, self._ended = "cloud", False
        number = 1
        with self._opens() as stream:
            lines = Lines(stream)
            for batch in lines:
                self.position = lines.position
                if self._faults.full:
                    break
                if isinstance(batch, BadLine):
                    number = batch.number
                    self._faults.add(number, batch.message)
                    continue
                first, raws = batch[0], list(map(bytes.strip, batch[1]))
                number = first + len(raws) - 1
                start = 0
                while start < len(raws):
                    if self._ended and raws[start]:
                        self._faults.add(first + start, "stands after the last line, `end`")
                        return  # one such line says enough
                    vms = self._among_vms(first + start, raws[start:] if start else raws)
                    if vms is not None:
                        yield vms
                        start += len(vms.raws)
                        continue
                    one = self._one(first + start, raws[start])
                    start += 1
                    if one is not None:
                        yield one
                        if one.kind not in _MACHINES and self._parsed != one.number:
                            self._note_ids(*one.items())
        if not self._ended and not self._faults.full:
            self._faults.add(number, "the last line, `end`, is missing: the file was cut off")

    def _among_vms(self, first: int, raws: Sequence[bytes]) -> Batch | None:
        """The lines that begin as VMs do, among VMs; None if not even the first does."""
        if self._current != "vm":
            return None
        if not all(map(bytes.startswith, raws, repeat(_VM))):
            count = next(n for n, raw in enumerate(raws) if not raw.startswith(_VM))
            if not count:
                return None
            raws = raws[:count]
        self._counts["vm"] += len(raws)
        digests = [sha1(raw, usedforsecurity=False).digest()[:8] for raw in raws]
        return Batch(first, "vm", digests, raws)

    def _one(self, number: int, raw: bytes) -> Batch | None:
        """Any other line; None if it is none of the four, which is noted where it is a fault."""
        if not raw:
            return None
        if number == 1:
            if raw != self._first:
                self._faults.add(1, "the file was changed while it was read")
            return None
        kind = self._kind(number, raw)
        if kind is None:
            return None
        if _ORDER[kind] < _ORDER[self._current]:
            self._faults.add(number, f"a {kind} stands after a {self._current}")
        else:
            self._current = "vm" if kind in _MACHINES else kind
        if kind == "end":
            self._ended = True
            self._check_end(number, raw, self._counts)
            return None
        self._counts[kind] += 1
        digest = sha1(raw, usedforsecurity=False).digest()[:8]
        return Batch(number, kind, (digest,), (raw,))

    def parse(self, item: Item) -> Any | None:
        """The line's CloudLine, HostLine, NetworkLine or VmLine; None if it is faulty."""
        number, kind, _, raw = item
        return self._line(kind, number, raw)

    def vms(self, lines: VmLines) -> Iterator[VmRows]:
        """What these lines say; faulty ones are left out."""
        return self._vms.read(lines.numbers, lines.raws, lines.digests)

    def _line(self, kind: str, number: int, raw: bytes) -> Any | None:
        self._parsed = number
        try:
            line = validator(kind)(raw)[kind]
        except ValidationError as error:
            self._parsed = 0  # its ids are still wanted
            self._add_all(number, raw, error)
            return None
        twice = repeated_of_vm(raw, line) if kind == "vm" else repeated(raw, {kind: line})
        if twice:
            self._parsed = 0
            self._add_repeated(number, twice)
            return None
        clean = True

        def fault(text: str) -> None:
            nonlocal clean
            clean = False
            self._faults.add(number, text)

        self._listed.look(kind, line, number, fault)
        if kind == "network":
            pool_faults(line, fault)
        return line if clean else None

    @property
    def clean(self) -> bool:
        """Whether no fault was found so far; once there is one, nothing is taken in."""
        return self._faults.none

    def fault(self, number: int, text: str) -> None:
        """Keep a fault that somebody else found, as `vm.cloud: what is wrong` or a sentence."""
        self._faults.add(number, text)

    def finish(self) -> None:
        """Raise InventoryFault with the first 100 faults, if there was any."""
        self._faults.finish()

    def _start(self) -> None:
        self._faults = Faults(self.names, self._places)
        self._listed = Listed()
        self._vms = Vms(self._listed, partial(self._line, "vm"))
        self._parsed = 0

    def _kind(self, number: int, raw: bytes) -> str | None:
        """What the line speaks of, without parsing it where its beginning tells."""
        found = _KIND.match(raw)
        if found is not None and (kind := found[1].decode()) in _ORDER:
            return kind
        try:
            keys = list(validator("any")(raw))
        except ValidationError as error:
            self._add_all(number, raw, error)
            return None
        if len(keys) == 1 and keys[0] in _ORDER:
            return str(keys[0])
        if "format" in keys:
            self._faults.add(number, "a second header: one file holds one server")
        else:
            shown = ", ".join(repr(key[:40]) for key in keys[:3]) or "nothing"
            self._faults.add(number, f"is no cloud, host, network, vm or end (got {shown})")
        return None

    def _note_ids(self, item: Item) -> None:
        """Remember what a line lists that the caller did not parse; it was looked at before."""
        try:
            line = validator(f"{item.kind} ids")(item.raw)[item.kind]
        except (ValidationError, KeyError):
            self.parse(item)
            return
        number = item.number
        self._listed.look(item.kind, line, number, lambda text: self._faults.add(number, text))

    def _check_end(self, number: int, raw: bytes, counts: dict[str, int]) -> None:
        try:
            end = validator("end")(raw)["end"]
        except ValidationError as error:
            self._add_all(number, raw, error)
            return
        self._add_repeated(number, repeated(raw, {"end": end}))
        for kinds in (*KINDS, "unreadable"):
            held, said = counts[kinds.removesuffix("s")], end.get(kinds, 0)
            if said != held:
                self._faults.add(number, f"end.{kinds}: the file holds {held:,} (got {said:,})")

    def _add_all(self, number: int, raw: bytes, error: ValidationError) -> None:
        try:
            raw.decode()
        except UnicodeDecodeError:
            self._faults.add(number, "is not UTF-8")
        else:
            self._faults.add_all(number, error)

    def _add_repeated(self, number: int, keys: Sequence[str]) -> None:
        for key in keys:
            self._faults.add(number, f"has the key {key!r} twice in one object")

    def _read_header(self, stream: BinaryIO) -> tuple[bytes, Header]:
        """The header and the line it stands on.

        Raises:
            InventoryFault: none, or of another format or version.
        """
        batch = next(iter(Lines(stream)), None)
        if batch is None:
            raise InventoryFault(f"{self.names} is empty.")
        if isinstance(batch, BadLine):
            raise InventoryFault(f"{self.names} is no inventory: line 1 {batch.message}.")
        raw = batch[1][0].strip()
        _check_format(raw, self.names)
        try:
            header: Header = validator("header")(raw)
            header["collected_at"] = header["collected_at"].astimezone(UTC)
        except ValidationError as error:
            self._add_all(1, raw, error)
            self.finish()
            raise  # finish has raised
        except OverflowError:
            raise InventoryFault(
                f"{self.names}: line 1, collected_at: is no usable time."
            ) from None
        self._add_repeated(1, repeated(raw, header))
        self.finish()
        return raw, header


def open_lines(path: Path) -> InventoryLines:
    """The inventory in a file. Raises InventoryFault if its header cannot be understood."""
    try:
        return InventoryLines(lambda: path.open("rb"), str(path), path.stat().st_size)
    except OSError as error:
        raise InventoryFault(f"{path} cannot be read: {error.strerror}.") from error


def lines_in_memory(
    data: bytes,
    names: str,
    kinds: frozenset[str] | None = None,
    places: Sequence[str] | None = None,
    notes: Sequence[str] = (),
) -> InventoryLines:
    """An inventory that somebody in this room has written."""
    return InventoryLines(lambda: BytesIO(data), names, len(data), kinds, places, notes)


def _check_format(raw: bytes, names: str) -> None:
    """Raise InventoryFault, in words, if line 1 is no header of this format."""
    try:
        head = validator("any")(raw)
    except ValidationError:
        return  # the header's own check says where it is broken
    if "format" not in head:
        raise InventoryFault(
            f"{names} has no header.", hint=f'Line 1 of an inventory says `"format": "{FORMAT}"`.'
        )
    if head["format"] != FORMAT:
        raise InventoryFault(
            f"{names} is of format `{str(head['format'])[:60]}`; this netmap reads `{FORMAT}`."
        )


def _kinds(stream: BinaryIO, size: int) -> frozenset[str]:
    """What the last line counts; networks and VMs always, all kinds if it cannot be told.

    No cloud or host at all means that nobody looked for them.
    """
    stream.seek(0)
    encoding, mark = encoding_of(stream.read(64))
    start = max(mark, size - TAIL)
    stream.seek(start + (start - mark) % 2)
    last = stream.read(2 * TAIL).decode(encoding, "replace").strip().rpartition("\n")[2]
    try:
        end = validator("end")(last.encode())["end"]
    except ValidationError:
        return frozenset(KINDS)
    return frozenset(kinds for kinds in KINDS if kinds in ("networks", "vms") or end[kinds])
