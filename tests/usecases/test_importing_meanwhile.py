"""Somebody else writes while an inventory is taken in: it comes out as if they had come first."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.domain.asking import Stamp
from bot.domain.codes import ChangeKind
from bot.domain.errors import Refused, StoreFault
from bot.domain.history import Detail
from bot.usecases.importing.imports import Options, import_inventory
from bot.wiring import Outside
from storage.store import Store
from storage.tables import Tables
from tests.builders import CH, NY, Site, Town, on, protect, reverse

Work = Callable[[], object]


class Interrupted(Store):
    """Somebody writes between what is derived before the lock and the lock."""

    def __init__(self, path: Path, works: list[Work]) -> None:
        super().__init__(path)
        self._works = works

    @contextmanager
    def rehearse(self) -> Iterator[Tables]:
        with super().rehearse() as tables:
            yield tables
        self._interrupt()

    @contextmanager
    def read(self, stages: bool = False) -> Iterator[Tables]:
        with super().read(stages) as tables:
            yield tables
        if stages:
            self._interrupt()

    def _interrupt(self) -> None:
        if self._works:
            self._works.pop(0)()


class Counting(Store):
    """Counts the writes for trial."""

    trials = 0

    @contextmanager
    def rehearse(self) -> Iterator[Tables]:
        self.trials += 1
        with super().rehearse() as tables:
            yield tables


class Slow(Store):
    """Somebody else tries to write before each write ends, and is told why not."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.told: list[str] = []

    @contextmanager
    def write(self) -> Iterator[Tables]:
        with super().write() as tables:
            yield tables
            other = Store(self.path, patience_s=0.05)
            with pytest.raises(StoreFault) as caught, other.write():
                pass
            other.close()
            self.told.append(caught.value.message)


class Estate(Town):
    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        super().__init__(folder)
        self.ny, self.ch = Site(NY), Site(CH)
        for n in range(3):
            self.ny.net(f"Net{n}", "Web", "App")
        self.ch.net("DR", "Mgmt", "Web")
        self.ch.net("Other", "Web")
        for n in range(6):
            protect(self.ny, self.ch, f"vm{n}", on(f"Net{n % 3}", "Web"), on(None))
        self.takes(self.ny, self.ch)
        self.does("add Net0 to DR")

    def later(self) -> None:
        """What the next inventories show: VMs that came, went, failed over and were moved."""
        protect(self.ny, self.ch, "new", on("Net0", "Web"), on(None))
        del self.ny.vms["vm5"], self.ch.vms["vm5"]
        reverse("vm0", self.ny, self.ch)
        reverse("vm1", self.ny, self.ch)
        self.ch.vms["vm3"]["adapters"] = [on("DR", "Web")]

    def takes_meanwhile(self, site: Site, *works: Work) -> None:
        self.at = self.at.replace(hour=23)
        ports = Outside(Interrupted(self.path, list(works)), appliers=self.house.ports.appliers)
        stamp = Stamp("local:ana", self.at)
        import_inventory(ports, site.source(self.at), stamp, Options())
        ports.store.close()

    def answers(self) -> dict[str, Any]:
        lines = [f"vm vm{n}" for n in range(6)] + ["vm new", "drift", "plan", "list", "show Net0"]
        return {line: self.says(line).result for line in lines}


@pytest.mark.parametrize("networks", [0, 1], ids=["", "with a new network"])
@pytest.mark.parametrize("which", ["ny", "ch"])
@pytest.mark.parametrize(
    "lines",
    [
        ["add Net1 to Other"],
        ["change Net0 to Other"],
        ["remove Net0"],
        ["home vm2 on VMM-Chicago"],
        ["change Net0 to Other", "add Net1 to DR"],
        ["change Net0 to Other", "change Net0 to DR"],
    ],
    ids=", ".join,
)
def test_a_command_meanwhile_counts_as_before(
    tmp_path: Path, which: str, lines: list[str], networks: int
) -> None:
    meanwhile, before = Estate(tmp_path / "one"), Estate(tmp_path / "two")

    for line in lines:
        before.does(line)
    for estate in (meanwhile, before):
        estate.later()
        for n in range(networks):
            getattr(estate, which).net(f"New{n}", "Web")
    works = [lambda line=line: meanwhile.does(line) for line in lines]
    meanwhile.takes_meanwhile(getattr(meanwhile, which), *works)
    before.takes_meanwhile(getattr(before, which))

    left, right = meanwhile.answers(), before.answers()
    for line, said in left.items():
        assert _timeless(said) == _timeless(right[line]), line


