"""The life of a mapping: every row of DOMAIN.md's table, and undo."""

from pathlib import Path
from typing import Any

import pytest

from tests.builders import CH, NY, Site, Town, obey, on, place, protect, subnet, unchanged


class Pair:
    """Two sites with web01 and app01 on Prod, and two networks to choose from at Chicago."""

    def __init__(self, folder: Path, simulated: bool = False) -> None:
        self.town = Town(folder, simulated)
        self.ny, self.ch = Site(NY), Site(CH)
        self.ny.net("Prod", "Web", "App")
        self.ny.net("Dev", "Web")
        self.ch.net("DR", "Mgmt", "Web")
        self.ch.net("DR-Old", "Web", "App")
        self.ch.net("Bubble", "Web")
        protect(self.ny, self.ch, "web01", on("Prod", "Web"), on(None))
        protect(self.ny, self.ch, "app01", on("Prod", "App"), on(None))
        self.imports()

    def imports(self) -> None:
        self.town.takes(self.ny, self.ch)

    def obeys(self) -> None:
        obey(self.town, self.ny, self.ch)
        self.imports()

    def replica(self, name: str) -> Any:
        return self.ch.vms[name]["adapters"][0]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


def moved(result: Any) -> dict[str, tuple[str, str, str]]:
    """VM -> (from, to, state)."""
    return {m["vm"]: (place(m["was"]), place(m["to"]), m["state"]) for m in result["moves"]}


# -- added ---------------------------------------------------------------------------------


def test_adding_reconnects_all_existing_replicas_of_the_source(pair: Pair) -> None:
    result = pair.town.does("add Prod to DR")

    assert (result["verb"], result["pending"]) == ("added", {"vms": 2, "adapters": 2})
    assert moved(result) == {
        "web01": ("no network", "DR / Web", "pending"),
        "app01": ("no network", "DR / Mgmt", "pending"),
    }
    assert result["by_rule"] == {"same_name": 1, "first_subnet": 1}


def test_adding_twice_changes_nothing_and_says_so(pair: Pair) -> None:
    pair.town.does("add Prod to DR")

    with unchanged(pair.town):
        reply = pair.town.says("add prod to dr")

    assert reply.result["verb"] == "unchanged"
    assert reply.result["pending"]["vms"] == 2
    assert reply.text.startswith("Nothing changed")


def test_adding_another_target_is_refused_with_the_command_that_changes_it(pair: Pair) -> None:
    pair.town.does("add Prod to DR")

    reply = pair.town.refuses("add Prod to DR-Old --test Bubble --reason CAB 7 --dry-run")

    assert reply.error is not None
    assert reply.error.code == "conflict"
    assert "DR" in reply.error.message
    assert reply.error.commands == ["change M1 to DR-Old --test Bubble --reason CAB 7 --dry-run"]
    assert pair.town.does(reply.error.commands[0])["previous"] == "DR"


def test_adding_a_test_network_to_a_mapping_there_is_names_the_command(pair: Pair) -> None:
    pair.town.does("add Prod to DR")

    reply = pair.town.refuses("add Prod to DR --test Bubble")

    assert reply.error is not None
    assert reply.error.commands == ["change M1 to DR --test Bubble"]
    assert pair.town.does(reply.error.commands[0])["mappings"][0]["test"] == "Bubble"


def test_a_vm_that_appears_later_waits_until_it_has_replicated(pair: Pair) -> None:
    pair.town.does("add Prod to DR")
    states = ("ReadyForInitialReplication", "InitialReplicationInProgress", "Replicating")

    found = []
    for state in states:
        protect(pair.ny, pair.ch, "new01", on("Prod", "Web"), on(None), replication_state=state)
        pair.imports()
        found.append(pair.town.kinds() & {"waiting"})
    plan = pair.town.does("plan")

    assert found == [{"waiting"}, {"waiting"}, set()]
    assert "new01" in moved(plan)
    assert pair.town.nic("new01")["standing"] == "pending"


def test_a_state_that_was_not_listed_counts_as_replicated_and_is_said(pair: Pair) -> None:
    protect(pair.ny, pair.ch, "new01", on("Prod", "Web"), on(None), replication_state=None)
    pair.imports()

    pair.town.does("add Prod to DR")

    assert "new01" in moved(pair.town.does("plan"))
    reply = pair.town.says("vm new01")
    assert reply.result["pairs"][0]["state"] is None
    assert "not checked" in reply.text


