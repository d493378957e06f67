"""VMs are read many at a time; what comes of it is what every line says by itself."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.domain.errors import InventoryFault
from bot.domain.inventory import AdapterLine, Port, VmKind, VmLine, VmLines, VmRows
from bot.importers.jsonl import InventoryLines, lines_in_memory
from bot.importers.references import Listed
from bot.importers.vms import Vms
from tests.importers.build import Row, adapter, cloud, host, network, text, vm, whole

FULL: Row = {
    "hyperv_id": "0A-1",
    "cloud": "Gold",
    "host": "hv01",
    "role": "replica",
    "partner_host": "hv02",
    "replication_state": "Replicating",
    "replication_health": "Normal",
    "power": "off",
}
NIC: Row = {
    "id": "NIC-1",
    "name": "Network Adapter",
    "mac": "00:15:5D:00:00:00",
    "addressing": "static",
    "addresses": ["10.1.0.1", "10.1.0.2"],
}
STRANGE: tuple[Any, ...] = (
    None, "", " ", " x ", "GOLD", "é", "e\u0301", "x\u007f", "x\u0085", "x\ty", "\u200b", "\\", '"',
    "a" * 65, "a" * 201, 0, 1, 1.0, 256, -1, True, False, 10**30, [], [""], ["x"], [1], [None],
    [[]], ["a" * 65], {}, {"id": "x"},
)  # fmt: skip
LINES = {
    "a key twice": b'{"vm":{"id":"a","id":"v-b","name":"b","name":"c","adapters":[]}}',
    "a key of an adapter twice": b'{"vm":{"id":"a","name":"b","adapters":[{"slot":0,"slot":1,'
    b'"network":null}]}}',
    "a key twice, white space": b'{"vm":{"id" :"a","id":"v-b","name":"b","adapters":[]}}',
    "another key beside": b'{"vm":{"id":"a","name":"b","adapters":[]},"host":{}}',
    "a key beside twice": b'{"vm":{"id":"a","name":"b","adapters":[]},"vm":{"id":"c"}}',
    "an escaped key": b'{"vm":{"id":"a","name":"b","\\u0061dapters":[]}}',
    "an escaped value": b'{"vm":{"id":"a","name":"b\\u0007","adapters":[]}}',
    "half a surrogate": b'{"vm":{"id":"a","name":"b\\ud800","adapters":[]}}',
    "no number": b'{"vm":{"id":"a","name":"b","adapters":[],"power":NaN}}',
    "no object": b'{"vm":["id","name","adapters"]}',
    "cut off": b'{"vm":{"id":"a","name":"b","adapters":[]}',
    "not UTF-8": b'{"vm":{"id":"a","name":"\xff","adapters":[]}}',
    "a comma too many": b'{"vm":{"id":"a","name":"b","adapters":[],}}',
    "white space": b'{"vm": { "id" : "a" ,"name":"b" , "adapters": [ ] } }',
    "nothing": b'{"vm":null}',
}


def odd_lines() -> Iterator[tuple[str, bytes]]:
    yield from LINES.items()
    good = vm("odd", adapter(**NIC), adapter(1, "Prod", None), adapter(2, None, None), **FULL)
    for key in (*VmLine.__annotations__, "colour"):
        for value in STRANGE:
            yield f"{key} {value!r}"[:60], dump({"vm": {**good["vm"], key: value}})
        yield f"no {key}", dump({"vm": {k: v for k, v in good["vm"].items() if k != key}})
    for key in (*AdapterLine.__annotations__, "colour"):
        for value in STRANGE:
            nic = {**adapter(**NIC), key: value}
            yield f"adapter {key} {value!r}"[:60], dump(vm("odd", adapter(1), nic))
        nic = {k: v for k, v in adapter(**NIC).items() if k != key}
        yield f"adapter, no {key}", dump(vm("odd", adapter(1), nic))
    for name, nics in {
        "two of a slot": (adapter(), adapter()),
        "other letter case": (adapter(network="N-PROD", subnet=" S-prod-web "),),
        "a subnet elsewhere": (adapter(subnet="s-Lab-Web"),),
        "a subnet and no network": (adapter(network=None),),
        "unknown network": (adapter(network="n-Nowhere", subnet=None),),
        "not observed": (adapter(0, None, None, observed=False),),
    }.items():
        yield name, dump(vm("odd", *nics))
    yield "written with escapes", json.dumps(vm("é", adapter(**NIC))).encode()
    yield "listed before", dump(vm("first"))
    yield "listed before, in capitals", dump(vm("odd", id="V-FIRST"))


def dump(row: Row) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode()


def estate(*lines: bytes) -> InventoryLines:
    before = whole(cloud(), host(), network(), network("Lab"), vm("first", adapter(), **FULL))[:-1]
    end = {"end": {"clouds": 1, "hosts": 1, "networks": 2, "vms": 2 + len(lines)}}
    data = b"\n".join([text(before).encode().rstrip(), *lines, dump(vm("last")), dump(end)])
    return lines_in_memory(data, "a test")


def spread(rows: VmRows) -> list[Any]:
    """VM by VM."""
    nics: list[list[Any]] = [[] for _ in rows.ids]
    columns = (rows.owners, rows.slots, rows.nic_ids, rows.macs, rows.at, rows.addresses)
    for owner, slot, id, mac, at, addresses in zip(*columns, strict=True):
        nics[owner].append((slot, id, mac, rows.ports[at], addresses))
    kinds = [rows.vm_kinds[n] for n in rows.kinds]
    return list(zip(rows.ids, rows.hyperv, rows.names, kinds, rows.digests, nics, strict=True))


def many_at_a_time(source: InventoryLines) -> tuple[list[Any], tuple[str, ...]]:
    found = []
    try:
        for batch in source.batches():
            if batch.kind == "vm":
                numbers = list(range(batch.number, batch.number + len(batch.raws)))
                lines = VmLines(numbers, list(batch.digests), list(batch.raws))
                for rows in source.vms(lines):
                    found += spread(rows)
            else:
                for item in batch.items():
                    source.parse(item)
        source.finish()
    except InventoryFault as fault:
        return found, fault.facts
    return found, ()


def one_by_one(source: InventoryLines) -> tuple[list[Any], tuple[str, ...]]:
    found = []
    try:
        for item in source.items():
            line = source.parse(item)
            if item.kind != "vm" or line is None:
                continue
            get = line.get
            kind = VmKind(
                get("cloud"), get("host"), get("role"), get("partner_host"),
                get("replication_state"), get("replication_health"), get("power"),
            )  # fmt: skip
            nics = [
                (
                    nic["slot"],
                    nic.get("id", ""),
                    nic.get("mac", ""),
                    Port(
                        nic["network"],
                        nic.get("subnet"),
                        nic.get("addressing"),
                        nic.get("name", ""),
                        nic.get("observed", True),
                    ),
                    " ".join(nic.get("addresses", ())),
                )
                for nic in line["adapters"]
            ]
            found.append((line["id"], get("hyperv_id"), line["name"], kind, item.digest, nics))
    except InventoryFault as fault:
        return found, fault.facts
    return found, ()


@pytest.mark.parametrize("line", [pytest.param(line, id=name) for name, line in odd_lines()])
def test_many_lines_say_what_each_says(line: bytes) -> None:
    found, faults = many_at_a_time(estate(line))

    assert (found, faults) == one_by_one(estate(line))
    assert len(found) + bool(faults) == 3


def test_two_lines_of_one_vm_are_a_fault() -> None:
    lines = (dump(vm("web01")), dump(vm("web02")), dump(vm("web02")))

    _, faults = many_at_a_time(estate(*lines))

    assert faults == ("line 9, vm.id: is on line 8 already (got 'v-web02')",)


def listing() -> Listed:
    listed = Listed()
    rows = (cloud(logical_networks=[]), host(), network())
    for number, row in enumerate(rows, start=2):
        [(kind, line)] = row.items()
        listed.look(kind, {**line, "id": line["id"].lower()}, number, pytest.fail)
    return listed


def test_plain_lines_are_read_without_looking_at_each() -> None:
    lines = [dump(vm(f"vm{n}", **FULL)) for n in range(500)]

    def one(number: int, raw: bytes) -> VmLine | None:
        raise AssertionError(f"line {number} was looked at")

    read = Vms(listing(), one).read(range(500), lines, lines)

    assert [name for rows in read for name in rows.names] == [f"vm{n}" for n in range(500)]


def test_an_odd_line_leaves_all_but_its_neighbours_plain() -> None:
    lines = [dump(vm(f"vm{n}", **FULL)) for n in range(500)]
    lines[250] = dump(vm("é"))
    looked: list[int] = []

    def one(number: int, raw: bytes) -> VmLine | None:
        looked.append(number)
        return None

    found = list(Vms(listing(), one).read(range(500), lines, lines))

    assert 250 in looked
    assert len(looked) <= 8
    assert sum(len(rows.names) for rows in found) == 500 - len(looked)
