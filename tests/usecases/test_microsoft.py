"""Microsoft's own example, New York and Chicago: placements, availability and failback.

Source: Microsoft Learn, "Map networks between two VMM sites" (retired with the scenario); the
clouds of Chicago as DOMAIN.md gives them, for the article contradicts itself there.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.builders import CH, NY, Site, Town, obey, on, place, reverse


class Example:
    """Both sites; what was mapped is connected, and each site knows the other's VMs."""

    def __init__(self, folder: Path, simulated: bool = False) -> None:
        self.town = Town(folder, simulated)
        self.ny, self.ch = Site(NY), Site(CH)
        for cloud in ("GoldCloud1", "SilverCloud1"):
            self.ny.cloud(cloud, "LogicalNetwork1-NewYork")
        self.ch.cloud("GoldCloud2", "LogicalNetwork1-Chicago", "LogicalNetwork2-Chicago")
        self.ch.cloud("SilverCloud2", "LogicalNetwork1-Chicago")
        for n in (1, 2):
            self.ny.net(
                f"VMNetwork{n}-NewYork",
                "Web",
                "App",
                logical_network="LogicalNetwork1-NewYork",
                isolation="VLANNetwork",
            )
            self.ch.net(
                f"VMNetwork{n}-Chicago",
                "Mgmt",
                "Web",
                logical_network=f"LogicalNetwork{n}-Chicago",
                isolation="VLANNetwork",
            )
        self.pair("gold1", "Gold", on("VMNetwork1-NewYork", "Web"))
        self.pair("gold2", "Gold", on("VMNetwork2-NewYork", "Web"))
        self.pair("silver1", "Silver", on("VMNetwork1-NewYork", "App"))
        self.town.takes(self.ny, self.ch)

    def pair(self, name: str, metal: str, here: Any) -> None:
        self.ny.vm(name, here, cloud=f"{metal}Cloud1")
        self.ch.vm(name, on(None), role="replica", cloud=f"{metal}Cloud2")

    def imports(self) -> None:
        if self.town.simulated:
            self._rehearse()
        self.town.takes(self.ny, self.ch)

    def obeys(self) -> None:
        """Connect what the plan says and show it in the next inventories."""
        obey(self.town, self.ny, self.ch)
        self.imports()

    def _rehearse(self) -> None:
        """What the simulated applier did is so: the next inventories show it."""
        sites = {site.name: site for site in (self.ny, self.ch)}
        for name in self.ny.vms:
            [pair] = self.town.does(f"vm {name}")["pairs"]
            nics = {nic["slot"]: nic for nic in sites[pair["passive"]].vms[name]["adapters"]}
            for nic in pair["adapters"]:
                now = nic["now"]
                nics[nic["slot"]].update(network=now["network"], subnet=now["subnet"])


@pytest.fixture
def example(tmp_path: Path) -> Example:
    return Example(tmp_path)


def test_the_documented_placements(example: Example) -> None:
    example.town.does("add VMNetwork1-NewYork to VMNetwork1-Chicago")

    assert example.town.goes("gold1") == ("VMNetwork1-Chicago / Web", "same_name")
    assert example.town.goes("silver1") == ("VMNetwork1-Chicago / Mgmt", "first_subnet")
    assert example.town.goes("gold2") == ("no opinion", "not_mapped")


def test_a_vm_created_later_is_placed_when_it_has_replicated(example: Example) -> None:
    example.town.does("add VMNetwork1-NewYork to VMNetwork1-Chicago")
    example.pair("gold3", "Gold", on("VMNetwork1-NewYork", "Web"))
    replica = example.ch.vms["gold3"]

    replica["replication_state"] = "InitialReplicationInProgress"
    example.imports()
    waiting = example.town.does("plan")
    replica["replication_state"] = "Replicating"
    example.imports()
    ready = example.town.does("plan")

    assert waiting["waiting"] == 1
    assert "gold3" not in [m["vm"] for m in waiting["moves"]]
    assert "gold3" in [m["vm"] for m in ready["moves"]]
    assert example.town.goes("gold3") == ("VMNetwork1-Chicago / Web", "same_name")


