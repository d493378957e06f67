"""What a real VMM server printed, through the whole way: import, compare, map, reconnect, confirm.

The server printed nothing of replication, so a second site is made of it: the same networks and
VMs under ids of their own, the VMs turned off, replicas of the first's.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_DNS, uuid5

import pytest

from bot.domain.remotes import read_servers
from bot.domain.replies import Reply
from bot.render.scripts import export_script
from bot.settings import Settings
from bot.wiring import House
from bot.wiring.taking import import_files
from tests.importers.build import open_one
from tests.importers.test_real_vmm_output import FOLDER
from tests.psrp.estate import VmmEstate
from tests.psrp.powershell import Run
from tests.psrp.server import VmmServer
from tests.psrp.sites import ENVIRON, Clock, write

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="no real VMM output here; set NETMAP_VMM_DATA to its folder"
)

DR = "SCVMM-DR"
KINDS = ("cloud", "host", "network", "vm")


def other(id: str) -> str:
    return str(uuid5(NAMESPACE_DNS, id))


def printed() -> list[dict[str, Any]]:
    """The real files as rows of an inventory."""
    source = open_one(*sorted(FOLDER.glob("*.json")))
    return [dict(source.header), *(json.loads(item.raw) for item in source.items())]


def site(primary: bool) -> VmmEstate:
    rows = json.loads(json.dumps(printed(), default=str))
    for row in rows:
        for kind in ("host", "network", "vm"):
            thing = row.get(kind)
            if thing is None:
                continue
            if kind == "vm":
                role = {"role": "primary"} if primary else {"role": "replica", "power": "off"}
                thing.update(role, replication_state="Replicating", replication_health="Normal")
                thing["partner_host"] = "elsewhere"
            if not primary:
                _move(thing, kind)
    if not primary:
        rows[0]["server"] = {"id": "dr", "name": DR}
    return VmmEstate(json.dumps(row) for row in rows)


def _move(thing: dict[str, Any], kind: str) -> None:
    thing["id"] = other(thing["id"])
    for subnet in thing.get("subnets", ()):
        subnet["id"] = other(subnet["id"])
    for nic in thing.get("adapters", ()):
        nic.update(id=other(nic["id"]), network=None, subnet=None)


@pytest.fixture
def server() -> Iterator[VmmServer]:
    with VmmServer(site(primary=False)) as server:
        yield server


def test_it_is_collected_matched_mapped_reconnected_and_confirmed(
    tmp_path: Path, server: VmmServer
) -> None:
    clock = Clock()
    server.now = clock
    lines = list(Run(site(primary=True).cmdlets(), clock).script(export_script()))
    login = "transport=http auth=basic username=CHI_USER password=CHI_PASSWORD"
    vmm = read_servers(f"{DR} host=127.0.0.1 port={server.port} {login}")
    house = House(
        Settings.model_validate({"db": tmp_path / "real.db", "vmm": vmm}), clock, environ=ENVIRON
    )

    def say(line: str) -> Any:
        clock.tick()
        reply = house.answer(line, "local:ana", page=None)
        assert reply.ok, reply.text
        return reply.result

    assert import_files(house, [write(tmp_path / "here.jsonl", lines)], "local:ana").ok
    assert say("refresh")["reports"][0]["pairs"] == 28
    proposal = say(f"match SCVMM2 to {DR}")
    taken = say(f"match SCVMM2 to {DR} --apply {proposal['fingerprint']}")

    connected = sum(
        nic["network"] is not None for vm in server.estate.vms.values() for nic in vm["adapters"]
    )
    assert taken["added"] == 8
    assert taken["mapping"]["reconnected"]["adapters"] == connected > 25
    assert say("plan")["total"]["adapters"] == 0
    assert say("refresh")["reports"][0]["adapters_moved"] == 0
    house.close()


def test_without_remoting_the_script_is_taken_there_and_its_answer_back(tmp_path: Path) -> None:
    clock, there = Clock(), site(primary=False)
    house = House(Settings.model_validate({"db": tmp_path / "real.db"}), clock, environ={})

    def say(line: str) -> Reply:
        clock.tick()
        reply = house.answer(line, "local:ana", page=None)
        assert reply.ok, reply.text
        return reply

    def hand_in(name: str, lines: Iterable[str]) -> Any:
        clock.tick()
        reply = import_files(house, [write(tmp_path / name, list(lines))], "local:ana")
        assert reply.ok, reply.text
        return reply.result

    for name, estate in (("here.jsonl", site(primary=True)), ("there.jsonl", there)):
        hand_in(name, Run(estate.cmdlets(), clock).script(export_script()))
    proposal = say(f"match SCVMM2 to {DR}").result
    taken = say(f"match SCVMM2 to {DR} --apply {proposal['fingerprint']}").result
    plan = say("plan").result
    [file] = say(f"script {plan['fingerprint']}").files

    answer = hand_in("done.jsonl", Run(there.cmdlets(), clock).script(file.text))
    again = hand_in("again.jsonl", Run(there.cmdlets(), clock).script(file.text))

    wanted = plan["total"]["adapters"]
    assert taken["mapping"]["pending"]["adapters"] == wanted == len(there.set) > 25
    assert (answer["confirmed"], answer["outcomes"]) == (wanted, {"connected": wanted})
    assert again["outcomes"] == {"already": wanted}
    assert say("plan").result["total"]["adapters"] == 0
    vm = next(v["name"] for v in there.vms.values() if v["adapters"][0]["network"])
    assert "Connected there now." in say(f'vm "{vm}"').text
    house.close()


def test_the_raw_files_themselves_are_mapped_between(tmp_path: Path) -> None:
    """Without a word on replication nothing is claimed: the mapping waits for what it concerns."""
    house = House(Settings.model_validate({"db": tmp_path / "raw.db"}), Clock(), environ={})
    rows = printed()
    rows[0]["server"] = {"id": "dr", "name": DR}
    counts = {f"{kind}s": sum(kind in row for row in rows) for kind in KINDS}
    dr = [json.dumps(row, default=str) for row in [*rows, {"end": counts}]]

    assert import_files(house, sorted(FOLDER.glob("*.json")), "local:ana", force=True).ok
    reply = import_files(house, [write(tmp_path / "dr.jsonl", dr)], "local:ana", force=True)

    assert reply.ok, reply.text
    added = house.answer(f"add dberger on SCVMM2 to dberger on {DR}", "local:ana")
    assert added.ok, added.text
    assert added.result["reconnected"]["adapters"] == 0
    house.close()
