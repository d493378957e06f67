"""Requests where those who approve see them: posted once, then edited to what became of them.

Who posts claims it in the database first, so that of several bots on it one posts. If that one dies
meanwhile, its claim runs out and the next look of any posts; a card that Slack had taken by then
comes twice, and the later one is kept up to date.
"""

import logging
import re
import threading
from datetime import datetime, timedelta

from bot.domain.errors import NetmapError
from bot.domain.replies import Reply
from bot.domain.requests import Request, RequestKind, RequestLine, RequestState
from bot.slack.desk import Desk
from bot.slack.messages import message
from bot.slack.payloads import Address
from bot.slack.replies import Replies
from bot.slack.unbrought import Unbrought

log = logging.getLogger(__name__)

LEFT = timedelta(minutes=1)
"""A request of Slack's that is not shown after this was left unshown by a stop: the job does it."""
AGAIN = timedelta(minutes=10)
"""After this a card that could not be posted or edited is tried again."""
PATIENCE = timedelta(seconds=10)
"""One look takes no longer, should Slack answer slowly: a stop waits for it."""
GIVEN_UP = timedelta(hours=1)
"""So long after a request's end a card that Slack does not let us edit is left as it is."""

_LABEL = re.compile(r"\bR[0-9]{1,9}\b")


class Approvals:
    """Keeps the cards of requests as the requests are."""

    def __init__(self, desk: Desk, replies: Replies, unbrought: Unbrought) -> None:
        self._desk = desk
        self._replies = replies
        self._unbrought = unbrought
        self._tried: dict[tuple[int, RequestState], datetime] = {}
        self._posting = threading.Lock()

    def refresh(self, *texts: str) -> list[str]:
        """Show the requests named in these texts as they stand; those that could not be."""
        labels = dict.fromkeys(label for text in texts for label in _LABEL.findall(text))
        return [label for label in labels if not self._show(label)]

    def look(self) -> None:
        """See that cards are as their requests, whoever asked for them or decided them where."""
        began = now = self._desk.now()
        self._expire()
        some = {(one.id, one.state): one for one in self._desk.out_of_date() + self._desk.waiting()}
        self._tried = {key: self._tried.get(key, now - AGAIN) for key in some}
        for key, one in some.items():
            if now - self._tried[key] < AGAIN or self._desk.now() - began >= PATIENCE:
                continue
            if one.state is not RequestState.OPEN:
                self._tried[key] = now
                self._close(one)
            elif self._is_left(one, now) and not self._show(one.label):
                self._tried[key] = now

    def _is_left(self, request: Request, now: datetime) -> bool:
        """Whether it is not shown, and nobody here is about to show it."""
        left = request.by.startswith("local:") or now - request.at >= LEFT
        return left and not request.ts and bool(self._desk.settings.changes_channel)

    def _close(self, request: Request) -> None:
        """Show what became of a request that was decided where its card could not be edited."""
        late = self._desk.now() - (request.decided_at or request.at)
        if not self._show(request.label) and late >= GIVEN_UP:
            self._desk.drawn(request)

    def _expire(self) -> None:
        """Close the requests whose time has passed: their cards say so, who asked is told.

        Where Slack cannot be reached the next time is another chance.
        """
        began, overdue = self._desk.now(), self._desk.overdue()
        self._desk.expired([one for one in overdue if one.kind is RequestKind.LOOK])
        for request in overdue:
            if self._desk.now() - began >= PATIENCE:
                return
            if request.kind is RequestKind.APPROVAL and self._tell_expired(request):
                self._desk.expired([request])

    def _tell_expired(self, request: Request) -> bool:
        late = self._desk.now() - request.expires
        if request.ts and not self._show(request.label) and late < GIVEN_UP:
            return False
        log.info("%s has expired", request.label)
        if not request.by.startswith("local:"):
            self._tell(request.by, self._desk.expiry(request))
        return True

    def _show(self, label: str) -> bool:
        try:
            request, reply = self._desk.request(label)
        except NetmapError:
            return True  # there is no such request: nothing is to be shown
        if request.kind is RequestKind.LOOK:
            return True
        body = message(reply)
        if request.state is not RequestState.OPEN:
            self._tell_verdict(request, reply)
        if request.ts:
            edited = self._replies.edit(request.channel, request.ts, body)
            if edited:
                self._desk.drawn(request)
            return edited
        channel = self._desk.settings.changes_channel
        if not channel:
            return False
        with self._posting:  # of two who ask for the same here at once, the second finds it posted
            if self._desk.claim(request):
                ts = self._replies.post(Address("", channel), body)
                self._desk.posted(request, channel, ts)
                return bool(ts)
        # Another bot may be posting it: what it becomes until then is seen at the next look.
        return self._show(label) if self._desk.request(label)[0].ts else True

    def _tell_verdict(self, request: Request, reply: Reply) -> None:
        """Tell who asked what became of it, when that is first seen and somebody else did it."""
        if not self._desk.first_seen_closed(request):
            return
        decided = request.state in (RequestState.DONE, RequestState.REJECTED)
        own = request.by == request.decided_by or request.by.startswith("local:")
        if request.kind is RequestKind.APPROVAL and decided and not own:
            self._tell(request.by, reply)

    def _tell(self, user: str, reply: Reply) -> None:
        """Tell who asked; once Slack takes it, where it does not now."""
        if not self._replies.direct(user, reply):
            self._unbrought.keep(Address(user), message(reply))

    def tells(self, reply: Reply, channel: str) -> bool:
        """Whether a card in this channel says just what the answer does."""
        if not isinstance(reply.found, RequestLine):
            return False
        try:
            request, _ = self._desk.request(reply.found.id)
        except NetmapError:
            return False
        return bool(request.ts) and request.channel == channel
