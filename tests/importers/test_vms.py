"""VMs are read many at a time; what comes of it is what every line says by itself."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    told = (rows.slots, rows.nic_ids, rows.nic_names, rows.macs, rows.addresses)
    for owner, at, *nic in zip(rows.owners, rows.at, *told, strict=True):
        nics[owner].append((rows.ports[at], *nic))
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
                    Port(
                        nic["network"],
                        nic.get("subnet"),
                        nic.get("addressing"),
                        nic.get("observed", True),
                    ),
                    nic["slot"],
                    nic.get("id", ""),
                    nic.get("name", ""),
                    nic.get("mac", ""),
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


PIECES = (
    b'"', b"\\", b'\\"', b"\\u0041", b"\\u0007", b"{", b"}", b"},{", b"[", b"]", b",", b":", b" ",
    b"\t", b"\x7f", b"null", b"true", b"00", b'":', b'","', b'"name":"x",', b"\xc3\xa9", b"\xff",
    b"",
)  # fmt: skip
"""What a line may be broken with."""


@st.composite
def broken(draw: st.DrawFn) -> list[bytes]:
    """Some lines of one shape, with pieces of them lost, moved or put in."""
    keys = draw(st.permutations(["id", "name", "hyperv_id", "cloud", "host", "power", "adapters"]))
    nic_keys = draw(st.permutations(["id", "slot", "name", "mac", "network", "addresses"]))
    gap = draw(st.sampled_from(["", " "]))
    lines = []
    for n in range(draw(st.integers(1, 20))):
        nic = {"id": f"n{n}", "slot": n, "name": "NIC", "mac": "00", "network": "n-Prod"}
        nic["addresses"] = ["10.0.0.1", "10.0.0.2"][: n % 3]
        said = {**vm(f"vm{n}")["vm"], "hyperv_id": f"h{n}", "cloud": "Gold", "host": "hv01"}
        said |= {"power": "off", "adapters": [{key: nic[key] for key in nic_keys}] * (n % 4 > 0)}
        row = {"vm": {key: said[key] for key in keys}}
        lines.append(json.dumps(row, separators=("," + gap, ":" + gap)).encode())
    for _ in range(draw(st.integers(0, 4))):
        n = draw(st.integers(0, len(lines) - 1))
        start = draw(st.integers(6, len(lines[n])))
        end = draw(st.sampled_from([start, start + 1, start + 2, draw(st.integers(start, 300))]))
        lines[n] = lines[n][:start] + draw(st.sampled_from(PIECES)) + lines[n][end:]
    return lines


@given(broken())
def test_broken_lines_say_what_each_says(lines: list[bytes]) -> None:
    assert many_at_a_time(estate(*lines)) == one_by_one(estate(*lines))


def listing() -> Listed:
    listed = Listed()
    rows = (cloud(logical_networks=[]), host(), network())
    for number, row in enumerate(rows, start=2):
        [(kind, line)] = row.items()
        if kind == "network":
            line = json.loads(json.dumps(line).lower())  # its ids, as the reader of lines has them
        listed.look(kind, line, number, pytest.fail)
    return listed


def like(order: str, nic_order: str, **over: Any) -> list[Row]:
    """Many VMs with their keys in one order, some of them without some."""
    rows = []
    for n in range(500):
        left_out = ("hyperv_id", "role", "partner_host")[: n % 4]
        said = {**vm(f"vm{n}", **(FULL | over))["vm"], "name": f"vm{n}", "adapters": []}
        for slot in range(n % 3):
            nic = adapter(slot, *((None, None) if n % 5 else ()), **NIC)
            nic = {key: nic[key] for key in nic_order.split() if slot or key != "addressing"}
            said["adapters"].append(nic)
        rows.append({"vm": {key: said[key] for key in order.split() if key not in left_out}})
    return rows


ORDER = (
    "id hyperv_id name cloud host role partner_host replication_state replication_health power"
    " adapters"
)
NIC_ORDER = "id slot name mac network subnet addressing addresses"
LIKE = {
    "as the bench writes them": like(ORDER, NIC_ORDER),
    "as the script writes them": like(
        "id name hyperv_id cloud host power role replication_state replication_health"
        " partner_host adapters",
        "slot network id name mac subnet addresses addressing",
    ),
    "what is shared first": like(
        "cloud host adapters id role name hyperv_id power", "network addressing slot mac"
    ),
    "little": like("adapters name id", "network slot"),
    "not of ASCII": like(ORDER, NIC_ORDER, replication_state="Läuft"),
}


def plain(lines: list[bytes]) -> Iterator[VmRows]:
    """What they say, read without looking at each."""

    def one(number: int, raw: bytes) -> VmLine | None:
        raise AssertionError(f"line {number} was looked at: {raw.decode()}")

    return Vms(listing(), one).read(range(len(lines)), lines, lines)


@pytest.mark.parametrize("rows", [pytest.param(rows, id=name) for name, rows in LIKE.items()])
@pytest.mark.parametrize("write", [
    lambda row: json.dumps(row).encode(),
    lambda row: json.dumps(row, separators=(",", ":"), ensure_ascii=False).encode(),
], ids=["spaced", "close"])  # fmt: skip
def test_plain_lines_are_read_without_looking_at_each(
    rows: list[Row], write: Callable[[Row], bytes]
) -> None:
    lines = [write(row) for row in rows]

    assert [name for found in plain(lines) for name in found.names] == [
        f"vm{n}" for n in range(500)
    ]


def test_adapters_that_are_called_as_their_vms_share_where_they_are() -> None:
    lines = [dump(vm(f"vm{n}", adapter(name=f"vm{n}"))) for n in range(500)]

    found = list(plain(lines))

    assert [name for rows in found for name in rows.nic_names] == [f"vm{n}" for n in range(500)]
    assert len(found[-1].ports) == 1


def test_names_are_plain_with_their_escapes_too() -> None:
    called = [f"R&D é {n}" for n in range(500)]
    rows = [vm(name, adapter(name=name), id=f"v{n}") for n, name in enumerate(called)]
    lines = [json.dumps(row).replace("&", "\\u0026").encode() for row in rows]

    found = list(plain(lines))

    assert [name for rows in found for name in rows.names] == called
    assert [name for rows in found for name in rows.nic_names] == called


def test_an_odd_line_leaves_all_but_its_neighbours_plain() -> None:
    lines = [dump(vm(f"vm{n}", **FULL)) for n in range(500)]
    lines[250] = json.dumps(vm("é")).encode()
    looked: list[int] = []

    def one(number: int, raw: bytes) -> VmLine | None:
        looked.append(number)
        return None

    found = list(Vms(listing(), one).read(range(500), lines, lines))

    assert 250 in looked
    assert len(looked) <= 8
    assert sum(len(rows.names) for rows in found) == 500 - len(looked)
