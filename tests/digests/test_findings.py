"""Findings with a life, and what is found besides what does not stand where it belongs."""

import json
from datetime import timedelta

import pytest

from bot.domain.answers.findings import Finding, finding_again
from bot.domain.codes import FindingKind, Severity
from bot.domain.errors import Refused
from bot.usecases.importing.import_failures import remember
from tests.digests.bench import Bench
from tests.digests.test_matrix import AT_RISK


def found(b: Bench) -> dict[FindingKind, Finding]:
    result = b.house.answer("drift", by="local:x", page=None).result
    return {FindingKind(f["kind"]): finding_again(json.dumps(f)) for f in result["findings"]}


def test_a_renamed_subnet_that_moves_placements_is_told_with_its_cause(b: Bench) -> None:
    b.targets["DR-Web"] = ("Web", "Shop")
    b.vms["web02"] = ("Prod-Web", "App", "DR-Web", "Shop")
    b.collect()

    moved = found(b)[FindingKind.PLACEMENT_MOVED]

    assert moved.facts["wish"] == "DR-Web / Web"
    assert "DR-Web / Shop is new" in moved.facts["cause"]
    assert (moved.severity, moved.vms) == (Severity.MEDIUM, 1)
    b.targets["DR-Web"] = ("Web", "App")
    b.vms["web02"] = ("Prod-Web", "App", "DR-Web", "App")
    b.collect(hours_ago=0)
    assert FindingKind.PLACEMENT_MOVED not in found(b)


def test_vms_that_appear_on_a_mapped_network_are_told_for_a_week(b: Bench) -> None:
    b.vms["web03"] = ("Prod-Web", "Web", "DR-Web", "Web")
    b.collect()

    appeared = found(b)[FindingKind.APPEARED]

    assert (appeared.vms, appeared.examples, appeared.severity) == (1, ["web03"], Severity.LOW)
    b.pass_time(days=8)
    assert FindingKind.APPEARED not in found(b)


def test_vms_that_appear_on_an_unmapped_network_are_part_of_that_finding(b: Bench) -> None:
    b.vms["db01"] = AT_RISK
    b.collect()

    kinds = found(b)

    assert kinds[FindingKind.UNMAPPED].facts["appeared"] == "db01"
    assert FindingKind.APPEARED_UNMAPPED not in kinds


NETWORK = "(SELECT id FROM network WHERE name = '{}')"
OUTSIDE = {
    "led elsewhere": "UPDATE mapping SET target = " + NETWORK.format("DR-DB"),
    "given a test network": "UPDATE mapping SET test = " + NETWORK.format("DR-DB"),
    "taken out of force": "UPDATE mapping SET removed = 1",
    "deleted": "DELETE FROM mapping",
    "added": "INSERT INTO mapping (source, target, server, by, at, change) SELECT "
    f"{NETWORK.format('Prod-DB')}, {NETWORK.format('DR-DB')}, server, by, at, change FROM mapping",
}


@pytest.mark.parametrize("how", OUTSIDE)
def test_a_mapping_changed_past_netmap_is_high(b: Bench, how: str) -> None:
    with b.house.store.write() as tables:
        tables._connection.execute(OUTSIDE[how])

    changed = found(b)[FindingKind.CHANGED_OUTSIDE]

    assert changed.severity is Severity.HIGH
    assert changed.subject == ("Prod-DB" if how == "added" else "Prod-Web")


def test_a_mapping_changed_through_netmap_is_no_finding(b: Bench) -> None:
    b.targets["DR-Web"] = ("App", "Web")
    b.collect(hours_ago=0)
    told = [FindingKind.CHANGED_OUTSIDE in found(b)]
    change = ""

    for line in (
        "change M1 to DR-DB --test DR-Web",
        "undo C{}",
        "adopt DR-Web",
        "remove M1",
        "undo C{}",
        "add Prod-DB to DR-DB",
        "remove Prod-DB",
        "add Prod-DB to DR-Web",
        "remove Prod-Web",
    ):
        reply = b.say(line.format(change))
        assert reply.ok, reply.text
        change = reply.result["change"].removeprefix("C")
        told.append(FindingKind.CHANGED_OUTSIDE in found(b))

    assert told == [False] * 10


def test_an_import_that_failed_is_told_until_one_succeeds(b: Bench) -> None:
    remember(b.house.ports, "VMM-NY", Refused("VMM-NY did not answer."), b.at)

    failed = found(b)[FindingKind.IMPORT_FAILED]

    assert failed.facts["said"] == "VMM-NY did not answer."
    assert "The last import of VMM-NY failed" not in b.say("status").text
    b.tick()
    assert "The last import of VMM-NY failed" in b.say("status").text
    b.collect()
    assert FindingKind.IMPORT_FAILED not in found(b)


