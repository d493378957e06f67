"""The form of a network mapping, as people fill it in."""

import json

from bot.wiring import House
from bot.workspace import Act
from bot.workspace.nouns import View
from tests.doors.office import ANA, ONCALL, Office, office

ACTION = "netmap.form."


def opened(desk: Office, user: str = "ana", line: str = "add") -> View:
    """Type `/netmap add` and wait for the form."""
    desk.ws.slash(user, ONCALL, f"/netmap {line}")
    return filled(desk, user)


def filled(desk: Office, user: str = "ana") -> View:
    """The form once its servers are read."""
    return desk.ws.wait_for(
        lambda: next(
            (v for v in desk.ws.views(user) if v.body.get("private_metadata")),
            None,
        )
    )


def server(view: View, name: str) -> str:
    """The value of a server's option."""
    for block in view.blocks:
        for option in block.get("element", {}).get("options", []):
            if option["text"]["text"] == name:
                return str(option["value"])
    raise LookupError(name)


def choose_servers(desk: Office, user: str = "ana", source: str = "VMM-NewYork") -> View:
    view = opened(desk, user)
    for field, name in (("source_server", source), ("target_server", "VMM-Chicago")):
        desk.ws.press(user, view.id, ACTION + field, server(view, name))
        desk.settle()
        view = desk.ws.views(user)[-1]
    return view


def choose(desk: Office, user: str, field: str, name: str, query: str | None = None) -> View:
    """Type into a picker and choose a network."""
    view = desk.ws.views(user)[-1]
    offered = desk.ws.options(user, view.id, ACTION + field, name if query is None else query)
    value = next(one["value"] for one in offered if one["text"]["text"] == name)
    desk.ws.press(user, view.id, ACTION + field, value)
    desk.settle()
    return desk.ws.views(user)[-1]


def press_ok(desk: Office, user: str, view: View, wait: bool = True, **values: str) -> Act:
    """Press OK, warnings read where there are any."""
    given: dict[str, object] = {ACTION + field: value for field, value in values.items()}
    if asks_to_read(view):
        given[f"{ACTION}read"] = ["yes"]
    return desk.ws.submit(user, view.id, given, wait)


def asks_to_read(view: View) -> bool:
    """Whether warnings have to be ticked."""
    return "I have read the warnings" in view.words()


def block_of(view: View, field: str) -> str:
    """The block id of a field."""
    for block in view.blocks:
        if block.get("element", {}).get("action_id") == ACTION + field:
            return str(block["block_id"])
    raise LookupError(field)


def test_add_alone_opens_the_form_at_once(desk: Office) -> None:
    act = desk.ws.slash("ana", ONCALL, "/netmap add")

    assert act.acknowledged
    view = filled(desk)
    assert view.title == "Network mapping"
    assert "Source VMM server" in view.words()
    opened_first = desk.ws.calls_of("views.open")[0].args["view"]
    assert "Reading servers" in str(opened_first)


def test_the_shortcut_and_home_open_it_too(desk: Office) -> None:
    desk.ws.shortcut("ana", "netmap_new_mapping")
    assert filled(desk, "ana").title == "Network mapping"

    desk.ws.open_home("chloe")
    home = desk.ws.wait_for(lambda: desk.ws.home("chloe"))
    desk.ws.press("chloe", home, "netmap.home.new")
    assert filled(desk, "chloe").title == "Network mapping"


def groups_of(desk: Office, view: View, field: str, query: str = "") -> dict[str, list[str]]:
    """Label of a group -> what a picker offers in it, with what stands below."""
    groups = desk.ws.groups("ana", view.id, ACTION + field, query)
    return {
        label: [f"{one['text']['text']}, {one['description']['text']}" for one in options]
        for label, options in groups.items()
    }


def test_networks_are_offered_grouped_with_their_vms(desk: Office) -> None:
    view = choose_servers(desk)

    sources, targets = groups_of(desk, view, "source"), groups_of(desk, view, "target")

    assert list(sources) == ["Not mapped yet (6)", "Already mapped (18)"]
    assert "Prod-DB, 13 VMs" in sources["Not mapped yet (6)"]
    assert "Kiosk, 12 VMs" in sources["Already mapped (18)"]
    assert list(targets) == ["Not mapped yet (6)", "Already mapped (16)"]
    assert "DR-Web, 1 VM" in targets["Not mapped yet (6)"]
    found = groups_of(desk, view, "source", "prod-d")
    assert list(found) == ["Not mapped yet (1)"]