# -- changed -------------------------------------------------------------------------------


def test_changing_reconnects_existing_replicas_to_the_new_placement(pair: Pair) -> None:
    pair.town.does("add Prod to DR")
    pair.obeys()

    result = pair.town.does("change Prod to DR-Old")

    assert (result["verb"], result["previous"]) == ("changed", "DR")
    assert moved(result) == {
        "web01": ("DR / Web", "DR-Old / Web", "pending"),
        "app01": ("DR / Mgmt", "DR-Old / App", "pending"),
    }


def test_changing_to_another_server_is_refused_and_offers_add(pair: Pair) -> None:
    pair.town.does("add Prod to DR")

    reply = pair.town.refuses("change M1 to Dev --dry-run")

    assert reply.error is not None
    assert reply.error.commands == [f'add "Prod" on {NY} to "Dev" on {NY} --dry-run']
    assert pair.town.does(reply.error.commands[0])["mappings"][0]["target"] == "Dev"


@pytest.mark.parametrize(
    ("asked", "instead"),
    [
        ("add Prod to DR-Old", "change M1 to DR-Old"),
        ("add Prod to DR --test Bubble", "change M1 to DR --test Bubble"),
        ("change M1 to Dev", f'add "Prod" on {NY} to "Dev" on {NY}'),
    ],
)
def test_what_to_say_instead_breaks_the_glass_too(pair: Pair, asked: str, instead: str) -> None:
    pair.town.does("add Prod to DR")

    reply = pair.town.refuses(f"{asked} --reason fire --break-glass")

    assert reply.error is not None
    assert reply.error.commands == [f"{instead} --reason fire --break-glass"]


def test_changing_the_test_network_moves_nobody(pair: Pair) -> None:
    pair.town.does("add Prod to DR --test Bubble")

    kept = pair.town.does("change M1 to DR-Old")
    dropped = pair.town.does("change M1 to DR-Old --no-test")

    assert kept["mappings"][0]["test"] == "Bubble"
    assert (dropped["previous_test"], dropped["moves"]) == ("Bubble", [])
    assert pair.town.refuses("add Dev to DR --test DR").error is not None


# -- removed -------------------------------------------------------------------------------


def test_removing_disconnects_what_it_had_connected_as_part_of_the_same_change(
    pair: Pair,
) -> None:
    pair.town.does("add Prod to DR")
    pair.obeys()

    preview = pair.town.does("remove Prod --dry-run")
    result = pair.town.does("remove Prod")

    assert (
        moved(preview)
        == moved(result)
        == {
            "web01": ("DR / Web", "no network", "pending"),
            "app01": ("DR / Mgmt", "no network", "pending"),
        }
    )
    assert result["disconnects"] == {"vms": 2, "adapters": 2}
    pair.obeys()
    assert pair.town.does("plan")["total"]["adapters"] == 0
    assert place(pair.town.nic("web01")["now"]) == "no network"
    assert "unmapped" in pair.town.kinds()


def test_removing_leaves_alone_what_stands_elsewhere_or_is_moved_by_hand_later(
    pair: Pair,
) -> None:
    pair.town.does("add Prod to DR")
    pair.obeys()
    pair.replica("app01").update(network="DR-Old", subnet="App")
    pair.imports()

    result = pair.town.does("remove Prod")
    pair.replica("web01").update(network=None, subnet=None)
    pair.imports()
    pair.replica("web01").update(network="DR", subnet="Web")
    pair.imports()

    assert moved(result) == {"web01": ("DR / Web", "no network", "pending")}
    assert pair.town.does("plan")["total"]["adapters"] == 0
    assert pair.town.nic("web01")["standing"] == "by_hand"
    assert pair.town.nic("app01")["standing"] == "by_hand"


def test_a_running_replica_is_left_alone_and_disconnected_when_it_is_a_replica_again(
    pair: Pair,
) -> None:
    pair.town.does("add Prod to DR")
    pair.obeys()
    pair.ch.vms["web01"] |= {"power": "running", "replication_state": "FailedOver"}
    pair.imports()

    result = pair.town.does("remove Prod")
    running = pair.town.findings("left_running")
    pair.obeys()
    pair.ch.vms["web01"] |= {"power": "off", "replication_state": "Replicating"}
    pair.imports()

    assert moved(result)["web01"] == ("DR / Web", "no network", "running")
    assert [(f["adapters"], f["examples"]) for f in running] == [(1, ["web01"])]
    assert moved(pair.town.does("plan")) == {"web01": ("DR / Web", "no network", "pending")}
    assert "left_running" not in pair.town.kinds()


