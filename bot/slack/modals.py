"""What small forms have in common: open, check who, read what was filled in, carry it out."""

import json
import logging
from collections.abc import Callable
from typing import Any

from bot.domain.codes import Role
from bot.domain.errors import NetmapError
from bot.domain.replies import Reply, Visibility
from bot.render import forms as render
from bot.render.blocks import Block
from bot.render.errors import error as render_error
from bot.slack.after import After
from bot.slack.desk import Desk
from bot.slack.forms import Forms
from bot.slack.payloads import Address, Body
from bot.slack.people import People
from bot.slack.replies import Replies

log = logging.getLogger(__name__)

VERSION = 1

Later = Callable[[Address, Callable[[], None]], object]
"""Have work done soon, with somebody told should it fail."""


class Modals:
    """Forms whose submission is one line, said in the name of who submits it."""

    def __init__(
        self,
        desk: Desk,
        forms: Forms,
        people: People,
        replies: Replies,
        later: Later,
        after: After,
    ) -> None:
        self.desk = desk
        self.forms = forms
        self.people = people
        self._replies = replies
        self._later = later
        self._after = after

    def open(self, trigger: str, to: Address, title: str, make: Callable[[], Block]) -> None:
        """Open a form for editors; returns at once."""

        def careful() -> Block:
            if not self.desk.access.role_of(to.user).allows(Role.EDITOR):
                return render.outcome(self.desk.answer("digest off D0", to.user), title=title)
            try:
                return make()
            except NetmapError as fault:
                return render.outcome(render_error(fault, self.desk.show()), title=title)

        self.forms.show(trigger, to, careful, title)

    def say(self, view: Body, to: Address, line: Callable[[], str]) -> Body:
        """Have a line said for a submission, once; returns the acknowledgement: the form closes.

        The answer comes where the form was opened. It is not put into the form, as an update of a
        form may overtake the acknowledgement of its submission.
        """
        view_id = str(view.get("id", ""))

        def work() -> None:
            if not self.desk.first(f"view:{view_id}"):
                log.info("a form was submitted again; it is done once")
                return
            try:
                zone = self.people.look_up(to.user).zone
                reply = self.desk.answer(line(), to.user, to.channel, zone)
            except NetmapError as fault:
                reply = render_error(fault, self.desk.show())
            self._bring(to, reply)

        self._later(to, work)
        return {}

    def _bring(self, to: Address, reply: Reply) -> None:
        if not to.channel:
            self._replies.direct(to.user, reply)
        elif reply.visibility is Visibility.IN_CHANNEL:
            self._replies.say(to, reply)
        else:
            self._replies.answer(to, reply)
        self._after(to, reply)


def metadata(*values: str) -> str:
    """What a form has to bring back."""
    return json.dumps([VERSION, *values], separators=(",", ":"))


def brought_back(view: Body, count: int) -> list[str] | None:
    """What a form of this version brings back; None for another's."""
    try:
        version, *values = json.loads(view.get("private_metadata") or "")
    except (ValueError, TypeError):
        return None
    return [str(value) for value in values] if (version, len(values)) == (VERSION, count) else None


def filled_in(view: Body) -> dict[str, Any]:
    """Block id -> what was typed or chosen there; None where nothing was."""
    values = (view.get("state") or {}).get("values") or {}
    return {name: _chosen(state) for name, block in values.items() for state in block.values()}


def _chosen(state: dict[str, Any]) -> Any:
    if "selected_options" in state:
        return [option["value"] for option in state["selected_options"] or []]
    if "selected_option" in state:
        return (state["selected_option"] or {}).get("value")
    for key in (
        "selected_conversation",
        "selected_user",
        "selected_date",
        "selected_time",
        "value",
    ):
        if key in state:
            return state[key]
    return None