def test_networks_of_one_name_are_told_apart(desk: Office) -> None:
    view = choose_servers(desk)

    [group] = groups_of(desk, view, "source", "lab").values()

    assert len(group) == len(set(group)) == 2
    assert all("subnets" in one for one in group)


def test_a_mapping_is_previewed_and_made(desk: Office) -> None:
    choose_servers(desk)
    choose(desk, "ana", "source", "Prod-Web")
    view = choose(desk, "ana", "target", "DR-Web")
    assert "12 replica VMs would be reconnected" in view.words()
    assert "9 join the subnet of the same name" in view.words()
    assert "3 join the first subnet, Mgmt: DR-Web has no subnet called Batch" in view.words()
    assert "SilverCloud2 cannot reach DR-Web" in view.words()

    act = press_ok(desk, "ana", view, reason="CAB-1042")

    assert act.acknowledged
    assert act.answer is not None
    assert "Saving…" in str(act.answer["view"])
    desk.settle()
    shown = desk.ws.views("ana")[-1].words()
    assert "Prod-Web (VMM-NewYork) is now mapped to DR-Web (VMM-Chicago)" in shown
    [public] = [m for m in desk.ws.messages(ONCALL) if "is now mapped" in m.text]
    assert public.only_for is None
    assert "by Ana Ferreira" in public.words()  # no line that was typed tells who it was
    with desk.house.store.read() as tables:
        change = tables.changes.recent(1)[0]
    assert (change.by, change.reason) == (ANA, "CAB-1042")
    assert change.command.endswith(
        '"Prod-Web" on VMM-NewYork to "DR-Web" on VMM-Chicago --reason CAB-1042'
    )


def test_an_acknowledgement_that_comes_late_hides_no_outcome(desk: Office) -> None:
    choose_servers(desk)
    choose(desk, "ana", "source", "Prod-Web")
    view = choose(desk, "ana", "target", "DR-Web")

    def shown() -> str:
        return desk.ws.views("ana")[-1].words()

    with desk.ws.faults.late_acknowledgements():
        act = press_ok(desk, "ana", view, wait=False)
        desk.ws.wait_for(lambda: "is now mapped to DR-Web" in shown())
    assert act.wait().acknowledged
    desk.settle()

    assert "is now mapped to DR-Web" in shown()
    assert len([m for m in desk.ws.messages(ONCALL) if "is now mapped" in m.text]) == 1


def test_a_preview_is_not_hidden_by_a_late_acknowledgement_either(desk: Office) -> None:
    choose_servers(desk)
    choose(desk, "ana", "source", "Prod-Web")
    target = option(desk, "ana", "target", "DR-Web")
    view = desk.ws.views("ana")[-1]

    def shown() -> str:
        return desk.ws.views("ana")[-1].words()

    with desk.ws.faults.late_acknowledgements():
        act = desk.ws.submit("ana", view.id, {f"{ACTION}target": target}, wait=False)
        desk.ws.wait_for(lambda: "12 replica VMs would be reconnected" in shown())
    assert act.wait().acknowledged
    desk.settle()

    assert "12 replica VMs would be reconnected" in shown()


def test_where_there_is_one_pair_of_servers_nobody_has_to_choose_it(desk: Office) -> None:
    for line in ("remove Den-Prod", "forget VMM-Denver"):
        assert desk.house.answer(line, "local:test").ok

    view = opened(desk)

    chosen = {
        name: view.values[block_of(view, name)][ACTION + name]["selected_option"]["text"]["text"]
        for name in ("source_server", "target_server")
    }
    assert chosen == {"source_server": "VMM-NewYork", "target_server": "VMM-Chicago"}
    assert "Source network" in view.words()


