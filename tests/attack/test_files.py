"""Hostile inventories, taken in by the whole bot: each is refused in words and changes nothing."""

from pathlib import Path
from typing import Any

import pytest

from bot.domain.errors import InventoryFault
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
