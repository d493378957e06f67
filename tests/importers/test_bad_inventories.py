"""Inventories that cannot be taken in: every one gets a clear sentence, none an exception."""

import json
import os
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import InventoryFault
from bot.importers import open_inventory
from tests.importers.build import (
    Row,
    Rows,
    adapter,
    cloud,
    end,
    header,
    host,
    network,
    open_one,
    read,
    text,
    vm,
    whole,
    write,
)


def faults(path: Path) -> list[str]:
    with pytest.raises(InventoryFault) as caught:
        read(open_one(path))
    assert caught.value.message
    return list(caught.value.facts)


def pool(first: str, last: str, **over: Any) -> Row:
    subnet = {"id": "s", "name": "Web", "pools": [{"first": first, "last": last, **over}]}
    return network("Prod", [subnet])


@pytest.mark.parametrize(
    ("rows", "fact"),
    [
        (
            [vm("a", adapter(999, None, None))],
            "line 2, vm.adapters.0.slot: Input should be less than or equal to 255 (got 999)",
        ),
        (
            [vm("a", adapter(True, None, None))],
            "line 2, vm.adapters.0.slot: must be a whole number (got True)",
        ),
        (
            [vm("a", {"slot": "0", "network": None})],
            "line 2, vm.adapters.0.slot: must be a whole number (got '0')",
        ),
        (
            [vm("a", {"slot": 0.0, "network": None})],
            "line 2, vm.adapters.0.slot: must be a whole number (got 0.0)",
        ),
        (
            [vm("a", adapter(0, None, None, observed="no"))],
            "line 2, vm.adapters.0.observed: must be true or false (got 'no')",
        ),
        (
            [network("A", [{"id": "s", "name": "x", "ranges": [{"cidr": "::/0", "vlan": "7"}]}])],
            "line 2, network.subnets.0.ranges.0.vlan: must be a whole number (got '7')",
        ),
        ([vm("a", colour="red")], "line 2, vm.colour: is not a key of this format"),
        ([{"vm": {"id": "v", "name": "a"}}], "line 2, vm.adapters: is missing"),
        (
            [vm("a\u0007b")],
            "line 2, vm.name: holds control characters, or nothing that can be seen "
            "(got 'a\\x07b')",
        ),
        (
            [vm("\u200b", id="v")],
            "line 2, vm.name: holds control characters, or nothing that can be seen "
            "(got '\\u200b')",
        ),
        ([vm("a"), vm("b", id="V-A")], "line 3, vm.id: is on line 2 already (got 'v-a')"),
        ([network(), network()], "line 3, network.id: is on line 2 already (got 'n-prod')"),
        ([host(), host()], "line 3, host.id: is on line 2 already (got 'h-hv01')"),
        ([cloud(), cloud()], "line 3, cloud.id: is on line 2 already (got 'c-gold')"),
        (
            [network("A"), network("B", subnets=[{"id": "S-A-WEB", "name": "x"}])],
            "line 3, network.subnets.0.id: is on line 2 already (got 's-a-web')",
        ),
        (
            [network("A", ["x", "x"])],
            "line 2, network.subnets.1.id: is in this network twice (got 's-a-x')",
        ),
        (
            [network(), vm("a", adapter(1), adapter(1))],
            "line 3, vm.adapters.1.slot: another adapter has it (got 1)",
        ),
        (
            [host("hv01", cloud="Gold")],
            "line 2, host.cloud: no cloud of this name is listed before (got 'Gold')",
        ),
        (
            [vm("a", cloud="Gold")],
            "line 2, vm.cloud: no cloud of this name is listed before (got 'Gold')",
        ),
        (
            [vm("a", host="hv01")],
            "line 2, vm.host: no host of this name is listed before (got 'hv01')",
        ),
        (
            [vm("a", adapter(0, "Prod", None))],
            "line 2, vm.adapters.0.network: is not listed before (got 'n-prod')",
        ),
        (
            [network("A"), network("B"), vm("a", {**adapter(0, "A"), "subnet": "s-B-Web"})],
            "line 4, vm.adapters.0.subnet: is not one of that network (got 's-b-web')",
        ),
        (
            [network(), vm("a", {**adapter(), "network": None})],
            "line 3, vm.adapters.0.subnet: has a subnet and no network (got 's-prod-web')",
        ),
        (
            [network(), vm("a", adapter(observed=False))],
            "line 3, vm.adapters.0.network: was not observed, so must be null",
        ),
        (
            [pool("10.0.0.9", "10.0.0.1")],
            "line 2, network.subnets.0.pools.0.last: is before the first, 10.0.0.9 (got 10.0.0.1)",
        ),
        (
            [pool("10.0.0.9", "fd00::1")],
            "line 2, network.subnets.0.pools.0: 10.0.0.9 and fd00::1 are not of one IP version",
        ),
        (
            [pool("10.0.0.1", "10.0.0.9", reserved=["fd00::1"])],
            "line 2, network.subnets.0.pools.0.reserved.0: is of another IP version (got fd00::1)",
        ),
        ([vm("a"), network()], "line 3: a network stands after a vm"),
        ([{"disk": {}}], "line 2: is no cloud, host, network, vm or end (got 'disk')"),
        ([header()], "line 2: a second header: one file holds one server"),
    ],
)
def test_each_fault_is_said_with_its_line(tmp_path: Path, rows: list[Row], fact: str) -> None:
    assert fact in faults(write(tmp_path, whole(*rows)))


