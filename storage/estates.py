"""Load what the rules ask of the estate: thousands of rows, in half a dozen statements."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Mapping as Dict
from dataclasses import replace
from datetime import datetime
from enum import Flag, auto
from typing import Any

from bot.domain.estate import Cloud, Estate, Mapping, Network, Server, Subnet
from storage.places import Networks, Places, places_of, read_networks

REHEARSAL = 2
"""In `server.simulated`: 0 real, 1 sample, 2 a real server in a rehearsal."""


def load_estate(connection: sqlite3.Connection) -> Estate:
    """Everything but VMs and adapters."""
    networks = read_networks(connection)
    return _estate(connection, networks, places_of(networks.values()))


def load_around(connection: sqlite3.Connection, still: Callable[[], bool]) -> Estate:
    """The same with its networks read when they are asked for, one by one; for a few of them.

    Args:
        still: whether the connection sees the state that it sees now.
    """
    networks = Networks(connection, still)
    return _estate(connection, networks, Places(networks))


def _estate(
    connection: sqlite3.Connection,
    networks: Dict[int, Network],
    places: Dict[int, tuple[Network, Subnet | None]],
) -> Estate:
    in_force, removed = _mappings(connection)
    return Estate(
        servers=load_servers(connection),
        networks=networks,
        clouds=_clouds(connection),
        mappings=in_force,
        removed=removed,
        former=_former(connection),
        reach=_reach(connection),
        places=places,
        hosts=_hosts(connection),
    )


class Part(Flag):
    """What can be written without the rest."""

    SERVERS = auto()
    CLOUDS = auto()
    HOSTS = auto()
    NETWORKS = auto()
    MAPPINGS = auto()


EVERYTHING = ~Part(0)


def with_parts(connection: sqlite3.Connection, estate: Estate, parts: Part) -> Estate:
    """The same estate with these parts as they stand now."""
    if parts == EVERYTHING:
        return load_estate(connection)
    fresh: dict[str, Any] = {}
    if Part.SERVERS in parts:
        fresh["servers"] = load_servers(connection)
    if Part.CLOUDS in parts:
        fresh["clouds"] = _clouds(connection)
    if Part.HOSTS in parts:
        fresh |= {"hosts": _hosts(connection), "reach": _reach(connection)}
    if Part.NETWORKS in parts:
        networks = read_networks(connection)
        fresh |= {"networks": networks, "places": places_of(networks.values())}
    if Part.MAPPINGS in parts:
        fresh["mappings"], fresh["removed"] = _mappings(connection)
        fresh["former"] = _former(connection)
    return replace(estate, **fresh)


def with_mapping(estate: Estate, mapping: Mapping) -> Estate:
    """The same estate with one mapping as it was just stored."""
    key = mapping.source, mapping.server
    in_force, removed = dict(estate.mappings), dict(estate.removed)
    former = dict(estate.former)
    before = in_force.get(key)
    if before is not None and (before.target != mapping.target or mapping.removed):
        former[key] = {**former.get(key, {}), before.target: mapping.change}
    for known in (in_force, removed):
        known.pop(key, None)
    (removed if mapping.removed else in_force)[key] = mapping
    return replace(estate, mappings=in_force, removed=removed, former=former)


def _former(connection: sqlite3.Connection) -> dict[tuple[int, int], dict[int, int]]:
    found: dict[tuple[int, int], dict[int, int]] = {}
    rows = connection.execute("SELECT source, server, network, until FROM former")
    for source, server, network, until in rows:
        found.setdefault((source, server), {})[network] = until
    return found


def _reach(connection: sqlite3.Connection) -> dict[int, frozenset[str] | None]:
    return {
        id: frozenset(json.loads(logical)) if logical != "null" else None
        for id, logical in connection.execute("SELECT id, logical FROM reach")
    }


def _hosts(connection: sqlite3.Connection) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for cloud, reach in connection.execute(
        "SELECT DISTINCT cloud, reach FROM host WHERE gone = 0 AND cloud <> 0"
    ):
        found[cloud].add(reach)
    return {cloud: frozenset(classes) for cloud, classes in found.items()}


def load_servers(connection: sqlite3.Connection) -> dict[int, Server]:
    rows = connection.execute(
        "SELECT id, guid, name, collected_at, imported_at, simulated, kinds FROM server"
    )
    return {
        id: Server(
            id=id,
            guid=guid,
            name=name,
            collected_at=datetime.fromisoformat(collected_at),
            imported_at=datetime.fromisoformat(imported_at),
            simulated=bool(simulated),
            rehearsal=simulated == REHEARSAL,
            kinds=frozenset(kinds.split()),
        )
        for id, guid, name, collected_at, imported_at, simulated, kinds in rows
    }


def _clouds(connection: sqlite3.Connection) -> dict[int, Cloud]:
    rows = connection.execute(
        "SELECT id, server, guid, name, key, logical, protector_server, protector_cloud, gone"
        " FROM cloud"
    )
    return {
        id: Cloud(
            id=id,
            server=server,
            guid=guid,
            name=name,
            key=key,
            logical=None if logical is None else frozenset(json.loads(logical)),
            protector=(protector_server, protector_cloud) if protector_server else None,
            gone=bool(gone),
        )
        for id, server, guid, name, key, logical, protector_server, protector_cloud, gone in rows
    }


def _mappings(
    connection: sqlite3.Connection,
) -> tuple[dict[tuple[int, int], Mapping], dict[tuple[int, int], Mapping]]:
    in_force: dict[tuple[int, int], Mapping] = {}
    removed: dict[tuple[int, int], Mapping] = {}
    rows = connection.execute(
        "SELECT id, source, target, server, test, by, at, change, removed FROM mapping"
        " ORDER BY change, id"
    )
    for id, source, target, server, test, by, at, change, is_removed in rows:
        mapping = Mapping(
            id,
            source,
            target,
            server,
            test,
            by,
            datetime.fromisoformat(at),
            change,
            bool(is_removed),
        )
        (removed if is_removed else in_force)[source, server] = mapping
    return in_force, {key: m for key, m in removed.items() if key not in in_force}
