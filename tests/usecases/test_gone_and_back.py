"""What was known of a VM is known when it is back: an inventory that lists less is no new life."""

from pathlib import Path

import pytest

from tests.builders import CH, NY, Site, Town, obey, on, place, protect, reverse


def vanish(town: Town, site: Site, *vms: str) -> None:
    """These are missing in one inventory, and back in the next."""
    kept = dict(site.vms)
    for vm in vms:
        del site.vms[vm]
    town.takes(site, force=True)
    site.vms = kept


def moves(town: Town) -> set[tuple[str, str]]:
    """(VM, where it is to go) of the plan."""
    found = town.says("plan", page=None).result["moves"]
    return {(move["vm"], place(move["to"])) for move in found}


@pytest.fixture
def sites(tmp_path: Path) -> tuple[Town, Site, Site]:
    """web01 to web03 on Prod, which is mapped to DR; their replicas are connected there."""
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    ny.net("Prod", "Web")
    ch.net("DR", "Web")
    for vm in ("web01", "web02", "web03"):
        protect(ny, ch, vm, on("Prod", "Web"), on(None))
    town.takes(ny, ch)
    town.does("add Prod to DR")
    obey(town, ny, ch)
    town.takes(ch)
    return town, ny, ch


@pytest.mark.parametrize("side", [NY, CH])
@pytest.mark.parametrize("what", ["vm", "adapter"])
def test_a_replica_that_is_to_be_disconnected_still_is(
    sites: tuple[Town, Site, Site], side: str, what: str
) -> None:
    town, ny, ch = sites
    site = ny if side == NY else ch
    town.does("remove Prod")

    if what == "vm":
        vanish(town, site, "web01", "web02")
    else:
        kept = dict(site.vms)
        for vm in ("web01", "web02"):
            site.vms[vm] = {**kept[vm], "adapters": []}
        town.takes(site)
        site.vms = kept
    meanwhile = moves(town)
    town.takes(site)

    assert meanwhile == {("web03", "no network")}
    assert moves(town) == {(vm, "no network") for vm in ("web01", "web02", "web03")}
    assert town.nic("web01")["standing"] == "disconnect_pending"


def test_one_that_comes_back_elsewhere_or_as_another_vm_was_connected_by_hand(
    sites: tuple[Town, Site, Site],
) -> None:
    town, _, ch = sites
    ch.net("Old", "Web")
    town.takes(ch)
    town.does("remove Prod")

    vanish(town, ch, "web01", "web02", "web03")
    ch.vms["web01"]["adapters"] = [on("Old", "Web")]
    ch.vms["web02"] |= {"id": "another"}
    town.takes(ch)
    ch.vms["web01"]["adapters"] = [on("DR", "Web")]
    town.takes(ch)

    assert moves(town) == {("web03", "no network")}


def test_a_failed_over_vm_is_away_though_neither_side_was_listed_for_a_while(
    sites: tuple[Town, Site, Site],
) -> None:
    town, ny, ch = sites
    for vm in ("web01", "web02"):
        reverse(vm, ny, ch)
    town.takes(ny, ch)
    before = town.does("vm web01")["pairs"][0]

    vanish(town, ny, "web01")
    vanish(town, ch, "web01")
    unknown = town.says("vm web01")
    town.takes(ch, ny)

    [after] = town.does("vm web01")["pairs"]
    assert not unknown.ok
    assert (after["home"], after["away"]) == (before["home"], before["away"]) == (NY, True)
    assert after["adapters"] == before["adapters"]
    assert town.goes("web01") == ("Prod / Web", "unchanged")


@pytest.mark.parametrize("home_first", [True, False])
def test_so_it_is_if_the_sides_go_and_come_one_after_the_other(
    sites: tuple[Town, Site, Site], home_first: bool
) -> None:
    town, ny, ch = sites
    reverse("web01", ny, ch)
    town.takes(ny, ch)
    first, second = (ny, ch) if home_first else (ch, ny)

    kept = first.vms.pop("web01"), second.vms.pop("web01")
    town.takes(first, force=True)
    town.takes(second, force=True)
    first.vms["web01"] = kept[0]
    town.takes(first)
    second.vms["web01"] = kept[1]
    report = town.takes(second)

    assert town.goes("web01") == ("Prod / Web", "unchanged")
    assert (report["failed_over"], report["came_home"]) == ([], [])


