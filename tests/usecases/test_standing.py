"""A first real import, and how a replica stands to its placement: nothing is claimed unseen."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.builders import CH, NY, Site, Town, obey, on, place, protect, reverse, unchanged


class Real:
    """An imported estate; replicas have been connected by hand."""

    def __init__(self, folder: Path, there: Any = None, simulated: bool = False) -> None:
        self.town = Town(folder, simulated)
        self.ny, self.ch = Site(NY), Site(CH)
        self.ny.net("Prod", "Web", "App")
        self.ch.net("DR", "Mgmt", "Web", "App")
        self.ch.net("DR-Old", "Web")
        protect(self.ny, self.ch, "web01", on("Prod", "Web"), there or on(None))
        self.town.takes(self.ny, self.ch)

    def sees(self, network: str | None, subnet: str | None = None) -> Any:
        """Chicago's next inventory shows the replica there."""
        self.ch.vms["web01"]["adapters"][0].update(network=network, subnet=subnet)
        return self.town.takes(self.ch)

    def standing(self) -> tuple[str, str | None]:
        nic = self.town.nic("web01")
        return nic["standing"], nic["since"]

    def finding(self) -> Any:
        kinds = ("pending", "drifted", "wrong_subnet", "disconnect_pending")
        found = self.town.findings(*kinds)
        return [(f["kind"], f["adapters"], f["vms"]) for f in found]


def test_a_first_import_yields_findings_and_an_empty_plan(tmp_path: Path) -> None:
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    ny.net("Prod", "Web")
    ch.net("DR", "Web")
    protect(ny, ch, "hand", on("Prod", "Web"), on("DR", "Web"))
    protect(ny, ch, "none", on("Prod", "Web"), on(None))
    town.takes(ny, ch)

    plan = town.does("plan")
    findings = {f["kind"]: f for f in town.findings()}

    assert (plan["total"], plan["moves"]) == ({"vms": 0, "adapters": 0}, [])
    assert (plan["waiting"], plan["left_alone"], plan["disconnects"]) == (0, 0, 0)
    assert set(findings) == {"connected_by_hand", "unmapped"}
    assert findings["connected_by_hand"]["examples"] == ["hand"]
    assert findings["connected_by_hand"]["facts"]["now"] == "DR / Web"
    assert findings["unmapped"]["examples"] == ["none"]
    assert {f["adapters"] for f in findings.values()} == {1}
    assert "not mapped" in town.says("vm hand").text


@pytest.mark.parametrize("home_first", [True, False])
def test_either_side_may_come_first_and_a_half_known_pair_is_not_fine(
    tmp_path: Path, home_first: bool
) -> None:
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    ny.net("Prod", "Web")
    ch.net("DR", "Web")
    protect(ny, ch, "web01", on("Prod", "Web"), on(None))
    first, second = (ny, ch) if home_first else (ch, ny)

    town.takes(first)
    half = {f["kind"]: f["vms"] for f in town.findings()}
    town.takes(second)
    [pair] = town.does("vm web01")["pairs"]

    assert half == {"other_side_unknown": 1}
    assert (pair["active"], pair["passive"], pair["home"]) == (NY, CH, NY)
    assert "other_side_unknown" not in town.kinds()


def test_adding_on_an_imported_inventory_claims_no_connection(tmp_path: Path) -> None:
    real = Real(tmp_path)

    reply = real.town.says("add Prod to DR")

    assert reply.result["applier"] is None
    assert reply.result["reconnected"] == {"vms": 0, "adapters": 0}
    assert "none is confirmed" in reply.text
    assert "reconnected," not in reply.text
    assert place(real.town.nic("web01")["now"]) == "no network"


def test_a_changed_placement_is_pending_until_an_inventory_shows_it_connected(
    tmp_path: Path,
) -> None:
    real = Real(tmp_path)
    change = real.town.does("add Prod to DR")["change"]

    stood = [real.standing()]
    real.town.takes(real.ny, real.ch)  # shows nothing new
    stood.append(real.standing())
    report = real.sees("DR", "Web")
    stood.append(real.standing())

    assert stood == [("pending", change), ("pending", change), ("connected", None)]
    assert (report["adapters_moved"], report["adapters_confirmed"]) == (1, 1)
    assert real.finding() == []
    assert real.town.does("show M1")["mappings"][0]["connected"] == 1


def test_one_that_moved_after_the_wish_has_drifted_and_the_import_is_named(
    tmp_path: Path,
) -> None:
    real = Real(tmp_path)
    real.town.does("add Prod to DR")
    real.sees("DR", "Web")

    report = real.sees("DR-Old", "Web")

    assert real.standing() == ("drifted", report["change"])
    assert real.finding() == [("drifted", 1, 1)]
    assert real.town.does("plan")["total"]["adapters"] == 1
    [finding] = real.town.findings("drifted")
    assert (finding["facts"]["now"], finding["facts"]["wish"]) == ("DR-Old / Web", "DR / Web")


