"""The workspace's memory: one object, one lock, and a word to whoever watches it change."""

from __future__ import annotations

import copy
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from bot.workspace import seeds
from bot.workspace.clock import Clock
from bot.workspace.ids import token_of
from bot.workspace.nouns import (
    Call,
    Channel,
    Json,
    Message,
    Person,
    SlackError,
    StoredFile,
    View,
    Violation,
)

NO_FAULT = ("hash_conflict",)
"""Refusals that an app asks for: with a hash it wants to hear whether it came too late."""
REMEMBERED = 20_000
"""Changes, and calls, that are kept; of more, the older half is forgotten."""


class World:
    """Everything the workspace knows. Hold `lock` while reading or changing it.

    `changed` is the condition on that lock; `tell` wakes those who wait on it and hands the
    change to the listeners (the page's live updates).
    """

    def __init__(self, manifest: Json, clock: Clock, leeway_s: float = 0.0) -> None:
        self.manifest = manifest
        self.clock = clock
        self.leeway_s = leeway_s
        """Added to the seconds that an acknowledgement may take and a trigger lasts."""
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        features = manifest.get("features", {})
        name = features.get("bot_user", {}).get("display_name") or manifest.get(
            "display_information", {}
        ).get("name", "bot")
        self.people = {person.id: person for person in seeds.people(name)}
        self.groups = {group.id: group for group in seeds.groups()}
        self.channels = {channel.id: channel for channel in seeds.channels()}
        self.messages: dict[str, list[Message]] = defaultdict(list)
        self.ephemerals: list[Message] = []
        self.views: dict[str, View] = {}
        self.stacks: dict[str, list[str]] = defaultdict(list)
        self.homes: dict[str, str] = {}
        self.files: dict[str, StoredFile] = {}
        self.calls: list[Call] = []
        self.violations: list[Violation] = []
        self.url = ""
        self.bot_token = f"xoxb-local-{token_of(24).lower()}"
        self.app_token = f"xapp-1-{seeds.APP}-{token_of(24).lower()}"
        self.signing_secret = secrets.token_hex(16)
        self.verification_token = token_of(24).lower()
        self.revoked: str | None = None
        """The error that the bot's token meets, `token_revoked` or `account_inactive`."""
        self._journal: list[Json] = []
        self._forgotten = 0
        self._last_ts = 0
        self._listeners: list[Callable[[Json], None]] = []
        clock.listen(lambda: self.tell({"type": "clock"}))

    # The manifest

    @property
    def scopes(self) -> list[str]:
        """The bot's scopes, those of the manifest."""
        found = self.manifest.get("oauth_config", {}).get("scopes", {})
        return [*found.get("bot", []), *found.get("bot_optional", [])]

    @property
    def events(self) -> list[str]:
        """The events the app has subscribed to."""
        settings = self.manifest.get("settings", {})
        return list(settings.get("event_subscriptions", {}).get("bot_events", []))

    @property
    def commands(self) -> list[Json]:
        """The slash commands of the manifest."""
        return list(self.manifest.get("features", {}).get("slash_commands", []))

    @property
    def shortcuts(self) -> list[Json]:
        """Its global and message shortcuts."""
        return list(self.manifest.get("features", {}).get("shortcuts", []))

    # Watching

    def listen(self, listener: Callable[[Json], None]) -> None:
        """Hand every change to `listener`; it is called under the lock and must be quick."""
        with self.lock:
            self._listeners.append(listener)

    def unlisten(self, listener: Callable[[Json], None]) -> None:
        """Stop handing changes to `listener`."""
        with self.lock:
            self._listeners.remove(listener)

    def tell(self, change: Json) -> None:
        """Say that something changed; the journal keeps messages as they were at that moment."""
        with self.lock:
            message = change.get("message")
            if isinstance(message, Message):
                body = copy.deepcopy(message.body)
                change = {**change, "message": Message(message.channel, body, message.only_for)}
            self._journal.append(change)
            if len(self._journal) > REMEMBERED:
                self._forgotten += len(self._journal) // 2
                del self._journal[: len(self._journal) // 2]
            for listener in list(self._listeners):
                listener(change)
            self.changed.notify_all()

    def moment(self) -> int:
        """Now, as `since` takes it."""
        with self.lock:
            return self._forgotten + len(self._journal)

    def since(self, moment: int) -> list[Json]:
        """What has changed since, as far as it is remembered."""
        with self.lock:
            return self._journal[max(0, moment - self._forgotten) :]

    # Finding

    def person(self, name: str) -> Person:
        """Find a person by id or name.

        Raises:
            LookupError: there is nobody of that name.
        """
        for person in self.people.values():
            if name.lstrip("@") in (person.id, person.name):
                return person
        raise LookupError(f"nobody here is called {name}")

    def channel(self, name: str) -> Channel:
        """Find a channel by id or name, with or without `#`.

        Raises:
            LookupError: there is no such channel.
        """
        for channel in self.channels.values():
            if name == channel.id or (name.lstrip("#") == channel.name and not channel.is_im):
                return channel
        raise LookupError(f"there is no channel {name}")

    def dm(self, user: str) -> Channel:
        """The direct message between the bot and `user`, made when first asked for."""
        with self.lock:
            for channel in self.channels.values():
                if channel.im_user == user:
                    return channel
            made = Channel(
                f"D{user[1:]}",
                "directmessage",
                {user, seeds.BOT_USER},
                im_user=user,
                created=int(self.clock.now()),
            )
            self.channels[made.id] = made
            self.tell({"type": "channel", "channel": made.id})
            return made

    def sees(self, user: str, channel: Channel) -> bool:
        """Whether `user` may read the channel."""
        if channel.is_im or channel.is_private:
            return user in channel.members
        person = self.people[user]
        if person.is_restricted or person.is_ultra_restricted or person.is_stranger:
            return user in channel.members
        return True

    def message(self, channel: str, ts: str) -> Message | None:
        """The message of that ts, None where there is none (ephemeral ones have none)."""
        for message in reversed(self.messages[channel]):
            if message.ts == ts:
                return message
        return None

    def ephemeral(self, ts: str) -> Message | None:
        """The ephemeral message of that ts."""
        for message in reversed(self.ephemerals):
            if message.ts == ts:
                return message
        return None

    # Changing

    def next_ts(self) -> str:
        """A message id: the time in microseconds, never the same twice."""
        with self.lock:
            self._last_ts = max(int(self.clock.now() * 1_000_000), self._last_ts + 1)
            return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    def add_message(self, message: Message) -> Message:
        """Keep a message and show it to those who may see it."""
        with self.lock:
            if message.only_for is None:
                self.messages[message.channel].append(message)
                self._count_reply(message)
            else:
                self.ephemerals.append(message)
            self.tell({"type": "message", "message": message})
            return message

    def change_message(self, message: Message) -> None:
        """Show a message that was edited in place."""
        self.tell({"type": "message", "message": message})

    def remove_message(self, message: Message) -> None:
        """Take a message away, ephemeral or not."""
        with self.lock:
            kept = self.ephemerals if message.only_for else self.messages[message.channel]
            if message in kept:
                kept.remove(message)
            self.tell({"type": "message_deleted", "message": message})

    def _count_reply(self, message: Message) -> None:
        parent_ts = message.thread_ts
        if parent_ts is None or parent_ts == message.ts:
            return
        parent = self.message(message.channel, parent_ts)
        if parent is None:
            return
        parent.body["thread_ts"] = parent.ts
        parent.body["reply_count"] = parent.body.get("reply_count", 0) + 1
        parent.body["latest_reply"] = message.ts
        users = parent.body.setdefault("reply_users", [])
        if message.user not in users:
            users.append(message.user)
        self.tell({"type": "message", "message": parent})

    def say(self, channel: str, user: str, text: str, thread_ts: str | None = None) -> Message:
        """Show `user` a line of Slackbot's, as Slack does when an app fails."""
        body: Json = {
            "type": "message",
            "subtype": "bot_message",
            "user": seeds.SLACKBOT,
            "username": "Slackbot",
            "text": text,
            "ts": self.next_ts(),
            "is_ephemeral": True,
        }
        if thread_ts is not None:
            body["thread_ts"] = thread_ts
        return self.add_message(Message(channel, body, only_for=user))

    def record(self, call: Call) -> None:
        """Keep a call, and what was wrong with it."""
        with self.lock:
            self.calls.append(call)
            if len(self.calls) > REMEMBERED:
                del self.calls[: len(self.calls) // 2]
            if not call.ok and not call.injected and call.error not in NO_FAULT:
                messages: Iterable[Any] = call.answer.get("errors", [])
                self.violations.append(
                    Violation(call.method, call.error or "", tuple(messages), call.args)
                )
            self.tell({"type": "call", "call": call})

    def complain(self, method: str, error: SlackError, args: Json) -> None:
        """Record something of the app's that Slack refuses outside a method call."""
        self.record(Call(method, args, 200, error.body(), self.clock.now()))
