"""The map and the trend with a digest, and the map in Slack."""

from tests.digests.bench import NAME, Bench
from tests.digests.test_matrix import AT_RISK, next_digest, on


def test_a_digest_can_carry_the_map_and_the_trend_as_pictures(b: Bench) -> None:
    b.sources["Prod-DB <!channel>"] = ("Db",)
    b.vms["db01"] = ("Prod-DB <!channel>", "Db", None, None)
    on(b, "digest on here daily 08:30 --picture")

    next_digest(b)

    (parent,) = b.parents()
    drawn, trend = b.thread(parent)[-2:]
    assert [m.files[0]["name"] for m in (drawn, trend)] == [
        "netmap-D1-2026-11-23-map.png",
        "netmap-D1-2026-11-23.png",
    ]
    assert drawn.text.splitlines() == [
        "1 mapping: 1 well; 1 network with 1 VM not mapped.",
        "Prod-DB &lt;!channel&gt; (VMM-NY) → not mapped (VMM-CH): 1 VM",
        "All of it: /netmap map",
    ]
    assert drawn.files[0]["alt_txt"] == "1 mapping: 1 well; 1 network with 1 VM not mapped."
    assert trend.files[0]["alt_txt"].startswith("Open findings on 23 Nov: 1 (1 high)")
    assert b.ws.violations == []


def test_pictures_come_with_what_is_new_and_not_with_every_edit(b: Bench) -> None:
    b.vms["db01"] = AT_RISK
    on(b, "digest on here daily 08:30 --picture")

    for _ in range(3):
        next_digest(b)

    names = [m.files[0]["name"] for m in b.thread(b.parents()[0]) if m.files]
    assert len(names) == 3


def test_the_map_of_the_estate_has_a_picture(b: Bench) -> None:
    b.vms["db01"] = AT_RISK
    b.collect()

    reply = b.say("map")

    assert reply.text.splitlines()[0] == "1 mapping: 1 well; 1 network with 1 VM not mapped."
    assert reply.files[0].data.startswith(b"\x89PNG")


def test_status_says_how_the_scheduler_does(b: Bench) -> None:
    before = b.say("status").text
    on(b)
    b.tick()
    well = b.say("status").text
    b.pass_time(hours=1)
    silent = b.say("status").text

    assert "scheduler" not in before
    assert "The scheduler ran 06:00 UTC (just now): 1 digest on, the next 07:30 UTC" in well
    assert silent.splitlines()[0].endswith("; the scheduler has STOPPED.")
    assert "it has STOPPED, and no digest will come" in silent


def test_status_says_which_digests_are_paused(b: Bench) -> None:
    on(b)
    b.ws.faults.archive(NAME)

    next_digest(b)

    said = b.say("status").text
    assert said.splitlines()[0].endswith("; 1 digest PAUSED.")
    assert "Paused: D1. /netmap digest list" in said