def test_so_is_one_whose_replication_was_reversed_before_it_came_home(pair: Pair) -> None:
    pair.town.does("add Prod to DR")
    pair.obeys()
    pair.ch.vms["web01"] |= {"power": "running", "replication_state": "FailedOver"}
    pair.imports()
    pair.town.does("remove Prod")
    for here, there in (("replica", "primary"), ("primary", "replica")):
        pair.ny.vms["web01"] |= {"role": here, "power": "off" if here == "replica" else "running"}
        pair.ch.vms["web01"] |= {
            "role": there,
            "power": "off" if there == "replica" else "running",
            "replication_state": "Replicating",
        }
        pair.imports()

    assert moved(pair.town.does("plan"))["web01"] == ("DR / Web", "no network", "pending")


@pytest.mark.parametrize("power", ["running", "paused", "saved", None])
def test_who_reconnects_at_once_touches_only_what_is_off(tmp_path: Path, power: str | None) -> None:
    pair = Pair(tmp_path, simulated=True)
    pair.ch.vms["web01"].pop("power")
    if power is not None:
        pair.ch.vms["web01"]["power"] = power
    pair.imports()

    result = pair.town.does("add Prod to DR")

    assert result["reconnected"] == {"vms": 1, "adapters": 1}
    assert moved(result) == {
        "app01": ("no network", "DR / Mgmt", "reconnected"),
        "web01": ("no network", "DR / Web", "running" if power else "power_unknown"),
    }
    assert place(pair.town.nic("web01")["now"]) == "no network"
    assert place(pair.town.nic("app01")["now"]) == "DR / Mgmt"


def test_a_replica_whose_power_is_unknown_is_never_touched(pair: Pair) -> None:
    del pair.ch.vms["web01"]["power"]
    pair.imports()

    result = pair.town.does("add Prod to DR")

    assert (result["power_unknown"]["vms"], result["pending"]["vms"]) == (1, 1)
    assert "web01" not in moved(pair.town.does("plan"))
    assert [f["examples"] for f in pair.town.findings("power_unknown")] == [["web01"]]


# -- what vanishes in VMM ------------------------------------------------------------------


def test_a_target_that_vanishes_leaves_the_mapping_and_is_a_finding(pair: Pair) -> None:
    pair.town.does("add Prod to DR")
    target = pair.ch.networks.pop("DR")

    report = pair.town.takes(pair.ch, force=True)

    assert pair.town.goes("web01") == ("no opinion", "target_gone")
    assert {(m["was"], m["now"]) for m in report["moved"]} == {
        ("DR / Web", "no opinion"),
        ("DR / Mgmt", "no opinion"),
    }
    [finding] = pair.town.findings("network_gone")
    assert (finding["severity"], finding["adapters"]) == ("high", 2)
    pair.ch.networks["DR"] = target
    pair.imports()
    assert pair.town.goes("web01") == ("DR / Web", "same_name")
    assert "network_gone" not in pair.town.kinds()


def test_a_renamed_network_keeps_its_mapping_and_a_renamed_subnet_moves_placements(
    pair: Pair,
) -> None:
    pair.town.does("add Prod to DR")
    pair.ch.networks["DR"]["name"] = "DR-2"
    pair.ch.networks["DR"]["subnets"][0]["name"] = "App"

    report = pair.town.takes(pair.ch)

    assert {(n["event"], n["was"], n["network"], n["subnet"]) for n in report["news"]} == {
        ("renamed", "DR", "DR-2", ""),
        ("renamed", "Mgmt", "DR-2", "App"),
    }
    assert pair.town.goes("app01") == ("DR-2 / App", "same_name")
    assert pair.town.does("show M1")["mappings"][0]["mapping"]["target"] == "DR-2"


def test_a_server_is_not_forgotten_while_mappings_lead_from_or_to_it(pair: Pair) -> None:
    pair.town.does("add Prod to DR")

    reply = pair.town.refuses(f"forget {CH}")
    assert reply.error is not None
    assert reply.error.facts == [f"M1: Prod ({NY}) to DR ({CH})"]
    assert reply.error.commands == ["remove M1"]
    pair.town.does("remove M1")
    forgotten = pair.town.does(f"forget {CH}")

    assert (forgotten["networks"], forgotten["vms"]) == (3, 2)
    assert [s["name"] for s in pair.town.does("servers")["servers"]] == [NY]
    pair.town.takes(pair.ch)
    assert pair.town.does("vm web01")["pairs"][0]["home"] == NY


