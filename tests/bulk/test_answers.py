"""A plan becomes a script, the script is run in VMM, its answer is believed as far as it goes."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.replies import Reply
from bot.render.scripts import export_script
from tests.psrp.estate import VmmEstate
from tests.psrp.powershell import Run
from tests.psrp.sites import THERE, Town, write


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    town = Town(tmp_path)
    town.take(write(tmp_path / "there.jsonl", town.there))
    town.does("add Prod-Web to DR-Web")
    yield town
    town.house.close()


def run_script(town: Town, estate: VmmEstate, **parameters: bool) -> list[str]:
    """What the plan's script puts out when it is run at Chicago."""
    plan = town.does("plan")["fingerprint"]
    [file] = town.say(f"script {plan}").files
    assert file.name == "Connect-NetmapReplicas.ps1"
    return list(Run(estate.cmdlets(), town.clock).script(file.text, **parameters))


def give_back(town: Town, lines: list[str], encoding: str = "utf-8") -> Reply:
    path = town.folder / "done.jsonl"
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
    return town.take(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_answer_confirms_what_was_done(town: Town, encoding: str) -> None:
    assert town.standing() == "pending"

    reply = give_back(town, run_script(town, VmmEstate(town.there)), encoding)

    assert reply.text.startswith(f"3 adapters at {THERE} confirmed as reconnected.")
    assert town.standing() == "connected"
    assert town.does("plan")["total"]["adapters"] == 0


def test_only_what_it_says_is_done_moves(town: Town) -> None:
    estate = VmmEstate(town.there)
    estate.vm("web002")["power"] = "running"
    estate.adapter("web003").update(network="n-DR-Old", subnet="s-DR-Old-Web")

    reply = give_back(town, run_script(town, estate))

    assert reply.result["confirmed"] == 1
    assert [town.standing(f"web00{n}") for n in (1, 2, 3)] == ["connected", "pending", "pending"]
    assert "it is on DR-Old / Web now" in reply.text
    assert "the VM is not turned off: Running" in reply.text


def test_a_rehearsal_confirms_nothing(town: Town) -> None:
    reply = give_back(town, run_script(town, VmmEstate(town.there), WhatIf=True))

    assert reply.result["confirmed"] == 0
    assert town.standing() == "pending"


def test_twice_is_as_good_as_once(town: Town) -> None:
    estate = VmmEstate(town.there)
    lines = run_script(town, estate)
    script = town.say(f"script {town.does('plan')['fingerprint']}").files[0].text
    give_back(town, lines)

    again = give_back(town, lines)
    run_again = give_back(town, list(Run(estate.cmdlets(), town.clock).script(script)))

    assert (again.result["confirmed"], again.result["known"]) == (0, 3)
    assert run_again.result["outcomes"] == {"already": 3}


def test_a_run_that_broke_off_counts_as_far_as_it_went(town: Town) -> None:
    lines = run_script(town, VmmEstate(town.there))

    reply = give_back(town, lines[:2])

    assert reply.result["confirmed"] == 1
    assert "The run broke off after 1 adapter; run the script again" in reply.text
    assert town.does("plan")["total"]["adapters"] == 2
    assert "carried out at VMM-Chicago: 1 adapter reconnected" in town.say("history").text


def test_a_run_that_broke_off_within_a_line_counts_up_to_there(town: Town) -> None:
    lines = run_script(town, VmmEstate(town.there))
    path = town.folder / "cut.jsonl"
    path.write_text("\n".join(lines[:3])[:-40], encoding="utf-16")

    reply = town.take(path)

    assert reply.ok, reply.text
    assert reply.result["confirmed"] == 1
    assert "The run broke off after 1 adapter; run the script again" in reply.text


def test_a_newer_inventory_decides(town: Town) -> None:
    lines = run_script(town, VmmEstate(town.there))
    newer = json.loads(town.there[0]) | {"collected_at": "2026-11-22T06:04:00Z"}
    town.clock.tick(5)
    town.take(write(town.folder / "newer.jsonl", [json.dumps(newer), *town.there[1:]]))

    reply = give_back(town, lines)

    assert reply.text.startswith("Nothing was taken: the inventory of VMM-Chicago is newer")
    assert town.standing() == "pending"


def inventory(town: Town, estate: VmmEstate, name: str) -> Path:
    """As the estate is now, collected now."""
    lines = list(Run(estate.cmdlets(), town.clock).script(export_script()))
    town.clock.tick()
    return write(town.folder / name, lines)


def test_what_was_collected_before_the_run_takes_nothing_back(town: Town) -> None:
    estate = VmmEstate(town.there)
    town.clock.tick(5)
    before = inventory(town, estate, "before.jsonl")
    lines = run_script(town, estate)
    after = inventory(town, estate, "after.jsonl")
    give_back(town, lines)

    town.take(before)
    held = town.standing()
    town.take(after)

    assert (held, town.standing()) == ("connected", "connected")


def test_what_was_collected_after_the_run_decides_however_late_its_answer_came(town: Town) -> None:
    estate = VmmEstate(town.there)
    lines = run_script(town, estate)
    town.clock.tick(5)
    estate.adapter("web001").update(network="n-DR-Old", subnet="s-DR-Old-Web")
    after = inventory(town, estate, "after.jsonl")
    town.clock.tick(5)
    give_back(town, lines)

    town.take(after)

    assert [town.standing(f"web00{n}") for n in (1, 2)] == ["drifted", "connected"]


def test_an_older_run_takes_no_newer_one_back(town: Town) -> None:
    estate = VmmEstate(town.there)
    older = run_script(town, estate)
    give_back(town, older)
    town.does("change M1 to DR-Old")
    give_back(town, run_script(town, estate))

    again = give_back(town, older)

    assert (again.result["confirmed"], again.result["overtaken"]) == (0, 3)
    assert "Reconnected once more since: 3 adapters" in again.text
    assert town.standing() == "connected"


def test_adapters_and_servers_it_does_not_know_are_said(town: Town) -> None:
    lines = run_script(town, VmmEstate(town.there))
    strange = [lines[0], lines[1].replace('"vm":"vmm-chicago-v1"', '"vm":"other"'), lines[-1]]
    other = lines[0].replace("vmm-chicago.example.org", "vmm-boston")

    assert give_back(town, strange).result["unknown"] == ["web001, NIC 0"]
    assert "which is not known here" in give_back(town, [other, *lines[1:]]).text


def test_all_that_it_does_not_know_are_counted(town: Town) -> None:
    first, line, *_, last = run_script(town, VmmEstate(town.there))
    strange = [line.replace('"vm":"vmm-chicago-v1"', f'"vm":"other{n}"') for n in range(9)]

    reply = give_back(town, [first, *strange, last])

    assert f"Not known here: {', '.join(['web001, NIC 0'] * 6)} and 3 more" in reply.text


def test_of_one_that_failed_over_since_the_next_inventory_tells(town: Town) -> None:
    estate = VmmEstate(town.there)
    lines = run_script(town, estate)
    town.clock.tick()
    here = [json.loads(line) for line in town.here]
    here[0]["collected_at"] = town.clock().isoformat()
    for row in here:
        if row.get("vm", {}).get("name") == "web001":
            row["vm"] |= {"role": "replica", "power": "off"}
    town.take(write(town.folder / "here.jsonl", [json.dumps(row) for row in here]))

    reply = give_back(town, lines)

    assert (reply.result["confirmed"], reply.result["unknown"]) == (2, [])
    assert reply.result["failed_over"] == ["web001, NIC 0"]
    assert (
        f"By what is known here no replica any more, so the next inventory of {THERE} has to tell"
        " where it is: web001, NIC 0"
    ) in reply.text


def test_a_run_of_the_future_is_refused_as_no_inventory_could_say_otherwise(town: Town) -> None:
    first, *lines = run_script(town, VmmEstate(town.there))
    about = json.loads(first) | {"at": "2027-11-22T06:00:00Z"}

    reply = give_back(town, [json.dumps(about), *lines])

    assert not reply.ok
    assert "says it was run at 2027-11-22 06:00 UTC, and here it is 2026-11-22 06:0" in reply.text
    assert town.standing() == "pending"


@pytest.mark.parametrize(
    ("number", "line", "words"),
    [
        (1, "{", "line 2: is no line of the script's"),
        (1, '{"vm": "x"}', "lacks 'adapter'"),
        (2, "web002 connected", "line 3: is no line of the script's"),
        (1, "[" * 100_000, "line 2: is no line of the script's"),
        (1, "null", "line 2: is no line of the script's"),
        (1, '{"vm": "x", "adapter": "", "slot": 1e999}', "line 2: is no line of the script's"),
        (0, '{"format":"netmap/receipts/1"}', "does not begin as the script's answer does"),
    ],
)
def test_an_answer_that_somebody_edited_is_refused(
    town: Town, number: int, line: str, words: str
) -> None:
    lines = run_script(town, VmmEstate(town.there))
    lines[number] = line

    reply = give_back(town, lines)

    assert not reply.ok
    assert words in reply.text
    assert town.standing() == "pending"


def test_a_plan_that_changed_makes_no_script(town: Town) -> None:
    plan = town.does("plan")["fingerprint"]
    town.does("remove M1")

    assert not town.say(f"script {plan}").ok


def test_the_plan_offers_its_script_where_nobody_reaches_the_server(town: Town) -> None:
    plan = town.does("plan")["fingerprint"]

    assert f"/netmap script {plan}" in town.say("plan").text
    assert f"/netmap script {plan}" in town.say(f"apply {plan}").text
