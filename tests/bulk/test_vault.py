"""The mappings of an Azure Site Recovery vault, in the shape that `az` and the REST API print."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.replies import Reply
from tests.bulk.towns import Twins, guid
from tests.psrp.sites import HERE, THERE

VAULT = (
    "/Subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/DR/providers/"
    "Microsoft.RecoveryServices/vaults/old"
)
NY, CHI = "b0cef6e9a4437b81", "d49858f157601230"
FQDN = {NY: f"{HERE}.corp.example.org", CHI: f"{THERE}.corp.example.org"}


def network_id(fabric: str, id: str) -> str:
    return f"{VAULT}/replicationFabrics/{fabric}/replicationNetworks/{id}"


def network(fabric: str, id: str, name: str) -> dict[str, Any]:
    return {
        "id": network_id(fabric, id),
        "name": id,
        "type": "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationNetworks",
        "properties": {
            "fabricType": "VMM", "friendlyName": name, "networkType": "VmNetwork", "subnets": [],
        },
    }  # fmt: skip


def mapping(
    source: tuple[str, str, str],
    target: tuple[str, str, str],
    name: str = "map1",
    kind: str = "VmmToVmm",
    **over: Any,
) -> dict[str, Any]:
    kept = {
        "state": "Paired",
        "primaryNetworkFriendlyName": source[2],
        "primaryNetworkId": network_id(*source[:2]),
        "primaryFabricFriendlyName": FQDN[source[0]],
        "recoveryNetworkFriendlyName": target[2],
        "recoveryNetworkId": network_id(*target[:2]).upper(),
        "recoveryFabricFriendlyName": FQDN.get(target[0], "Microsoft Azure"),
        "fabricSpecificSettings": {"instanceType": kind},
    }
    return {
        "id": f"{network_id(*source[:2])}/replicationNetworkMappings/{name}".replace("DR", "dr"),
        "name": name,
        "type": "Microsoft.RecoveryServices/vaults/replicationFabrics/replicationNetworks/"
        "replicationNetworkMappings",
        "properties": {key: value for key, value in (kept | over).items() if value is not None},
    }


WEB = (NY, guid(100), "Prod-Web")
DB = (NY, guid(101), "Prod-DB")
DR_WEB = (CHI, guid(200), "DR-Web")
DR_DB = (CHI, guid(201), "DR-DB")


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Twins]:
    town = Twins(tmp_path)
    yield town
    town.house.close()


def bring(town: Twins, *documents: Any, **options: bool) -> Reply:
    paths = []
    for number, document in enumerate(documents):
        path = town.folder / f"vault{number}.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        paths.append(path)
    return town.take(*paths, **options)


def test_mappings_between_two_sites_are_taken_by_id(town: Twins) -> None:
    reply = bring(town, {"value": [mapping(WEB, DR_WEB), mapping(DB, DR_DB, "map2")]})

    assert reply.ok, reply.text
    assert town.mapped() == {"Prod-Web": "DR-Web", "Prod-DB": "DR-DB"}
    town.does(f"undo {reply.result['mapping']['change']}")
    assert town.mapped() == {}


def test_a_preview_shows_and_takes_nothing(town: Twins) -> None:
    reply = bring(town, {"value": [mapping(WEB, DR_WEB)]}, dry_run=True)

    assert reply.text.startswith("Dry run, nothing is changed: 1 mapping would be added")
    assert town.mapped() == {}


def test_pages_lists_and_networks_go_together_and_overlap(town: Twins) -> None:
    networks = [network(*WEB), network(*DR_WEB), network(*DR_DB)]
    page = {"value": [mapping(WEB, DR_WEB)], "nextLink": "https://management.azure.com/next"}

    reply = bring(town, networks, [page, {"value": [mapping(WEB, DR_WEB)]}])

    assert reply.ok, reply.text
    assert "3 networks and 2 mappings were listed" in reply.text
    assert (reply.result["added"], reply.result["left"]) == (1, [])


def test_a_page_that_was_not_given_is_said(town: Twins) -> None:
    link = "https://management.azure.com/next"
    pages = [
        {"value": [network(*WEB)], "nextLink": link},
        {"value": [mapping(WEB, DR_WEB)], "nextLink": link},
    ]
    more = "it goes on on another page (nextLink), which is not among these files."

    reply = bring(town, *pages)
    whole = bring(town, *pages, {"value": [network(*DB)]}, {"value": [mapping(DB, DR_DB, "m")]})
    empty = bring(town, *pages, {"value": []})

    assert reply.ok, reply.text
    assert [(left["place"], left["why"]) for left in reply.result["left"]] == [
        ("vault0.json", more), ("vault1.json", more),
    ]  # fmt: skip
    assert town.mapped() == {"Prod-Web": "DR-Web", "Prod-DB": "DR-DB"}
    assert whole.result["left"] == []
    assert empty.result["left"] == []


@pytest.mark.parametrize("nothing", [[], {"value": [], "nextLink": None}])
def test_networks_without_a_mapping_print_an_empty_list(town: Twins, nothing: Any) -> None:
    """`az` lists the mappings of one network at a time, so there is a file for each."""
    reply = bring(town, nothing, [mapping(WEB, DR_WEB)], nothing, [network(*WEB)])

    assert reply.ok, reply.text
    assert town.mapped() == {"Prod-Web": "DR-Web"}
    assert not bring(town, nothing).ok


def test_the_name_decides_where_the_id_is_not_vmms(town: Twins) -> None:
    source, target = (NY, "azure-made-1", "prod-web"), (CHI, "azure-made-2", "DR-Web")
    bare: dict[str, Any] = {"primaryNetworkFriendlyName": None, "recoveryNetworkFriendlyName": None}

    reply = bring(
        town,
        [network(NY, "AZURE-made-1", "prod-web"), network(*target)],
        [mapping(source, target, **bare)],
    )

    assert reply.ok, reply.text
    assert town.mapped() == {"Prod-Web": "DR-Web"}


def test_a_name_of_both_sites_means_the_one_of_its_fabric(town: Twins) -> None:
    reply = bring(town, [mapping((NY, "x", "Shared"), (CHI, "y", "Shared"))])

    assert reply.ok, reply.text
    [row] = town.table()
    assert row[:4] == [HERE, "Shared", THERE, "Shared"]


def test_a_name_of_both_sites_without_its_fabric_is_not_guessed(town: Twins) -> None:
    reply = bring(
        town,
        [
            mapping((NY, "x", "Shared"), (CHI, "y", "Shared"), primaryFabricFriendlyName=None),
            mapping(WEB, DR_WEB, "map2"),
        ],
    )

    assert reply.ok, reply.text
    assert town.mapped() == {"Prod-Web": "DR-Web"}
    assert "several networks are called Shared:" in reply.result["left"][0]["why"]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (
            mapping(WEB, ("az", "v", "vnet1"), kind="VmmToAzure"),
            "it leads to Azure (vnet1), not to a VMM server.",
        ),
        (
            mapping(WEB, DR_WEB, kind="AzureToAzure"),
            "it is of kind AzureToAzure, not between two VMM servers.",
        ),
        (mapping(WEB, DR_WEB, state="Unpairing"), "its state is Unpairing, not Paired."),
        (
            mapping(WEB, (CHI, "none", "DR-Nothing")),
            f"there is no network DR-Nothing on {THERE}, nor one with the id none.",
        ),
        (
            mapping(WEB, DR_WEB, recoveryFabricFriendlyName="VMM-Boston.corp.example.org"),
            "the server VMM-Boston.corp.example.org is not known; import its inventory first.",
        ),
        (mapping((NY, guid(108), "Lab"), DR_WEB, fabricSpecificSettings=None), ""),
    ],
)
def test_what_is_left_aside_is_said_with_its_reason(
    town: Twins, row: dict[str, Any], why: str
) -> None:
    reply = bring(town, {"value": [row]})

    assert reply.ok, reply.text
    assert [left["why"] for left in reply.result["left"]] == ([why] if why else [])
    assert bool(why) == (town.mapped() == {})


def test_what_is_mapped_elsewhere_stays_unless_change_is_asked_for(town: Twins) -> None:
    town.does("add Prod-Web to DR-DB --test Bubble")

    kept = bring(town, [mapping(WEB, DR_WEB)])
    assert kept.result["left"][0]["why"].startswith("Prod-Web is mapped to DR-DB with the test")
    bring(town, [mapping(WEB, DR_WEB)], change=True)

    assert town.table()[0][3:5] == ["DR-Web", "Bubble"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"value": [{"id": "/replicationNetworks/x"}, 5]}', "no network and no mapping"),
        ('{"value": [{"id": "/a/replicationNetworks/x"', "is not valid JSON, or was cut off"),
        ('{"value": [{"id": "/a/replicationNetworks/x"}]}', "holds no network mappings"),
        ('[{"id": "/a/replicationNetworks/x", "name": "\xfcber"}]', "is not valid UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(town: Twins, text: str, words: str) -> None:
    (town.folder / "bad.json").write_bytes(text.encode("latin-1"))

    reply = town.take(town.folder / "bad.json")

    assert not reply.ok
    assert words in reply.text