# -- several at once -----------------------------------------------------------------------


def test_both_maps_the_way_back_too_or_nothing(pair: Pair) -> None:
    pair.town.does("add DR to Dev")

    reply = pair.town.refuses("add Prod to DR --both")

    assert reply.error is not None
    assert reply.error.commands == ["change M1 to Prod"]
    result = pair.town.does("add Prod to DR-Old --both")
    assert [(m["source"], m["target"]) for m in result["mappings"]] == [
        ("Prod", "DR-Old"),
        ("DR-Old", "Prod"),
    ]


def test_both_adds_only_what_is_missing(pair: Pair) -> None:
    pair.town.does("add Prod to DR")

    result = pair.town.does("add Prod to DR --both")

    assert [(m["source"], m["target"]) for m in result["mappings"]] == [("DR", "Prod")]
    assert pair.town.does("add DR to Prod --both")["verb"] == "unchanged"


def test_several_servers_may_be_targets_of_one_network_and_many_networks_of_one(
    pair: Pair,
) -> None:
    denver = Site("VMM-Denver")
    denver.net("Den-DR", "Web")
    pair.town.takes(denver)
    pair.town.does("add Prod to DR")

    other = pair.town.does("add Prod to Den-DR")
    many = pair.town.does("add Dev to DR")

    assert other["verb"] == "added"
    assert many["same_source_targets"] == ["Prod"]
    reply = pair.town.refuses("remove Prod")
    assert reply.error is not None
    assert reply.error.code == "ambiguous"
    assert sorted(reply.error.commands) == ["remove M1", "remove M2"]
    assert pair.town.does("remove Prod toward VMM-Denver --dry-run")["mappings"][0]["id"] == "M2"


@pytest.mark.parametrize("clouds", [0, 1, 2])
def test_one_server_on_both_sides_needs_two_clouds_if_it_lists_any(
    tmp_path: Path, clouds: int
) -> None:
    town, ny = Town(tmp_path), Site(NY)
    for n in range(clouds):
        ny.cloud(f"Cloud{n}")
    ny.net("Prod", "Web")
    ny.net("DR", "Web")
    town.takes(ny)

    if clouds == 1:
        reply = town.refuses("add Prod to DR")
        assert reply.error is not None
        assert reply.error.code == "refused"
        assert "one cloud" in reply.error.message
    else:
        assert town.does("add Prod to DR")["verb"] == "added"


@pytest.mark.parametrize("line", ["add Prod to Prod", "add Prod to Prod --both"])
def test_a_network_mapped_to_itself_is_allowed_with_a_warning(tmp_path: Path, line: str) -> None:
    town, ny = Town(tmp_path), Site(NY)
    ny.cloud("Gold")
    ny.cloud("Silver")
    ny.net("Prod", "Web", isolation="WindowsNetworkVirtualization")
    town.takes(ny)

    reply = town.says(line)

    assert reply.ok
    assert len(reply.result["mappings"]) == 1
    assert reply.result["onto_itself"]
    assert "never" in reply.text


def test_two_clouds_of_one_server_are_home_and_away(tmp_path: Path) -> None:
    town, ny = Town(tmp_path), Site(NY)
    ny.cloud("Gold")
    ny.cloud("Silver")
    ny.net("Prod", "Web")
    ny.net("DR", "Web")
    ny.vm("web01", on("Prod", "Web"), cloud="Gold")
    ny.vm("web01", on(None), role="replica", key="replica", cloud="Silver")
    town.takes(ny)
    town.does("add Prod to DR")

    assert town.goes("web01") == ("DR / Web", "same_name")
    assert len(town.does("vm web01")["pairs"]) == 1


# -- names ---------------------------------------------------------------------------------