def test_a_finding_that_comes_again_keeps_its_number_and_begins_anew(b: Bench) -> None:
    b.vms["db01"] = AT_RISK
    b.collect()
    b.tick()
    first = found(b)[FindingKind.UNMAPPED]
    b.say("ack F1")
    del b.vms["db01"]
    b.pass_time(hours=1)
    b.collect()
    b.tick()
    gone = b.say("snooze F1").text
    b.vms["db01"] = AT_RISK
    b.pass_time(hours=1)
    b.collect()
    b.tick()

    again = found(b)[FindingKind.UNMAPPED]

    assert gone.startswith("F1 is gone since 2026-11-23 07:00 UTC by C")
    assert (again.id, again.state) == (first.id, "")
    assert again.since is not None
    assert first.since is not None
    assert again.since - first.since == timedelta(hours=2)


def test_a_finding_is_put_off_for_30_days_at_most(b: Bench) -> None:
    b.vms["db01"] = AT_RISK
    b.collect()
    b.tick()

    assert "30 days at most" in b.say("snooze F1 for 31d").text
    assert "in the past" in b.say("snooze F1 until 2026-11-01").text
    assert "until 1 Dec" in b.say("snooze F1 until 2026-12-02").text
    assert "There is no finding F9" in b.say("ack F9").text
    assert "`lots` is no number like `F7`" in b.say("ack lots").text


@pytest.mark.parametrize(
    ("said", "zone", "until"),
    [
        ("tomorrow 8:00", "Europe/Amsterdam", "24 Nov 07:00"),
        ("tomorrow 8:00", "America/New_York", "24 Nov 13:00"),
        ("tomorrow", "Europe/Amsterdam", "23:00"),
        ("today at 6pm", "Europe/Amsterdam", "17:00"),
        ("monday 8:00", "Europe/Amsterdam", "07:00"),
        ("monday 7am", "Europe/Amsterdam", "30 Nov 06:00"),
        ("monday", "Europe/Amsterdam", "29 Nov 23:00"),
        ("23:00", "Pacific/Auckland", "10:00"),
        ("6:00", "Europe/Amsterdam", "24 Nov 05:00"),
        ("2026-12-01 18:00", "Asia/Kolkata", "1 Dec 12:30"),
    ],
)
def test_a_moment_is_by_the_clock_of_whoever_says_it(
    b: Bench, said: str, zone: str, until: str
) -> None:
    b.vms["db01"] = AT_RISK
    b.collect()
    b.tick()

    b.say("digest on here daily 08:30")

    for line in ("snooze F1", "ack F1", "digest mute D1"):
        answer = b.say(f"{line} until {said}", zone=zone)

        assert f"until {until} UTC" in answer.text


def test_a_moment_that_is_over_is_refused_with_what_time_it_is_there(b: Bench) -> None:
    b.vms["db01"] = AT_RISK
    b.collect()
    b.tick()

    answer = b.say("snooze F1 until today 1:00", zone="America/New_York")

    assert "Until 2026-11-23 01:00 is in the past." in answer.text
    assert "It is 2026-11-23 01:00 in America/New_York now." in answer.text


def test_an_acknowledgement_is_in_the_history_and_no_change_to_take_back(b: Bench) -> None:
    b.vms["db01"] = AT_RISK
    b.collect()
    b.tick()
    change = b.say("ack F1 --reason CAB-7").result["change"]

    assert "acknowledged F1 — CAB-7" in b.say("history").text
    refused = b.say(f"undo {change}")
    assert not refused.ok
    assert refused.error is not None
    assert refused.error.code != "bug"


def test_a_twin_a_missing_channel_and_an_unknown_digest_are_refused_with_a_way_out(
    b: Bench,
) -> None:
    b.say("digest on here daily 08:30")

    twin = b.say("digest on here daily 8:30")
    nowhere = b.house.answer("digest on daily 8:30", by="local:x")
    unknown = b.say("digest run D7")

    assert twin.text.startswith("D1 tells this channel daily 08:30 already.")
    assert nowhere.text.startswith("A digest needs a channel, and here is none.")
    assert unknown.text.startswith("There is no digest D7.")
    assert b.say("digest off D1").ok
    assert b.say("digest run D1").text.startswith("D1 is off.")
