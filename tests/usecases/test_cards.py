"""What `show` counts adds up over the whole sample, whatever its VMs are doing."""

import re

from bot.wiring import House

STATES = (
    "connected",
    "disconnected",
    "pending",
    "drifted",
    "left_alone",
    "not_observed",
    "unplaced",
)


def test_every_adapter_of_a_mapping_is_counted_once(house: House) -> None:
    networks = house.answer("networks", "local:ana", page=None).result["networks"]
    details = []
    for network in networks:
        reply = house.answer(f"show {network['id']}", "local:ana")
        assert reply.ok, reply.text
        details += [(reply.text, detail) for detail in reply.result["mappings"]]

    assert len(details) > 10
    for text, detail in details:
        assert sum(detail[state] for state in STATES) == detail["adapters"], text
        rows = sum(choice["adapters"] for choice in detail["subnets"])
        assert rows + detail["away"] == detail["adapters"], text
    assert sum(detail["away"] for _, detail in details)
    assert sum(detail["not_observed"] for _, detail in details)


def test_those_left_out_of_the_rows_are_said_below_them(house: House) -> None:
    networks = house.answer("networks", "local:ana", page=None).result["networks"]
    texts = [house.answer(f"show {network['id']}", "local:ana").text for network in networks]

    said = [text for text in texts if re.search(r"\d+ more of VMs that are failed over", text)]
    assert said
