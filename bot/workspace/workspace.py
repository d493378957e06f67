"""The workspace as tests and the command line use it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from bot.workspace import seeds
from bot.workspace.act import WAIT_S, Act, wait_for
from bot.workspace.acting import Acting
from bot.workspace.api import Api
from bot.workspace.clock import Clock
from bot.workspace.deliver import Deliveries, Delivery
from bot.workspace.faults import Faults
from bot.workspace.forms import Forms
from bot.workspace.methods.method import Context
from bot.workspace.nouns import Call, Channel, Json, Message, Person, View, Violation
from bot.workspace.pageapi import PageApi
from bot.workspace.rates import Rates
from bot.workspace.server import Endpoints, Server
from bot.workspace.signed import SignedHttp
from bot.workspace.sockets import Sockets
from bot.workspace.tokens import Tokens
from bot.workspace.world import World

T = TypeVar("T")


class Workspace:
    """Slack's servers on loopback, strict, with a page.

    People are named by name or id, channels by name (with or without `#`) or id. Acts wait for
    the app's acknowledgement unless `wait` is False.

    Args:
        manifest: the app manifest, parsed; its scopes, commands, shortcuts and events count.
        port: 0 takes a free one.
        interaction_url: with it payloads are posted there, signed; without it Socket Mode.
        leeway_s: so much longer acknowledgements may take and triggers last, where the machine
            has other things to do and being in time is not the question.
    """

    def __init__(
        self,
        manifest: Json,
        port: int = 0,
        interaction_url: str | None = None,
        leeway_s: float = 0.0,
    ) -> None:
        self.clock = Clock(time.time)
        self.world = World(manifest, self.clock, leeway_s)
        self._deliveries = Deliveries(self.world)
        self.sockets = Sockets(self.world, self._deliveries)
        self.faults = Faults(self.world, self.sockets, self._deliveries)
        rates = Rates(self.clock)
        self._context = Context(
            self.world, Tokens(self.world), rates, self._deliveries, self.sockets
        )
        self._deliveries.transport = (
            SignedHttp(self.world, self._deliveries, interaction_url)
            if interaction_url
            else self.sockets
        )
        self._acting = Acting(self._context)
        self._forms = Forms(self._context, self._acting)
        api = Api(self.world, self._context, self.faults)
        endpoints = Endpoints(self._context, api, self.faults)
        self._page = PageApi(self._context, self._acting, self._forms)
        self._server = Server([*endpoints.routes(), *self._page.routes()], port)
        self.world.url = self.url

    # Its addresses and secrets

    @property
    def url(self) -> str:
        """The page, and the root of everything else."""
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def api_url(self) -> str:
        """`base_url` of a WebClient."""
        return f"{self.url}/api/"

    @property
    def bot_token(self) -> str:
        """The bot's token."""
        return self.world.bot_token

    @property
    def app_token(self) -> str:
        """The token for Socket Mode."""
        return self.world.app_token

    @property
    def signing_secret(self) -> str:
        """The secret of signed HTTP."""
        return self.world.signing_secret

    def start(self) -> Workspace:
        """Listen and begin to watch deadlines."""
        self._server.start()
        self._deliveries.start()
        return self

    def stop(self) -> None:
        """Close all connections and end the threads."""
        self.sockets.close_all()
        self._page.stop()
        self._deliveries.stop()
        self._server.stop()

    def __enter__(self) -> Workspace:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # People

    def person(self, name: str) -> Person:
        """Somebody, by name or id."""
        return self.world.person(name)

    def channel(self, name: str) -> Channel:
        """A channel, by name or id; `@ana` is the direct message between ana and the bot."""
        if name.startswith("@"):
            return self.world.dm(self.person(name).id)
        return self.world.channel(name)

    def slash(
        self,
        user: str,
        channel: str,
        line: str,
        wait: bool = True,
        thread_ts: str | None = None,
    ) -> Act:
        """Type `line`, such as `/netmap list`, in a channel."""
        act = self._acting.slash(self.person(user).id, self.channel(channel), line, thread_ts)
        return act.wait() if wait else act

    def say(
        self,
        user: str,
        channel: str,
        text: str,
        thread_ts: str | None = None,
        wait: bool = True,
    ) -> Act:
        """Write a message; `@name` and `#channel` become mentions."""
        act = self._acting.write(self.person(user).id, self.channel(channel), text, thread_ts)
        return act.wait() if wait else act

    def mention(
        self,
        user: str,
        channel: str,
        text: str,
        thread_ts: str | None = None,
    ) -> Act:
        """Write a message that calls the bot; its name is put in front if it is not there."""
        name = f"@{self.world.people[seeds.BOT_USER].name}"
        text = text if name in text else f"{name} {text}"
        return self.say(user, channel, text, thread_ts)

    def dm(self, user: str, text: str) -> Act:
        """Write to the bot alone."""
        return self.say(user, f"@{self.person(user).id}", text)

    def upload(self, user: str, channel: str, name: str, content: bytes, text: str = "") -> Act:
        """Put a file into a channel."""
        return self.upload_all(user, channel, [(name, content)], text)

    def upload_all(
        self, user: str, channel: str, files: Sequence[tuple[str, bytes]], text: str = ""
    ) -> Act:
        """Put several files into a channel, with one message."""
        place = self.channel(channel)
        return self._acting.write(self.person(user).id, place, text, upload=files).wait()

    def press(
        self,
        user: str,
        where: Message | View | str,
        action_id: str,
        value: Any = None,
        block_id: str | None = None,
        wait: bool = True,
    ) -> Act:
        """Press a button, or choose `value` in an element.

        Args:
            where: the message or view, or its ts or id.
            value: an option's value or a list of them, an id, a date, a text.
        """
        place = self._where(where)
        act = self._acting.press(self.person(user).id, place, action_id, value, block_id)
        return act.wait() if wait else act

    def options(
        self, user: str, where: Message | View | str, action_id: str, query: str = ""
    ) -> list[Json]:
        """Type `query` into an external select; returns the options offered."""
        place = self._where(where)
        return self._forms.suggest(self.person(user).id, place, action_id, query).wait().options

    def groups(
        self, user: str, where: Message | View | str, action_id: str, query: str = ""
    ) -> dict[str, list[Json]]:
        """The same as Slack shows them: label of a group -> its options."""
        place = self._where(where)
        act = self._forms.suggest(self.person(user).id, place, action_id, query).wait()
        given: Json = act.answer if isinstance(act.answer, dict) else {}
        return {one["label"]["text"]: one["options"] for one in given.get("option_groups", [])}

    def submit(
        self,
        user: str,
        view: View | str,
        values: dict[str, Any] | None = None,
        wait: bool = True,
    ) -> Act:
        """Fill in a modal (action id or block id -> choice) and submit it."""
        place = self._where(view)
        assert isinstance(place, View)
        act = self._forms.submit(self.person(user).id, place, values)
        return act.wait() if wait else act

    def close_view(self, user: str, view: View | str) -> Act:
        """Cancel a modal."""
        place = self._where(view)
        assert isinstance(place, View)
        return self._forms.close(self.person(user).id, place).wait()

    def open_home(self, user: str, tab: str = "home") -> Act:
        """Open the bot's Home tab."""
        return self._acting.open_home(self.person(user).id, tab).wait()

    def shortcut(self, user: str, callback_id: str) -> Act:
        """Use a global shortcut."""
        return self._acting.shortcut(self.person(user).id, callback_id).wait()

    def message_shortcut(self, user: str, callback_id: str, channel: str, ts: str) -> Act:
        """Use a message shortcut on a message."""
        place = self._where(ts)
        assert isinstance(place, Message)
        assert place.channel == self.channel(channel).id
        return self._acting.shortcut(self.person(user).id, callback_id, place).wait()

    def _where(self, where: Message | View | str) -> Message | View:
        world, key = self.world, where
        if not isinstance(key, str):
            key = key.id if isinstance(key, View) else key.ts
        with world.lock:
            if key in world.views:
                return world.views[key]
            for messages in [world.ephemerals, *world.messages.values()]:
                for message in messages:
                    if message.ts == key:
                        return message
        raise LookupError(f"there is no message or view {key} now")

    # What there is to see

    def messages(self, channel: str) -> list[Message]:
        """All messages of a channel, oldest first, threads included."""
        with self.world.lock:
            return list(self.world.messages[self.channel(channel).id])

    def thread(self, channel: str, ts: str) -> list[Message]:
        """The replies below a message, without it."""
        return [one for one in self.messages(channel) if one.thread_ts == ts != one.ts]

    def ephemerals(self, user: str, channel: str) -> list[Message]:
        """What only `user` sees in a channel."""
        person, place = self.person(user).id, self.channel(channel).id
        with self.world.lock:
            return [
                message
                for message in self.world.ephemerals
                if (message.only_for, message.channel) == (person, place)
            ]

    def views(self, user: str) -> list[View]:
        """A person's open modals, the topmost last."""
        with self.world.lock:
            return [self.world.views[one] for one in self.world.stacks[self.person(user).id]]

    def home(self, user: str) -> View | None:
        """A person's Home tab, None until the bot has published one."""
        with self.world.lock:
            known = self.world.homes.get(self.person(user).id)
            return self.world.views[known] if known else None

    @property
    def calls(self) -> list[Call]:
        """Every Web API call, response URL and refused acknowledgement, oldest first."""
        with self.world.lock:
            return list(self.world.calls)

    def calls_of(self, method: str) -> list[Call]:
        """The calls of one method."""
        return [call for call in self.calls if call.method == method]

    @property
    def violations(self) -> list[Violation]:
        """What Slack would have refused; ordered faults are not among them."""
        with self.world.lock:
            return list(self.world.violations)

    def wait_for(self, predicate: Callable[[], T | None], timeout: float = WAIT_S) -> T:
        """Wait until `predicate` gives something true and return it.

        Raises:
            TimeoutError: it did not within `timeout` seconds of real time.
        """
        return wait_for(self.world, predicate, timeout, "it did not happen")

    def wait_connected(self, connections: int = 1) -> None:
        """Wait until the app has so many sockets open."""
        wait_for(
            self.world,
            lambda: self.sockets.connections >= connections or None,
            WAIT_S,
            f"{connections} sockets are not open",
        )

    # Events without a page of their own

    def emit(self, event: Json) -> Delivery | None:
        """Send an event as it stands, such as `user_change`; None if not subscribed to."""
        with self.world.lock:
            return self._deliveries.emit(event)

    def redeliver(self, delivery: Delivery) -> Delivery:
        """Send an event again, as Slack does when it missed the acknowledgement."""
        return self._deliveries.redeliver(delivery)
