"""A VM that runs after a failover: where, since when, and where its home is."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.builders import CH, MORNING, NY, Site, Town, on, protect, reverse

OVER = {"power": "running", "replication_state": "Failed over"}


@pytest.fixture
def sites(tmp_path: Path) -> tuple[Town, Site, Site]:
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    ny.net("Prod", "Web")
    ch.net("DR", "Web")
    protect(ny, ch, "web01", on("Prod", "Web"), on("DR", "Web"))
    return town, ny, ch


def test_it_is_dated_by_the_inventory_that_first_showed_it_there(
    sites: tuple[Town, Site, Site],
) -> None:
    town, ny, ch = sites
    town.takes(ny, ch)
    town.at = MORNING + timedelta(days=3)

    ch.vms["web01"] |= OVER
    ny.vms["web01"] |= {"power": "off"}
    town.takes(ny, ch)
    over = town.says("vm web01").text
    town.at += timedelta(days=2)
    reverse("web01", ny, ch)
    town.takes(ny, ch)
    reversed_ = town.says("vm web01").text
    town.at += timedelta(days=2)
    reverse("web01", ch, ny)
    town.takes(ny, ch)

    assert over.startswith(
        "web01 RUNS at VMM-Chicago on DR / Web (failed over 25 Nov, home is VMM-NewYork)."
    )
    assert reversed_.startswith(
        "web01 RUNS at VMM-Chicago on DR / Web (failed over 25 Nov, home is VMM-NewYork)."
    )
    assert "RUNS" not in town.says("vm web01").text


def test_a_failover_is_told_once_and_that_it_is_over_too(sites: tuple[Town, Site, Site]) -> None:
    town, ny, ch = sites
    town.takes(ny, ch)

    def told(*imported: Site) -> list[tuple[list[str], list[str]]]:
        reports = [town.takes(site) for site in imported]
        return [(report["failed_over"], report["came_home"]) for report in reports]

    ch.vms["web01"] |= OVER
    failed = told(ch, ny)
    ch.vms["web01"] |= {"power": "off", "replication_state": "Replicating"}
    cancelled = told(ch)
    ch.vms["web01"] |= OVER
    again = told(ch)
    reverse("web01", ny, ch)
    reversed_ = told(ch, ny)
    ny.vms["web01"] |= OVER
    back = told(ny)
    reverse("web01", ch, ny)

    assert failed == [(["web01"], []), ([], [])]
    assert cancelled == [([], ["web01"])]
    assert again == [(["web01"], [])]
    assert reversed_ == [([], []), ([], [])]
    assert back == [([], ["web01"])]
    assert told(ny, ch) == [([], []), ([], [])]


def test_all_that_failed_over_are_counted_where_a_hundred_are_named(tmp_path: Path) -> None:
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    for n in range(120):
        ny.net(f"Prod{n}", "Web")
        protect(ny, ch, f"web{n}", on(f"Prod{n}", "Web"), on(None))
    ch.net("DR", "Web", "App")
    town.takes(ny, ch)
    for n in range(120):
        town.does(f"add Prod{n} to DR")
        ch.vms[f"web{n}"] |= {**OVER, "name": f"dr{n}"}

    over = town.takes(ch)
    name, line = over["failed_over"][0][:2], town.says("history").text.splitlines()[0]
    for vm in ch.vms.values():
        vm |= {"power": "off", "replication_state": "Replicating"}
    home = town.takes(ch)
    ch.networks["DR"]["subnets"].pop(0)
    moved = town.takes(ch)

    assert (len(over["failed_over"]), over["vms_failed_over"], name) == (100, 120, "dr")
    assert (len(over["vms_renamed"]), over["vms_other_name"]) == (100, 120)
    assert "120 VMs failed over" in line
    assert (len(home["came_home"]), home["vms_came_home"]) == (100, 120)
    assert (len(moved["moved"]), moved["adapters_elsewhere"]) == (100, 120)


@pytest.mark.parametrize("first", [NY, CH])
def test_nobody_knows_since_when_where_it_was_never_seen_elsewhere(
    sites: tuple[Town, Site, Site], first: str
) -> None:
    town, ny, ch = sites
    ch.vms["web01"] |= OVER
    town.takes(*((ny, ch) if first == NY else (ch, ny)))

    assert town.says("vm web01").text.startswith(
        "web01 RUNS at VMM-Chicago on DR / Web (failed over, home is VMM-NewYork)."
    )


def test_home_is_where_it_was_when_vmm_gave_the_vm_there_another_id(
    sites: tuple[Town, Site, Site],
) -> None:
    town, ny, ch = sites
    town.takes(ny, ch)
    reverse("web01", ny, ch)
    town.takes(ny, ch)

    ny.vms["web01"]["id"] = "found-again"
    town.takes(ny, force=True)

    assert town.says("vm web01").text.startswith(
        "web01 RUNS at VMM-Chicago on DR / Web (failed over 22 Nov, home is VMM-NewYork)."
        " Going home it returns to Prod / Web, where it was."
    )


def test_a_home_that_was_built_anew_is_home_and_what_is_gone_there_is_said(
    sites: tuple[Town, Site, Site],
) -> None:
    town, ny, ch = sites
    town.takes(ny, ch)
    ch.vms["web01"] |= OVER
    town.takes(ch)
    anew = Site(NY, id="built-anew")
    anew.net("Built", "Web")
    town.takes(anew, force=True, replace_server=True)
    here = town.says("vm web01").text.splitlines()[0]
    here_too = town.says("vm web01, web02").text

    ch.vms["web01"] |= {"role": "primary", "replication_state": "Replicating"}
    town.takes(ch)
    alone = town.says("vm web01").text.splitlines()[0]
    alone_too = town.says("vm web01, web02").text
    anew.vm("web01", on(None), role="replica", id="another-web01")
    town.takes(anew, force=True)

    homeless = town.says("vm web01").text.splitlines()
    found = town.says("drift").text
    town.does("add DR to Built")

    assert here == "web01 RUNS at VMM-Chicago as a replica; its primary is in no inventory."
    assert "RUNS at VMM-Chicago, NOT CHECKED" in here_too
    assert "RUNS at VMM-Chicago, at home NOT CHECKED" in alone_too
    assert alone == (
        "web01 RUNS at VMM-Chicago on DR / Web (failed over, home is VMM-NewYork)."
        " Where it joins going home could NOT be CHECKED: its replica is in no inventory."
    )
    assert homeless[:2] == [
        "web01 RUNS at VMM-Chicago on DR / Web (failed over, home is VMM-NewYork)."
        " Where it joins going home was NOT CHECKED:"
        " the network or subnet that it would join at home is gone.",
        "  NIC 0  DR / Web → no placement,"
        " because the network or subnet that it would join at home is gone.",
    ]
    assert (
        "DR (VMM-Chicago) → VMM-NewYork: a network or subnet that it needs is gone."
        " 1 VM has no placement any more (web01)."
    ) in found
    assert '/netmap add "DR" on VMM-Chicago to <network>' in found
    assert homeless[-1] == "  To map it: /netmap add DR to <network>"
    assert town.says("vm web01").text.startswith(
        "web01 RUNS at VMM-Chicago on DR / Web (failed over, home is VMM-NewYork)."
        " Going home it joins Built / Web, because Built has a subnet of the same name."
    )


def test_a_vm_that_is_mapped_to_what_is_gone_is_answered_with_the_command_that_leads_it_elsewhere(
    sites: tuple[Town, Site, Site],
) -> None:
    town, ny, ch = sites
    ch.net("Spare", "Web")
    town.takes(ny, ch)
    town.does("add Prod to DR")
    del ch.networks["DR"]
    ch.vms["web01"]["adapters"] = [on(None)]
    town.takes(ch, force=True)

    said = town.says("vm web01").text.splitlines()

    assert said[0] == (
        "web01 comes up WITHOUT A NETWORK:"
        " the network that Prod (VMM-NewYork) is mapped to is gone."
    )
    assert said[-1] == "  To lead it elsewhere: /netmap change M1 to <network>"


def test_at_one_server_its_clouds_tell_where_it_runs(tmp_path: Path) -> None:
    town, ny = Town(tmp_path), Site(NY)
    ny.net("Prod", "Web")
    ny.net("DR", "Web")
    ny.cloud("Gold")
    ny.cloud("Silver")
    home = ny.vm("web01", on("Prod", "Web"), cloud="Gold")
    away = ny.vm("web01", on("DR", "Web"), role="replica", key="replica", cloud="Silver")
    town.takes(ny)

    away |= OVER
    town.takes(ny)
    over = town.says("vm web01").text
    several = town.says("vm web01, web02").text
    away |= {"role": "primary"}
    home |= {"role": "replica", "power": "off", "replication_state": "Replicating"}
    del away["replication_state"]
    town.takes(ny)

    runs = "RUNS at VMM-NewYork in Silver on DR / Web"
    assert over.startswith(f"web01 {runs} (failed over 22 Nov, home is Gold).")
    assert runs in several
    assert town.says("vm web01").text.startswith(
        f"web01 {runs} (failed over 22 Nov, home is Gold)."
    )
    assert runs in town.says("vm web01, web02").text


@pytest.mark.parametrize("order", [(NY, CH), (CH, NY)])
def test_it_runs_twice_where_the_side_it_left_is_seen_running_since(
    sites: tuple[Town, Site, Site], order: tuple[str, str]
) -> None:
    town, ny, ch = sites
    protect(ny, ch, "web02", on("Prod", "Web"), on("DR", "Web"))
    both = {NY: ny, CH: ch}
    town.takes(ny, ch)
    town.does("add Prod to DR")
    ch.vms["web01"] |= OVER
    town.takes(ch)
    before = town.says("vm web01").text, town.kinds()

    town.takes(*(both[name] for name in order))
    [found] = town.findings("runs_twice")
    split = town.says("vm web01").text.splitlines()
    several = town.says("vm web02, web01").text
    elsewhere = town.says("drift --server VMM-Chicago").text
    ny.vms["web01"] |= {"power": "off"}
    town.takes(*(both[name] for name in order))

    assert "TOO" not in before[0]
    assert "runs_twice" not in before[1]
    assert (found["severity"], found["subject"], found["vms"], found["examples"]) == (
        "high", NY, 1, ["web01"],
    )  # fmt: skip
    assert split[0] == (
        "web01 RUNS at VMM-Chicago on DR / Web (failed over 22 Nov, home is VMM-NewYork)."
        " It RUNS at VMM-NewYork TOO."
        " Nothing is placed at VMM-NewYork until replication is reversed."
    )
    assert split[-1].startswith("  ! It RUNS at VMM-NewYork on Prod / Web too as of ")
    assert several.startswith("2 VMs: 1 runs TWICE, at both sides, 1 is where the mapping wants it")
    assert "RUNS at VMM-Chicago on DR / Web, and at VMM-NewYork too" in several
    assert "1 VM runs TWICE with one identity (web01)" in elsewhere
    assert "TOO" not in town.says("vm web01").text
    assert "runs_twice" not in town.kinds()


def test_an_inventory_of_before_the_failover_is_no_word_on_what_runs_now(
    sites: tuple[Town, Site, Site],
) -> None:
    town, ny, ch = sites
    town.takes(ny, ch)
    at = town.at + timedelta(minutes=30)
    ch.vms["web01"] |= OVER
    town.takes(ch)

    town.takes(ny, collected_at=at)
    late = town.kinds()
    town.takes(ny)

    assert "runs_twice" not in late
    assert "runs_twice" in town.kinds()


def test_one_that_was_first_seen_failed_over_is_known_to_run_twice_by_the_next_inventory(
    sites: tuple[Town, Site, Site],
) -> None:
    town, ny, ch = sites
    ch.vms["web01"] |= OVER
    town.takes(ny, ch)
    first = town.kinds()
    town.takes(ny, ch)

    assert "runs_twice" not in first
    assert "runs_twice" in town.kinds()


def test_at_one_server_home_is_named_by_the_id_that_the_refusal_gives(tmp_path: Path) -> None:
    town, ny = Town(tmp_path), Site(NY)
    ny.net("Prod", "Web")
    for cloud in ("Gold", "Silver"):
        ny.cloud(cloud)
    ny.vm("web01", on("Prod", "Web"), cloud="Gold")
    ny.vm("web01", on(None), role="replica", key="replica", cloud="Silver")
    town.takes(ny)

    refused = town.refuses(f"home web01 on {NY}")
    lines = [line.strip() for line in refused.text.splitlines()]
    gold, silver = (line.removeprefix("/netmap ") for line in lines[3:])
    answers = [town.does(command) for command in (silver, gold, gold)]

    assert lines[0].startswith(f"web01 has both sides on {NY}.")
    assert lines[1].startswith("web01 in Gold, primary, id ")
    assert [bool(answer["change"]) for answer in answers] == [True, True, False]
    assert (answers[0]["home"], answers[0]["before"]) == (f"{NY} in Silver", f"{NY} in Gold")


def test_of_several_of_a_name_home_is_set_by_the_commands_of_the_refusal(
    sites: tuple[Town, Site, Site],
) -> None:
    town, ny, ch = sites
    for site, at, role in ((ny, "Prod", "primary"), (ch, "DR", "replica")):
        site.vm("web01", on(at, "Web"), role=role, key="twin", hyperv_id="another")
    town.takes(ny, ch)

    refused = town.refuses(f"home web01 on {CH}")
    commands = [line.strip() for line in refused.text.splitlines() if "/netmap home" in line]
    answers = [town.does(command.removeprefix("/netmap ")) for command in commands]

    assert refused.text.startswith("2 replicated VMs are called web01.")
    assert [(answer["home"], bool(answer["change"])) for answer in answers] == [(CH, True)] * 2


def test_a_mapping_that_leads_elsewhere_is_shown_to_lead_home(
    sites: tuple[Town, Site, Site],
) -> None:
    town, ny, ch = sites
    ny.net("Other", "Web")
    town.takes(ny, ch)
    reverse("web01", ny, ch)
    town.takes(ny, ch)

    def said(line: str) -> str:
        town.does(line)
        return town.says("show DR").text

    assert "1 more of VMs that are failed over: goes home to where it was" in said("add DR to Prod")
    assert "1 more of VMs that are failed over: goes home by this mapping" in said(
        "change DR to Other"
    )
    assert town.goes("web01") == ("Other / Web", "same_name")


def test_in_two_clouds_of_one_server_one_inventory_tells_that_it_runs_twice(
    tmp_path: Path,
) -> None:
    town, ny = Town(tmp_path), Site(NY)
    for cloud in ("Gold", "Silver"):
        ny.cloud(cloud)
    for network in ("Prod", "DR"):
        ny.net(network, "Web")
    ny.vm("web01", on("Prod", "Web"), cloud="Gold")
    ny.vm("web01", on("DR", "Web"), role="replica", key="r", cloud="Silver")
    town.takes(ny)
    ny.vms["r"] |= OVER
    town.takes(ny)

    assert "It RUNS at VMM-NewYork in Gold TOO." in town.says("vm web01").text
    assert "runs_twice" in town.kinds()


def test_where_both_claim_to_be_primary_the_one_that_is_not_believed_is_said_to_run(
    sites: tuple[Town, Site, Site],
) -> None:
    town, ny, ch = sites
    town.takes(ny, ch)
    ch.vms["web01"] |= {"role": "primary", "power": "running"}

    town.takes(ch, ny)

    assert (
        "! Both sides claim to be primary; the newer inventory was believed, VMM-NewYork's;"
        " it was seen RUNNING at VMM-Chicago too"
    ) in town.says("vm web01").text


@pytest.mark.parametrize("reversed_", [True, False])
def test_an_adapter_that_it_got_while_it_was_away_goes_home_by_the_mapping(
    sites: tuple[Town, Site, Site], reversed_: bool
) -> None:
    town, ny, ch = sites
    ny.net("Prod", "Web", "App")
    ch.net("DR", "Web", "App")
    town.takes(ny, ch)
    town.does("add Prod to DR --both")
    ch.vms["web01"] |= OVER
    if reversed_:
        reverse("web01", ny, ch)
    town.takes(ny, ch)

    ch.vms["web01"]["adapters"].append(on("DR", "App", 1))
    town.takes(ch)
    ny.vms["web01"]["adapters"].append(on(None, slot=1))
    town.takes(ny)
    reverse("web01", ny, ch)
    town.takes(ch, ny)
    added = town.goes("web01", 1), town.goes("web01", 0)
    plan = [(m["slot"], m["to"]["subnet"]) for m in town.does("plan")["moves"]]
    town.takes(ny, ch)
    again = town.goes("web01", 1)
    ch.vms["web01"]["adapters"][1] |= {"network": None, "subnet": None}
    town.takes(ch)

    assert added == (("Prod / App", "same_name"), ("Prod / Web", "unchanged"))
    assert plan == [(1, "App")]
    assert again == ("Prod / App", "same_name")
    assert town.goes("web01", 1)[0] == "no network"


def test_an_adapter_that_was_there_at_home_keeps_its_network_though_the_replica_got_it_later(
    sites: tuple[Town, Site, Site],
) -> None:
    town, ny, ch = sites
    ny.net("Other", "Web")
    ny.vms["web01"]["adapters"].append(on("Other", "Web", 1))
    town.takes(ny, ch)
    reverse("web01", ny, ch)
    town.takes(ny, ch)

    ch.vms["web01"]["adapters"].append(on("DR", "Web", 1))
    town.takes(ch)

    assert town.goes("web01", 1) == ("Other / Web", "unchanged")


def test_one_that_runs_where_the_mapping_does_not_want_it_is_warned_of(
    sites: tuple[Town, Site, Site],
) -> None:
    town, ny, ch = sites
    ch.net("Old", "Web")
    protect(ny, ch, "web02", on("Prod", "Web"), on("Old", "Web"))
    ch.vms["web01"]["adapters"] = [on(None)]
    town.takes(ny, ch)
    town.does("add Prod to DR")
    for vm in ("web01", "web02"):
        ch.vms[vm] |= OVER
    town.takes(ch)

    nowhere, elsewhere = town.says("vm web01").text, town.says("vm web02").text
    ch.vms["web01"]["adapters"] = [on("DR", "Web")]
    town.takes(ch)

    rest = "NOT on DR / Web where the mapping wants it; nothing here touches a VM that runs"
    assert f"! NIC 0 runs on no network, {rest}, so connect it by hand" in nowhere.splitlines()[-1]
    assert elsewhere.splitlines()[-1].endswith(f"! NIC 0 runs on Old / Web, {rest}")
    assert "!" not in town.says("vm web01").text


@pytest.mark.parametrize("reversed_", [False, True])
def test_one_that_came_up_without_a_network_is_high_and_stands_first(
    sites: tuple[Town, Site, Site], reversed_: bool
) -> None:
    town, ny, ch = sites
    for vm in ("web02", "web03"):
        protect(ny, ch, vm, on("Prod", "Web"), on("DR", "Web"))
    ch.vms["web02"]["adapters"] = [on(None)]
    town.takes(ny, ch)
    town.does("add Prod to DR")
    for vm in ("web01", "web02"):
        if reversed_:
            reverse(vm, ny, ch)
        else:
            ch.vms[vm] |= OVER
    town.takes(ny, ch)

    drift, alone = town.does("drift"), town.says("vm web02").text
    several = town.says("vm web01, web02, web03").text.splitlines()
    ch.vms["web02"]["adapters"] = [on("DR", "Web")]
    town.takes(ny, ch)

    [found] = [f for f in drift["findings"] if f["kind"] == "runs_unconnected"]
    assert drift["vms_at_risk"] == 1
    assert (found["severity"], found["vms"], found["examples"]) == ("high", 1, ["web02"])
    assert drift["findings"][0] == found
    assert not {"left_running", "not_on_a_network"} & {f["kind"] for f in drift["findings"]}
    assert alone.startswith("web02 RUNS at VMM-Chicago WITHOUT A NETWORK (failed over 22 Nov,")
    assert several[0].startswith("3 VMs: 1 comes up WITHOUT A NETWORK or only partly connected")
    assert several[1].split()[:7] == ["web02", "NIC", "0", "RUNS", "at", "VMM-Chicago", "WITHOUT"]
    assert "runs_unconnected" not in town.kinds()


def test_one_that_came_up_partly_connected_says_so_first(sites: tuple[Town, Site, Site]) -> None:
    town, ny, ch = sites
    ny.vms["web01"]["adapters"].append(on("Prod", "Web", 1))
    ch.vms["web01"]["adapters"].append(on(None, slot=1))
    town.takes(ny, ch)
    ch.vms["web01"] |= OVER
    town.takes(ch)

    assert town.says("vm web01").text.startswith(
        "web01 RUNS at VMM-Chicago on DR / Web with 1 of 2 NICs WITHOUT A NETWORK (failed over"
    )


@pytest.mark.parametrize("reversed_first", [False, True])
def test_one_that_was_connected_after_the_failover_where_the_mapping_wants_it_keeps_its_home(
    sites: tuple[Town, Site, Site], reversed_first: bool
) -> None:
    town, ny, ch = sites
    ch.net("Spare", "Web")
    ch.vms["web01"]["adapters"] = [on(None)]
    town.takes(ny, ch)
    town.does("add Prod to DR")
    ch.vms["web01"] |= OVER
    town.takes(ch)
    if reversed_first:
        reverse("web01", ny, ch)
        town.takes(ch, ny)

    ch.vms["web01"]["adapters"] = [on("DR", "Web")]
    town.takes(ch)
    reverse("web01", ny, ch)
    town.takes(ch, ny)
    connected = town.goes("web01")
    town.does("change Prod to Spare")
    elsewhere = town.goes("web01")
    town.does("change Prod to DR")
    again = town.goes("web01")
    ch.vms["web01"]["adapters"] = [on("Spare", "Web")]
    town.takes(ch)

    assert connected == again == ("Prod / Web", "unchanged")
    assert elsewhere == town.goes("web01") == ("no network", "not_mapped")


@pytest.mark.parametrize("away", [False, True])
def test_a_replica_that_runs_is_said_to_though_nobody_says_that_it_failed_over(
    sites: tuple[Town, Site, Site], away: bool
) -> None:
    town, ny, ch = sites
    if away:
        town.takes(ny, ch)
        reverse("web01", ny, ch)
    passive, at = (ny, NY) if away else (ch, CH)
    del passive.vms["web01"]["replication_state"]
    town.takes(ny, ch)
    before = town.says("vm web01").text
    passive.vms["web01"]["power"] = "running"
    town.takes(ny, ch)

    warning = f"! Its replica RUNS at {at}, and no inventory says that it failed over"
    assert warning not in before
    assert warning in town.says("vm web01").text
