"""Trouble to order: what Slack, the network or an admin may do to the bot."""

from __future__ import annotations

from collections import defaultdict, deque
from contextlib import AbstractContextManager
from dataclasses import dataclass

from bot.workspace import seeds
from bot.workspace.deliver import Deliveries
from bot.workspace.nouns import Json
from bot.workspace.sockets import Sockets
from bot.workspace.world import World


@dataclass(frozen=True)
class Fault:
    """What the next call of a method meets.

    `status` 500 or 429 answers at once with that; `error` is a Slack error string with 200;
    `seconds` is real time to wait before the call is done as usual.
    """

    status: int = 200
    error: str | None = None
    retry_after: int = 1
    seconds: float = 0.0


class Faults:
    """Faults by method, and those that happen to sockets, tokens and channels."""

    def __init__(self, world: World, sockets: Sockets, deliveries: Deliveries) -> None:
        self._world = world
        self._sockets = sockets
        self._deliveries = deliveries
        self._emit = deliveries.emit
        self._next: dict[str, deque[Fault]] = defaultdict(deque)

    def take(self, method: str) -> Fault | None:
        """The fault that waits for this call, if any; it is used up."""
        with self._world.lock:
            waiting = self._next.get(method)
            return waiting.popleft() if waiting else None

    def _order(self, method: str, fault: Fault, times: int) -> None:
        with self._world.lock:
            self._next[method].extend([fault] * times)

    def slow(self, method: str, seconds: float, times: int = 1) -> None:
        """Answer the next calls of `method` after so many seconds of real time.

        `response_url` as method means answers through a response URL.
        """
        self._order(method, Fault(seconds=seconds), times)

    def broken(self, method: str, times: int = 1) -> None:
        """Answer the next calls of `method` with HTTP 500."""
        self._order(method, Fault(status=500), times)

    def rate_limited(self, method: str, retry_after: int = 1) -> None:
        """Answer the next call of `method` with 429 and `Retry-After`."""
        self._order(method, Fault(status=429, error="ratelimited", retry_after=retry_after), 1)

    def refuse(self, method: str, error: str, times: int = 1) -> None:
        """Answer the next calls of `method` with a Slack error string."""
        self._order(method, Fault(error=error), times)

    def late_acknowledgements(self) -> AbstractContextManager[None]:
        """Hold acknowledgements up until the end of the block; whatever else is sent goes on."""
        return self._deliveries.held_up()

    def drop_socket(self) -> int:
        """Cut every socket without a word; returns how many there were."""
        return self._sockets.drop()

    def refresh_sockets(self, close: bool = True, which: int | None = None) -> int:
        """Ask the app to reconnect, as Slack does every hour or so.

        Args:
            close: True says `refresh_requested` and closes the socket once its envelopes are
                acknowledged; False says `warning` and leaves it open for the app to close.
            which: refresh only this connection, counted from 0; None refreshes all.

        Returns:
            how many were told to go.
        """
        return self._sockets.refresh(close, which)

    def revoke_token(self) -> None:
        """Make every later call fail with `token_revoked`, and say so to the app."""
        with self._world.lock:
            self._world.revoked = "token_revoked"
        self._emit({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [seeds.BOT_USER]}})

    def uninstall(self) -> None:
        """Uninstall the app: later calls fail with `account_inactive`; the app is told."""
        with self._world.lock:
            self._world.revoked = "account_inactive"
        self._emit({"type": "app_uninstalled"})

    def restore_token(self) -> None:
        """Take the token back into favour."""
        with self._world.lock:
            self._world.revoked = None

    def archive(self, channel: str) -> None:
        """Archive a channel and tell the app."""
        with self._world.lock:
            found = self._world.channel(channel)
            found.is_archived = True
            self._world.tell({"type": "channel", "channel": found.id})
        kind = "group_archive" if found.is_private else "channel_archive"
        self._emit({"type": kind, "channel": found.id, "user": self._world.person("chloe").id})

    def unarchive(self, channel: str) -> None:
        """Open an archived channel again."""
        with self._world.lock:
            found = self._world.channel(channel)
            found.is_archived = False
            self._world.tell({"type": "channel", "channel": found.id})

    def remove_bot(self, channel: str) -> None:
        """Remove the bot from a channel and tell the app."""
        with self._world.lock:
            found = self._world.channel(channel)
            found.members.discard(seeds.BOT_USER)
            self._world.tell({"type": "channel", "channel": found.id})
        event: Json = {
            "type": "member_left_channel",
            "user": seeds.BOT_USER,
            "channel": found.id,
            "channel_type": "G" if found.is_private else "C",
            "team": seeds.TEAM,
        }
        self._emit(event)

    def invite_bot(self, channel: str) -> None:
        """Let the bot into a channel."""
        with self._world.lock:
            found = self._world.channel(channel)
            found.members.add(seeds.BOT_USER)
            self._world.tell({"type": "channel", "channel": found.id})

    def rename(self, channel: str, name: str) -> None:
        """Rename a channel and tell the app."""
        with self._world.lock:
            found = self._world.channel(channel)
            found.name = name
            self._world.tell({"type": "channel", "channel": found.id})
            event = {
                "type": "group_rename" if found.is_private else "channel_rename",
                "channel": {"id": found.id, "name": name, "created": found.created},
            }
        self._emit(event)