def test_ok_waits_until_the_warnings_are_read(desk: Office) -> None:
    choose_servers(desk)
    choose(desk, "ana", "source", "Prod-Web")
    view = choose(desk, "ana", "target", "DR-Web")
    assert asks_to_read(view)

    unread = desk.ws.submit("ana", view.id)
    assert unread.refusal == {block_of(view, "read"): "Please complete this required field."}

    desk.ws.press("ana", view.id, f"{ACTION}target", option(desk, "ana", "target", "DR-Old"))
    desk.settle()
    other = desk.ws.views("ana")[-1]
    assert not asks_to_read(other)  # nothing to warn of there


def test_a_form_whose_tick_was_left_out_is_refused_by_the_bot_too(desk: Office) -> None:
    choose_servers(desk)
    choose(desk, "ana", "source", "Prod-Web")
    view = choose(desk, "ana", "target", "DR-Web")
    read = block_of(view, "read")
    for block in view.blocks:
        if block["block_id"] == read:
            block["optional"] = True  # a client that lets it pass

    act = desk.ws.submit("ana", view.id)

    assert act.errors == {read: "Tick this once you have read the warnings above."}
    assert desk.house.answer("show Prod-Web", ANA).result["mappings"] == []


def test_what_was_not_shown_yet_is_shown_before_it_is_done(desk: Office) -> None:
    choose_servers(desk)
    choose(desk, "ana", "source", "Prod-Web")
    view = desk.ws.views("ana")[-1]
    target = option(desk, "ana", "target", "DR-Web")

    act = desk.ws.submit("ana", view.id, {f"{ACTION}target": target})

    assert act.answer is not None
    assert "This is what OK would do" in str(act.answer["view"])
    desk.settle()
    view = desk.ws.views("ana")[-1]
    assert "12 replica VMs would be reconnected" in view.words()
    assert desk.house.answer("show Prod-Web", ANA).result["mappings"] == []
    press_ok(desk, "ana", view)
    desk.settle()
    assert "is now mapped to DR-Web" in desk.ws.views("ana")[-1].words()


def test_a_test_network_and_the_way_back_are_chosen_too(desk: Office) -> None:
    choose_servers(desk)
    choose(desk, "ana", "source", "Prod-Web")
    choose(desk, "ana", "target", "DR-Web")
    view = choose(desk, "ana", "test", "Test-Bubble")
    assert "A test failover uses Test-Bubble" in view.words()
    desk.ws.press("ana", view.id, f"{ACTION}both", ["yes"])
    desk.settle()
    view = desk.ws.views("ana")[-1]
    assert "mapped to each other" in view.words()

    press_ok(desk, "ana", view)
    desk.settle()

    shown = desk.house.answer("show Prod-Web", ANA).result
    assert shown["mappings"][0]["mapping"]["test"] == "Test-Bubble"
    assert [one["target"] for one in shown["mapped_here"]] == ["Prod-Web"]


def test_the_test_network_of_a_mapping_is_shown_and_can_be_left_out(desk: Office) -> None:
    desk.house.answer("change Kiosk to DR-Kiosk --test Test-Bubble", "local:test")
    desk.press("ana", desk.private("ana", "show Kiosk"), "Change…")
    desk.settle()
    view = filled(desk)
    chosen = view.values[block_of(view, "test")][f"{ACTION}test"]["selected_option"]
    assert chosen["text"]["text"] == "Test-Bubble"

    view = choose(desk, "ana", "test", "No test network", query="")
    assert "no test network" in view.words()
    press_ok(desk, "ana", view)
    desk.settle()

    mapping = desk.house.answer("show Kiosk", ANA).result["mappings"][0]["mapping"]
    assert (mapping["target"], mapping["test"]) == ("DR-Kiosk", None)


def test_the_target_cannot_be_the_test_network(desk: Office) -> None:
    choose_servers(desk)
    choose(desk, "ana", "source", "Prod-Web")
    choose(desk, "ana", "target", "DR-Web")
    view = choose(desk, "ana", "test", "DR-Web")
    assert "cannot be the test network" in view.words()

    act = press_ok(desk, "ana", view)

    assert act.errors == {block_of(view, "test"): "Choose another network."}