@pytest.mark.parametrize(
    ("target", "gold", "silver"),
    [("VMNetwork1-Chicago", "ok", "ok"), ("VMNetwork2-Chicago", "ok", "broken")],
)
def test_the_documented_availability_of_targets_per_cloud(
    example: Example, target: str, gold: str, silver: str
) -> None:
    result = example.town.does(f"add VMNetwork1-NewYork to {target}")

    assert [(a["cloud"], a["protecting"], a["standing"]) for a in result["availability"]] == [
        ("GoldCloud1", "GoldCloud2", gold),
        ("SilverCloud1", "SilverCloud2", silver),
    ]
    at_risk = {"SilverCloud2": ["silver1"]} if silver == "broken" else {}
    assert result["at_risk"] == at_risk


# -- failback ------------------------------------------------------------------------------


class Away(Example):
    """`gold1` was placed, failed over to Chicago and replicates home; both ways are mapped."""

    def __init__(self, folder: Path, simulated: bool = False) -> None:
        super().__init__(folder, simulated)
        self.town.does("add VMNetwork1-NewYork to VMNetwork1-Chicago --both")
        self.obeys()
        reverse("gold1", self.ny, self.ch)
        self.imports()

    @property
    def nic(self) -> Any:
        return self.ch.vms["gold1"]["adapters"][0]

    def moves_to(self, network: str | None, subnet: str | None = None) -> None:
        self.nic.update(network=network, subnet=subnet)
        self.imports()

    def home(self) -> tuple[str, str]:
        return self.town.goes("gold1")


@pytest.fixture
def away(tmp_path: Path) -> Away:
    return Away(tmp_path)


def test_the_network_is_not_changed_after_failover_it_stays_on_the_source_network(
    away: Away,
) -> None:
    assert away.home() == ("VMNetwork1-NewYork / Web", "unchanged")
    assert away.nic == on("VMNetwork1-Chicago", "Web")


def test_the_network_is_disconnected_after_failover_it_is_disconnected(away: Away) -> None:
    away.moves_to(None)

    assert away.home() == ("no network", "source_disconnected")


def test_the_network_is_changed_to_one_that_is_not_mapped_it_is_disconnected(away: Away) -> None:
    away.moves_to("VMNetwork2-Chicago", "Web")

    assert away.home() == ("no network", "not_mapped")


def test_the_mapping_of_the_network_is_changed_it_is_connected_to_the_one_now_mapped(
    away: Away,
) -> None:
    away.town.does("change VMNetwork1-Chicago to VMNetwork2-NewYork")

    assert away.home() == ("VMNetwork2-NewYork / Web", "same_name")


def test_the_network_is_changed_to_another_that_is_mapped_home(away: Away) -> None:
    away.town.does("add VMNetwork2-Chicago to VMNetwork2-NewYork")

    away.moves_to("VMNetwork2-Chicago", "Mgmt")

    assert away.home() == ("VMNetwork2-NewYork / Web", "first_subnet")


def test_the_mapping_home_is_removed_it_stays_with_a_warning(away: Away) -> None:
    away.town.does("remove VMNetwork1-Chicago")

    assert away.home() == ("VMNetwork1-NewYork / Web", "unchanged")
    assert away.town.nic("gold1")["notes"] == ["mapping_removed"]


def test_vm_says_where_it_runs_and_where_home_is(away: Away) -> None:
    [pair] = away.town.does("vm gold1")["pairs"]

    assert (pair["active"], pair["passive"], pair["home"], pair["away"]) == (CH, NY, NY, True)


def _apply(away: Away) -> None:
    away.obeys()


def _import(away: Away) -> None:
    away.imports()
    away.imports()


def _to_and_fro(away: Away) -> None:
    away.town.does("change VMNetwork1-Chicago to VMNetwork2-NewYork")
    assert away.home()[0] == "VMNetwork2-NewYork / Web"
    away.imports()
    away.town.does("change VMNetwork1-Chicago to VMNetwork1-NewYork")


