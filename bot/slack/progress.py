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

    Args:
        replies: sends and edits.
        to: where the answer goes.
        now: the time.
        keep: told change, channel and ts of the message, so that a restart can go on with it.
        ts: of a message that is there already.
    """

    def __init__(
        self,
        replies: Replies,
        to: Address,
        now: Callable[[], datetime],
        keep: Callable[[int, str, str], None],
        ts: str = "",
    ) -> None:
        self._replies = replies
        self._to = to
        self._now = now
        self._keep = keep
        self._ts = ts
        self._failed = 0
        self._last: datetime | None = None

    def __call__(self, what: str, done: int, of: int) -> None:
        """Told by the use case."""
        verb, _, change = what.partition(" ")
        if verb == "failed":
            self._failed = done
            return
        if verb != "reconnecting" or of < WORTH or not self._to.channel:
            return
        now = self._now()
        if self._ts:
            if self._last is None or now - self._last >= BETWEEN:
                self._last = now
                self._replies.edit(self._to.channel, self._ts, self._body(change, done, of))
            return
        self._last = now
        self._ts = self._replies.post(self._to, self._body(change, done, of))
        owed = number(change, "C")
        if self._ts and owed:
            self._keep(owed, self._to.channel, self._ts)

    def finish(self, reply: Reply) -> bool:
        """Let the message become the answer; False where there is none, or it cannot be edited."""
        if not self._ts or reply.visibility is not Visibility.IN_CHANNEL:
            return False
        return self._replies.edit(self._to.channel, self._ts, message(reply))

    def _body(self, change: str, done: int, of: int) -> Message:
        return bar(change, done, of, self._failed)


def bar(change: str, done: int, of: int, failed: int = 0) -> Message:
    """The message that says how far it is."""
    filled = BAR * done // of
    text = f"{change}: reconnecting, {done:,} of {of:,} adapters done"
    text += f", {failed:,} FAILED." if failed else ", none failed."
    drawn = f"{'█' * filled}{'░' * (BAR - filled)} {100 * done // of} %"
    block = {"type": "section", "text": {"type": "mrkdwn", "text": f"{text}\n{drawn}"}}
    return {"text": text, "blocks": [block]}
