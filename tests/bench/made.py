"""A store with an estate in it, made by the product's own import and commands."""

import shutil
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

from bot.domain.asking import Stamp
from bot.domain.placements import Move
from bot.importers.jsonl import open_lines
from bot.settings import Settings
from bot.usecases.importing.imports import Options, import_inventory
from bot.usecases.mapping.mappings import AddMapping, add_mapping
from bot.wiring import House
from tests.bench.estate import Shape, mappings, morning, write

Say = Callable[[str], None]
BY = "local:bench"


def after(day: int, hours: float = 1) -> datetime:
    """So many hours after the inventories of a day."""
    return morning(day) + timedelta(hours=hours)


def open_house(path: Path) -> House:
    """The product on a database, on the day after the last inventory; nobody reconnects there."""
    at = after(2, 2)
    house = House(Settings.model_validate({"db": path, "local": True}), lambda: at)
    house.ports.appliers = ()
    return house


def make(folder: Path, shape: Shape, say: Say) -> Path:
    """The database of an estate on its second day, made unless it lies there."""
    name = f"estate-{shape.adapters}-{shape.clouds}-{shape.drifted}"
    path = folder / f"{name}.db"
    if path.exists():
        return path
    half = folder / f"{name}.new"
    for left in folder.glob(f"{half.name}*"):
        left.unlink()
    house = open_house(half)
    try:
        for day in (1, 2):
            say(f"writing day {day} of {shape.adapters:,} pair adapters")
            for file in write(folder, shape, day):
                say(f"importing {file.name}")
                take_in(house, file, day)
                file.unlink()
            if day == 1:
                map_all(house, mappings(shape))
    finally:
        house.close()
    for left in folder.glob(f"{half.name}*"):
        left.rename(folder / left.name.replace(".new", ".db"))
    return path


def take_in(house: House, file: Path, day: int) -> None:
    """Import one file."""
    import_inventory(house.ports, open_lines(file), Stamp(BY, after(day)), Options())


def map_all(house: House, pairs: Iterable[tuple[str, str]]) -> None:
    """Map them, one change each."""
    for source, target in pairs:
        ask = AddMapping(source=source, target=target)
        add_mapping(house.ports, [ask], Stamp(BY, after(1, 2)))


def stand_as_wished(house: House, source: str) -> None:
    """Let every replica of a network stand where its mapping wants it, as if an import saw it."""
    with house.store.write() as tables:
        estate = tables.estate()
        (network,) = [n for n in estate.networks.values() if n.name == source]
        segments = [
            s.id
            for (id, server) in estate.mappings
            if id == network.id
            for s in tables.segments.of(id, server)
        ]
        moves: list[Move] = list(tables.segments.moves(segments))
        tables.segments.confirm(moves, tables.changes.last())


def copy(path: Path, name: str) -> Path:
    """A copy of a database to change at will."""
    made = path.with_name(name)
    for left in path.parent.glob(f"{name}*"):
        left.unlink()
    shutil.copyfile(path, made)
    return made
