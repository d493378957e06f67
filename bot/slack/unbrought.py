"""What Slack did not take, though a change was done: kept, and brought once Slack takes it.

A question can be asked again; that a change was done, and what it came to, has to be told. Files
are held by this process alone, as they may be as long as the estate is large. Where it ends before
Slack took one, whoever waits for it is told so by the next.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.answers.kept import KeptAnswer
from bot.domain.errors import NetmapError
from bot.domain.replies import Attachment
from bot.slack.desk import Desk
from bot.slack.messages import Message, escape
from bot.slack.payloads import Address
from bot.slack.replies import Replies

log = logging.getLogger(__name__)

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
"""It is tried again after the first, then after twice as long each time."""
BRINGING = timedelta(minutes=3)
"""No attempt takes longer, rate limits included; who began one then and said no more is dead."""
HELD = timedelta(hours=1)
"""A file of which nobody said for so long that it waits is lost with who held it."""
GIVEN_UP = timedelta(days=1)

LATE = "of {:%d %b %H:%M} UTC, told late: Slack did not take it then"
LOST = "The file {} was lost before Slack took it. What it lists was done all the same."


@dataclass
class _File:
    """One that waits, and when it is tried again."""

    user: str
    file: Attachment
    comment: str
    since: datetime
    due: datetime
    tries: int = 0


class Unbrought:
    """Answers and files that wait for Slack."""

    def __init__(self, desk: Desk, replies: Replies) -> None:
        self._desk = desk
        self._replies = replies
        self._files: dict[int, _File] = {}

    def keep(self, to: Address, body: Message, ts: str = "") -> None:
        """Bring this answer later.

        Args:
            to: who, and where it belongs.
            body: what it says.
            ts: of the message there that it takes the place of.
        """
        words = LATE.format(self._desk.now())
        late = {**body, "text": f"{body['text']} · {words}"}
        if body.get("blocks"):
            small = {"type": "context", "elements": [{"type": "mrkdwn", "text": words}]}
            late["blocks"] = [*body["blocks"][:49], small]
        self._write_down(to, late, ts, FIRST_WAIT)

    def keep_file(self, user: str, file: Attachment, comment: str) -> None:
        """Bring this file to a person later."""
        lost = {"text": LOST.format(escape(file.name))}
        id = self._write_down(Address(user), lost, "", HELD)
        if id:
            now = self._desk.now()
            self._files[id] = _File(user, file, comment, now, now + FIRST_WAIT)

    def look(self) -> None:
        """Bring what waits, as long as Slack takes it."""
        if all(self._bring_file(id) for id in list(self._files)):
            while self._bring_next():
                pass

    def _bring_file(self, id: int) -> bool:
        """Bring a file if it is time; whether there is reason to go on."""
        one, now = self._files[id], self._desk.now()
        if now < one.due:
            return True
        brought = not self._replies.upload(one.user, one.file, one.comment)
        given_up = not brought and now - one.since >= GIVEN_UP
        one.due, one.tries = now + _wait(one.tries), one.tries + 1
        with self._desk.ports.store.write() as tables:
            if brought:
                tables.answers.drop(id)
            else:
                tables.answers.put_off(id, now if given_up else now + HELD)
        if brought or given_up:
            del self._files[id]
        return brought

    def _bring_next(self) -> bool:
        """Bring the next answer that is due; whether there was one and Slack took it."""
        store, now = self._desk.ports.store, self._desk.now()
        with store.read() as tables:
            if tables.answers.due(now) is None:
                return False
        with store.write() as tables:
            found = tables.answers.due(now)
            if found is None:
                return False  # another bot on this database was faster
            tables.answers.put_off(found.id, now + BRINGING)
        brought = self._bring(found)
        ended = brought or now - found.at >= GIVEN_UP
        with store.write() as tables:
            if ended:
                tables.answers.drop(found.id)
            else:
                tables.answers.put_off(found.id, now + _wait(found.tries))
        if ended and not brought:
            log.error("an answer of %s is given up: Slack did not take it", found.at)
        return brought

    def _bring(self, answer: KeptAnswer) -> bool:
        from bot.engine.delivery import passes

        if answer.ts:
            refusal = self._replies.amend(answer.channel, answer.ts, answer.body)
            if not refusal or passes(refusal):
                return not refusal
        to = Address(answer.user, answer.channel, answer.thread)
        return self._replies.say_so(to, answer.body)

    def _write_down(self, to: Address, body: Message, ts: str, wait: timedelta) -> int:
        """Its number; 0 where the store takes nothing, which is logged."""
        now = self._desk.now()
        answer = KeptAnswer(
            user=to.user, channel=to.channel, thread=to.thread_ts, ts=ts, body=body, at=now
        )
        try:
            with self._desk.ports.store.write() as tables:
                return tables.answers.keep(answer, now + wait)
        except NetmapError as fault:
            log.warning("what Slack did not take is lost: %s", fault.message)
            return 0


def _wait(tries: int) -> timedelta:
    wait: timedelta = FIRST_WAIT * 2 ** min(tries, 10)
    return min(wait, LONGEST_WAIT)
