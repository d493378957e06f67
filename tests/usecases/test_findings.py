"""Every kind of finding arises, counts its members, and goes away again."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bot.commands import write_line
from bot.domain.asking import Say
from bot.domain.codes import FindingKind
from bot.domain.remotes import VmmServer
from bot.settings import Settings
from bot.wiring import House
from tests.builders import CH, NY, Site, Town, obey, on, protect, reverse, subnet

LOGICAL = {"logical_network": "L1", "isolation": "VLANNetwork"}


class World:
    """Two sites where everything is known and as it should be; four VMs, eight adapters."""

    def __init__(self, folder: Path) -> None:
        self.town = Town(folder)
        self.ny, self.ch = Site(NY), Site(CH)
        for site, cloud, host in ((self.ny, "Gold", "hv1"), (self.ch, "Gold2", "hv2")):
            site.cloud(cloud, "L1", "L2")
            site.host(host, "L1", "L2", cloud=cloud)
        pool = ("10.1.0.1", "10.1.0.99")
        self.ny.net("Prod", subnet("Web", pool), subnet("App", pool), **LOGICAL)
        self.ny.net("Other", "Web", **LOGICAL)
        self.ch.net("DR", subnet("Web", pool), subnet("App", pool), **LOGICAL)
        self.ch.net("Spare", subnet("Web", pool), **LOGICAL)
        for extra in range(6):  # so that one network may vanish
            self.ch.net(f"Unused{extra}", **LOGICAL)
        for n in range(4):
            self.add(f"vm{n}")
        self.imports()
        self.town.does("add Prod to DR")
        obey(self.town, self.ny, self.ch)
        self.imports()

    def add(self, name: str) -> None:
        nics = [
            on("Prod", sub, slot, addressing="static", addresses=[f"10.1.0.{slot + 5}"])
            for slot, sub in enumerate(("Web", "App"))
        ]
        self.ny.vm(name, *nics, cloud="Gold", host="hv1")
        there = on("DR", "Web", 0), on("DR", "App", 1)
        self.ch.vm(name, *there, role="replica", cloud="Gold2", host="hv2")

    def here(self, vm: str = "vm1", slot: int = 0) -> Any:
        return self.ny.vms[vm]["adapters"][slot]

    def there(self, vm: str = "vm1", slot: int = 0) -> Any:
        return self.ch.vms[vm]["adapters"][slot]

    def imports(self) -> None:
        self.town.takes(self.ny, self.ch)


class Case(NamedTuple):
    kind: FindingKind
    breaks: Callable[[World], object]
    """Changes the sites or says something; inventories follow."""
    adapters: int
    vms: int | None
    mends: Callable[[World], object]
    subject: str = "Prod"


def say(line: str) -> Callable[[World], object]:
    return lambda w: w.town.does(line)


def moves(network: str | None, sub: str | None, vms: int = 1) -> Callable[[World], None]:
    """Somebody moves the first adapter of so many replicas."""

    def act(world: World) -> None:
        for n in range(vms):
            world.there(f"vm{n}").update(network=network, subnet=sub)

    return act


def side(where: str, vm: str, **over: Any) -> Callable[[World], None]:
    def act(world: World) -> None:
        row = getattr(world, where).vms[vm]
        row.update(over)
        for key in [key for key, value in over.items() if value is None]:
            del row[key]

    return act


def target(**over: Any) -> Callable[[World], None]:
    return lambda w: w.ch.networks["DR"].update(over)


def subnet_named(n: int, name: str) -> Callable[[World], None]:
    return lambda w: w.ch.networks["DR"]["subnets"][n].update(name=name)


def renames_both(first: str, second: str) -> Callable[[World], None]:
    def act(world: World) -> None:
        subnet_named(0, first)(world)
        subnet_named(1, second)(world)
        _named_anew(world, first, second)

    return act


def _named_anew(world: World, first: str, second: str) -> None:
    """Adapters go by the names of subnets; they stay where they are."""
    for n in range(4):
        world.there(f"vm{n}", 0)["subnet"] = first
        world.there(f"vm{n}", 1)["subnet"] = second


def pools(value: Any) -> Callable[[World], None]:
    def act(world: World) -> None:
        world.ch.networks["DR"]["subnets"][1]["pools"] = value

    return act


POOL = [{"first": "10.1.0.1", "last": "10.1.0.99"}]


def without_target(world: World) -> None:
    del world.ch.networks["DR"]
    for n in range(4):
        for nic in world.ch.vms[f"vm{n}"]["adapters"]:
            nic.update(network=None, subnet=None)


def with_target(world: World) -> None:
    pool = ("10.1.0.1", "10.1.0.99")
    world.ch.net("DR", subnet("Web", pool), subnet("App", pool), **LOGICAL)
    moves("DR", "Web", 4)(world)
    for n in range(4):
        world.there(f"vm{n}", 1).update(network="DR", subnet="App")


def extra_adapter(world: World) -> None:
    world.ny.vms["vm1"]["adapters"].append(on("Prod", "Web", slot=5))


def fewer_adapters(world: World) -> None:
    world.ny.vms["vm1"]["adapters"].pop()


def hosts(logical: list[str]) -> Callable[[World], None]:
    return lambda w: w.ch.hosts["hv2"].update(logical_networks=logical)


def clouds(where: str, name: str, logical: list[str] | None) -> Callable[[World], None]:
    def act(world: World) -> None:
        row = getattr(world, where).clouds[name]
        row.pop("logical_networks", None)
        if logical is not None:
            row["logical_networks"] = logical

    return act


def reorders(world: World) -> None:
    world.ch.networks["DR"]["subnets"].reverse()


def lands_in_the_first(world: World) -> None:
    """vm1 stands on a subnet at home that DR has not."""
    world.ny.networks["Prod"]["subnets"][0]["name"] = "Batch"
    for n in range(4):
        world.here(f"vm{n}")["subnet"] = "Batch"


def finds_its_name(world: World) -> None:
    world.ny.networks["Prod"]["subnets"][0]["name"] = "Web"
    for n in range(4):
        world.here(f"vm{n}")["subnet"] = "Web"


def source_moves(network: str | None, sub: str | None) -> Callable[[World], None]:
    return lambda w: w.here().update(network=network, subnet=sub)


def time_passes(hours: int) -> Callable[[World], None]:
    def act(world: World) -> None:
        world.town.at += timedelta(hours=hours)

    return act


def nothing(world: World) -> None:
    """The next inventories say enough."""


def removed_while_running(world: World) -> None:
    side("ch", "vm1", power="running")(world)
    world.imports()
    world.town.does("remove Prod")


F = FindingKind
CASES = [
    Case(F.DRIFTED, moves("Spare", "Web", 2), 2, 2, moves("DR", "Web", 2)),
    Case(F.DRIFTED, moves(None, None), 1, 1, moves("DR", "Web")),
    Case(F.WRONG_SUBNET, moves("DR", "App", 3), 3, 3, moves("DR", "Web", 3)),
    Case(F.PENDING, say("change Prod to Spare"), 8, 4, say("change Prod to DR")),
    Case(
        F.WAITING,
        lambda w: (side("ch", "vm1", replication_state="Disabled")(w), moves(None, None, 2)(w)),
        1,
        1,
        lambda w: (side("ch", "vm1", replication_state="Replicating")(w), moves("DR", "Web", 2)(w)),
    ),
    Case(F.DISCONNECT_PENDING, say("remove Prod"), 8, 4, say("add Prod to DR")),
    Case(F.LEFT_RUNNING, removed_while_running, 2, 1, side("ch", "vm1", power="off")),
    Case(
        F.UNMAPPED,
        lambda w: (source_moves("Other", "Web")(w), w.there().update(network=None, subnet=None)),
        1,
        1,
        lambda w: (source_moves("Prod", "Web")(w), w.there().update(network="DR", subnet="Web")),
        "Other",
    ),
    Case(
        F.CONNECTED_BY_HAND,
        source_moves("Other", "Web"),
        1,
        1,
        source_moves("Prod", "Web"),
        "Other",
    ),
    Case(F.FIRST_OF_SEVERAL, lands_in_the_first, 4, 4, finds_its_name),
    Case(
        F.CASE_AMBIGUOUS, renames_both("WEB", "web"), 4, 4, renames_both("Web", "App")
    ),
    Case(F.NETWORK_GONE, without_target, 8, 4, with_target),
    Case(F.NO_POOL, pools([]), 4, 4, pools(POOL)),
    Case(F.ADAPTER_MISMATCH, extra_adapter, 1, 1, fewer_adapters, "vm1"),
    Case(
        F.SEVERAL_ADDRESSES,
        lambda w: w.here().update(addresses=["10.1.0.5", "10.1.0.6"]),
        1,
        1,
        lambda w: w.here().update(addresses=["10.1.0.5"]),
        "vm1",
    ),
    Case(
        F.NOT_ON_A_NETWORK, source_moves(None, None), 1, 1, source_moves("Prod", "Web"), NY
    ),
    Case(
        F.NO_LOGICAL_NETWORK,
        target(logical_network=None),
        0,
        None,
        target(logical_network="L1"),
        "DR",
    ),
    Case(
        F.CLOUD_LACKS_NETWORK, clouds("ny", "Gold", ["L2"]), 8, 4, clouds("ny", "Gold", ["L1"])
    ),
    Case(
        F.UNREACHABLE_CLOUD, clouds("ch", "Gold2", ["L2"]), 8, 4, clouds("ch", "Gold2", ["L1"])
    ),
    Case(F.UNREACHABLE_HOST, hosts(["L2"]), 8, 4, hosts(["L1", "L2"])),
    Case(
        F.BOTH_PRIMARY,
        side("ch", "vm1", role="primary"),
        1,
        1,
        side("ch", "vm1", role="replica"),
        "vm1",
    ),
    Case(F.SUBNETS_REORDERED, reorders, 0, None, reorders, "DR"),
    Case(F.INVENTORY_STALE, nothing, 0, None, nothing, NY),
    Case(
        F.OTHER_SIDE_UNKNOWN,
        side("ny", "vm1", hyperv_id="another"),
        0,
        1,
        lambda w: side("ny", "vm1", hyperv_id=w.ch.vms["vm1"]["hyperv_id"])(w),
        NY,
    ),
    Case(
        F.NOT_OBSERVED,
        lambda w: w.there().update(network=None, subnet=None, observed=False),
        1,
        1,
        lambda w: (w.there().pop("observed"), w.there().update(network="DR", subnet="Web")),
        "vm1",
    ),
    Case(
        F.NOT_OBSERVED,
        lambda w: w.here().update(network=None, subnet=None, observed=False),
        1,
        1,
        lambda w: (w.here().pop("observed"), w.here().update(network="Prod", subnet="Web")),
        NY,
    ),
    Case(
        F.POWER_UNKNOWN,
        lambda w: (side("ch", "vm1", power=None)(w), moves("Spare", "Web", 2)(w)),
        1,
        1,
        lambda w: (side("ch", "vm1", power="off")(w), moves("DR", "Web", 2)(w)),
    ),
    Case(
        F.CLOUD_NOT_CHECKED, clouds("ch", "Gold2", None), 8, 4, clouds("ch", "Gold2", ["L1"]), CH
    ),
    Case(
        F.REPLICATION_NOT_CHECKED,
        lambda w: w.ny.vm("loose", role=None),
        0,
        1,
        lambda w: w.ny.vms["loose"].update(role="none"),
        NY,
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.kind))
def test_every_finding_arises_with_its_members_and_goes_away(tmp_path: Path, case: Case) -> None:
    world = World(tmp_path)
    assert world.town.kinds() == set()

    case.breaks(world)
    if case.kind is F.INVENTORY_STALE:
        time_passes(30)(world)
    else:
        world.imports()
    found = [f for f in world.town.findings(case.kind) if f["subject"] == case.subject]
    again = world.town.findings(case.kind)

    assert [(f["adapters"], f["vms"]) for f in found] == [(case.adapters, case.vms)]
    assert {f["key"] for f in found} <= {f["key"] for f in again}
    assert len({f["key"] for f in again}) == len(again)

    case.mends(world)
    if case.kind is not F.LEFT_RUNNING:
        world.imports()
        assert world.town.kinds() == set()
    else:
        world.imports()
        assert case.kind not in world.town.kinds()


def app_renamed(there: bool) -> Callable[[World], None]:
    def act(world: World) -> None:
        site, name = (world.ch, "DR") if there else (world.ny, "Prod")
        site.networks[name]["subnets"][1]["name"] = "Shop"
        for n in range(4):
            site.vms[f"vm{n}"]["adapters"][1]["subnet"] = "Shop"

    return act


def without_app(world: World) -> None:
    del world.ch.networks["DR"]["subnets"][1]
    for n in range(4):
        world.there(f"vm{n}", 1).update(network="DR", subnet="Web")


def with_app(world: World) -> None:
    world.ch.networks["DR"]["subnets"].append({"id": "app-2", **subnet("App")})


def renamed(where: str, name: str) -> Callable[[World], None]:
    return lambda w: getattr(w, where).networks[name].update(name=f"{name}-2")


WAS_APP, WAS_WEB = ("DR / App", "DR / Web"), ("DR / Web", "DR / App")
PLACED_ANEW: dict[str, tuple[list[Callable[[World], object]], tuple[str, str], str]] = {
    "a target's subnet is renamed": (
        [app_renamed(there=True)],
        ("DR / Shop", "DR / Web"),
        "DR / Shop was App before",
    ),
    "a source's subnet is renamed": (
        [app_renamed(there=False)],
        WAS_APP,
        "Prod / Shop was App before",
    ),
    "two subnets swap names": (
        [renames_both("App", "Web")],
        WAS_APP,
        "DR / App was Web before; DR / Web was App before",
    ),
    "a subnet is removed": ([without_app], WAS_APP, "DR / App is gone"),
    "a subnet is added": ([without_app, with_app], WAS_WEB, "DR / App is new"),
}


@pytest.mark.parametrize("case", PLACED_ANEW)
def test_a_placement_that_an_inventory_moved_is_told_with_its_cause(
    tmp_path: Path, case: str
) -> None:
    acts, (was, wish), cause = PLACED_ANEW[case]
    world = World(tmp_path)

    for act in acts:
        time_passes(8 * 24)(world)
        act(world)
        world.imports()

    (moved,) = world.town.findings(F.PLACEMENT_MOVED)
    assert [moved["facts"][fact] for fact in ("was", "wish", "cause")] == [was, wish, cause]
    assert (moved["severity"], moved["subject"], moved["vms"]) == ("medium", "Prod", 4)


def test_where_names_of_networks_change_no_placement_moves(tmp_path: Path) -> None:
    world = World(tmp_path)

    renamed("ch", "DR")(world)
    renamed("ny", "Prod")(world)
    world.ch.net("Newer", "Web", "App", **LOGICAL)
    world.imports()

    assert world.town.kinds() == set()
    assert world.town.goes("vm1", 1) == ("DR-2 / App", "same_name")


def test_a_network_that_is_gone_and_comes_back_is_told_both_times(tmp_path: Path) -> None:
    world = World(tmp_path)

    without_target(world)
    world.imports()
    gone = world.town.kinds()
    with_target(world)
    moves(None, None)(world)
    world.imports()

    assert gone == {F.NETWORK_GONE}
    assert world.town.kinds() == {F.PENDING}


def test_an_order_that_would_move_placements_is_told_and_so_are_those_it_moved(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    app_renamed(there=False)(world)
    world.imports()
    obey(world.town, world.ny, world.ch)
    world.imports()

    reorders(world)
    world.imports()
    (reordered,) = world.town.findings(F.SUBNETS_REORDERED)
    world.town.does("adopt DR")

    assert (reordered["vms"], reordered["fix"][0]) == (4, "adopt")
    assert reordered["facts"] == {"adopted": "Web, App", "listed": "App, Web"}
    (pending,) = world.town.findings(F.PENDING)
    assert (pending["vms"], pending["facts"]["wish"]) == (4, "DR / App")


def test_every_kind_that_is_a_state_of_the_estate_was_shown() -> None:
    events = {
        *("placement_moved", "appeared", "appeared_unmapped", "changed_outside"),
        *("import_failed", "no_inventory", "check_failed"),
        "vms_unreadable",  # whose story is test_unreadable
        "runs_twice",  # test_running's
        "runs_unconnected",
    }

    assert {str(kind) for kind in FindingKind} - {str(case.kind) for case in CASES} <= events


def test_findings_come_worst_first_and_are_counted(tmp_path: Path) -> None:
    world = World(tmp_path)
    moves("Spare", "Web")(world)
    pools([])(world)
    clouds("ch", "Gold2", None)(world)
    world.imports()

    report = world.town.does("drift")

    severities = [f["severity"] for f in report["findings"]]
    assert severities == ["high", "unknown", "medium"]
    assert report["counts"] == {"high": 1, "unknown": 1, "medium": 1}
    assert report["vms_at_risk"] == 1


def test_drift_of_one_server_shows_what_concerns_it_on_either_side(tmp_path: Path) -> None:
    world = World(tmp_path)
    denver = Site("VMM-Denver")
    denver.net("Den", "Web")
    denver.vm("lone", on("Den", "Web"))
    world.town.takes(denver)
    moves("Spare", "Web")(world)
    world.imports()

    found = {
        name: {f["kind"] for f in world.town.does(f"drift --server {name}")["findings"]}
        for name in (NY, CH, "VMM-Denver")
    }

    assert found == {NY: {"drifted"}, CH: {"drifted"}, "VMM-Denver": {"other_side_unknown"}}


def test_what_was_never_listed_is_not_checked_and_nothing_is_refused_for_it(
    tmp_path: Path,
) -> None:
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    ny.net("Prod", "Web")
    ch.net("DR", "Web")
    for site, network in ((ny, "Prod"), (ch, "DR")):
        site.vm("web01", on(network, "Web"), role=None, hyperv_id=None, power=None)
    town.takes(ny, ch)

    result = town.does("add Prod to DR")
    servers = town.does("servers")["servers"]

    assert result["verb"] == "added"
    assert {p["standing"] for p in result["preconditions"]} == {"not_checked"}
    assert result["replication_not_checked"] == 1
    assert {s["name"]: s["not_checked"] for s in servers} == {
        NY: ["clouds", "hosts"],
        CH: ["clouds", "hosts"],
    }
    assert {f["kind"] for f in town.findings()} == {"replication_not_checked"}
    assert {a["role"] for a in town.does("vm web01")["alone"]} == {None}


def test_a_role_that_the_other_side_tells_is_not_called_unchecked(tmp_path: Path) -> None:
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    ny.net("Prod", "Web")
    ch.net("DR", "Web")
    ny.vm("web01", on("Prod", "Web"), role=None)
    ch.vm("web01", on(None), role="replica")
    ny.vm("web02", on("Prod", "Web"))
    ch.vm("web02", on(None), role=None, power="off")
    ny.vm("web03", on("Prod", "Web"), role=None)
    town.takes(ny, ch)

    result = town.does("add Prod to DR --dry-run")

    assert result["pending"]["vms"] == 2
    assert result["replication_not_checked"] == 1
    [found] = town.findings("replication_not_checked")
    assert (found["server"], found["vms"], found["examples"]) == (NY, 1, ["web03"])


def test_commands_that_mend_a_finding_run_as_they_stand(tmp_path: Path) -> None:
    world = World(tmp_path)
    reorders(world)
    moves("Spare", "Web")(world)
    extra_adapter(world)
    world.imports()

    reply = world.town.says("drift")
    suggested = {line.strip().removeprefix("/netmap ") for line in reply.text.splitlines()
                 if line.strip().startswith("/netmap ")}  # fmt: skip

    assert {f["kind"] for f in reply.result["findings"]} >= {"drifted", "subnets_reordered"}
    for finding in reply.result["findings"]:
        if finding["fix"]:
            name, values = finding["fix"]
            suggested.add(write_line(Say(name, values)))
    assert f"adopt DR on {CH}" in {line.replace('"', "") for line in suggested}
    for line in suggested:
        assert world.town.says(f"{line} --dry-run" if line.startswith("adopt") else line).ok, line


def without_source(world: World) -> None:
    for extra in range(6):
        world.ny.net(f"Unused{extra}", **LOGICAL)
    world.imports()
    del world.ny.networks["Prod"]
    for vm in world.ny.vms.values():
        for nic in vm["adapters"]:
            nic.update(network="Other", subnet="Web")


@pytest.mark.parametrize(
    ("breaks", "kind", "line"),
    [
        (source_moves("Other", "Web"), F.CONNECTED_BY_HAND, f"add Other on {NY} to <network>"),
        (without_target, F.NETWORK_GONE, "change M1 to <network>"),
        (without_source, F.NETWORK_GONE, "remove M1"),
        (without_app, F.PLACEMENT_MOVED, f"plan --server {CH}"),
        (extra_adapter, F.ADAPTER_MISMATCH, "vm vm1"),
    ],
    ids=("connected by hand", "target gone", "source gone", "moved", "mismatch"),
)
def test_a_finding_names_the_command_that_mends_it_with_what_is_to_be_chosen_left_open(
    tmp_path: Path, breaks: Callable[[World], object], kind: F, line: str
) -> None:
    world = World(tmp_path)
    breaks(world)
    world.imports()

    (found,) = world.town.findings(kind)

    said = write_line(Say(*found["fix"])).replace('"', "")
    assert said == line
    if line.partition(" ")[0] in ("add", "change", "remove"):
        assert world.town.says(f"{said.replace('<network>', 'Spare')} --dry-run").ok


def test_of_an_old_inventory_the_server_can_be_asked_again_where_netmap_reaches_it(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    world.town.house.close()
    reached = VmmServer(name=NY, host="vmm1.example.org")
    settings = Settings(db=world.town.path, vmm=(reached,))
    world.town.house = House(settings, now=lambda: world.town.at)
    time_passes(30)(world)

    fixes = {f["subject"]: f["fix"] for f in world.town.findings(F.INVENTORY_STALE)}

    assert fixes == {NY: ["refresh", {"server": NY}], CH: None}


def test_adopting_a_new_order_moves_who_was_said_to_move(tmp_path: Path) -> None:
    world = World(tmp_path)
    lands_in_the_first(world)
    reorders(world)
    world.imports()

    [finding] = world.town.findings("subnets_reordered")
    before = world.town.goes("vm1")
    preview = world.town.does("adopt DR --dry-run")
    adopted = world.town.does(f"adopt DR on {CH}")

    assert (finding["adapters"], finding["vms"]) == (4, 4)
    assert before == ("DR / Web", "first_subnet")
    assert world.town.goes("vm1") == ("DR / App", "first_subnet")
    assert preview["pending"] == adopted["pending"] == {"vms": 4, "adapters": 4}
    assert adopted["adopted"]["network"] == "DR"
    assert "subnets_reordered" not in world.town.kinds()
    assert world.town.does("adopt DR")["verb"] == "unchanged"


def test_adopting_does_not_concern_who_goes_home_as_they_were(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.town.does("add DR to Prod")
    for n in range(4):
        reverse(f"vm{n}", world.ny, world.ch)
    lands_in_the_first(world)
    world.ny.networks["Prod"]["subnets"].reverse()
    world.imports()

    [finding] = world.town.findings("subnets_reordered")

    assert world.town.goes("vm1") == ("Prod / Batch", "unchanged")
    assert finding["adapters"] == 0


def test_vms_on_networks_that_are_not_mapped_are_at_risk_too(tmp_path: Path) -> None:
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    ny.net("Prod", "Web")
    ny.net("Lab", "Web")
    ch.net("DR", "Web")
    protect(ny, ch, "web01", on("Prod", "Web"), on(None))
    ny.vm("lab01", on("Lab", "Web"), on("Lab", "Web", 1), on("Prod", "Web", 2))
    ch.vm("lab01", on(None), on(None, None, 1), on(None, None, 2), role="replica")
    protect(ny, ch, "lab02", on("Lab", "Web"), on("DR", "Web"))  # by hand
    town.takes(ny, ch)
    before = town.does("drift")
    town.does("add Prod to DR")

    after = town.does("drift")

    assert before["vms_at_risk"] == 2  # web01 and lab01, once each
    assert after["vms_at_risk"] == 2  # web01 is pending, lab01 both
    assert "; 2 VMs would come up without a network" in town.says("drift").text


def test_vms_too_many_to_count_are_not_left_out_in_silence(tmp_path: Path) -> None:
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    ny.net("Prod", "Web")
    ny.net("Lab", "Web")
    ch.net("DR", "Web")
    for n in range(501):
        protect(ny, ch, f"web{n:03}", on("Prod", "Web"), on(None))
    town.takes(ny, ch)
    alone = town.says("drift")
    protect(ny, ch, "lab01", on("Lab", "Web"), on(None))
    town.takes(ny, ch)

    both = town.says("drift")

    assert alone.result["more_at_risk"] is True
    assert "; too many VMs to count would come up without a network" in alone.text
    assert "; at least 1 VM would come up without a network" in both.text


def test_vms_that_two_imports_moved_are_counted_once(tmp_path: Path) -> None:
    world = World(tmp_path)

    for act in (without_app, with_app):
        act(world)
        world.imports()
    world.ch.networks["DR"]["subnets"][1]["name"] = "Shop"
    world.imports()

    (moved,) = world.town.findings(F.PLACEMENT_MOVED)
    assert (moved["adapters"], moved["vms"]) == (4, 4)
