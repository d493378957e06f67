"""The same bench with the whole bot on the workspace: people press, fill in and submit."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.slack.door import Door
from bot.slack.manifest import load
from bot.workspace import Workspace
from bot.workspace.act import Act
from bot.workspace.nouns import Message, View
from tests.digests.bench import Bench
from tests.doors.bench import free_port, settings_for
from tests.doors.office import LIVED_WITH, action_of
from tests.workspace.bench import LEEWAY_S


class Desk(Bench):
    """A bench with a door."""

    door: Door

    def open_door(self, way: str, port: int, **settings: Any) -> None:
        """Let the bot take what people do, by `socket` or `http`."""
        self.house.settings = settings_for(self.ws, db=self.path, **settings)
        self.door = Door(self.house.settings, self.house.answer, self.house.now, house=self.house)
        self.house.poster = self.door.poster
        if way == "http":
            self.door.open_http("127.0.0.1", port)
        else:
            self.door.open_sockets(threading.Event())
            self.ws.wait_connected(2)

    def rest(self) -> None:
        """Wait until the bot has nothing left to do, and everything is delivered."""
        pools = (self.door.pool, self.door.openers)
        while any(pool.pending for pool in pools):
            assert all(pool.wait_idle(120) for pool in pools)
        self.settle()

    def press(self, user: str, where: Message | View, label: str) -> Act:
        """Press the button that says so."""
        act = self.ws.press(user, where, action_of(where, label))
        self.rest()
        return act

    def pick(self, user: str, message: Message, about: str, label: str) -> Act:
        """Choose an entry of the menu beside the paragraph that speaks of `about`."""
        element, option = self.entry(message, about, label)
        act = self.ws.press(user, message, element["action_id"], option["value"])
        self.rest()
        return act

    def entry(self, message: Message, about: str, label: str) -> tuple[Any, Any]:
        """That menu, and its entry."""
        for block in message.blocks:
            if about in block.get("text", {}).get("text", "") and "accessory" in block:
                for option in block["accessory"]["options"]:
                    if option["text"]["text"] == label:
                        return block["accessory"], option
        raise LookupError(f"no {label} about {about}")

    def form(self, user: str = "ana") -> View:
        """The form that is open."""
        return self.ws.views(user)[-1]

    def submit(self, user: str = "ana", **values: Any) -> Act:
        """Fill the form in, field by field, and submit it."""
        act = self.ws.submit(user, self.form(user), values)
        self.rest()
        return act

    def private(self, user: str = "ana") -> list[Message]:
        """What only they see in the channel."""
        return self.ws.ephemerals(user, "dr-oncall")

    def now_says(self, ts: str) -> Message:
        """A message of the channel as it is now."""
        return next(m for m in self.ws.messages("dr-oncall") if m.ts == ts)

    def faults(self) -> list[str]:
        """What Slack found wrong with what the bot sent."""
        return [f"{v.method}: {v.error}" for v in self.ws.violations if v.error not in LIVED_WITH]


@contextmanager
def desk(path: Path, way: str = "socket", **settings: Any) -> Iterator[Desk]:
    """The bot at its desk, with an estate that is as it should be."""
    port = free_port()
    url = f"http://127.0.0.1:{port}/slack/events" if way == "http" else None
    with Workspace(load(), interaction_url=url, leeway_s=LEEWAY_S) as ws:
        made = Desk(ws, path / "netmap.db")
        try:
            made.collect()
            made.say("add Prod-Web to DR-Web")
            made.collect(hours_ago=0)
            made.open_door(way, port, **settings)
            yield made
        finally:
            made.door.close()
            made.house.close()
