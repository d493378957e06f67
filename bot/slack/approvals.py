"""Requests where those who approve see them: posted once, then edited to what became of them."""

import logging
import re

from bot.domain.errors import NetmapError
from bot.domain.requests import RequestKind
from bot.slack.desk import Desk
from bot.slack.messages import message
from bot.slack.payloads import Address
from bot.slack.replies import Replies

log = logging.getLogger(__name__)

_LABEL = re.compile(r"\bR[0-9]{1,9}\b")


class Approvals:
    """Keeps the cards of requests as the requests are."""

    def __init__(self, desk: Desk, replies: Replies) -> None:
        self._desk = desk
        self._replies = replies

    def refresh(self, *texts: str) -> bool:
        """Show the requests that are named in these texts as they stand; whether all could be."""
        labels = dict.fromkeys(label for text in texts for label in _LABEL.findall(text))
        shown = [self._show(label) for label in labels]  # all of them, whatever the first says
        return all(shown)

    def _show(self, label: str) -> bool:
        try:
            request, reply = self._desk.request(label)
        except NetmapError:
            return True  # there is no such request: nothing is to be shown
        if request.kind is RequestKind.LOOK:
            return True
        body = message(reply)
        if request.ts:
            return self._replies.edit(request.channel, request.ts, body)
        channel = self._desk.settings.changes_channel
        if not channel:
            return False
        ts = self._replies.post(Address("", channel), body)
        if ts:
            self._desk.posted(request, channel, ts)
        return bool(ts)
