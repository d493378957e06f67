"""The whole bot on a workspace with the sample estate, and people of every kind."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NamedTuple

from bot.slack import manifest
from bot.slack.door import Door
from bot.wiring import House
from bot.workspace import Workspace
from bot.workspace.nouns import Message, View
from tests.doors.bench import free_port, settings_for
from tests.workspace.bench import LEEWAY_S

ANA, BEN, CHLOE, DINESH = "U0ANA0001", "U0BEN0001", "U0CHLOE01", "U0DINESH1"
GUS, VERA = "U0GUEST01", "U0VERA001"
EDITORS, ADMINS = "S0EDITOR1", "S0ADMINS1"
ONCALL, CHANGES = "#dr-oncall", "#dr-changes"
CHANGES_ID = "C0CHANGES"


LIVED_WITH = ("not_in_channel", "not_found", "expired_trigger_id", "ratelimited")
"""Refusals that are no fault of the bot's, which has to go on all the same."""


class Clock:
    """A clock that a test sets."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class Office(NamedTuple):
    """A workspace, the bot in it, and its house."""

    ws: Workspace
    door: Door
    house: House

    def settle(self) -> None:
        """Wait until the bot has nothing left to do."""
        pools = (self.door.pool, self.door.openers)
        while any(pool.pending for pool in pools):  # what one does may be work for the other
            assert all(pool.wait_idle(120) for pool in pools)

    def faults(self) -> list[str]:
        """What Slack found wrong with what the bot sent; where it may not write is no fault."""
        return [f"{v.method}: {v.error}" for v in self.ws.violations if v.error not in LIVED_WITH]

    def private(self, user: str, line: str, channel: str = ONCALL) -> Message:
        """Say a line and wait for the private answer."""
        return self.ws.slash(user, channel, f"/netmap {line}").reply()

    def press(self, user: str, where: Message | View, label: str) -> Any:
        """Press the button that says so."""
        action = action_of(where, label)
        return self.ws.press(user, where, action)


def labels(where: Message | View) -> list[str]:
    """What the buttons say, in order."""
    rows = [b for b in where.blocks if b["type"] == "actions"]
    return [e["text"]["text"] for row in rows for e in row["elements"] if e["type"] == "button"]


def action_of(where: Message | View, label: str) -> str:
    """The action id of a button."""
    for block in where.blocks:
        for element in block.get("elements", []):
            if element.get("type") == "button" and element["text"]["text"] == label:
                return str(element["action_id"])
    raise LookupError(f"no button {label}; there are: {labels(where)}")


@contextmanager
def office(
    house: House, way: str = "socket", made: dict[str, Any] | None = None, **settings: Any
) -> Iterator[Office]:
    """The bot on a workspace.

    Args:
        house: on the sample estate.
        way: `socket` or `http`.
        made: the manifest, if not that of `app.yaml`.
        settings: besides the tokens.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}/slack/events" if way == "http" else None
    with Workspace(made or manifest.load(), interaction_url=url, leeway_s=LEEWAY_S) as ws:
        house.settings = settings_for(ws, db=house.store.path, **settings)
        door = Door(house.settings, house.answer, house.now, house=house)
        if way == "http":
            door.open_http("127.0.0.1", port)
        else:
            door.open_sockets(threading.Event())
            ws.wait_connected(2)
        try:
            yield Office(ws, door, house)
        finally:
            door.close()