def test_so_it_is_on_one_server_with_two_clouds(tmp_path: Path) -> None:
    town, ny = Town(tmp_path), Site(NY)
    for cloud in ("Gold", "Silver"):
        ny.cloud(cloud)
    for network in ("Prod", "DR"):
        ny.net(network, "Web")
    for n in range(5):
        ny.vm(f"vm{n}", on("Prod", "Web"), role="replica", cloud="Gold")
        ny.vm(f"vm{n}", on("DR", "Web"), key=f"r{n}", cloud="Silver")
        ny.vms[f"vm{n}"]["role"], ny.vms[f"r{n}"]["role"] = "primary", "replica"
    town.takes(ny)
    for n in range(5):
        ny.vms[f"vm{n}"] |= {"role": "replica", "power": "off"}
        ny.vms[f"r{n}"] |= {"role": "primary", "power": "running"}
    town.takes(ny)
    before = [town.goes(f"vm{n}") for n in range(5)]

    vanish(town, ny, *(f"{side}{n}" for n in range(3) for side in ("vm", "r")))
    report = town.takes(ny)

    assert before == [("Prod / Web", "unchanged")] * 5
    assert [town.goes(f"vm{n}") for n in range(5)] == before
    assert (report["vms_new"], report["pairs"]) == (6, 3)


@pytest.mark.parametrize("side", [NY, CH])
def test_a_network_made_anew_while_vms_are_away_takes_nobodys_network_at_home(
    sites: tuple[Town, Site, Site], side: str
) -> None:
    town, ny, ch = sites
    for vm in ("web01", "web02", "web03"):
        reverse(vm, ny, ch)
    town.takes(ny, ch)

    site, name = (ny, "Prod") if side == NY else (ch, "DR")
    site.networks[name] |= {"id": "anew", "subnets": [{"id": "anew-web", "name": "Web"}]}
    town.takes(site, force=True)

    assert town.goes("web01") == ("Prod / Web", "unchanged")
    assert moves(town) == set()
    assert "deleted and made anew since the failover" in town.says("vm web01").text


def test_replication_that_was_removed_is_forgotten(sites: tuple[Town, Site, Site]) -> None:
    town, ny, ch = sites
    reverse("web01", ny, ch)
    town.takes(ny, ch)

    for site in (ny, ch):
        site.vms["web01"] |= {"role": "none"}
    town.takes(ny, ch)
    ny.vms["web01"] |= {"role": "replica", "power": "off"}
    ch.vms["web01"] |= {"role": "primary", "power": "running"}
    town.takes(ny, ch)

    [pair] = town.does("vm web01")["pairs"]
    assert (pair["home"], pair["away"]) == (CH, False)


@pytest.mark.parametrize("first", [NY, CH])
def test_a_vm_is_of_no_pair_of_a_hyper_v_id_that_it_had(
    sites: tuple[Town, Site, Site], first: str
) -> None:
    town, *both = sites
    for site in both if first == NY else reversed(both):
        site.vms["web01"]["hyperv_id"] = "made anew"
        town.takes(site)

    [pair] = town.does("vm web01")["pairs"]

    assert (pair["active"], pair["passive"], pair["adapters"][0]["standing"]) == (
        NY, CH, "connected",
    )  # fmt: skip


def test_a_vm_is_counted_as_replicated_by_the_hyper_v_id_that_it_has(tmp_path: Path) -> None:
    town, ny = Town(tmp_path), Site(NY)
    ny.net("Prod", "Web")
    ny.vm("web01", on("Prod", "Web"))
    town.takes(ny)
    before = town.does("servers")["servers"]
    ny.vms["web01"] |= {"hyperv_id": "made anew", "role": "none"}
    town.takes(ny)

    [now] = town.does("servers")["servers"]

    assert [one["replicated"] for one in before] == [1]
    assert (now["vms"], now["replicated"]) == (1, 0)


def test_a_forgotten_server_leaves_nothing_of_vms_that_were_gone(
    sites: tuple[Town, Site, Site],
) -> None:
    town, ny, ch = sites
    town.does("remove Prod")
    vanish(town, ny, "web01")
    vanish(town, ch, "web01")

    town.does(f"forget {CH}")
    town.does(f"forget {NY}")

    rows = town.dump()
    assert not any(rows[name] for name in ("pair", "pair_adapter", "pair_name", "left_baseline"))


def test_a_class_first_seen_while_the_target_was_gone_moves_when_it_is_back(
    sites: tuple[Town, Site, Site],
) -> None:
    town, ny, ch = sites
    ny.net("Prod", "Web", "App")
    town.takes(ny)
    kept = ch.networks.pop("DR")
    for vm in ("web01", "web02", "web03"):
        ch.vms[vm]["adapters"] = [on(None)]
    town.takes(ch, force=True)
    protect(ny, ch, "app01", on("Prod", "App"), on(None))
    seen = town.takes(ny, ch)
    ch.networks["DR"] = kept

    report = town.takes(ch)

    assert seen["moved"] == []
    assert sorted((m["source"], m["was"], m["now"], m["adapters"]) for m in report["moved"]) == [
        ("Prod / App", "no opinion", "DR / Web", 1),
        ("Prod / Web", "no opinion", "DR / Web", 3),
    ]
