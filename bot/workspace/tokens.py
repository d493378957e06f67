"""What Slack hands out for a short while: trigger ids and response URLs."""

from __future__ import annotations

from dataclasses import dataclass

from bot.workspace.ids import token_of
from bot.workspace.nouns import SlackError
from bot.workspace.world import World

TRIGGER_S = 3.0
RESPONSE_S = 30 * 60.0
RESPONSE_USES = 5


@dataclass
class Trigger:
    """Leave to open one view for one person.

    `view` is where the press happened, if in a view; `channel` the one they were looking at.
    """

    user: str
    until: float
    view: str | None = None
    channel: str | None = None
    used: bool = False


@dataclass
class ResponseUrl:
    """Leave to answer one payload.

    `original` is the ts of the message pressed, if any; `typed` the slash command that an answer
    in the channel shows above itself, once.
    """

    id: str
    user: str
    channel: str
    until: float
    original: str | None = None
    original_ephemeral: bool = False
    typed: str | None = None
    uses: int = 0


class Tokens:
    """Hands out trigger ids and response URLs and takes them back."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._triggers: dict[str, Trigger] = {}
        self._responses: dict[str, ResponseUrl] = {}

    def trigger(self, user: str, view: str | None = None, channel: str | None = None) -> str:
        """A new trigger id for `user`."""
        now = self._world.clock.now()
        made = f"{int(now * 1000)}.{len(self._triggers) + 1}.{token_of(32).lower()}"
        until = now + TRIGGER_S + self._world.leeway_s
        self._triggers[made] = Trigger(user, until, view, channel)
        return made

    def look_at_trigger(self, trigger_id: str) -> Trigger:
        """The trigger of that id, while it is good.

        Raises:
            SlackError: it is unknown, older than three seconds, or used.
        """
        found = self._triggers.get(trigger_id)
        if found is None:
            raise SlackError("invalid_trigger_id")
        if found.used:
            raise SlackError("exchanged_trigger_id")
        if self._world.clock.now() >= found.until:
            raise SlackError("expired_trigger_id")
        return found

    def response_url(
        self,
        user: str,
        channel: str,
        original: str | None = None,
        original_ephemeral: bool = False,
    ) -> str:
        """A new response URL, five uses within thirty minutes."""
        leave = self.leave(user, channel, original, original_ephemeral)
        return f"{self._world.url}/response/{leave.id}"

    def leave(
        self,
        user: str,
        channel: str,
        original: str | None = None,
        original_ephemeral: bool = False,
        typed: str | None = None,
    ) -> ResponseUrl:
        """The same as an object, for answers that come with the acknowledgement."""
        made = f"{token_of(11)}/{token_of(24).lower()}"
        until = self._world.clock.now() + RESPONSE_S
        self._responses[made] = ResponseUrl(
            made, user, channel, until, original, original_ephemeral, typed
        )
        return self._responses[made]

    def look_at_response(self, key: str) -> ResponseUrl:
        """The response URL of that key, while it is good.

        Raises:
            SlackError: `expired_url` after thirty minutes or unknown, `used_url` after five uses.
        """
        found = self._responses.get(key)
        if found is None or self._world.clock.now() >= found.until:
            raise SlackError("expired_url")
        if found.uses >= RESPONSE_USES:
            raise SlackError("used_url")
        return found
