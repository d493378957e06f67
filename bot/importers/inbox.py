"""A folder into which exports are dropped: what is ready there, and where it goes afterwards.

A file by itself is one delivery; so is a sub-folder, for raw output that belongs together. What was
taken in goes to `done`, what could not be to `failed`, beside it a file that says why.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from pydantic_core import from_json

from bot.domain.errors import InventoryFault, SetupFault

log = logging.getLogger(__name__)

SETTLED_S = 10
"""A file that was written to more recently may still grow."""
GROWS_S = 600
"""One that ends in the middle may still grow for so long: it comes over a slow line."""
DONE, FAILED = "done", "failed"
_UNFINISHED = (".part", ".tmp", ".new", ".crdownload")


def deliveries(folder: Path, now: datetime) -> Iterator[tuple[Path, list[Path]]]:
    """What is ready, oldest first: the file or sub-folder, and the files of it.

    Raises:
        SetupFault: the folder cannot be read, or nothing put away: it would be taken in for ever.
    """
    try:
        found = [path for path in folder.iterdir() if path.name not in (DONE, FAILED)]
    except OSError as error:
        raise SetupFault(
            f"The folder {folder} cannot be read: {error.strerror}.",
            "Set NETMAP_INBOX to a folder that the bot's user may read and write.",
        ) from error
    for path in [folder, *(one for one in found if one.is_dir())]:
        if not os.access(path, os.W_OK):
            raise SetupFault(
                f"What is in the folder {path} cannot be put away, so nothing of it is taken in.",
                "Give the bot's user write access to it.",
            )
    ready = []
    for path in found:
        with suppress(OSError):  # it was taken away meanwhile
            files = sorted(path.iterdir()) if path.is_dir() else [path]
            names = [file.name for file in files]
            if not files or path.name.startswith(".") or any(map(_unfinished, names)):
                continue
            newest = max(file.stat().st_mtime for file in files)
            age_s = now.timestamp() - newest
            if age_s >= GROWS_S or (age_s >= SETTLED_S and not any(map(_is_cut_off, files))):
                ready.append((newest, path, files))
    for _, path, files in sorted(ready):
        yield path, files


def _is_cut_off(file: Path) -> bool:
    """Whether JSON in it ends in the middle, or is still to come."""
    with file.open("rb") as opened:
        head = _plain(opened.read(_LOOK))
        opened.seek(max(0, opened.seek(0, os.SEEK_END) - _LOOK))
        tail = _plain(opened.read())
    if not head.startswith((b"{", b"[")):
        return not head
    if b"netmap/inventory/" not in head:
        return not tail.endswith((b"}", b"]"))
    try:
        last = from_json(tail.rpartition(b"\n")[2])
    except ValueError:
        return True
    return not isinstance(last, dict) or "end" not in last


_LOOK = 4096


def _plain(text: bytes) -> bytes:
    """Without what UTF-16 puts between letters, marks of the encoding, white space at the ends."""
    return text.replace(b"\0", b"").strip(b"\xef\xbb\xbf\xff\xfe \t\r\n")


def files_of(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The files that are meant: a folder stands for those in it, sub-folders aside.

    Raises:
        InventoryFault: a folder holds none.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        try:
            inside = [one for one in sorted(path.iterdir()) if one.is_file()]
        except OSError as error:
            raise InventoryFault(f"{path} cannot be read: {error.strerror}.") from error
        ready = [one for one in inside if not _unfinished(one.name)]
        if not ready:
            raise InventoryFault(f"{path} is a folder without a file to take in.")
        found += ready
    return tuple(found)


def _unfinished(name: str) -> bool:
    return name.startswith((".", "~")) or name.lower().endswith(_UNFINISHED)


def put_away(folder: Path, path: Path, ok: bool, text: str, now: datetime) -> Path:
    """Move a delivery to `done` or `failed`, with what netmap said of it beside it."""
    to = folder / (DONE if ok else FAILED)
    to.mkdir(exist_ok=True)
    stem = f"{now:%Y%m%d-%H%M%S}-{path.name}"
    target = to / stem
    count = 1
    while target.exists():
        count += 1
        target = to / f"{now:%Y%m%d-%H%M%S}-{count}-{path.name}"
    path.rename(target)
    beside = target.with_name(f"{target.name}.{'said' if ok else 'reason'}.txt")
    try:
        beside.write_text(text + "\n", encoding="utf-8")
    except OSError as error:  # it is put away; why is in the log and in drift
        log.warning("inbox: %s cannot be written: %s", beside.name, error.strerror)
    return target