GOOD = text(
    whole(
        cloud(),
        host(),
        network("Prod", [{"id": "s-Prod-Web", "name": "Web", "ranges": [{"cidr": "10.0.0.0/8"}]}]),
        vm("web01", adapter()),
    )
)


@pytest.mark.parametrize(
    ("was", "now", "line", "key"),
    [
        ('"name": "web01"', '"name": "web01", "name": "web02"', 5, "name"),
        ('"name": "web01"', '"name" : "web01", "name": "web02"', 5, "name"),
        ('"name": "web01"', '"name" \t: "web01", "name": "web02"', 5, "name"),
        ('"name": "Gold"', '"name"\r: "Gold", "name": "Silver"', 2, "name"),
        ('{"vm": {', '{"vm": {"id": "x", "name": "y", "adapters": []}, "vm": {', 5, "vm"),
        ('"slot": 0', '"slot": 0, "slot":1', 5, "slot"),
        ('"slot": 0', '"sl\\u006ft": 1, "slot": 0', 5, "slot"),
        ('"cidr": "10.0.0.0/8"', '"cidr": "10.0.0.0/8", "cidr": "10.0.0.0/9"', 4, "cidr"),
        ('"name": "Gold"', '"name": "Gold", "name": "Silver"', 2, "name"),
        ('"id": "S-1"', '"id": "S-2", "id": "S-1"', 1, "id"),
        ('"hosts": 1', '"hosts": 2, "hosts": 1', 6, "hosts"),
    ],
)
def test_a_key_that_stands_twice_is_a_fault(
    tmp_path: Path, was: str, now: str, line: int, key: str
) -> None:
    assert GOOD.count(was) == 1
    path = write(tmp_path, [GOOD.replace(was, now).rstrip()])

    with pytest.raises(InventoryFault) as caught:
        read(open_one(path))

    assert list(caught.value.facts) == [f"line {line}: has the key {key!r} twice in one object"]


@pytest.mark.parametrize("name", ['web": 01', 'a":"b', '{"name":"x"}'])
def test_a_name_may_look_like_a_key(tmp_path: Path, name: str) -> None:
    rows = whole(cloud(name), vm(name, adapter(0, None, None), cloud=name))

    assert len(read(open_one(write(tmp_path, rows)))) == 2


def test_all_faults_are_said_together_up_to_a_hundred(tmp_path: Path) -> None:
    few = whole(*(vm(f"vm{i}", power="on") for i in range(7)))
    many = whole(*(vm(f"vm{i}", power="on") for i in range(5000)))

    assert len(faults(write(tmp_path, few))) == 7
    assert len(faults(write(tmp_path, many))) == 100


def test_a_faulty_line_is_no_fault_of_the_lines_that_refer_to_it(tmp_path: Path) -> None:
    rows = whole(
        host("hv01", colour="red"),
        network("Prod", isolation="Thick"),
        *(vm(f"vm{i}", adapter(), host="hv01") for i in range(50)),
    )

    assert len(faults(write(tmp_path, rows))) == 2