def test_ambiguous_names_are_refused_with_candidates_that_run(pair: Pair) -> None:
    pair.ny.net("Prod", key="Prod-2", logical_network="L2")
    pair.ch.net("Prod")
    pair.imports()

    reply = pair.town.refuses("add Prod to DR --reason CAB 7 --dry-run")

    assert reply.error is not None
    assert reply.error.code == "ambiguous"
    assert len(reply.error.facts) == len(reply.error.commands) == 3
    assert any("logical network L2" in fact for fact in reply.error.facts)
    for command in reply.error.commands:
        result = pair.town.does(command)
        assert result["dry_run"]
        assert (result["mappings"][0]["source"], result["verb"]) == ("Prod", "added")


def test_an_exact_name_comes_before_one_in_another_case(pair: Pair) -> None:
    pair.ch.net("dr", "Web")
    pair.imports()

    assert pair.town.does("add Prod to dr --dry-run")["mappings"][0]["target"] == "dr"
    assert pair.town.does("add prod to DR --dry-run")["mappings"][0]["target"] == "DR"
    reply = pair.town.refuses("add Prod to dR")
    assert reply.error is not None
    assert reply.error.code == "ambiguous"
    assert len(reply.error.commands) == 2


@pytest.mark.parametrize("name", ["Pro", "Prod1", "Prd", "od", "Prod*", "M1"])
def test_a_write_never_guesses(pair: Pair, name: str) -> None:
    reply = pair.town.refuses(f"add {name} to DR")

    assert reply.error is not None
    assert reply.error.code == "not_found"


@pytest.mark.parametrize(
    "line",
    [
        "add Prod to DR --dry-run",
        "add Prod to DR --both --dry-run",
        "add Bubble to Dev --dry-run",
        "change M1 to DR-Old --dry-run",
        "remove M1 --dry-run",
        "undo C6 --dry-run",
        "adopt DR --dry-run",
    ],
)
def test_a_dry_run_writes_nothing(pair: Pair, line: str) -> None:
    pair.town.does("add Dev to DR")
    pair.obeys()
    pair.town.does("change M1 to Bubble")
    pair.ch.networks["DR"]["subnets"].reverse()
    pair.town.takes(pair.ch)
    written = pair.town.path.read_bytes()

    with unchanged(pair.town):
        reply = pair.town.says(line)

    assert reply.ok, reply.text
    assert reply.result["dry_run"]
    assert reply.result["change"] is None
    assert pair.town.path.read_bytes() == written


# -- undo ----------------------------------------------------------------------------------


def table(town: Town) -> list[tuple[str, str, str | None]]:
    rows = [row for group in town.does("list")["groups"] for row in group["rows"]]
    mapped = [row["mapping"] for row in rows if row["mapping"]]
    return sorted((m["source"], m["target"], m["test"]) for m in mapped)


def test_each_kind_of_change_can_be_undone_and_undoing_too(pair: Pair) -> None:
    town = pair.town
    states = [table(town)]
    changes = []
    for line in (
        "add Prod to DR --both",
        "change Prod to DR-Old --test Bubble",
        "remove DR",
        "change Prod to DR-Old --no-test",
    ):
        changes.append(town.does(line)["change"])
        states.append(table(town))

    for number, change in reversed(list(enumerate(changes))):
        undone = town.does(f"undo {change}")
        assert undone["undone"] == change
        assert table(town) == states[number]
        back = town.does(f"undo {undone['change']}")
        assert table(town) == states[number + 1]
        town.does(f"undo {back['change']}")
    assert table(town) == []


def test_undo_has_the_same_preview_and_the_same_care(pair: Pair) -> None:
    pair.town.does("add Prod to DR")
    pair.obeys()
    change = pair.town.does("remove Prod")["change"]
    pair.ch.vms["web01"]["power"] = "running"
    pair.obeys()

    result = pair.town.does(f"undo {change}")

    assert moved(result) == {
        "app01": ("no network", "DR / Mgmt", "pending"),
        "web01": ("no network", "DR / Web", "running"),
    }


def test_undo_is_refused_when_the_same_was_changed_since_and_names_the_change(
    pair: Pair,
) -> None:
    first = pair.town.does("add Prod to DR")["change"]
    pair.town.does("add Dev to DR")
    later = pair.town.does("change Prod to DR-Old")["change"]

    reply = pair.town.refuses(f"undo {first}")

    assert reply.error is not None
    assert later in reply.error.message
    assert reply.error.commands == [f"undo {later}"]


