"""The Home tab: drawn when it is opened, and again whenever the estate moved while it may be seen.

A change made here draws it at once; what another program wrote into the store, such as an import,
is noticed by a job. Whoever it is, Homes are drawn one after the other and so many a minute.
"""

import logging
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from slack_sdk.errors import SlackApiError, SlackClientError

from bot.domain.asking import say
from bot.domain.replies import StepKind
from bot.render import forms as render_forms
from bot.render import home as render
from bot.render.blocks import Block
from bot.slack.buttons import action_of, buttons
from bot.slack.clients import Clients
from bot.slack.desk import Desk
from bot.slack.forms import Forms
from bot.slack.payloads import Address, Body
from bot.slack.people import reason
from bot.slack.pool import Closed, Pool
from bot.slack.subscribing import Subscribing

if TYPE_CHECKING:
    from bot.usecases.home import Ways

log = logging.getLogger(__name__)

FOUND = "Where it comes up"
LOOKED_AT = timedelta(hours=1)
MOST = 50
"""Homes that are drawn again after a change."""
A_MINUTE = 60
"""Homes drawn again in a minute; Slack takes a hundred views, those that people open included."""
MINUTE = timedelta(minutes=1)

Later = Callable[[Address, Callable[[], None]], object]


class Home:
    """Draws Homes, and does what is pressed in them."""

    def __init__(
        self,
        desk: Desk,
        clients: Clients,
        forms: Forms,
        pool: Pool,
        later: Later,
        subscribing: Subscribing,
    ) -> None:
        self._desk = desk
        self._web = clients.web(patient=True)
        self._forms = forms
        self._pool = pool
        self._later = later
        self._subscribing = subscribing
        self._ways: Ways | None = None
        self._opened: OrderedDict[str, datetime] = OrderedDict()
        self._due: OrderedDict[str, None] = OrderedDict()
        self._drawing = False
        self._drawn: deque[datetime] = deque(maxlen=A_MINUTE)
        self._sign = ""
        self._lock = threading.Lock()

    def opened(self, body: Body) -> None:
        """Somebody opened their Home."""
        event = body.get("event") or {}
        user = str(event.get("user", ""))
        if event.get("tab") != "home" or not user:
            return
        with self._lock:
            self._opened[user] = self._desk.now()
            self._opened.move_to_end(user)
            while len(self._opened) > MOST:
                self._opened.popitem(last=False)
        self._later(Address(user), lambda: self._draw(user))

    def refresh(self) -> None:
        """Have those drawn again that were opened lately; returns at once."""
        with self._lock:
            self._due |= dict.fromkeys(self._lately())
        self._go_on()

    def look(self) -> None:
        """Have them drawn again if what they show is another by now, whoever changed it."""
        from bot.usecases.home import sign

        with self._lock:
            if not self._lately():
                return
        found = sign(self._desk.ports, self._desk.stamp_of_nobody())
        before, self._sign = self._sign, found
        if found != before:
            self.refresh()
        else:
            self._go_on()

    def _lately(self) -> list[str]:
        """Whose Home may be looked at."""
        now = self._desk.now()
        return [user for user, at in self._opened.items() if now - at < LOOKED_AT]

    def _go_on(self) -> None:
        """See that what is due is being drawn, by one worker."""
        with self._lock:
            if self._drawing or not self._due or not self._may_draw():
                return
            self._drawing = True
        try:
            self._pool.submit(self._draw_due, self._stop_drawing)
        except Closed:
            self._stop_drawing()

    def _draw_due(self) -> None:
        """Draw those that are due, as far as a minute lets; the job goes on with the rest."""
        from bot.usecases.home import sign

        try:
            self._sign = sign(self._desk.ports, self._desk.stamp_of_nobody())
            while (user := self._next()) is not None:
                if not self._publish(user):
                    return
        finally:
            self._stop_drawing()
        self._go_on()  # should one have become due since

    def _next(self) -> str | None:
        with self._lock:
            if not self._due or not self._may_draw():
                return None
            self._drawn.append(self._desk.now())
            return self._due.popitem(last=False)[0]

    def _may_draw(self) -> bool:
        return len(self._drawn) < A_MINUTE or self._desk.now() - self._drawn[0] >= MINUTE

    def _stop_drawing(self) -> None:
        with self._lock:
            self._drawing = False

    def pressed(self, body: Body) -> bool:
        """Do what was pressed in a Home; False where it is none of ours."""
        action = action_of(body)
        name = str(action.get("action_id", ""))
        if not name.startswith(render.ACTION):
            return False
        user = str((body.get("user") or {}).get("id", ""))
        trigger = str(body.get("trigger_id", ""))
        if name == render.NEW:
            self._forms.open(trigger, Address(user), {})
        elif name.startswith(render.DIGEST):
            id = name.removeprefix(render.DIGEST).removeprefix(".")
            from bot.render.digests import settings

            self._subscribing.open(settings(id), trigger, Address(user))
        elif name == render.REFRESH:
            self._later(Address(user), lambda: self._draw(user))
        elif name == render.SEARCH:
            said = str(action.get("value") or "").strip()
            if said:
                self._forms.show(trigger, Address(user), lambda: self._search(said, user), FOUND)
        return True

    def _search(self, said: str, user: str) -> Block:
        line = self._desk.show().line(say("vm", names=(said,)))
        reply = self._desk.answer(line, user)
        runs = [step for step in reply.steps if step.kind is StepKind.RUN]
        return render_forms.outcome(reply, buttons(runs, reply.command), FOUND)

    def _draw(self, user: str) -> None:
        self._publish(user)

    def _publish(self, user: str) -> bool:
        """Draw one; False where Slack wants it later, when it is due again."""
        from bot.usecases.home import Ways, glance

        stamp = self._desk.stamp(user)
        self._ways = self._ways or Ways()
        found = glance(self._desk.ports, stamp, self._ways)
        try:
            self._web.views_publish(user_id=user, view=render.home(found, self._desk.show()))
        except (SlackClientError, OSError) as error:
            log.warning("views.publish: %s", reason(error))
            if not isinstance(error, SlackApiError) or reason(error) == "ratelimited":
                with self._lock:
                    self._due[user] = None
                return False
        return True
