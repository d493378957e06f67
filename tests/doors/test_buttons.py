"""Buttons under answers: what they do, for whom, how often."""

import re

import pytest
from slack_sdk import WebClient

from bot.commands import Caller, answer
from bot.domain.codes import Role
from bot.slack.buttons import read
from bot.slack.replies import NO_FILES
from bot.wiring import House
from tests.doors.office import ANA, BEN, ONCALL, Office, labels


def test_a_private_answer_can_be_shared_with_the_channel(desk: Office) -> None:
    answer = desk.private("ana", "vm sql09")

    act = desk.press("ana", answer, "Share in channel")

    shared = act.reply()
    assert act.acknowledged
    assert shared.only_for is None
    assert shared.text.startswith("sql09 comes up WITHOUT A NETWORK")
    assert f"Shared by <@{ANA}>" in shared.words()
    assert "Share in channel" not in labels(shared)


def test_sharing_twice_shares_once(desk: Office) -> None:
    answer = desk.private("ana", "vm sql09")
    desk.press("ana", answer, "Share in channel").reply()

    again = desk.press("ana", answer, "Share in channel").reply()

    assert again.only_for == ANA
    assert "shared already" in again.text
    public = [m for m in desk.ws.messages(ONCALL) if "Shared by" in m.words()]
    assert len(public) == 1


def test_where_the_bot_is_not_sharing_says_what_to_do(desk: Office) -> None:
    answer = desk.private("ana", "vm sql09", "#facilities")

    reply = desk.press("ana", answer, "Share in channel").reply()

    assert "netmap is not in this channel" in reply.text


def test_every_private_answer_offers_to_be_shared_and_no_refusal_does(desk: Office) -> None:
    for line in ("list", "networks", "servers", "drift", "history", "status", "show M1", "plan"):
        assert "Share in channel" in labels(desk.private("ana", line)), line

    assert labels(desk.private("ana", "vm nobody-knows-it")) == []


def test_nothing_said_is_answered_with_what_one_may_want(desk: Office) -> None:
    menu = desk.private("ana", "")

    assert labels(menu) == ["New mapping", "Drift", "Mappings", "Status", "All commands"]
    assert "/netmap vm web01" in menu.words()
    assert "commands you may run" in desk.press("ana", menu, "All commands").reply().text
    desk.press("ana", menu, "New mapping")
    desk.settle()
    assert desk.ws.views("ana")[-1].title == "Network mapping"


def test_a_change_can_be_taken_back_by_its_button(desk: Office) -> None:
    added = desk.private("ana", "add Prod-Web to DR-Web")
    assert labels(added) == ["Undo", "History", "Change…"]

    undone = desk.press("ben", added, "Undo").reply()

    assert undone.text.startswith("Nothing is changed yet: C54 would be taken back")


def test_the_history_of_a_change_is_shown_to_who_presses(desk: Office) -> None:
    added = desk.private("ana", "add Prod-Web to DR-Web")

    shown = desk.press("ben", added, "History").reply()

    assert shown.only_for == BEN
    assert "mapped Prod-Web" in shown.text


def test_where_else_leads_from_a_vm_to_its_network(desk: Office) -> None:
    answer = desk.private("ana", "vm sql09")

    shown = desk.press("ana", answer, "Where else?").reply()

    assert shown.text.startswith("Prod-DB (VMM-NewYork) is NOT MAPPED")


def test_pages_are_turned_in_place(desk: Office) -> None:
    first = desk.private("ana", "list")
    assert "More" in labels(first)

    second = desk.press("ana", first, "More").reply()

    assert second.ts == first.ts
    assert "First page" in labels(second)
    assert rows(first)
    assert rows(second)
    assert not set(rows(first)) & set(rows(second))
    back = desk.press("ana", second, "First page").reply()
    assert rows(back) == rows(first)