def test_a_fault_found_by_somebody_else_is_said_with_the_others(tmp_path: Path) -> None:
    source = open_one(write(tmp_path, whole(vm("a"))))

    source.fault(2, "vm.id: is stored under another name (got 'v-a')")

    with pytest.raises(InventoryFault) as caught:
        source.finish()
    assert caught.value.facts == ("line 2, vm.id: is stored under another name (got 'v-a')",)


def test_counts_that_do_not_match_are_a_fault(tmp_path: Path) -> None:
    rows = [vm("a"), vm("b")]

    facts = faults(write(tmp_path, [header(), *rows, end(rows, vms=3, hosts=1)]))

    assert facts == [
        "line 4, end.hosts: the file holds 0 (got 1)",
        "line 4, end.vms: the file holds 2 (got 3)",
    ]


def test_a_file_without_its_last_line_was_cut_off(tmp_path: Path) -> None:
    facts = faults(write(tmp_path, [header(), vm("a"), vm("b")]))

    assert facts == ["line 3: the last line, `end`, is missing: the file was cut off"]


def test_a_file_cut_off_within_a_line_is_a_fault(tmp_path: Path) -> None:
    whole_text = text(whole(network(), vm("a", adapter())))
    path = tmp_path / "cut.jsonl"
    path.write_text(whole_text[: whole_text.index('"slot"')])

    facts = faults(path)

    assert facts[0].startswith("line 3: is not valid JSON: EOF while parsing")
    assert facts[1] == "line 3: the last line, `end`, is missing: the file was cut off"


def test_what_stands_after_the_end_is_a_fault(tmp_path: Path) -> None:
    facts = faults(write(tmp_path, [*whole(vm("a")), vm("b"), vm("c")]))

    assert facts == ["line 4: stands after the last line, `end`"]


def test_another_version_is_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path, [header(format="netmap/inventory/2"), end([])])

    with pytest.raises(InventoryFault, match=r"netmap/inventory/2`; this netmap reads"):
        open_one(path)


def test_a_faulty_header_is_said_with_its_places(tmp_path: Path) -> None:
    path = write(tmp_path, [header(collected_at="yesterday", server={"id": "s"}), end([])])

    with pytest.raises(InventoryFault) as caught:
        open_one(path)

    assert "line 1, server.name: is missing" in caught.value.facts
    assert any(fact.startswith("line 1, collected_at: ") for fact in caught.value.facts)


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "2026-11-22T06:00:00"])
def test_a_time_that_cannot_be_used_is_a_fault(tmp_path: Path, time: str) -> None:
    path = write(tmp_path, [header(collected_at=time), end([])])

    with pytest.raises(InventoryFault):
        open_one(path)


def test_a_file_without_header_says_so(tmp_path: Path) -> None:
    with pytest.raises(InventoryFault, match="has no header"):
        open_one(write(tmp_path, [vm("a"), end([vm("a")])]))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (text(whole(vm("a"))).encode("utf-32"), "UTF-32"),
        (text(whole(vm("a"))).encode("utf-16-le"), "UTF-16 without its byte order mark"),
        (b"\x1f\x8b\x08\x00 and so on", "compressed"),
        (b"\x00\x01\x02", "binary"),
        (b"", "is empty"),
        (b"name,target\nProd,DR\n", "of no kind"),
        (b"[1, 2, 3]", "of no kind"),
        (b"[" * 100_000, "of no kind"),
    ],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)

    with pytest.raises(InventoryFault) as caught:
        open_inventory([path])

    assert words in f"{caught.value.message} {caught.value.hint}"


def test_latin1_is_refused_with_the_line(tmp_path: Path) -> None:
    path = tmp_path / "latin.jsonl"
    path.write_bytes(text(whole(vm("a"), vm("café"))).encode("latin-1"))

    assert faults(path) == ["line 3: is not UTF-8"]


def test_broken_utf16_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_bytes(text(whole(vm("a"))).encode("utf-16") + b"\x00")

    assert "is not valid UTF-16" in " ".join(faults(path))