def test_undo_takes_back_all_parts_of_a_change_or_nothing(pair: Pair) -> None:
    both = pair.town.does("add Prod to DR --both")["change"]
    back = pair.town.does("change DR to Dev")["change"]

    reply = pair.town.refuses(f"undo {both}")
    pair.town.does(f"undo {back}")
    undone = pair.town.does(f"undo {both}")

    assert reply.error is not None
    assert back in reply.error.message
    assert [m["removed"] for m in undone["mappings"]] == [True, True]
    assert table(pair.town) == []


def test_the_newest_of_several_later_changes_is_named_for_it_is_the_first_to_undo(
    pair: Pair,
) -> None:
    first = pair.town.does("add Prod to DR")["change"]
    pair.town.does("change Prod to DR-Old")
    pair.town.does("change Prod to Bubble")
    lines = [f"undo {first}"]

    while not (reply := pair.town.says(lines[-1])).ok:
        assert reply.error is not None
        lines += reply.error.commands
        assert pair.town.does(lines.pop())["verb"] == "undone"

    assert table(pair.town) == []


def test_on_one_server_a_network_that_is_a_target_elsewhere_does_not_stand_in_the_way(
    tmp_path: Path,
) -> None:
    town, ny = Town(tmp_path), Site(NY)
    for name in ("A", "B", "C"):
        ny.net(name, "Web")
    town.takes(ny)
    first = town.does("add A to B")["change"]
    town.does("add C to A")

    assert town.does(f"undo {first}")["verb"] == "undone"


def test_undo_is_refused_twice_and_says_how_it_stands(pair: Pair) -> None:
    change = pair.town.does("add Prod to DR")["change"]
    undone = pair.town.does(f"undo {change}")["change"]

    reply = pair.town.refuses(f"undo {change}")
    assert reply.error is not None
    assert reply.error.commands == [f"undo {undone}"]
    back = pair.town.does(reply.error.commands[0])["change"]
    reply = pair.town.refuses(f"undo {change}")

    assert reply.error is not None
    assert "brought back" in reply.error.message
    assert reply.error.commands == [f"undo {back}"]


def test_imports_and_forgetting_cannot_be_undone(pair: Pair) -> None:
    forgotten = pair.town.does(f"forget {NY}")["change"]

    for change in ("C1", forgotten):
        reply = pair.town.refuses(f"undo {change}")
        assert reply.error is not None
        assert reply.error.code == "refused"
    assert pair.town.refuses("undo C999").error is not None


def test_a_change_of_networks_that_were_forgotten_cannot_be_undone(pair: Pair) -> None:
    pair.town.does("add Prod to DR")
    removed = pair.town.does("remove Prod")["change"]
    forgotten = pair.town.does(f"forget {CH}")["change"]

    first = pair.town.refuses(f"undo {removed}")
    pair.town.takes(pair.ch)  # under new numbers, or even the same
    second = pair.town.refuses(f"undo {removed}")

    for reply in (first, second):
        assert reply.error is not None
        assert forgotten in reply.error.message


def test_history_tells_who_did_what_and_parts_stand_with_their_change(tmp_path: Path) -> None:
    pair = Pair(tmp_path, simulated=True)
    pair.town.does("add Prod to DR --reason CAB 7")
    pair.town.says("change Prod to DR-Old", by="local:bob")

    lines = pair.town.does("history Prod")["changes"]

    assert [(c["kind"], c["by"], c["reason"], c["undoable"]) for c in lines] == [
        ("change", "local:bob", "", True),
        ("add", "local:ana", "CAB 7", False),
    ]
    assert [c["id"] for c in lines] == ["C5", "C3"]


def test_no_history_offers_an_undo_that_would_be_refused(pair: Pair) -> None:
    pair.town.does("add Prod to DR")
    pair.town.does("remove Prod")
    before = pair.town.says("history").text
    pair.town.does(f"forget {CH}")

    assert "/netmap undo C4" in before
    assert "/netmap undo" not in pair.town.says("history").text


