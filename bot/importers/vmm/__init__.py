"""Read what VMM's own cmdlets print through `ConvertTo-Json`, and write it as an inventory.

The files are whole JSON documents and are loaded whole: tens of thousands of VMs, not millions.
What comes out is `netmap/inventory/1` and goes through its reader, so it is checked as strictly;
faults name the object of the file that they are about.
"""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.domain.errors import InventoryFault
from bot.domain.inventory import FORMAT
from bot.importers.jsonl import InventoryLines, lines_in_memory
from bot.importers.vmm.documents import KNOWN, Documents, load
from bot.importers.vmm.machines import clouds, hosts, vms
from bot.importers.vmm.networks import Networks
from bot.importers.vmm.server import find_server, find_time

_KINDS = {"cloud": "clouds", "host": "hosts", "network": "networks", "vm": "vms"}


def open_raw(
    paths: Sequence[Path], server: str | None = None, collected_at: datetime | None = None
) -> InventoryLines:
    """One inventory out of the raw files of one server.

    It speaks of the kinds that were given: clouds with Get-SCCloud, hosts with Get-SCVMHost or
    Get-SCVirtualNetwork, and so on. `notes` say where server and time were taken from.

    Raises:
        InventoryFault: a file is of no known kind, or another is needed to understand it.
    """
    documents = Documents([load(path) for path in paths])
    id, name, whence = find_server(documents, server)
    time, since = find_time(paths, collected_at)
    networks = Networks(documents)
    clouds_listed, hosts_listed = clouds(documents), hosts(documents)
    rows: list[tuple[str, str, dict[str, Any]]] = [
        *(("cloud", *row) for row in clouds_listed),
        *(("host", *row) for row in hosts_listed),
        *(("network", *row) for row in networks.rows),
        *(("vm", *row) for row in vms(documents, networks, clouds_listed, hosts_listed)),
    ]
    kinds = documents.kinds
    if not kinds:
        raise InventoryFault("These files hold no clouds, hosts, networks or VMs.", hint=KNOWN)
    header = {
        "format": FORMAT,
        "server": {"id": id, "name": name},
        "collected_at": time.isoformat(),
    }
    end = {plural: sum(row[0] == kind for row in rows) for kind, plural in _KINDS.items()}
    lines = [header, *({kind: row} for kind, _, row in rows), {"end": end}]
    data = "".join(json.dumps(line) + "\n" for line in lines)
    places = ["what was said of the server", *(place for _, place, _ in rows), "the end"]
    notes = [whence, since, *networks.notes]
    missing = [word for word in _KINDS.values() if word not in kinds]
    if missing:
        notes.append(f"Not in these files, so left as known: {', '.join(missing)}.")
    names = ", ".join(str(path) for path in paths)
    return lines_in_memory(data.encode(), names, kinds, places, notes)
