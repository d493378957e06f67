"""What came of something a person did."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from bot.workspace import seeds
from bot.workspace.deliver import Delivery
from bot.workspace.nouns import Json, Message, View
from bot.workspace.world import World

WAIT_S = 60.0
"""Of real time, for what is sure to happen: a busy machine takes its time."""
T = TypeVar("T")


class Act:
    """One thing done by one person, and what they saw of it.

    `refusal` is what Slack's client itself objected to, in which case nothing was sent: a
    sentence, or for forms block id -> sentence.
    """

    def __init__(self, world: World, user: str, channel: str | None = None) -> None:
        self._world = world
        self.user = user
        self.channel = channel
        self.deliveries: list[Delivery] = []
        self.refusal: str | dict[str, str] | None = None
        self.message: Message | None = None
        """What the person wrote, for mentions and direct messages."""
        self.options: list[Json] = []
        """What the app offered, for external selects."""
        self._start = world.moment()

    @property
    def delivery(self) -> Delivery | None:
        """The payload sent, the first if there were several."""
        return self.deliveries[0] if self.deliveries else None

    @property
    def acknowledged(self) -> bool:
        """Whether the app acknowledged every payload within three seconds."""
        return bool(self.deliveries) and all(one.acknowledged for one in self.deliveries)

    @property
    def error(self) -> str | None:
        """What Slack shows instead, such as `operation_timeout`."""
        return next((one.error for one in self.deliveries if one.error), None)

    @property
    def answer(self) -> Json | None:
        """The payload of the acknowledgement."""
        return self.delivery.answer if self.delivery else None

    @property
    def errors(self) -> dict[str, str]:
        """Errors under fields: the client's own, or those of the acknowledgement."""
        if isinstance(self.refusal, dict):
            return self.refusal
        answer = self.answer or {}
        return answer.get("errors", {}) if answer.get("response_action") == "errors" else {}

    def wait(self, timeout: float = WAIT_S) -> Act:
        """Wait until it is acknowledged or given up."""
        with self._world.changed:
            self._world.changed.wait_for(lambda: all(one.done for one in self.deliveries), timeout)
        return self

    def replies(self) -> list[Message]:
        """Messages that this person could see appear or change since, edits included.

        Their own words are left out; each is as it was at that moment.
        """
        found = []
        with self._world.lock:
            for change in self._world.since(self._start):
                message = change.get("message")
                if not isinstance(message, Message) or change["type"] != "message":
                    continue
                if message.user not in (seeds.BOT_USER, seeds.SLACKBOT):
                    continue
                if message.only_for in (None, self.user) and self._here(message):
                    found.append(message)
        return found

    def reply(self, timeout: float = WAIT_S, after: int = 0) -> Message:
        """Wait for an answer in this conversation; `after` skips that many."""
        return wait_for(
            self._world,
            lambda: self.replies()[after] if len(self.replies()) > after else None,
            timeout,
            "no answer",
        )

    def view(self, timeout: float = WAIT_S) -> View:
        """Wait for a modal that was opened, pushed or changed since."""

        def opened() -> View | None:
            stack = self._world.stacks[self.user]
            changed = any(
                change["type"] == "views" and change["user"] == self.user
                for change in self._world.since(self._start)
            )
            return self._world.views[stack[-1]] if stack and changed else None

        return wait_for(self._world, opened, timeout, "no modal")

    def _here(self, message: Message) -> bool:
        return self.channel is None or message.channel == self.channel


def wait_for(world: World, predicate: Callable[[], T | None], timeout: float, complaint: str) -> T:
    """Wait until `predicate` gives something true, and return it.

    Raises:
        TimeoutError: it did not within `timeout` seconds of real time; says `complaint`.
    """
    with world.changed:
        found = world.changed.wait_for(predicate, timeout)
    if not found:
        refused = [f"{call.method}: {call.error}" for call in world.calls if call.error]
        raise TimeoutError(f"{complaint} within {timeout:g} s; refused: {refused or 'nothing'}")
    return found
