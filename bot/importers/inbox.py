"""A folder into which exports are dropped: what is ready there, and where it goes afterwards.

A file by itself is one delivery; so is a sub-folder, for raw output that belongs together. What was
taken in goes to `done`, what could not be to `failed`, beside it a file that says why.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from bot.domain.errors import InventoryFault, SetupFault

SETTLED_S = 10
"""A file that was written to more recently may still grow."""
DONE, FAILED = "done", "failed"
_UNFINISHED = (".part", ".tmp", ".new", ".crdownload")


def deliveries(folder: Path, now: datetime) -> Iterator[tuple[Path, list[Path]]]:
    """What is ready, oldest first: the file or sub-folder, and the files of it.

    Raises:
        SetupFault: the folder cannot be read.
    """
    try:
        found = [path for path in folder.iterdir() if path.name not in (DONE, FAILED)]
    except OSError as error:
        raise SetupFault(
            f"The folder {folder} cannot be read: {error.strerror}.",
            "Set NETMAP_INBOX to a folder that the bot's user may read and write.",
        ) from error
    ready = []
    for path in found:
        with suppress(OSError):  # it was taken away meanwhile
            files = sorted(path.iterdir()) if path.is_dir() else [path]
            names = [file.name for file in files]
            if not files or path.name.startswith(".") or any(map(_unfinished, names)):
                continue
            newest = max(file.stat().st_mtime for file in files)
            if now.timestamp() - newest >= SETTLED_S:
                ready.append((newest, path, files))
    for _, path, files in sorted(ready):
        yield path, files


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
    target.with_name(f"{target.name}.{'said' if ok else 'reason'}.txt").write_text(
        text + "\n", encoding="utf-8"
    )
    return target
