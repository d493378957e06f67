"""What is read of `netmap/inventory/1`, in which encodings, and that reading it is lazy."""

import codecs
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.domain.errors import InventoryFault
from tests.importers.build import (
    Rows,
    adapter,
    cloud,
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

ESTATE = whole(
    cloud("Gold", logical_networks=["LN1"], protected_by={"server": "VMM-Chicago", "cloud": "G2"}),
    host("hv01", cloud="Gold"),
    network("Prod", ["Web", "Batch"], logical_network="LN1", isolation="VLANNetwork"),
    vm("web01", adapter(0), adapter(1, "Prod", "Batch"), cloud="Gold", host="hv01"),
    vm("crème brûlée", adapter(0, None, None)),
)


def test_every_line_is_given_with_its_number_kind_and_meaning(tmp_path: Path) -> None:
    source = open_one(write(tmp_path, ESTATE))

    rows = read(source)

    assert [(item.number, item.kind) for item, _ in rows] == [
        (2, "cloud"),
        (3, "host"),
        (4, "network"),
        (5, "vm"),
        (6, "vm"),
    ]
    assert source.header["server"] == {"id": "s-1", "name": "VMM-NewYork"}
    assert source.header["collected_at"] == datetime(2026, 11, 22, 6, tzinfo=UTC)
    assert [subnet["name"] for subnet in rows[2][1]["subnets"]] == ["Web", "Batch"]
    assert rows[3][1]["adapters"][1]["subnet"] == "s-prod-batch"
    assert rows[4][1]["name"] == "crème brûlée"


@pytest.mark.parametrize("mark", [b"", codecs.BOM_UTF8], ids=["plain", "marked"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_utf8_is_read_with_and_without_mark(tmp_path: Path, mark: bytes, newline: str) -> None:
    plain = read(open_one(write(tmp_path, ESTATE)))
    path = tmp_path / "other.jsonl"
    path.write_bytes(mark + text(ESTATE, newline).encode())

    assert read(open_one(path)) == plain


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_is_read_with_its_mark(tmp_path: Path, encoding: str) -> None:
    plain = read(open_one(write(tmp_path, ESTATE)))
    path = tmp_path / "other.jsonl"
    path.write_bytes(("\ufeff" + text(ESTATE, "\r\n")).encode(encoding))

    assert read(open_one(path)) == plain


def test_a_line_keeps_its_digest_and_a_changed_one_does_not(tmp_path: Path) -> None:
    rows = whole(network(), vm("web01", adapter()), vm("web02", adapter()))
    changed = whole(network(), vm("web01", adapter()), vm("web02", adapter(), power="off"))

    before = [item.digest for item in open_one(write(tmp_path, rows)).items()]
    after = [item.digest for item in open_one(write(tmp_path, changed)).items()]

    assert [a == b for a, b in zip(before, after, strict=True)] == [True, True, False]
    assert {len(digest) for digest in before} == {8}


def test_a_line_refers_to_lines_that_nobody_parsed(tmp_path: Path) -> None:
    source = open_one(write(tmp_path, ESTATE))

    vms = [source.parse(item) for item in source.items() if item.kind == "vm"]

    assert [line["name"] for line in vms if line] == ["web01", "crème brûlée"]


def test_lines_may_be_parsed_after_reading_and_twice(tmp_path: Path) -> None:
    source = open_one(write(tmp_path, ESTATE))
    items = list(source.items())

    twice = [source.parse(item) for item in [*items, *items]]

    source.finish()
    assert None not in twice


def test_a_source_may_be_read_again(tmp_path: Path) -> None:
    source = open_one(write(tmp_path, ESTATE))

    assert read(source) == read(source)


def test_reading_tells_how_far_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, whole(network(), *(vm(f"vm{i}", adapter()) for i in range(5000))))
    source = open_one(path)
    seen = [source.position for _ in source.items()]

    assert source.size == path.stat().st_size
    assert seen == sorted(seen)
    assert 0 < seen[0] < seen[-1]
    assert source.position == source.size


def test_a_file_without_clouds_and_hosts_does_not_speak_of_them(tmp_path: Path) -> None:
    few = open_one(write(tmp_path, whole(network(), vm())))
    all_kinds = open_one(write(tmp_path, ESTATE))

    assert few.kinds == {"networks", "vms"}
    assert all_kinds.kinds == {"clouds", "hosts", "networks", "vms"}


def test_white_space_and_blank_lines_mean_nothing(tmp_path: Path) -> None:
    rows: Rows = [*whole(network(), vm("web01", adapter())), "", "  "]
    rows[2] = '  { "vm" : {"id": "v", "name": "web01", "adapters": []} }'
    rows[1] = '{"\\u006eetwork": {"id": "n", "name": "Prod", "subnets": []}}'

    read_rows = read(open_one(write(tmp_path, rows)))

    assert [line["name"] for _, line in read_rows] == ["Prod", "web01"]


def test_ids_are_compared_without_letter_case(tmp_path: Path) -> None:
    rows = whole(
        network("Prod", id="ABC"),
        vm("web01", {"slot": 0, "network": "abc", "subnet": "S-PROD-WEB"}),
    )

    [_, (_, line)] = read(open_one(write(tmp_path, rows)))

    assert line["adapters"][0]["network"] == "abc"
    assert line["adapters"][0]["subnet"] == "s-prod-web"


def test_a_file_changed_while_it_is_read_is_a_fault(tmp_path: Path) -> None:
    source = open_one(write(tmp_path, ESTATE))
    write(tmp_path, [header(collected_at="2026-11-23T06:00:00Z"), *ESTATE[1:]])

    with pytest.raises(InventoryFault) as caught:
        read(source)

    assert caught.value.facts == ("line 1: the file was changed while it was read",)