def test_a_way_back_that_is_taken_is_an_error_under_its_field(desk: Office) -> None:
    desk.house.answer("add DR-Web to Kiosk", "local:test")
    choose_servers(desk)
    choose(desk, "ana", "source", "Prod-Web")
    view = choose(desk, "ana", "target", "DR-Web")
    desk.ws.press("ana", view.id, f"{ACTION}both", ["yes"])
    desk.settle()
    view = desk.ws.views("ana")[-1]

    act = press_ok(desk, "ana", view)

    assert "DR-Web is mapped to Kiosk already" in view.words()
    assert act.errors == {block_of(view, "both"): "Take the tick away."}


def test_options_chosen_for_one_network_are_none_of_the_next(desk: Office) -> None:
    choose_servers(desk)
    choose(desk, "ana", "source", "Prod-Web")
    choose(desk, "ana", "target", "DR-Web")
    view = choose(desk, "ana", "test", "Test-Bubble")
    desk.ws.press("ana", view.id, f"{ACTION}both", ["yes"])
    desk.settle()

    view = choose(desk, "ana", "source", "Prod-DB")

    assert view.values[block_of(view, "test")][f"{ACTION}test"]["selected_option"] is None
    assert view.values[block_of(view, "both")][f"{ACTION}both"]["selected_options"] == []
    assert "Test-Bubble" not in view.words()
    assert "each other" not in view.words()


def option(desk: Office, user: str, field: str, name: str) -> str:
    """The value of a network in a picker."""
    view = desk.ws.views(user)[-1]
    offered = desk.ws.options(user, view.id, ACTION + field, name)
    return next(str(one["value"]) for one in offered if one["text"]["text"] == name)


def test_what_is_mapped_already_is_said_to_be_replaced(desk: Office) -> None:
    choose_servers(desk)
    choose(desk, "ana", "source", "Kiosk")

    view = choose(desk, "ana", "target", "DR-Print")

    assert "would be mapped to DR-Print (VMM-Chicago) instead of DR-Kiosk" in view.words()


def test_what_the_form_says_is_not_said_again_under_the_field(desk: Office) -> None:
    choose_servers(desk)
    choose(desk, "ana", "source", "Kiosk")
    view = choose(desk, "ana", "target", "DR-Kiosk")
    assert "Kiosk is mapped to DR-Kiosk already." in view.words()

    act = press_ok(desk, "ana", view)

    assert act.errors == {block_of(view, "target"): "Choose another network."}


def test_another_server_empties_its_picker_under_a_new_id(desk: Office) -> None:
    choose_servers(desk)
    before = choose(desk, "ana", "source", "Prod-Web")
    old = block_of(before, "source")

    desk.ws.press("ana", before.id, f"{ACTION}source_server", server(before, "VMM-Denver"))
    desk.settle()

    after = desk.ws.views("ana")[-1]
    assert block_of(after, "source") != old
    assert after.values[block_of(after, "source")][f"{ACTION}source"]["selected_option"] is None
    names = [o["text"]["text"] for o in desk.ws.options("ana", after.id, f"{ACTION}source", "")]
    assert "Prod-Web" not in names
    assert "Den-Prod" in names


def test_swap_turns_both_sides_around(desk: Office) -> None:
    choose_servers(desk)
    choose(desk, "ana", "source", "Prod-Web")
    choose(desk, "ana", "target", "DR-Web")

    desk.ws.press("ana", desk.ws.views("ana")[-1].id, f"{ACTION}swap")
    desk.settle()

    view = desk.ws.views("ana")[-1]
    chosen = {
        name: view.values[block_of(view, name)][ACTION + name]["selected_option"]["text"]["text"]
        for name in ("source_server", "target_server", "source", "target")
    }
    assert chosen == {
        "source_server": "VMM-Chicago",
        "target_server": "VMM-NewYork",
        "source": "DR-Web",
        "target": "Prod-Web",
    }