@pytest.mark.parametrize("networks", [0, 1], ids=["", "with a new network"])
def test_what_vmm_says_meanwhile_to_have_connected_is_not_taken_back(
    tmp_path: Path, networks: int
) -> None:
    town = Estate(tmp_path / "one")
    for n in range(networks):
        town.ch.net(f"New{n}", "Web")
    for vm in town.ch.vms.values():
        vm["replication_health"] = "Warning"  # its line differs, and says it is on no network

    def confirms() -> None:
        with town.house.store.write() as tables:
            moves = list(tables.segments.moves())
            change = tables.changes.begin(ChangeKind.APPLY, Stamp("local:bo", town.at))
            assert tables.segments.confirm(moves, change) == 2
            seen = town.at + timedelta(minutes=1)
            tables.changes.finish(change, Detail(text="", seen=seen))

    town.takes_meanwhile(town.ch, confirms)

    assert town.does("plan")["total"]["adapters"] == 0


def test_an_import_of_the_other_server_meanwhile_counts_as_before(tmp_path: Path) -> None:
    meanwhile, before = Estate(tmp_path / "one"), Estate(tmp_path / "two")
    for estate in (meanwhile, before):
        estate.later()

    before.takes(before.ch)
    before.takes_meanwhile(before.ny)
    meanwhile.takes_meanwhile(meanwhile.ny, lambda: meanwhile.takes(meanwhile.ch))

    left, right = meanwhile.answers(), before.answers()
    for line, said in left.items():
        assert _timeless(said) == _timeless(right[line]), line


def test_a_first_import_beside_another_first_import_mixes_nothing_up(tmp_path: Path) -> None:
    town = Estate(tmp_path / "one")
    denver, boston = Site("VMM-Denver"), Site("VMM-Boston")
    for site in (denver, boston):
        site.net(f"{site.name}-net", "Web")
        for n in range(5):
            site.vm(f"{site.name}-vm{n}", on(f"{site.name}-net", "Web"))

    town.takes_meanwhile(denver, lambda: town.takes(boston))

    for site in (denver, boston):
        for n in range(5):
            [pair] = town.does(f"vm {site.name}-vm{n}")["pairs"]
            assert pair["active"] == site.name
            assert pair["adapters"][0]["source"]["network"] == f"{site.name}-net"


def test_an_import_of_the_same_server_meanwhile_is_the_one_that_is_compared_with(
    tmp_path: Path,
) -> None:
    town = Estate(tmp_path / "one")

    def other() -> None:
        town.ny.vm("passing", on("Net0"))
        town.at = town.at.replace(hour=12)
        town.takes(town.ny)
        del town.ny.vms["passing"]

    town.takes_meanwhile(town.ny, other)

    assert "no VM called passing" in town.refuses("vm passing").text


def test_one_who_is_always_slower_than_the_same_server_is_told_so(tmp_path: Path) -> None:
    town = Estate(tmp_path / "one")
    source = town.ny.source(town.at.replace(hour=23))

    def other() -> None:
        town.takes(town.ny)

    ports = Outside(Interrupted(town.path, [other] * 9), appliers=())
    with pytest.raises(Refused) as caught:
        import_inventory(
            ports, source, Stamp("local:ana", town.at.replace(hour=23)), Options(force=True)
        )

    assert "being imported" in caught.value.message


def _new_server_name(site: Site) -> None:
    site.name = "VMM-Elsewhere"


@pytest.mark.parametrize(
    ("what", "trials"),
    [
        (lambda ny: None, 0),
        (lambda ny: ny.vm("one more", on("Net0", "Web")), 0),
        (lambda ny: ny.net("Net9", "Web"), 1),
        (lambda ny: ny.net("Net0", "Web", "App", "More"), 1),
        (lambda ny: ny.cloud("Iron"), 1),
        (lambda ny: ny.host("hv77"), 1),
        (_new_server_name, 1),
    ],
    ids=["nothing", "a VM", "a network", "a subnet", "a cloud", "a host", "its name"],
)
def test_nothing_is_written_for_trial_where_only_vms_differ(
    tmp_path: Path, what: Callable[[Site], object], trials: int
) -> None:
    town = Estate(tmp_path / "one")
    town.at = town.at.replace(hour=23)
    what(town.ny)
    store = Counting(town.path)

    source = town.ny.source(town.at)
    import_inventory(
        Outside(store, appliers=()), source, Stamp("local:ana", town.at), Options(force=True)
    )

    assert store.trials == trials
    store.close()


def test_whoever_finds_the_store_locked_is_told_of_the_import(tmp_path: Path) -> None:
    town = Estate(tmp_path / "one")
    town.at = town.at.replace(hour=23)
    store = Slow(town.path)
    ports = Outside(store, appliers=())

    import_inventory(ports, town.ny.source(town.at), Stamp("local:ana", town.at), Options())

    assert store.told[1] == (
        "An inventory of VMM-NewYork is being taken in since 23:00 UTC, and is written at this"
        " moment."
    )
    store.close()
    with Store(town.path).read() as tables:
        assert not any(name.startswith("import") for name in tables.lives.pulses())


def _timeless(said: Any) -> Any:
    """Without numbers of changes and times, which differ with the order."""
    if isinstance(said, dict):
        left_out = ("id", "at", "ages", "collected_at", "history", "since", "change", "checked")
        return {key: _timeless(value) for key, value in said.items() if key not in left_out}
    return [_timeless(one) for one in said] if isinstance(said, list) else said
