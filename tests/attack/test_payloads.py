"""Payloads of shapes that Slack never sends: each is acknowledged, whatever is made of it."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

from bot.wiring import House
from tests.doors.office import ONCALL, Office, office
from tests.doors.test_forms import ACTION, choose_servers

JUNK: tuple[Any, ...] = ([], {}, "x", 1, None, True, [[]], {"id": []})
INSIDE = ("event", "user", "channel", "view", "container", "message")


class Sent(NamedTuple):
    """A payload as Slack sends it."""

    kind: Any
    body: dict[str, Any]


@pytest.fixture(params=["socket", "http"])
def desk(request: pytest.FixtureRequest, house: House) -> Iterator[Office]:
    with office(house, request.param) as made:
        yield made


def sound(desk: Office) -> list[Sent]:
    """One of every kind."""
    ws = desk.ws
    desk.press("ana", desk.private("ana", "vm sql09"), "Where else?").reply()
    desk.press("ana", ws.mention("ana", ONCALL, "vm sql09").reply(), "Where else?")
    form = choose_servers(desk)
    ws.options("ana", form.id, ACTION + "source", "Prod")
    ws.submit("ana", form.id, {})
    ws.shortcut("ana", "netmap_new_mapping")
    ws.open_home("ana")
    desk.settle()
    found: dict[tuple[object, ...], Sent] = {}
    for one in ws._deliveries._known.values():
        said = one.payload
        what = (one.kind, said.get("type"), said.get("event", {}).get("type"), "message" in said)
        found[what] = Sent(one.kind, said)
    return list(found.values())


def spoilt(one: Sent) -> list[Sent]:
    """The same with something else in every place in turn; each once, as nothing is taken twice."""
    found = {}
    for name, value in one.body.items():
        bad = list(JUNK)
        if name in INSIDE and isinstance(value, dict):
            bad += [value | {inner: JUNK[n % len(JUNK)]} for n, inner in enumerate(value)]
        for junk in bad:
            body = one.body | {name: junk}
            found[json.dumps(body)] = Sent(one.kind, body)
    found.pop(json.dumps(one.body), None)
    return list(found.values())


def left(desk: Office, some: list[Sent]) -> list[Sent]:
    """Send these; those that were not acknowledged."""
    sent = [desk.ws._deliveries.send(one.kind, one.body) for one in some]
    desk.ws.wait_for(lambda: all(one.done for one in sent) or None)
    return [one for one, got in zip(some, sent, strict=True) if not got.acknowledged]


def test_every_payload_is_acknowledged_whatever_its_shape(desk: Office) -> None:
    whole = sound(desk)
    desk.door.openers.close(0)
    desk.door.pool.close(0)  # what is made of them afterwards is told elsewhere

    for good in whole:
        if good.kind != "slash_commands" or desk.door.http_port is None:  # a form has only text
            assert len(spoilt(good)) > 50
            assert left(desk, spoilt(good)) == []