def rows(message: object) -> list[str]:
    """The rows of its table, without the headings."""
    [table] = [b for b in message.blocks if b["type"] == "table"]  # type: ignore[attr-defined]
    return ["|".join(cell["text"] for cell in row) for row in table["rows"][1:]]


def test_all_pages_together_are_all_rows_once(desk: Office) -> None:
    page = desk.private("ana", "list")
    seen = rows(page)
    while "More" in labels(page):
        page = desk.press("ana", page, "More").reply()
        seen += rows(page)

    assert len(seen) == len(set(seen)) > 25


@pytest.mark.parametrize(
    ("line", "first", "second"),
    [
        ("drift", r"(\d+) findings: ", r"(\d+) findings: [^\n]+\n +11 to 20 of them:"),
        ("networks", r"(\d+) VM networks at \w.*; the first 25", r"(\d+) VM networks at .*; 26 to"),
        ("history", r"The last 10 changes, the newest ", r"Changes 11 to 20, the newest of them "),
    ],
)
def test_a_page_is_not_taken_for_the_whole(
    desk: Office, line: str, first: str, second: str
) -> None:
    page = desk.private("ana", line)
    turned = desk.press("ana", page, "More").reply()

    told, again = re.match(first, page.text), re.match(second, turned.text)

    assert told, page.text
    assert again, turned.text
    assert again.groups() == told.groups()


def test_no_change_is_lost_where_a_page_of_history_ends(desk: Office, house: House) -> None:
    page = desk.private("ana", "history")
    text = page.text
    while "More" in labels(page):
        page = desk.press("ana", page, "More").reply()
        text += page.text
    seen = list(dict.fromkeys(re.findall(r"\bC\d+(?= · )", text)))

    whole = answer(house.ports, "history", Caller(ANA, Role.READER, house.now(), page=None))

    assert len(seen) > 20
    assert seen == [change["id"] for change in whole.result["changes"]]


def test_a_page_beyond_the_end_is_not_taken_for_all_is_well(house: House) -> None:
    lines = ("drift", "networks", "history", "list")

    caller = Caller(ANA, Role.READER, house.now(), pages=True, skip=5_000)
    said = [answer(house.ports, line, caller).text for line in lines]

    assert [text.split()[0] for text in said] == ["48", "48", "The", "22"]


def test_an_answer_says_where_its_file_is(desk: Office) -> None:
    answer = desk.private("ana", "export")

    assert "sent to your direct messages: netmap-mappings.csv" in answer.words()
    desk.settle()
    assert [m.files[0]["name"] for m in desk.ws.messages("@ana") if m.files] == [
        "netmap-mappings.csv"
    ]


def test_the_rest_comes_as_a_file(desk: Office) -> None:
    answer = desk.private("ana", "list")

    told = desk.press("ana", answer, "All as CSV").reply()

    assert "direct messages" in told.text
    [message] = [m for m in desk.ws.messages("@ana") if m.files]
    stored = desk.ws.world.files[message.files[0]["id"]]
    lines = stored.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Source server,Network,Target server,Id,Joins,Test,VMs"
    assert any(line.startswith("VMM-NewYork,Prod-DB,VMM-Chicago,,") for line in lines)


def test_all_that_a_change_reconnected_comes_as_a_file(desk: Office) -> None:
    said = desk.private("ana", "change Prod-App to DR-Old")

    assert "all 20 sent as a file to who asked · by Ana" in said.text
    assert "all 20 sent as a file to who asked" in said.words()
    desk.settle()
    [message] = [m for m in desk.ws.messages("@ana") if m.files]
    stored = desk.ws.world.files[message.files[0]["id"]]
    rows = stored.content.decode("utf-8-sig").splitlines()
    assert len(rows) == 21
    assert sum("waits for its initial replication" in row for row in rows) == 3
    assert all("DR-Old" in row for row in rows[1:])


