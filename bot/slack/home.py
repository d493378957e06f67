"""The Home tab: drawn when it is opened, and again after every change while it may be looked at."""

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta

from slack_sdk.errors import SlackClientError

from bot import commands
from bot.domain.asking import say
from bot.render import forms as render_forms
from bot.render import home as render
from bot.render.blocks import Block
from bot.slack.buttons import action_of
from bot.slack.clients import Clients
from bot.slack.desk import Desk
from bot.slack.forms import Forms
from bot.slack.payloads import Address, Body
from bot.slack.people import reason
from bot.usecases.home import glance

log = logging.getLogger(__name__)

LOOKED_AT = timedelta(hours=1)
MOST = 50
"""Homes that are drawn again after a change."""

Later = Callable[[Address, Callable[[], None]], object]


class Home:
    """Draws Homes, and does what is pressed in them."""

    def __init__(self, desk: Desk, clients: Clients, forms: Forms, later: Later) -> None:
        self._desk = desk
        self._web = clients.web(patient=True)
        self._plain = clients.web()
        self._forms = forms
        self._later = later
        self._opened: OrderedDict[str, datetime] = OrderedDict()
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
        """Draw those again that were opened lately; for workers."""
        now = self._desk.now()
        with self._lock:
            users = [user for user, at in self._opened.items() if now - at < LOOKED_AT]
        for user in users:
            self._draw(user)

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
        elif name == render.REFRESH:
            self._later(Address(user), lambda: self._draw(user))
        elif name == render.SEARCH:
            said = str(action.get("value") or "").strip()
            if said:
                self._forms.show(trigger, Address(user), lambda: self._search(said, user))
        return True

    def _search(self, said: str, user: str) -> Block:
        line = self._desk.show().line(say("vm", names=(said,)))
        return render_forms.outcome(self._desk.answer(line, user))

    def _draw(self, user: str) -> None:
        stamp = self._desk.stamp(user)
        found = glance(self._desk.ports, stamp)
        found.may = [c.name for c in commands.COMMANDS if stamp.role.allows(c.role)]
        try:
            self._web.views_publish(user_id=user, view=render.home(found, self._desk.show()))
        except (SlackClientError, OSError) as error:
            log.warning("views.publish: %s", reason(error))
