"""How far long reconnections are: one message, edited, that becomes the answer at the end."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

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
BAR = 20


class Progress:
    """One long answer under way.

    It is told where the answer goes; where netmap may not write there, or nothing was said of a
    channel, in a direct message.

    Args:
        replies: sends and edits.
        to: where the answer goes.
        now: the time.
        keep: told change, channel and ts of the message, so that a restart can go on with it.
        ts: of a message that is there already.
        also: told the same words, as a form is that waits.
    """

    def __init__(
        self,
        replies: Replies,
        to: Address,
        now: Callable[[], datetime],
        keep: Callable[[int, str, str], None],
        ts: str = "",
        also: Callable[[str], object] = lambda text: None,
    ) -> None:
        self._replies = replies
        self._to = to
        self._now = now
        self._keep = keep
        self._also = also
        self._channel = to.channel
        self._ts = ts
        self._failed = 0
        self._last: datetime | None = None

    def __call__(self, what: str, done: int, of: int) -> None:
        """Told by the use case."""
        verb, _, change = what.partition(" ")
        if verb == "failed":
            self._failed = done
            return
        if verb != "reconnecting" or of < WORTH:
            return
        now = self._now()
        if self._last is not None and now - self._last < BETWEEN:
            return
        self._last = now
        body = bar(change, done, of, self._failed)
        self._also(body["text"])
        if self._ts:
            self._replies.edit(self._channel, self._ts, body)
        else:
            self._begin(body, number(change, "C"))

    def _begin(self, body: Message, change: int | None) -> None:
        to = self._to
        self._channel, self._ts = to.channel, to.channel and self._replies.post(to, body)
        if not self._ts and to.user:
            self._channel, self._ts = self._replies.post_directly(to.user, body)
        if self._ts and change:
            self._keep(change, self._channel, self._ts)

    def finish(self, reply: Reply) -> bool:
        """Let the message become the answer; whether that brings it to where it belongs."""
        if not self._ts or reply.visibility is not Visibility.IN_CHANNEL:
            return False
        if not self._replies.edit(self._channel, self._ts, message(reply)):
            self._ts = ""
        return bool(self._ts) and not (self.is_direct and self._to.channel)

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
