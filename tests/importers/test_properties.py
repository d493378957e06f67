"""Whatever a valid inventory holds is read back; whatever is broken is an InventoryFault."""

import codecs
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from bot.domain.errors import InventoryFault
from bot.domain.inventory import Item, Name
from bot.domain.names import has_control, normal
from bot.importers import open_inventory
from bot.importers.jsonl import lines_in_memory
from tests.importers.build import Row, cloud, host, network, read, text, vm, whole

calm = settings(max_examples=60)

names = st.builds(
    "{}{}".format,
    st.sampled_from("aZ7é漢"),
    st.text(st.characters(categories=["L", "M", "N", "P", "S", "Zs"]), max_size=20),
)


@st.composite
def inventories(draw: st.DrawFn) -> list[Row]:
    clouds = draw(st.lists(names, max_size=3, unique=True))
    hosts = draw(st.lists(names, max_size=3, unique=True))
    rows = [cloud(name, id=f"c{i}") for i, name in enumerate(clouds)]
    for i, name in enumerate(hosts):
        rows.append(host(name, id=f"h{i}", cloud=draw(st.sampled_from([*clouds, None]))))
    subnets: list[tuple[str, str | None]] = []
    for i, name in enumerate(draw(st.lists(names, max_size=4))):
        listed = draw(st.lists(names, max_size=3))
        inner: list[str | Row] = [{"id": f"s{i}-{j}", "name": n} for j, n in enumerate(listed)]
        rows.append(network(name, inner, id=f"n{i}"))
        subnets += [(f"n{i}", None), *((f"n{i}", f"s{i}-{j}") for j in range(len(listed)))]
    for i, name in enumerate(draw(st.lists(names, max_size=6))):
        slots = draw(st.lists(st.integers(0, 255), max_size=3, unique=True))
        at = [draw(st.sampled_from([*subnets, (None, None)])) for _ in slots]
        nics = [
            {"slot": s, "network": net, "subnet": sub}
            for s, (net, sub) in zip(slots, at, strict=True)
        ]
        over: Row = {"host": draw(st.sampled_from(hosts))} if hosts else {}
        if power := draw(st.sampled_from(["running", "off", "paused", "saved", None])):
            over["power"] = power
        rows.append(vm(name, *nics, id=f"v{i}", **over))
    return whole(*rows)


def take(data: bytes) -> list[tuple[Item, Any]]:
    return read(lines_in_memory(data, "a test"))


def only_faults(act: Callable[[], object]) -> None:
    try:
        act()
    except InventoryFault as fault:
        told = fault
    else:
        return
    assert told.message
    assert len(told.facts) <= 100


@calm
@given(inventories(), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_a_valid_inventory_reads_back(rows: list[Row], encoding: str) -> None:
    taken = take(text(rows).encode(encoding))

    for (item, line), row in zip(taken, rows[1:-1], strict=True):
        [(kind, content)] = row.items()
        assert item.kind == kind
        assert line == content
        assert json.loads(item.raw) == row


@calm
@given(inventories(), st.data())
def test_a_truncated_inventory_is_a_fault(rows: list[Row], data: st.DataObject) -> None:
    whole_text = text(rows).encode()
    cut = data.draw(st.integers(0, len(whole_text) - 3))

    try:
        take(whole_text[:cut])
    except InventoryFault:
        return
    raise AssertionError("a cut off file was taken in")


@calm
@given(inventories(), st.data())
def test_a_corrupted_inventory_raises_nothing_else(rows: list[Row], data: st.DataObject) -> None:
    content = bytearray(text(rows).encode())
    at = data.draw(st.integers(0, len(content) - 1))
    length = data.draw(st.integers(0, 4))
    content[at : at + length] = data.draw(st.binary(max_size=6))

    only_faults(lambda: take(bytes(content)))


@calm
@given(inventories(), st.data())
def test_a_line_of_other_json_raises_nothing_else(rows: list[Row], data: st.DataObject) -> None:
    strange = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["vm", "id", "adapters", "end"]), inner, max_size=3)
        ),
        max_leaves=8,
    )
    lines = text(rows).splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    lines[at] = json.dumps(data.draw(strange))

    only_faults(lambda: take("\n".join(lines).encode()))


@calm
@given(st.binary(max_size=300), st.sampled_from([b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, b"[{"]))
def test_any_file_raises_nothing_else(content: bytes, head: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "Get-SCVMNetwork.json"

        path.write_bytes(head + content)

        only_faults(lambda: [read(source) for source in open_inventory([path], server="VMM7")])


tricky = st.text(
    st.sampled_from("aé\t\n\x00\x1c\x7f\x85\x9f\xa0\xad\u200b\u202e\u2060\u3000\ufeff")
    | st.characters(exclude_categories=["Cs"], exclude_characters="\u2065"),
    max_size=6,
)


@given(tricky)
def test_a_name_is_taken_if_it_can_be_typed_and_seen(name: str) -> None:
    try:
        taken = TypeAdapter(Name).validate_python(name) == name
    except ValidationError:
        taken = False

    assert taken == (bool(normal(name)) and not has_control(name))