def _to_and_fro_applied(away: Away) -> None:
    away.town.does("change VMNetwork1-Chicago to VMNetwork2-NewYork")
    away.obeys()
    assert place(away.town.nic("gold1")["now"]) == "VMNetwork2-NewYork / Web"
    away.town.does("change VMNetwork1-Chicago to VMNetwork1-NewYork")
    away.obeys()


def _removed_and_added(away: Away) -> None:
    away.town.does("remove VMNetwork1-Chicago")
    away.imports()
    away.town.does("add VMNetwork1-Chicago to VMNetwork1-NewYork")


def _reconnected(away: Away) -> None:
    away.moves_to(None)
    assert away.home()[0] == "no network"
    away.obeys()
    away.moves_to("VMNetwork1-Chicago", "Web")
    away.obeys()


def _way_out_changed(away: Away) -> None:
    away.town.does("change VMNetwork1-NewYork to VMNetwork2-Chicago")
    away.imports()


STEPS = [
    _apply, _import, _to_and_fro, _to_and_fro_applied, _removed_and_added, _reconnected,
    _way_out_changed,
]  # fmt: skip


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__.strip("_"))
@pytest.mark.parametrize("simulated", [False, True], ids=["imported", "simulated"])
def test_failback_ends_where_it_began(
    tmp_path: Path, step: Callable[[Away], None], simulated: bool
) -> None:
    away = Away(tmp_path, simulated)

    step(away)

    assert away.home() == ("VMNetwork1-NewYork / Web", "unchanged")
    assert [m for m in away.town.does("plan")["moves"] if m["vm"] == "gold1"] == []
    assert place(away.town.nic("gold1")["now"]) == "VMNetwork1-NewYork / Web"


def test_coming_home_ends_it_all(away: Away) -> None:
    reverse("gold1", away.ch, away.ny)
    report = away.town.takes(away.ny, away.ch)

    [pair] = away.town.does("vm gold1")["pairs"]

    assert (pair["active"], pair["home"], pair["away"]) == (NY, NY, False)
    assert away.home() == ("VMNetwork1-Chicago / Web", "same_name")
    assert pair["adapters"][0]["standing"] == "connected"
    assert report["failed_over"] == []


def test_a_simulated_plan_is_carried_out_at_once(tmp_path: Path) -> None:
    away = Away(tmp_path, simulated=True)

    changed = away.town.does("change VMNetwork1-Chicago to VMNetwork2-NewYork")

    assert (changed["applier"], changed["reconnected"]["vms"]) == ("simulated", 1)
    assert place(away.town.nic("gold1")["now"]) == "VMNetwork2-NewYork / Web"
    assert away.town.does("plan")["total"]["adapters"] == 0


def test_nothing_is_placed_at_home_until_replication_is_reversed(example: Example) -> None:
    example.town.does("add VMNetwork1-NewYork to VMNetwork1-Chicago --both")
    example.obeys()
    # the site is dead; its last inventory still says that it is primary
    example.ch.vms["gold1"] |= {"replication_state": "FailedOver", "power": "running"}
    report = example.town.takes(example.ch)

    [pair] = example.town.does("vm gold1")["pairs"]

    assert report["failed_over"] == ["gold1"]
    assert pair["failed_over"]
    assert pair["readiness"] == "failed_over"
    assert example.town.does("plan")["total"]["adapters"] == 0


def test_a_failed_over_vm_is_not_touched_by_a_change_of_the_mapping(example: Example) -> None:
    example.town.does("add VMNetwork1-NewYork to VMNetwork1-Chicago")
    example.obeys()
    example.ch.vms["gold1"] |= {"replication_state": "FailedOver", "power": "running"}
    example.town.takes(example.ch)

    changed = example.town.does("change VMNetwork1-NewYork to VMNetwork2-Chicago")

    assert (changed["running"]["vms"], changed["pending"]["vms"]) == (1, 1)
    assert {m["vm"]: m["state"] for m in changed["moves"]} == {
        "gold1": "running",
        "silver1": "pending",
    }