def test_of_two_people_the_second_is_told_who_was_faster(desk: Office) -> None:
    for user in ("ana", "dinesh"):
        choose_servers(desk, user)
        choose(desk, user, "source", "Prod-Web")
    ours = choose(desk, "ana", "target", "DR-Web")
    theirs = choose(desk, "dinesh", "target", "DR-Old")
    press_ok(desk, "ana", ours)
    desk.settle()

    act = press_ok(desk, "dinesh", theirs)

    assert act.answer is not None
    assert act.answer["response_action"] == "update"
    desk.settle()
    view = desk.ws.views("dinesh")[-1]
    assert f"Meanwhile <@{ANA}> mapped Prod-Web to DR-Web" in view.words()
    assert "instead of DR-Web" in view.words()
    press_ok(desk, "dinesh", view)
    desk.settle()
    assert "is now mapped to DR-Old" in desk.ws.views("dinesh")[-1].words()


def test_closed_while_working_the_result_comes_directly(desk: Office) -> None:
    choose_servers(desk)
    choose(desk, "ana", "source", "Prod-Web")
    view = choose(desk, "ana", "target", "DR-Web")
    desk.ws.faults.refuse("views.update", "not_found")

    press_ok(desk, "ana", view)
    desk.settle()

    assert any("is now mapped to DR-Web" in m.text for m in desk.ws.messages("@ana"))


def test_a_spent_trigger_leaves_the_typed_form_and_a_fresh_button(desk: Office) -> None:
    desk.ws.faults.refuse("views.open", "expired_trigger_id")
    reply = desk.ws.slash("ana", ONCALL, "/netmap add").reply()
    assert "/netmap add <source> to <target>" in reply.text.replace("&lt;", "<").replace(
        "&gt;", ">"
    )

    desk.press("ana", reply, "Open the form")

    assert filled(desk).title == "Network mapping"


def test_map_on_a_blank_opens_it_filled_in(desk: Office) -> None:
    answer = desk.private("ana", "vm sql09")

    desk.press("ana", answer, "Map…")
    desk.settle()

    view = filled(desk)
    chosen = view.values[block_of(view, "source")][f"{ACTION}source"]["selected_option"]
    assert chosen["text"]["text"] == "Prod-DB"


def test_change_leads_a_mapping_elsewhere(desk: Office) -> None:
    card = desk.private("ana", "show Kiosk")
    desk.press("ana", card, "Change…")
    desk.settle()
    assert "Kiosk (VMM-NewYork) to DR-Kiosk (VMM-Chicago), mapped by" in filled(desk).words()

    view = choose(desk, "ana", "target", "DR-Print")
    press_ok(desk, "ana", view)
    desk.settle()

    assert "is now mapped to DR-Print" in desk.ws.views("ana")[-1].words()


def test_readers_are_refused_in_the_form(house: House, way: str) -> None:
    with office(house, way, editors="U0ANA0001") as desk:
        desk.ws.slash("ben", ONCALL, "/netmap add")
        desk.settle()

        view = desk.ws.views("ben")[-1]
        assert "is for editors" in view.words()
        assert "<@U0ANA0001>" in view.words()
        assert "add x to y" not in view.words()
        assert view.body["submit"] is None


def test_a_form_of_another_version_offers_nothing_and_says_so(desk: Office) -> None:
    view = choose_servers(desk)
    view.body["private_metadata"] = json.dumps([99])

    assert desk.ws.options("ana", view.id, f"{ACTION}source", "") == []

    desk.ws.press("ana", view.id, f"{ACTION}swap")
    desk.settle()
    assert "another version" in desk.ws.messages("@ana")[-1].text
    for block in view.blocks:
        block["optional"] = True  # so that the client lets it pass
    act = desk.ws.submit("ana", view.id)
    assert act.answer is not None
    assert "another version" in str(act.answer["view"])


def test_what_vanished_meanwhile_is_an_error_under_its_field(desk: Office) -> None:
    choose_servers(desk, source="VMM-Denver")
    choose(desk, "ana", "source", "Den-Prod")
    view = choose(desk, "ana", "target", "DR-Web")
    field = block_of(view, "source")
    assert desk.house.answer("remove Den-Prod", "local:test").ok
    assert desk.house.answer("forget VMM-Denver", "local:test").ok

    act = press_ok(desk, "ana", view)

    assert list(act.errors) == [field]
    assert "not there any more" in act.errors[field]
