"""The Slack door as a whole: open, look after, shut."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from bot.commands import Said
from bot.domain.errors import NetmapError
from bot.domain.replies import StepKind
from bot.settings import Settings
from bot.slack.access import Access
from bot.slack.after import After
from bot.slack.app import Answer, Conversation, build_app
from bot.slack.approvals import Approvals
from bot.slack.clients import Clients
from bot.slack.desk import Desk, House
from bot.slack.forms import Forms
from bot.slack.handed import Handed
from bot.slack.home import Home
from bot.slack.hushing import Hushing
from bot.slack.incidents import Incidents
from bot.slack.mending import Mending
from bot.slack.modals import Modals
from bot.slack.payloads import Address
from bot.slack.people import People
from bot.slack.pool import Pool
from bot.slack.posting import SlackPoster
from bot.slack.presses import Openers, Presses
from bot.slack.replies import Replies
from bot.slack.rooms import Rooms
from bot.slack.subscribing import Subscribing
from bot.slack.token import Token
from bot.slack.unbrought import Unbrought
from bot.usecases.people import remember

if TYPE_CHECKING:  # each way in loads its own
    from bot.slack.sockets import Sockets
    from bot.slack.web import Web

log = logging.getLogger(__name__)

OPENERS = 4
"""Threads that only open forms, so that a trigger never waits behind a long answer."""
PATIENCE_S = 10.0
"""How long a stop waits for answers under way."""


def is_quick(said: Said) -> bool:
    """Whether a line can be answered before the acknowledgement."""
    return said.quick


class Door:
    """Bolt, its clients, its workers, and one way in: sockets or HTTP.

    Args:
        settings: with the tokens.
        answer: what lines are answered with; never raises.
        now: the time.
        quick: whether a line can be answered before the acknowledgement.
        house: for buttons, forms and Home; with it lines are answered as Slack's people may.
    """

    def __init__(
        self,
        settings: Settings,
        answer: Answer,
        now: Callable[[], datetime],
        quick: Callable[[Said], bool] = is_quick,
        house: House | None = None,
    ) -> None:
        self._settings = settings
        self._clients = Clients(settings)
        self.pool = Pool(settings.workers)
        self.poster = SlackPoster(self._clients.web())

        def call(names: dict[str, str]) -> None:
            try:
                if house is not None:
                    remember(house.ports, names, now())
            except NetmapError as fault:  # they are asked for again
                log.warning("names are not kept: %s", fault.message)

        def go_on() -> None:
            if house is not None:
                from bot.usecases.telling.digests import go_on

                go_on(house.ports, now())

        self._token = Token(self._clients.web(), now, go_on)
        patient = self._clients.web(patient=True)
        people = People(patient, self.pool, now, call)
        self.openers = Pool(OPENERS)
        replies = Replies(self._clients)
        if house is None:
            self.conversation = Conversation(answer, quick, self.pool, replies, people)
        else:
            access = Access(settings, patient, people, self.pool, now, call)
            desk = Desk(settings, house, access, now)
            self.conversation = Conversation(desk, quick, self.pool, replies, people)
            self.conversation.rooms = self._furnish(desk, replies, people)
        client = self._clients.web()
        client.token = None
        self.app = build_app(client, settings.secret("bot_token"), self.conversation)
        self._sockets: Sockets | None = None
        self._web: Web | None = None

    def _furnish(self, desk: Desk, replies: Replies, people: People) -> Rooms:
        later = self.conversation.later
        unbrought = Unbrought(desk, replies)
        approvals = Approvals(desk, replies, unbrought)
        after = After(desk, approvals, replies, unbrought)
        forms = Forms(desk, replies, self._clients, self.pool, self.openers, after)
        modals = Modals(desk, forms, people, replies, later, after)
        hushing, subscribing = Hushing(modals), Subscribing(modals)
        openers: Openers = {
            StepKind.HUSH: hushing.open,
            StepKind.MUTE: hushing.open,
            StepKind.FIX: Mending(modals).open,
            StepKind.DIGEST: subscribing.open,
        }
        home = Home(desk, self._clients, forms, self.pool, later, subscribing)
        after.changed = home.refresh
        return Rooms(
            desk=desk,
            after=after,
            forms=forms,
            presses=Presses(desk, replies, people, forms, approvals, after, later, openers),
            approvals=approvals,
            unbrought=unbrought,
            home=home,
            incidents=Incidents(desk, replies, people, later),
            handed=Handed(desk, replies, later, after),
            hushing=hushing,
            subscribing=subscribing,
        )

    def resume(self) -> None:
        """Go on with reconnections that a stop broke off; returns at once."""
        rooms = self.conversation.rooms
        if rooms is None:
            return
        for change, by, _, channel, ts in rooms.desk.owed():
            to = Address("" if by.startswith("local:") else by, channel)
            log.info("going on with the reconnections of C%d", change)

            def work(change: int = change, by: str = by, to: Address = to, ts: str = ts) -> None:
                progress = rooms.after.progress(to, ts)
                reply = rooms.desk.resume(change, by, progress)
                if to.channel or to.user:
                    progress.finish(reply, lambda: rooms.presses.replies.say(to, reply))
                rooms.after(to, reply)

            self.conversation.later(to, work)

    def look_after(self) -> None:
        """What has to be seen to by the clock: Homes as they are, requests that have expired."""
        rooms = self.conversation.rooms
        if rooms is None:
            return
        try:
            self._token.look()
            rooms.unbrought.look()
            rooms.approvals.look()
            rooms.home.look()
        except NetmapError as fault:
            log.warning("looking after Slack: %s", fault.message)

    def open_sockets(self, stop: threading.Event) -> None:
        """Connect to Slack; returns when connected, or when `stop` is set before.

        Raises:
            SetupFault: Slack refuses a token.
        """
        self._token.greet()
        from bot.slack.sockets import Sockets

        self._sockets = Sockets(self.app, self.conversation, self._settings, self._clients)
        self._sockets.connect(stop)

    def open_http(self, host: str, port: int) -> int:
        """Take signed requests; returns the port.

        Raises:
            SetupFault: the port cannot be used, or Slack refuses the token.
        """
        self._token.greet()
        from bot.slack.web import Web

        self._web = Web(
            self.app,
            self.conversation,
            self._settings.secret("signing_secret"),
            (host, port),
            self.well,
            threads=max(8, self._settings.workers),
        )
        self._web.start()
        return self._web.port

    @property
    def http_port(self) -> int | None:
        """The port that is listened on, if any."""
        return self._web.port if self._web is not None else None

    def state(self) -> dict[str, Any]:
        """`connections`, `listening` and `trouble`, for the heartbeat."""
        return {
            "connections": self._sockets.states() if self._sockets else [],
            "listening": self._web is None or self._web.listening,
            "trouble": self._token.trouble,
        }

    def well(self) -> dict[str, Any]:
        """The same with a verdict, for who asks over HTTP."""
        found = self.state()
        connected = not found["connections"] or any(found["connections"])
        ok = found["listening"] and connected and not found["trouble"]
        return {"ok": ok, "pending": self.pool.pending}

    def close(self) -> None:
        """Shut the way in, then finish what is under way or tell whoever waits for it."""
        sockets, self._sockets = self._sockets, None
        web, self._web = self._web, None
        if sockets is not None:
            sockets.close()
        if web is not None:
            web.stop()
        self.openers.close(PATIENCE_S)
        self.pool.close(PATIENCE_S)
