"""In an incident: mentions in threads, many VMs at once, the message shortcut, Home."""

from tests.doors.office import ONCALL, Office, labels
from tests.doors.test_buttons import rows

ALERT = (
    "P1: web01, sql09.corp.example and `dual01` are down; also *app03*! (see <https://x.example|x>)"
)


def test_several_vms_in_a_thread_are_one_table_worst_first(desk: Office) -> None:
    first = desk.ws.say("ana", ONCALL, "failing over").message
    assert first is not None

    reply = desk.ws.mention("ben", ONCALL, "vm web01, sql09, app03", thread_ts=first.ts).reply()

    assert reply.thread_ts == first.ts
    assert reply.only_for is None
    assert rows(reply)[0].startswith("sql09|")
    assert "Share in channel" not in labels(reply)


def test_fifty_vms_are_one_table_and_fifty_one_are_refused(desk: Office) -> None:
    names = [f"web{n:02}" for n in range(1, 14)] + [f"vm-{n}" for n in range(37)]

    fifty = desk.ws.mention("ben", ONCALL, f"vm {', '.join(names)}").reply()
    more = desk.ws.mention("ben", ONCALL, f"vm {', '.join([*names, 'one-more'])}").reply()

    assert fifty.text.startswith("50 VMs: ")
    assert "50" in more.text
    assert not any(block["type"] == "table" for block in more.blocks)


def test_the_shortcut_finds_vms_in_a_message_and_answers_in_its_thread(desk: Office) -> None:
    alert = desk.ws.say("ana", ONCALL, ALERT).message
    assert alert is not None

    act = desk.ws.message_shortcut("ben", "netmap_vms_in_message", ONCALL, alert.ts)

    assert act.acknowledged
    reply = act.reply()
    assert (reply.thread_ts, reply.only_for) == (alert.ts, None)
    shown = " ".join(rows(reply))
    assert all(name in shown for name in ("web01", "sql09", "dual01", "app03"))
    assert reply.text.startswith("4 VMs: ")


def test_a_message_without_vms_is_answered_to_who_asked(desk: Office) -> None:
    alert = desk.ws.say("ana", ONCALL, "the coffee machine is down, and so is wbe01").message
    assert alert is not None

    reply = desk.ws.message_shortcut("ben", "netmap_vms_in_message", ONCALL, alert.ts).reply()

    assert reply.only_for is not None
    assert "I find no VM" in reply.text


def test_home_shows_how_it_stands_and_is_kept_fresh(desk: Office) -> None:
    desk.ws.open_home("ana")
    home = desk.ws.wait_for(lambda: desk.ws.home("ana"))
    words = home.words()
    assert "VMM-NewYork → VMM-Chicago" in words
    assert "NOT mapped" in words
    assert "DRIFTED" in words
    assert "Prod-Web (VMM-NewYork) to DR-Web" not in words

    desk.private("ben", "add Prod-Web to DR-Web")
    desk.settle()

    again = desk.ws.home("ana")
    assert again is not None
    assert "mapped Prod-Web (VMM-NewYork) to DR-Web (VMM-Chicago)" in again.words()


def test_home_calls_nothing_well_that_an_old_inventory_says(desk: Office) -> None:
    desk.ws.open_home("ana")
    words = desk.ws.wait_for(lambda: desk.ws.home("ana")).words()

    of_denver = words.split("VMM-Denver → VMM-Denver*")[1].split("*")[0]

    assert "VMM-Denver's inventory is TOO OLD to rely on" in of_denver
    assert "nothing to reconnect" not in of_denver


def test_a_vm_is_looked_up_from_home(desk: Office) -> None:
    desk.ws.open_home("ana")
    home = desk.ws.wait_for(lambda: desk.ws.home("ana"))

    desk.ws.press("ana", home, "netmap.home.search", "sql09")
    desk.settle()

    found = desk.ws.views("ana")[-1]
    assert found.title == "Where it comes up"
    assert "sql09 comes up" in found.words()

    desk.press("ana", found, "Where else?")
    desk.settle()

    assert "Prod-DB (VMM-NewYork)" in desk.ws.views("ana")[-1].words()


def test_names_from_outside_ping_nobody_in_home_forms_and_buttons(desk: Office) -> None:
    desk.ws.open_home("ana")
    desk.private("ana", "drift")
    desk.settle()

    said = [str(call.args) for call in desk.ws.calls]
    assert not any("<!channel>" in text or "<!here>" in text for text in said)
