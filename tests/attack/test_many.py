"""More than a page of things, and none at all: what is said is still true."""

from pathlib import Path

from tests.builders import CH, NY, Site, Town, on


def test_networks_that_are_not_listed_are_counted_where_they_are(tmp_path: Path) -> None:
    town, ny, ch = Town(tmp_path), Site(NY), Site(CH)
    for site in (ny, ch):
        for n in range(60):
            site.net(f"Net{n}")
    town.takes(ny, ch)

    said = town.says("networks").text

    first = "120 VM networks at VMM-Chicago and VMM-NewYork; the first 50 are listed."
    assert said.startswith(first), said


def test_an_estate_with_nothing_in_it_answers_everything(tmp_path: Path) -> None:
    town, bare = Town(tmp_path), Site(NY)
    lines = ("servers", "networks", "list", "list --unmapped", "drift", "plan", "status", "history")

    for _ in range(2):
        for line in lines:
            assert town.says(line).ok, line
        town.takes(bare)

    assert not town.says("vm web01").ok
    assert town.takes(bare)["unchanged"]


def test_fifty_vms_are_answered_and_one_more_is_refused(tmp_path: Path) -> None:
    town, site = Town(tmp_path), Site(NY)
    site.net("Prod", "Web")
    names = [f"web{n:02}" for n in range(51)]
    for name in names:
        site.vm(name, on("Prod", "Web"), role="none")
    town.takes(site)

    answered = town.does(f"vm {', '.join(names[:50])}")
    refused = town.refuses(f"vm {', '.join(names)}")

    assert [one["vm"] for one in answered["alone"]] == names[:50]
    assert "At most 50" in refused.text
