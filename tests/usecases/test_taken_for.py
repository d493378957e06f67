"""A server's name where another one is expected: said so, with what to ask instead."""

import pytest

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
