"""Fetch a server's inventory by running the export script there, into a file of its own."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.appliers.vmm.remoting import Remote
from bot.render.scripts import export_script


@contextmanager
def collected(remote: Remote) -> Iterator[tuple[Path, list[str]]]:
    """The inventory as a file, gone afterwards, and what the script warned of.

    Raises:
        Unreachable: the server did not give it to the end.
    """
    with tempfile.TemporaryDirectory(prefix="netmap-") as folder:
        path = Path(folder) / f"{remote.name.replace('/', '_')}.jsonl"

        def take(lines: Iterator[str]) -> None:
            with path.open("w", encoding="utf-8", newline="\n") as file:
                for line in lines:
                    file.write(line.rstrip("\r\n") + "\n")

        yield path, remote.read(export_script(), take)
