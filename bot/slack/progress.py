"""How far long reconnections are: one message, edited, that becomes the answer at the end."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.labels import number
from bot.domain.replies import Reply, Visibility
from bot.slack.messages import Message, message
from bot.slack.payloads import Address
from bot.slack.replies import Replies

log = logging.getLogger(__name__)

WORTH = 10
"""Adapters from which it is worth a message."""
BETWEEN = timedelta(seconds=3)
"""Between two edits; Slack allows fifty a minute."""
SLOWLY = 20
"""Times as long as an edit took: Slack being slow must not hold up what is reconnected."""
BAR = 20


class Desk(Protocol):
    """What it needs of whoever answers."""

    def now(self) -> datetime: ...

    def show_owed(self, change: int, channel: str, ts: str) -> None:
        """Told where the message is, so that a restart can go on with it."""
        ...


class Progress:
    """One answer under way.

    If it takes long it is told where the answer goes; where netmap may not write there, or nothing
    was said of a channel, in a direct message.

    Args:
        replies: sends and edits.
        to: where the answer goes.
        desk: whoever answers.
        keep: given an answer that everybody is to see and Slack did not take: who it is for, what
            it says, and the message that it takes the place of.
        ts: of a message that is there already.
        also: told the same words, as a form is that waits.
    """

    def __init__(
        self,
        replies: Replies,
        to: Address,
        desk: Desk,
        keep: Callable[[Address, Message, str], None],
        ts: str,
        also: Callable[[str], object],
    ) -> None:
        self._replies = replies
        self._to = to
        self._desk = desk
        self._keep = keep
        self._also = also
        self._channel = to.channel
        self._ts = ts
        self._failed = 0
        self._next: datetime | None = None

    def __call__(self, what: str, done: int, of: int) -> None:
        """Told by the use case."""
        verb, _, change = what.partition(" ")
        if verb == "failed":
            self._failed = done
            return
        if verb != "reconnecting" or of < WORTH:
            return
        now = self._desk.now()
        if self._next is not None and now < self._next:
            return
        body = bar(change, done, of, self._failed)
        self._also(body["text"])
        if self._ts:
            self._replies.edit(self._channel, self._ts, body)
        else:
            self._begin(body, number(change, "C"))
        told = self._desk.now()
        self._next = told + max(BETWEEN, SLOWLY * (told - now))

    def _begin(self, body: Message, change: int | None) -> None:
        to = self._to
        self._channel, self._ts = to.channel, to.channel and self._replies.post(to, body)
        if not self._ts and to.user:
            self._channel, self._ts = self._replies.post_directly(to.user, body)
        if self._ts and change:
            self._desk.show_owed(change, self._channel, self._ts)

    def finish(self, reply: Reply, otherwise: Callable[[], bool]) -> None:
        """Let the message become the answer, or bring it otherwise.

        Args:
            reply: the answer.
            otherwise: brings it where no message of ours can become it; whether Slack took it.
        """
        public, body = reply.visibility is Visibility.IN_CHANNEL, message(reply)
        became = False
        if self._ts and public:
            from bot.engine.delivery import passes

            refusal = self._replies.amend(self._channel, self._ts, body)
            became = not refusal or passes(refusal)
            if refusal and became:  # it must not say for ever how far it was
                self._keep(self._to._replace(channel=self._channel), body, self._ts)
            elif refusal:
                self._ts = ""
        if became and not (self.is_direct and self._to.channel):
            return
        if not otherwise() and public and not became:
            self._keep(self._to, body, "")

    @property
    def is_direct(self) -> bool:
        """Whether the message stands in a direct message, as it could not in the channel."""
        return bool(self._ts) and self._channel != self._to.channel


def bar(change: str, done: int, of: int, failed: int = 0) -> Message:
    """The message that says how far it is."""
    filled = BAR * done // of
    text = f"{change}: reconnecting, {done:,} of {of:,} adapters done"
    text += f", {failed:,} FAILED." if failed else ", none failed."
    drawn = f"{'█' * filled}{'░' * (BAR - filled)} {100 * done // of} %"
    block = {"type": "section", "text": {"type": "mrkdwn", "text": f"{text}\n{drawn}"}}
    return {"text": text, "blocks": [block]}