def test_right_network_and_wrong_subnet_is_its_own_milder_finding(tmp_path: Path) -> None:
    real = Real(tmp_path)
    real.town.does("add Prod to DR")
    real.sees("DR", "Web")

    real.sees("DR", "App")

    assert real.standing()[0] == "wrong_subnet"
    assert real.finding() == [("wrong_subnet", 1, 1)]
    assert real.town.findings("wrong_subnet")[0]["severity"] == "medium"


def test_a_new_wish_makes_the_drifted_pending_again(tmp_path: Path) -> None:
    real = Real(tmp_path)
    real.town.does("add Prod to DR")
    real.sees("DR", "Web")
    real.sees("DR-Old", "Web")

    change = real.town.does("change Prod to DR --test DR-Old")
    same = real.standing()[0]
    real.ch.networks["DR"]["subnets"][1]["name"] = "Web-2"
    report = real.town.takes(real.ch)

    assert change["moves"] == []
    assert same == "drifted"
    assert real.standing() == ("pending", report["change"])


@pytest.mark.parametrize("field", ["power", "replication_state", "cloud"])
def test_what_else_changes_about_a_replica_does_not_turn_drift_into_pending(
    tmp_path: Path, field: str
) -> None:
    real = Real(tmp_path)
    real.ch.cloud("Gold2")
    real.town.takes(real.ch)
    real.town.does("add Prod to DR")
    real.sees("DR", "Web")
    drifted = real.sees("DR-Old", "Web")["change"]
    replica = real.ch.vms["web01"]

    replica[field] = {"power": "running", "replication_state": "Disabled", "cloud": "Gold2"}[field]
    real.town.takes(real.ch)

    assert real.standing() == ("drifted", drifted)


def test_nor_does_it_where_such_replicas_were_seen_before_the_wish_was_made(tmp_path: Path) -> None:
    real = Real(tmp_path)
    real.town.does("add Prod to DR")
    replica = real.ch.vms["web01"]
    for power in ("running", "off"):
        replica["power"] = power
        real.sees("DR", "Web")
    real.ch.networks["DR"]["subnets"][1]["name"] = "Web-2"
    real.sees("DR", "Mgmt")
    drifted = real.sees("DR-Old", "Web")["change"]

    replica["power"] = "running"
    real.town.takes(real.ch)

    assert real.standing() == ("drifted", drifted)


def test_a_replica_connected_by_hand_before_it_was_mapped_is_taken_over(tmp_path: Path) -> None:
    real = Real(tmp_path, on("DR", "Web"))

    result = real.town.does("add Prod to DR")

    assert (result["already"]["adapters"], result["moves"]) == (1, [])
    assert real.standing()[0] == "connected"


def test_a_source_that_moves_to_a_mapped_network_is_pending_since_then(tmp_path: Path) -> None:
    real = Real(tmp_path)
    real.ny.net("Dev", "Web")
    real.town.takes(real.ny)
    real.town.does("add Prod to DR")
    real.town.does("add Dev to DR-Old")
    real.sees("DR", "Web")

    real.ny.vms["web01"]["adapters"][0]["network"] = "Dev"
    report = real.town.takes(real.ny)

    assert real.town.goes("web01") == ("DR-Old / Web", "same_name")
    assert real.standing() == ("pending", report["change"])


def test_a_source_on_no_network_is_no_finding_of_the_mapping(tmp_path: Path) -> None:
    real = Real(tmp_path, on("DR", "Web"))
    real.town.does("add Prod to DR")

    real.ny.vms["web01"]["adapters"][0].update(network=None, subnet=None)
    real.town.takes(real.ny)

    assert real.town.goes("web01") == ("no opinion", "source_disconnected")
    assert real.town.does("plan")["total"]["adapters"] == 0
    assert real.town.kinds() == {"not_on_a_network"}


def test_an_adapter_nobody_observed_is_not_fine_and_not_touched(tmp_path: Path) -> None:
    real = Real(tmp_path)
    real.ch.vms["web01"]["adapters"][0]["observed"] = False
    real.town.takes(real.ch)

    real.town.does("add Prod to DR")

    assert real.standing()[0] == "not_observed"
    assert real.town.does("plan")["total"]["adapters"] == 0
    assert [f["severity"] for f in real.town.findings("not_observed")] == ["unknown"]


def test_every_adapter_is_placed_on_its_own(tmp_path: Path) -> None:
    real = Real(tmp_path)
    real.ny.net("Back", "Tape")
    here = real.ny.vms["web01"]["adapters"]
    there = real.ch.vms["web01"]["adapters"]
    here += [on("Back", "Tape", slot=1), on("Prod", "App", slot=4)]
    there += [on(None, slot=1), on(None, slot=7)]
    real.town.takes(real.ny, real.ch)
    real.town.does("add Prod to DR")

    [pair] = real.town.does("vm web01")["pairs"]

    assert {n["slot"]: (place(n["target"]), n["rule"]) for n in pair["adapters"]} == {
        0: ("DR / Web", "same_name"),
        1: ("no opinion", "not_mapped"),
        4: ("no opinion", "not_checked"),
    }
    assert (pair["only_here"], pair["only_there"]) == ([4], [7])
    assert "adapter_mismatch" in real.town.kinds()


