"""Which VMM server printed the files, and when. Neither is guessed silently."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.domain.errors import InventoryFault
from bot.importers.vmm.documents import Documents
from bot.importers.vmm.values import text

_LOCAL = ("localhost", "127.0.0.1", "::1", ".")


def find_server(documents: Documents, said: str | None) -> tuple[str, str, str]:
    """Id and name of the server, and a sentence that says where they were found.

    The name is that of the connection, or the host part of its FQDN where the connection is called
    localhost. The id is the server's GUID; where no file has it, the FQDN or the name, in lower
    case. What was said wins.
    """
    guid = _guid(documents)
    connections = list(_connections(documents))
    fqdns = {fqdn.lower(): fqdn for fqdn in map(_fqdn, connections) if fqdn}
    if len(fqdns) > 1:
        raise InventoryFault(
            f"These files are of several servers: {', '.join(sorted(fqdns.values()))}.",
            hint="Import the files of each server by themselves.",
        )
    fqdn = next(iter(fqdns.values()), None)
    if said is not None:
        name, _, id = (part.strip() for part in said.partition("="))
        if not name:
            raise InventoryFault(f"`--server {said}` names none.", hint="Write NAME or NAME=ID.")
        id = (id or guid or fqdn or name).lower()
        return id, name, f"The server is {name}, as `--server` says, with the id {id}."
    named = (text(connection.get("Name")) for connection in connections)
    called = next((name for name in named if name and name.lower() not in _LOCAL), None)
    found = called or (fqdn.partition(".")[0] if fqdn else None)
    if found is None:
        raise InventoryFault(
            "None of the files says which VMM server printed them.",
            hint="Add `--server NAME` or `--server NAME=ID`.",
        )
    id = (guid or fqdn or found).lower()
    whence = "its connection" if called else "the FQDN of its connection"
    return id, found, f"The server is {found}, after {whence}, with the id {id}."


def find_time(paths: Sequence[Path], said: datetime | None) -> tuple[datetime, str]:
    """When the files were printed, in UTC, and a sentence that says how that is known.

    Without `said` it is the modification time of the oldest file: nothing in it is newer.
    """
    if said is not None:
        time = said.astimezone(UTC)
        return time, f"Collected at {time:%Y-%m-%d %H:%M} UTC, as `--collected-at` says."
    oldest = min(paths, key=lambda path: path.stat().st_mtime)
    time = datetime.fromtimestamp(oldest.stat().st_mtime, UTC).replace(microsecond=0)
    return time, (
        f"Collected at {time:%Y-%m-%d %H:%M} UTC, after the modification time of {oldest.name}; "
        "if that is wrong, say `--collected-at`."
    )


def _guid(documents: Documents) -> str | None:
    for _, row in documents.of("Get-SCVMMServer"):
        for holder in (row.get("ems"), row):
            if isinstance(holder, dict):
                found = text(holder.get("Guid")) or text(holder.get("ID"))
                if found:
                    return found
    return None


def _connections(documents: Documents) -> Iterator[dict[str, Any]]:
    """Every description of the connection to the server, its own first."""
    for _, row in documents.of("Get-SCVMMServer"):
        yield row
        if isinstance(row.get("ems"), dict):
            yield row["ems"]
    for document in documents.all:
        for row in document.objects:
            yield from _below(row, 3)


def _below(value: Any, depth: int) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        own = value.get("ServerConnection")
        if isinstance(own, dict):
            yield own
        if depth:
            for key, inner in value.items():
                if key != "ServerConnection" and isinstance(inner, dict | list):
                    yield from _below(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _below(inner, depth)


def _fqdn(connection: dict[str, Any]) -> str | None:
    found = text(connection.get("FQDN")) or text(connection.get("FullyQualifiedDomainName"))
    return None if found is None or found.lower() in _LOCAL else found
