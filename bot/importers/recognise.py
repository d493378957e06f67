"""Tell what the files are that somebody gave, and open them."""

import json
import stat
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from bot.domain.errors import InventoryFault
from bot.importers.jsonl import InventoryLines, open_lines
from bot.importers.lines import encoding_of
from bot.importers.vmm import open_raw
from bot.importers.vmm.documents import KNOWN, may_be_raw
from bot.ports import InventorySource

HEAD = 1 << 16
"""Bytes at the beginning of a file that tell what it is."""


def open_inventory(
    paths: Sequence[Path], server: str | None = None, collected_at: datetime | None = None
) -> list[InventorySource]:
    """Open the files: each `netmap/inventory/1` a source of its own, raw VMM output one together.

    Args:
        paths: the files as given.
        server: `NAME` or `NAME=ID`, for raw output that does not say which server printed it.
        collected_at: when raw output was printed, timezone-aware; None: the files' own time.

    Raises:
        InventoryFault: a file is missing or unreadable, of no known kind, or they do not go
            together.
    """
    if not paths:
        raise InventoryFault("No file was named.", hint="Name one or more inventory files.")
    heads = {path: _first_line(path) for path in dict.fromkeys(paths)}
    ours = [path for path, head in heads.items() if _is_ours(head)]
    if not ours:
        _all_known(heads)
        return [open_raw(list(heads), server, collected_at)]
    if len(ours) < len(heads):
        other = next(path for path in heads if path not in ours)
        raise InventoryFault(
            f"{ours[0]} is a whole inventory and {other} is not.",
            hint="Import them one after the other.",
        )
    if server is not None or collected_at is not None:
        raise InventoryFault(
            f"{ours[0]} says itself which server it is of, and of when.",
            hint="`--server` and `--collected-at` are for raw output of VMM.",
        )
    sources = [open_lines(path) for path in ours]
    _one_each(sources)
    return list(sources)


def _all_known(heads: Mapping[Path, bytes]) -> None:
    """Raise InventoryFault for a file that cannot be raw output, before it is loaded whole."""
    for path, head in heads.items():
        if not head:
            raise InventoryFault(f"{path} is empty.", hint=KNOWN)
        if not head.startswith((b"[", b"{")) or not may_be_raw(path):
            raise InventoryFault(f"{path} is of no kind that is known here.", hint=KNOWN)


def _one_each(sources: Sequence[InventoryLines]) -> None:
    seen: dict[str, str] = {}
    for source in sources:
        other = seen.setdefault(source.header["server"]["id"], source.names)
        if other != source.names:
            raise InventoryFault(
                f"{other} and {source.names} are both of {source.header['server']['name']}.",
                hint="Import the newer one.",
            )


def _first_line(path: Path) -> bytes:
    """The first line as UTF-8, or as much of it as is read at once."""
    try:
        _must_be_file(path)
        with path.open("rb") as stream:
            head = stream.read(HEAD)
        encoding, mark = encoding_of(head)
    except FileNotFoundError:
        raise InventoryFault(f"There is no file {path}.") from None
    except PermissionError:
        raise InventoryFault(f"{path} may not be read by this user.") from None
    except OSError as error:
        raise InventoryFault(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError:
        raise InventoryFault(f"{str(path)!r} is no name of a file.") from None
    except InventoryFault as fault:
        raise InventoryFault(f"{path}: {fault.message}", hint=fault.hint) from None
    text = head[mark:].decode(encoding, "replace").strip()
    return text.partition("\n")[0].strip().encode()


def _must_be_file(path: Path) -> None:
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise InventoryFault("This is a folder.", hint="Name the files in it.")
    if not stat.S_ISREG(mode):
        raise InventoryFault("This is not a file on a disk.", hint="Save it as one first.")


def _is_ours(head: bytes) -> bool:
    """Whether a file that begins with this line is, or wants to be, `netmap/inventory/1`."""
    if b'"netmap/inventory' in head:
        return True
    try:
        row = json.loads(head)
    except (ValueError, RecursionError):
        return False
    return isinstance(row, dict) and (
        "format" in row or list(row) in (["cloud"], ["host"], ["network"], ["vm"], ["end"])
    )
