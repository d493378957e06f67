"""In an incident: where the VMs come up that a message names, answered in its thread."""

from collections.abc import Callable

from bot.domain.asking import say
from bot.domain.replies import StepKind
from bot.grammar.tokens import unescaped
from bot.slack.desk import Desk
from bot.slack.payloads import Address, Body
from bot.slack.people import People
from bot.slack.replies import Replies

CALLBACK = "netmap_vms_in_message"
MOST = 50

NO_VM = "I find no VM of the inventories in this message."
TOO_MANY = "The message names {:,} more VMs; at most {} are answered at once."

Later = Callable[[Address, Callable[[], None]], object]


class Incidents:
    """The message shortcut."""

    def __init__(self, desk: Desk, replies: Replies, people: People, later: Later) -> None:
        self._desk = desk
        self._replies = replies
        self._people = people
        self._later = later

    def used(self, body: Body, to: Address) -> bool:
        """Answer the shortcut; False where it is another one."""
        if body.get("callback_id") != CALLBACK:
            return False
        self._later(to, lambda: self._answer(body, to))
        return True

    def _answer(self, body: Body, to: Address) -> None:
        message = body.get("message") or {}
        caller = self._desk.caller(to.user, to.channel)
        from bot.usecases import mentioned

        found = mentioned.vms_in(self._desk.ports, unescaped(text_of(message)), MOST)
        if not found.names:
            near = ", ".join(found.near[:3])
            self._replies.tell(to, f"{NO_VM} Near it: {near}." if near else NO_VM)
            return
        line = self._desk.show().line(say("vm", names=tuple(found.names)))
        zone = self._people.look_up(to.user).zone
        reply = self._desk.answer(line, caller.by, to.channel, zone)
        if not reply.ok:
            self._replies.answer(to, reply)
            return
        thread = str(message.get("thread_ts") or body.get("message_ts") or message.get("ts") or "")
        reply.steps = [step for step in reply.steps if step.kind is not StepKind.SHARE]
        self._replies.say(to._replace(thread_ts=thread), reply)
        if found.more:
            self._replies.tell(to, TOO_MANY.format(found.more, MOST))


def text_of(message: Body) -> str:
    """All that a message says: its text, its blocks, its attachments."""
    found = [str(message.get("text") or "")]
    for one in message.get("attachments") or []:
        found += [str(one.get(key) or "") for key in ("pretext", "title", "text", "fallback")]
        found += [str(field.get("value") or "") for field in one.get("fields") or []]
    found += _texts(message.get("blocks") or [])
    return "\n".join(found)


def _texts(node: object) -> list[str]:
    if isinstance(node, list):
        return [text for item in node for text in _texts(item)]
    if not isinstance(node, dict):
        return []
    own = [node["text"]] if isinstance(node.get("text"), str) else []
    return own + [text for value in node.values() for text in _texts(value)]
