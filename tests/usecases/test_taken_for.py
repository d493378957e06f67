"""The name of one thing where another is expected: said so, with what to ask instead."""

import pytest

from bot.commands import Caller, answer
from bot.domain.codes import Role
from bot.wiring import House


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("drift VMM-Chicago", "drift --server VMM-Chicago"),
        ("scan vmm-chicago", "drift --server VMM-Chicago"),
        ('drift on "VMM-Chicago"', "drift --server VMM-Chicago"),
        ("plan for VMM-Chicago", "plan --server VMM-Chicago"),
        ("list VMM-Chicago", "list --server VMM-Chicago"),
        ("list on VMM-Chicago", "list --server VMM-Chicago"),
        ("vm VMM-Chicago", "networks VMM-Chicago"),
        ("show VMM-Chicago", "networks VMM-Chicago"),
        ("history VMM-Chicago", "networks VMM-Chicago"),
        ("adopt VMM-Chicago", "networks VMM-Chicago"),
        ("add VMM-Chicago to Prod-Web", "networks VMM-Chicago"),
        ("add Prod-Web to VMM-Chicago", "networks VMM-Chicago"),
        ("change VMM-Chicago to Prod-Web", "networks VMM-Chicago"),
        ("remove VMM-Chicago", "networks VMM-Chicago"),
    ],
)
def test_a_server_where_something_else_is_expected_leads_on(
    house: House, line: str, instead: str
) -> None:
    reply = house.answer(line, "local:ana")

    assert reply.text.startswith("VMM-Chicago is a server")
    assert reply.error is not None
    assert reply.error.commands == [instead]
    assert house.answer(instead, "local:ana").ok


@pytest.mark.parametrize(
    "line", ["drift bogus", "plan VMM-Chicago VMM-Denver", "status VMM-Chicago"]
)
def test_what_is_no_server_is_refused_as_before(house: House, line: str) -> None:
    reply = house.answer(line, "local:ana")

    assert reply.text.startswith("I cannot read")


@pytest.mark.parametrize(
    ("line", "said", "instead"),
    [
        ("vm DR-Web", "DR-Web is a network, and no VM is called so.", "show DR-Web"),
        ("vm r&d to go", "R&D to go is a network", 'show "R&D to go"'),
        ("web01", "I know no command `web01`. To see where it comes up:", "vm web01"),
        (
            "what network do WEB01 and sql09.example.org get?",
            "I know no command `what`. Did you mean `/netmap networks`? To see where they come up:",
            'vm "web01", "sql09"',
        ),
        ("digest", "`digest` wants one more word: on, list, ", "help digest on"),
    ],
)
def test_what_is_meant_is_recognised(house: House, line: str, said: str, instead: str) -> None:
    reply = house.answer(line, "local:ana")

    assert reply.text.startswith(said)
    assert reply.error is not None
    assert reply.error.commands == [instead]
    assert house.answer(instead, "local:ana").ok


@pytest.mark.parametrize("line", ["wo \ud800web01\udfff", "\x07web01 x", 'x "web01', "\udfff x"])
def test_what_is_no_text_is_no_bug(house: House, line: str) -> None:
    reply = house.answer(line, "local:ana")

    assert reply.error is not None
    assert reply.error.code == "misread"


def test_who_may_not_ask_learns_of_no_vm(house: House) -> None:
    reply = answer(house.ports, "web01", Caller("U0X", Role.NOBODY, house.now()))

    assert reply.text.startswith("I know no command `web01`. `/netmap help`")


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("wbe01", ["web01"]),
        ("web1", ["web01"]),
        ("web001", ["web01"]),
        ("web-01", ["web01"]),
        ("WEB 01", ["web01"]),
        ("web", ["web01", "web02", "web03"]),
        ("x", []),
        ("データベース", []),
    ],
)
def test_a_slip_of_the_hand_finds_the_vm_that_was_meant(
    house: House, typed: str, meant: list[str]
) -> None:
    reply = house.answer(f"vm {typed}", "local:ana")

    assert not reply.ok
    assert list(reply.found.unknown.values()) == [meant]


@pytest.mark.parametrize(
    ("line", "first"),
    [
        (
            "vm web01 on VMM-Denver",
            "web01 is not at VMM-Denver: it is at VMM-Chicago and VMM-NewYork.",
        ),
        (
            "vm nothere, web01 on vmm-denver",
            "web01 is not at VMM-Denver: it is at VMM-Chicago and VMM-NewYork."
            " I know no VM called nothere.",
        ),
        (
            "vm web01, den02, nothere on VMM-Denver",
            "3 VMs: 1 is where the mapping wants it, 1 is not at VMM-Denver, 1 is unknown.",
        ),
        (
            "vm den02, web01 on VMM-Denver --test",
            "In a test failover den02 starts UNCONNECTED: the mapping has no test network."
            " 1 is not at VMM-Denver.",
        ),
    ],
)
def test_a_vm_that_is_at_other_servers_is_not_called_unknown(
    house: House, line: str, first: str
) -> None:
    reply = house.answer(line, "local:ana")

    assert reply.text.splitlines()[0] == first
    assert "  /netmap vm web01" in reply.text.splitlines()


def test_of_several_names_none_of_which_is_known_each_is_said(house: House) -> None:
    reply = house.answer("vm qq, zz", "local:ana")

    assert reply.text == "I know no VM called qq. I know no VM called zz."


def test_a_program_is_told_that_no_vm_was_found_and_what_to_ask_instead(house: House) -> None:
    reply = house.answer("vm web01 on VMM-Denver", "local:ana")

    assert not reply.ok
    assert reply.error is not None
    assert (reply.error.code, reply.error.commands) == ("not_found", ["vm web01"])
    assert reply.text.startswith(reply.error.message)
    assert house.answer("vm den02, web01 on VMM-Denver", "local:ana").error is None