def test_a_line_of_200_megabytes_is_refused_without_being_held(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    before, after = text([header(), vm("a")]).encode(), text([vm("b"), end([vm()] * 3)]).encode()
    with path.open("wb") as file:
        file.write(before + b'{"vm": {"id": "')
        file.seek(200_000_000, os.SEEK_CUR)  # a hole: the file takes no room on the disk
        file.write(b'"}}\n' + after)

    tracemalloc.start()
    facts = faults(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert facts[0] == "line 3: is longer than 1,000,000 bytes"
    assert facts[1:] == ["line 5, end.vms: the file holds 2 (got 3)"]
    assert peak < 20_000_000


def test_a_network_with_every_address_of_a_16_granted_is_taken(tmp_path: Path) -> None:
    granted = [
        {"address": f"10.1.{n >> 8}.{n & 255}", "adapter": f"{n:08x}-0000-4000-8000-00155d000000"}
        for n in range(1 << 16)
    ]
    pool = {"first": "10.1.0.0", "last": "10.1.255.255", "allocated": granted}
    rows = whole(network("Prod", [{"id": "s-Web", "name": "Web", "pools": [pool]}]))
    assert len(text(rows)) > 4_000_000

    [(_, found)] = read(open_one(write(tmp_path, rows)))

    assert len(found["subnets"][0]["pools"][0]["allocated"]) == 1 << 16


def test_a_network_of_200_megabytes_is_refused_without_being_held(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    with path.open("wb") as file:
        file.write(text([header()]).encode() + b'{"network": {"id": "')
        file.seek(200_000_000, os.SEEK_CUR)
        file.write(b'"}}\n' + text([end([])]).encode())

    tracemalloc.start()
    facts = faults(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert facts[0] == "line 2: is longer than 16,000,000 bytes"
    assert peak < 60_000_000


def test_a_header_of_200_megabytes_is_refused_without_being_held(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    with path.open("wb") as file:
        file.write(b'{"format": "netmap/inventory/1", "server": "' + b" " * 100)
        file.seek(200_000_000, os.SEEK_CUR)
        file.write(b'"}\n')

    tracemalloc.start()
    with pytest.raises(InventoryFault, match="line 1 is longer than 1,000,000 bytes"):
        open_inventory([path])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 20_000_000


@pytest.mark.parametrize(
    ("digits", "fact"),
    [
        (4000, "line 2, vm.adapters.0.slot: Input should be"),
        (9000, "line 2: is not valid JSON: number out of range"),
    ],
)
def test_numbers_beyond_all_measure_are_a_fault(tmp_path: Path, digits: int, fact: str) -> None:
    row = json.dumps(vm("a", adapter(7, None, None))).replace(": 7", f": {'9' * digits}")

    facts = faults(write(tmp_path, [header(), row, end([vm()])]))

    assert facts[0].startswith(fact)
    assert len(facts[0]) < 150


def test_lists_nested_without_end_are_a_fault(tmp_path: Path) -> None:
    rows: Rows = [header(), '{"vm":' + "[" * 100_000, "[" * 100_000, end([vm()])]

    assert len(faults(write(tmp_path, rows))) == 2


def test_a_missing_file_a_folder_and_a_forbidden_one_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(InventoryFault, match="There is no file"):
        open_inventory([tmp_path / "none.jsonl"])
    with pytest.raises(InventoryFault, match="folder"):
        open_inventory([tmp_path])
    with pytest.raises(InventoryFault, match="No file was named"):
        open_inventory([])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_file_without_permission_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, whole(vm("a")))
    path.chmod(0)

    with pytest.raises(InventoryFault, match="may not be read"):
        open_inventory([path])


def test_two_inventories_of_one_server_are_refused(tmp_path: Path) -> None:
    one, two = (write(tmp_path, whole(vm("a")), name) for name in ("one.jsonl", "two.jsonl"))

    with pytest.raises(InventoryFault, match="are both of VMM-NewYork"):
        open_inventory([one, two])


def test_several_servers_are_several_sources(tmp_path: Path) -> None:
    one = write(tmp_path, whole(vm("a")), "one.jsonl")
    other = header(server={"id": "S-2", "name": "VMM-Chicago"})
    two = write(tmp_path, [other, end([])], "two.jsonl")

    sources = open_inventory([one, two])

    assert [source.header["server"]["name"] for source in sources] == ["VMM-NewYork", "VMM-Chicago"]


def test_server_and_time_are_not_for_an_inventory_that_has_them(tmp_path: Path) -> None:
    with pytest.raises(InventoryFault, match="says itself"):
        open_inventory([write(tmp_path, whole(vm("a")))], server="VMM-X")