def test_a_change_that_names_all_of_it_brings_no_file(desk: Office) -> None:
    said = desk.private("ana", "change Batch to DR-Old")

    assert "as a file" not in said.text
    desk.settle()
    assert desk.ws.world.files == {}


def test_a_file_that_slack_does_not_take_is_said_and_the_change_stands(desk: Office) -> None:
    desk.ws.faults.refuse("files.getUploadURLExternal", "missing_scope")

    changed = desk.private("ana", "change Prod-App to DR-Old")
    desk.settle()
    desk.ws.faults.refuse("files.getUploadURLExternal", "missing_scope")
    desk.press("ana", changed, "Undo")
    desk.settle()

    told = [m.text for m in desk.ws.ephemerals("ana", ONCALL) if "did not take the file" in m.text]
    assert told == [NO_FILES, NO_FILES]
    assert desk.ws.world.files == {}
    assert "is now mapped to DR-Old" in changed.text


def test_a_press_delivered_twice_acts_once(desk: Office) -> None:
    answer = desk.private("ana", "vm sql09")
    act = desk.press("ana", answer, "Where else?")
    act.reply()
    desk.settle()
    before = len(desk.ws.ephemerals("ana", ONCALL))
    assert act.delivery is not None

    again = desk.ws.redeliver(act.delivery)

    desk.ws.wait_for(lambda: again.acknowledged or None)
    desk.settle()
    assert len(desk.ws.ephemerals("ana", ONCALL)) == before


def test_undo_pressed_twice_at_once_is_done_once(desk: Office) -> None:
    changed = desk.private("ana", "change Kiosk to DR-Print")
    assert "Undo" in labels(changed)

    acts = [desk.press(who, changed, "Undo") for who in ("ana", "ben", "ana")]

    assert all(act.acknowledged for act in acts)
    desk.settle()
    with desk.house.store.read() as tables:
        undone = [c for c in tables.changes.recent(10) if c.kind == "undo" and c.by != "sample"]
    assert len([c for c in undone if c.by in (ANA, BEN)]) == 1
    told = desk.ws.ephemerals("ana", ONCALL) + desk.ws.ephemerals("ben", ONCALL)
    assert sum("was undone already" in one.text for one in told) == 2


def test_a_button_of_another_version_is_answered_kindly(desk: Office) -> None:
    client = WebClient(token=desk.ws.bot_token, base_url=desk.ws.api_url)
    for nth, value in enumerate(("0|undo|C3", "2{}", '1{"k":"fly","l":""}', "1{", "1[]")):
        old = {
            "type": "button",
            "action_id": f"netmap.run.{nth}",
            "text": {"type": "plain_text", "text": "Undo"},
            "value": value,
        }
        blocks = [{"type": "actions", "elements": [old]}]
        posted = client.chat_postMessage(channel="C0ONCALL1", text="old", blocks=blocks)

        reply = desk.ws.press("ana", str(posted["ts"]), f"netmap.run.{nth}").reply()

        assert "another version" in reply.text
        assert reply.only_for == ANA
        desk.ws.clock.advance(2)


def test_in_a_thread_presses_are_answered_in_the_thread(desk: Office) -> None:
    mention = desk.ws.mention("ana", ONCALL, "vm sql09")
    answer = mention.reply()
    assert answer.thread_ts

    shown = desk.press("ben", answer, "Where else?").reply()

    assert (shown.thread_ts, shown.only_for) == (answer.thread_ts, BEN)


@pytest.mark.parametrize(
    "value",
    [
        '1{"k":"run","l":5}',
        '1{"k":"run","l":null}',
        '1{"k":"run"}',
        '1{"k":"page","l":"list","s":"2"}',
        '1{"k":"form","l":"","v":{"source":5}}',
        '1{"k":"form","l":"","v":["source"]}',
        '1["run"]',
        '2{"k":"run","l":"list"}',
    ],
)
def test_a_button_that_this_version_does_not_make_says_no_step(value: str) -> None:
    assert read(value) is None
