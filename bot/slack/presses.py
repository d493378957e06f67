"""Buttons under answers: authorised when they are pressed, done once, answered to who presses."""

import logging
from collections.abc import Callable, Mapping

from bot import commands
from bot.domain.replies import Reply, Step, StepKind, Visibility
from bot.slack.after import After
from bot.slack.approvals import Approvals
from bot.slack.buttons import action_of, is_ours, read, value_of
from bot.slack.desk import Desk
from bot.slack.forms import Forms
from bot.slack.messages import message
from bot.slack.payloads import Address, Body, address_of
from bot.slack.people import People
from bot.slack.replies import NO_FILES, Replies
from bot.slack.seen import Seen

log = logging.getLogger(__name__)

OUTDATED = (
    "This button is from another version of netmap and does nothing any more. Ask again for a"
    " fresh one."
)
SHARED = "It is shared already."
NOT_HERE = (
    "It could not be posted here: netmap is not in this channel. Invite it, then share it again."
)
SENT = "The file is in your direct messages with netmap."

Later = Callable[[Address, Callable[[], None]], object]
"""Have work done soon, with somebody told should it fail."""
Openers = Mapping[StepKind, Callable[[Step, str, Address], None]]
"""What a press that opens a form calls, with the trigger and who pressed; returns at once."""


class Presses:
    """What a press of each kind of button does."""

    def __init__(
        self,
        desk: Desk,
        replies: Replies,
        people: People,
        forms: Forms,
        approvals: Approvals,
        after: After,
        later: Later,
        openers: Openers,
    ) -> None:
        self._desk = desk
        self.replies = self._replies = replies
        self._people = people
        self._forms = forms
        self._approvals = approvals
        self._after = after
        self._later = later
        self._openers = openers
        self._seen = Seen()

    def pressed(self, body: Body) -> bool:
        """Do what the button says; False where it is none of ours."""
        action = action_of(body)
        if not is_ours(str(action.get("action_id", ""))):
            return False
        to = address_of(body)
        if to is None or not to.user:
            return True
        key = ":".join(str(action.get(part, "")) for part in ("action_ts", "block_id"))
        if not self._seen.first(f"{key}:{to.user}"):
            log.info("a press was delivered again; it acts once")
            return True
        step = read(value_of(action))
        if step is None:
            self._later(to, lambda: self._replies.tell(to, OUTDATED))
            return True
        if step.kind is StepKind.FORM:
            self._forms.open(str(body.get("trigger_id", "")), to, dict(step.values))
            return True
        open_it = self._openers.get(step.kind)
        if open_it is not None:
            open_it(step, str(body.get("trigger_id", "")), to)
            return True
        self._later(to, lambda: self._act(step, to, body))
        return True

    def _act(self, step: Step, to: Address, body: Body) -> None:
        match step.kind:
            case StepKind.RUN:
                self._run(step, to, body)
            case StepKind.PAGE:
                self._page(step, to, body)
            case StepKind.SHEET:
                self._sheet(step, to)
            case StepKind.SHARE:
                self._share(step, to, body)

    def _run(self, step: Step, to: Address, body: Body) -> None:
        view = body.get("view") or {}
        zone = self._people.look_up(to.user).zone
        if view.get("type") == "modal":
            self._forms.do(step.line, to, str(view.get("id", "")), zone)
            return
        progress = self._after.progress(to)
        reply = self._desk.answer(step.line, to.user, to.channel, zone, watcher=progress)
        told = self._approvals.tells
        progress.finish(reply, lambda: told(reply, to.channel) or self.answer(to, reply))
        self._after(to, reply)

    def answer(self, to: Address, reply: Reply) -> bool:
        """Answer a press where it was made; within a thread that takes a message of its own."""
        if not to.channel:  # pressed in Home
            return self._replies.direct(to.user, reply)
        if to.thread_ts and reply.visibility is Visibility.IN_CHANNEL:
            return self._replies.say(to, reply)
        return self._replies.answer(to._replace(response_url="") if to.thread_ts else to, reply)

    def _page(self, step: Step, to: Address, body: Body) -> None:
        zone = self._people.look_up(to.user).zone
        reply = self._desk.answer(step.line, to.user, to.channel, zone, skip=step.skip)
        private = (body.get("container") or {}).get("is_ephemeral", False)
        if not (private and to.response_url and self._replies.replace(to, reply)):
            self.answer(to, reply)

    def _sheet(self, step: Step, to: Address) -> None:
        name = f"netmap-{step.line.split()[0] if step.line else 'list'}.csv"
        file = self._desk.table(step.line, to.user, name)
        if isinstance(file, Reply):
            self.answer(to, file)
            return
        refused = self._replies.upload(to.user, file, f"/netmap {step.line}")
        self._replies.tell(to, NO_FILES if refused else SENT)

    def _share(self, step: Step, to: Address, body: Body) -> None:
        where = (body.get("container") or {}).get("message_ts", "")
        if not commands.read(step.line).only_reads:
            self._replies.tell(to, OUTDATED)
            return
        key = f"share:{to.channel}:{where}"
        if not self._seen.first(key):
            self._replies.tell(to, SHARED)
            return
        zone = self._people.look_up(to.user).zone
        reply = self._desk.answer(step.line, to.user, to.channel, zone)
        if not reply.ok:
            self._seen.forget(key)
            self.answer(to, reply)
            return
        reply.steps = [one for one in reply.steps if one.kind is not StepKind.SHARE]
        shared = message(reply)
        who = {"type": "mrkdwn", "text": f"Shared by <@{to.user}>"}
        shared["blocks"] = [*shared.get("blocks", [])[:49], {"type": "context", "elements": [who]}]
        if not self._replies.post(to, shared):
            self._seen.forget(key)
            self._replies.tell(to, NOT_HERE)
