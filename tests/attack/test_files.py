"""Hostile inventories, taken in by the whole bot: each is refused in words and changes nothing."""

from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import InventoryFault
from bot.domain.orders import FORMAT
from bot.wiring.taking import import_files
from tests.builders import NY, Site, Town, on, unchanged


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def site(network: str = "Prod", subnet: str = "Web", **over: Any) -> Site:
    made = Site(NY)
    made.net(network, subnet, key="Prod", **over)
    made.vm("web01", on("Prod", subnet))
    return made


@pytest.mark.parametrize(
    ("faulty", "place"),
    [
        (site(network="x" * 201), "network.name"),
        (site(network="a\0b"), "network.name"),
        (site(network="\u200b"), "network.name"),
        (site(subnet="x" * 201), "network.subnets.0.name"),
        (site(isolation="Wall"), "network.isolation"),
        (site(colour="red"), "network.colour"),
        (site(logical_network=""), "network.logical_network"),
    ],
)
def test_a_faulty_network_is_refused_also_where_vms_are_on_it(
    town: Town, faulty: Site, place: str
) -> None:
    with unchanged(town), pytest.raises(InventoryFault) as caught:
        town.takes(faulty)

    assert place in caught.value.facts[0]
    assert len(caught.value.facts) == 1


HEAD = f'{{"format": "{FORMAT}", "plan": "p", "server": {{"id": "s", "name": "n"}}, "at": '


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\xff\xfe", "is empty"),
        (b" \r\n\r\n", "is empty"),
        (b"[" * 200_000, "no kind that is known"),
        (f'{HEAD}"0001-01-01T00:00:00+14:00"}}'.encode(), "does not begin as"),
        (f'{HEAD}"9999-12-31T23:59:59-14:00"}}'.encode(), "does not begin as"),
        (f"{HEAD}{'[' * 100_000}".encode(), "does not begin as"),
        (f'{{"format": "{FORMAT}", "server": []}}'.encode(), "does not begin as"),
        (b"source,target\n" + b'"' * 100_000, "cannot be mapped"),
        (b"source,target\n\xe9,\xff", "not valid UTF-8"),
        (b'{"value": "/replicationNetworks/", "x": ' + b"[" * 100_000, "not JSON that can be read"),
    ],
)
def test_a_file_of_any_kind_that_cannot_be_read_is_refused(
    town: Town, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "given"
    path.write_bytes(content)

    with unchanged(town):
        reply = import_files(town.house, [path], "local:ana")

    assert not reply.ok
    assert words in reply.text
