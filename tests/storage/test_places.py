"""Networks read one by one are those of the whole estate, of one state, and few."""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from bot.settings import Settings
from bot.wiring import House, Outside
from storage.estates import load_estate
from tests.storage.build import machine, network, nic, open_store, stamp, take_in


@contextmanager
def traced(ports: Outside) -> Iterator[list[str]]:
    """The statements that are sent meanwhile about networks and their places."""
    connection = ports.store._connection()
    sent: list[str] = []
    connection.set_trace_callback(
        lambda text: (
            sent.append(" ".join(text.split()))
            if re.search(r"FROM (place|network)\b", text)
            else None
        )
    )
    try:
        yield sent
    finally:
        connection.set_trace_callback(None)


def whole(sent: list[str]) -> list[str]:
    """Those that read all of them."""
    return [text for text in sent if "WHERE" not in text]


@pytest.fixture
def town(tmp_path: Path) -> Outside:
    """A store without an estate in memory; one subnet is gone, and one network."""
    path = tmp_path / "netmap.db"
    ports = open_store(path)
    vms = [machine("one", "web01", "none", nic(0, "Prod", "Web"))]
    take_in(ports, "one", [network("Prod", "Web", "Old"), network("Lab"), network("Gone")], vms)
    take_in(ports, "one", [network("Prod", "Web"), network("Lab")], vms, hour=1)
    return open_store(path)


def test_networks_read_one_by_one_are_the_same_as_all_at_once(town: Outside) -> None:
    with town.store.read() as tables:
        around = tables.around()
        estate = load_estate(town.store._connection())
        assert any(one.lost for one in estate.networks.values())
        assert any(one.gone for one in estate.networks.values())

        for at, place in estate.places.items():
            assert around.places[at] == place
        for id, one in estate.networks.items():
            assert around.networks[id] == one
            assert around.places[one.at][0] is around.networks[id]


def test_what_is_none_of_them_is_none_of_them(town: Outside) -> None:
    with town.store.read() as tables:
        around = tables.around()

        assert [around.places.get(at) for at in (-2, -1, 0, 9_999)] == [None] * 4
        assert around.networks.get(9_999) is None
        assert around.network_at(9_999) is None


def test_who_goes_through_all_of_them_sees_all_and_keeps_those_seen_before(town: Outside) -> None:
    with town.store.read() as tables:
        around = tables.around()
        estate = load_estate(town.store._connection())
        first = around.networks[1]

        assert dict(around.networks) == estate.networks
        assert dict(around.places) == estate.places
        assert around.network_of == estate.network_of
        assert around.networks[1] is first
        assert [one.name for one in around.called("lab")] == ["Lab"]


def test_an_estate_around_a_state_that_is_gone_reads_no_more(town: Outside) -> None:
    with town.store.read() as tables:
        around = tables.around()
        known = around.networks[1]
    take_in(town, "one", [network("Prod", "Web")], [], hour=2)

    assert around.networks[1] is known
    with pytest.raises(RuntimeError, match="state that is gone"):
        around.networks[2]
    with town.store.read(), pytest.raises(RuntimeError, match="state that is gone"):
        len(around.places)


def test_a_write_has_the_whole_estate(town: Outside) -> None:
    with traced(town) as sent, town.store.write() as tables:
        assert tables.around() is tables.estate()

    assert len(whole(sent)) == 2


def at_work(path: Path) -> House:
    """Another netmap on the same database, that has just started."""
    return House(Settings.read({"NETMAP_DB": str(path)}), lambda: stamp().at)


def test_the_first_vm_after_a_start_reads_only_its_own_networks(sample_db: Path) -> None:
    with closing(at_work(sample_db)) as house:
        house.answer("add Prod-Web to DR-Web", "local:test")

    with closing(at_work(sample_db)) as house:
        with traced(house.ports) as first:
            said = house.answer("vm web01", "local:test").text
        with traced(house.ports) as second:
            again = house.answer("vm web01", "local:test").text
        with traced(house.ports) as third:
            house.answer("vm web01", "local:test")

    assert "DR-Web / Web" in said
    assert again == said
    assert first
    assert whole(first) == []
    assert len(whole(second)) == 2  # who asks more than once has the whole estate from then on
    assert [text for text in third if "pools FROM" not in text] == []


def test_a_vm_is_looked_up_anew_after_every_change_of_another_program(sample_db: Path) -> None:
    told = []
    with closing(at_work(sample_db)) as house, closing(at_work(sample_db)) as other:
        for line in ("add Prod-Web to DR-Web", "change Prod-Web to DR-Old", "remove Prod-Web"):
            assert other.answer(line, "local:test").ok
            first, second, third = [house.answer("vm web01", "local:test").text for _ in range(3)]
            assert first == second == third
            told.append(first.splitlines()[0])

    assert "DR-Web / Web" in told[0]
    assert "DR-Old" in told[1]
    assert "WITHOUT A NETWORK" in told[2]