# -- applying ------------------------------------------------------------------------------


def test_a_plan_nobody_can_carry_out_is_refused_and_says_so(tmp_path: Path) -> None:
    real = Real(tmp_path)
    real.town.does("add Prod to DR")
    plan = real.town.does("plan")

    reply = real.town.refuses(f"apply {plan['fingerprint']}")

    assert plan["without_applier"] == [CH]
    assert reply.error is not None
    assert CH in reply.error.message


def test_a_plan_is_applied_exactly_or_not_at_all(tmp_path: Path) -> None:
    real = Real(tmp_path, simulated=True)
    real.town.does("add Prod to DR")
    real.sees("DR-Old", "Web")
    old = real.town.does("plan")["fingerprint"]
    real.sees("DR", "Mgmt")

    reply = real.town.refuses(f"apply {old}")
    assert reply.error is not None
    assert (reply.error.code, reply.error.commands) == ("outdated", ["plan", "history"])
    plan = real.town.does("plan")["fingerprint"]
    applied = real.town.does(f"apply {plan.upper()}")

    assert applied["reconnected"] == {"vms": 1, "adapters": 1}
    assert real.standing()[0] == "connected"
    assert real.town.refuses(f"apply {plan}").error is not None


def test_the_fingerprint_depends_on_the_plan_alone(tmp_path: Path) -> None:
    real = Real(tmp_path)
    real.town.does("add Prod to DR")
    plan = real.town.does("plan")

    real.town.at += timedelta(hours=2)

    assert real.town.does("plan")["fingerprint"] == plan["fingerprint"]
    assert real.town.does(f"plan --server {CH}")["fingerprint"] == plan["fingerprint"]
    assert real.town.does(f"plan --server {NY}")["total"]["adapters"] == 0
    real.ch.networks["DR"]["subnets"][1]["name"] = "Web-2"
    real.town.takes(real.ch)
    assert real.town.does("plan")["fingerprint"] != plan["fingerprint"]


def test_repeating_the_inventories_repeats_every_answer(tmp_path: Path) -> None:
    real = Real(tmp_path)
    real.town.does("add Prod to DR --both")
    obey(real.town, real.ny, real.ch)
    reverse("web01", real.ny, real.ch)
    real.town.takes(real.ny, real.ch)
    before = {line: real.town.does(line) for line in ("vm web01", "drift", "plan")}
    rows = real.town.dump()

    real.town.takes(real.ny, real.ch)
    real.town.takes(real.ch, real.ny)

    after = real.town.dump()
    for name in ("pair", "pair_adapter", "segment", "baseline", "adapter", "mapping", "place"):
        assert after[name] == rows[name], name
    assert (
        real.town.does("vm web01")["pairs"][0]["adapters"]
        == (before["vm web01"]["pairs"][0]["adapters"])
    )


def test_asking_writes_nothing(tmp_path: Path) -> None:
    real = Real(tmp_path)
    real.town.does("add Prod to DR --both")
    lines = ("help", "list", "list --unmapped", "show M1", "show DR", "vm web01", "vm web01 --test",
             "vm nobody", "networks", "servers", "drift", "plan", "history", "history Prod",
             "status", "whoami")  # fmt: skip

    with unchanged(real.town):
        for line in lines:
            real.town.says(line)


@pytest.mark.parametrize("side", ["home", "away"])
@pytest.mark.parametrize("what", ["vm", "adapter"])
def test_what_a_pair_left_at_home_is_known_though_a_side_vanishes_for_a_while(
    tmp_path: Path, side: str, what: str
) -> None:
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    ny.net("Prod", "Web", "App")
    ch.net("DR", "Web")
    protect(ny, ch, "web01", on("Prod", "Web"), on(None))
    for n in range(9):
        protect(ny, ch, f"other{n}", on("Prod", "Web"), on(None))
    town.takes(ny, ch)
    town.does("add Prod to DR")
    obey(town, ny, ch)
    town.takes(ch)
    reverse("web01", ny, ch)
    town.takes(ny, ch)
    before = town.goes("web01")
    site = ny if side == "home" else ch

    vanished = site.vms["web01"]
    if what == "vm":
        del site.vms["web01"]
    else:
        site.vms["web01"] = {**vanished, "adapters": []}
    town.takes(site)
    town.takes(ny, ch)  # for a while
    site.vms["web01"] = vanished
    ny.vms["web01"]["adapters"] = [on(None)]  # somebody pulled the plug at home meanwhile
    town.takes(ny, ch)

    assert before == ("Prod / Web", "unchanged")
    assert town.goes("web01") == before