def test_expected_addresses_come_from_the_targets_pools(tmp_path: Path) -> None:
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    pool = ("10.1.0.20", "10.1.0.40")
    ny.net("Prod", subnet("Web", pool))
    ch.net("DR", subnet("Web", pool), subnet("Bare", pools=[]))
    ny.net("Batch", "Bare")
    listed: list[Any] = ch.networks["DR"]["subnets"][0]["pools"]
    listed[0]["reserved"] = ["10.1.0.20"]
    listed[0]["allocated"] = [{"address": "10.1.0.22", "adapter": "somebody"}]
    for name, address in (("keeps", "10.1.0.21"), ("taken", "10.1.0.22"), ("kept", "10.1.0.20")):
        source = on("Prod", "Web", addressing="static", addresses=[address])
        protect(ny, ch, name, source, on(None))
    bare = on("Batch", "Bare", addressing="static", addresses=["10.9.0.1"])
    protect(ny, ch, "bare", bare, on(None))
    town.takes(ny, ch)
    town.does("add Prod to DR")
    result = town.does("add Batch to DR")

    found = {
        name: (town.nic(name)["expected"]["outlook"], town.nic(name)["expected"]["address"])
        for name in ("keeps", "taken", "kept", "bare")
    }

    assert found == {
        "keeps": ("keeps", "10.1.0.21"),
        "taken": ("next_free", "10.1.0.21"),
        "kept": ("next_free", "10.1.0.21"),
        "bare": ("fails", None),
    }
    assert result["no_pool"] == 1
    assert [f["adapters"] for f in town.findings("no_pool")] == [1]


def test_a_virtualized_network_without_a_pool_gives_dhcp_no_address_either(pair: Pair) -> None:
    pair.ch.networks["DR"] |= {"isolation": "WindowsNetworkVirtualization"}
    for one in pair.ch.networks["DR"]["subnets"]:
        one["pools"] = []
    pair.ny.vms["web01"]["adapters"] = [on("Prod", "Web", addressing="dhcp")]
    pair.ny.vms["app01"]["adapters"] = [on("Prod", "App", addressing="static")]
    pair.imports()

    added = pair.town.says("add Prod to DR")

    assert "! 2 adapters get NO ADDRESS: the target subnet has no pool" in added.text
    assert [f["vms"] for f in pair.town.findings("no_pool")] == [2]


def test_where_no_clouds_were_listed_it_is_said_that_reach_was_not_checked(pair: Pair) -> None:
    for site in (pair.ny, pair.ch):
        for network in site.networks.values():
            network["logical_network"] = "L1"
    pair.imports()

    added, shown = pair.town.says("add Prod to DR"), pair.town.says("show Prod")

    assert "! Not checked: whether the protecting clouds can reach DR" in added.text
    assert "! Not checked: whether the protecting cloud can reach DR" in shown.text


def test_a_test_failover_never_uses_the_mapped_network(pair: Pair) -> None:
    pair.town.does("add Prod to DR --test Bubble")
    pair.town.does("add Dev to DR-Old")
    protect(pair.ny, pair.ch, "dev01", on("Dev", "Web"), on(None))
    pair.imports()

    with unchanged(pair.town):
        [web] = pair.town.does("vm web01 --test")["pairs"]
        [dev] = pair.town.does("vm dev01 --test")["pairs"]

    trial = {"network": "Bubble", "subnet": "Web", "refusal": None, "gone": False}
    assert web["adapters"][0]["test"] == {**trial, "unsure": True}  # no isolation was listed
    assert dev["adapters"][0]["test"]["network"] is None
    assert pair.town.goes("web01") == ("DR / Web", "same_name")


def test_a_virtualized_test_network_is_refused_for_a_replica_without_isolation(
    pair: Pair,
) -> None:
    pair.ch.networks["DR"]["isolation"] = "NoIsolation"
    pair.ny.networks["Prod"]["isolation"] = "VLANNetwork"
    pair.ch.networks["Bubble"]["isolation"] = "WindowsNetworkVirtualization"
    pair.imports()
    pair.town.does("add Prod to DR --test Bubble")

    [web] = pair.town.does("vm web01 --test")["pairs"]

    assert web["adapters"][0]["test"]["refusal"] == "virtualized_without_isolation"


def test_where_vms_run_is_no_network_to_test_them_on(tmp_path: Path) -> None:
    town, ny = Town(tmp_path), Site(NY)
    for cloud in ("Gold", "Silver"):
        ny.cloud(cloud)
    for network in ("Prod", "DR", "Bubble"):
        ny.net(network, "Web")
    ny.vm("web01", on("Prod", "Web"), cloud="Gold")
    ny.vm("web01", on(None), role="replica", cloud="Silver", key="replica")
    town.takes(ny)

    added = town.refuses("add Prod to DR --test Prod")
    town.does("add Prod to DR --test Bubble")
    changed = town.refuses("change M1 to DR --test Prod")

    assert "Prod is where the VMs run, so it cannot be the test network" in added.text
    assert changed.text == added.text
