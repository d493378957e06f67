"""What follows an answer, whichever door it went through."""

from collections.abc import Callable

from bot.domain.replies import Reply, Visibility
from bot.slack.approvals import Approvals
from bot.slack.payloads import Address
from bot.slack.replies import Replies

UNSHOWN = (
    "{} could not be shown as it stands where changes are approved. Whoever runs netmap sees that"
    " NETMAP_CHANGES_CHANNEL names a channel, and that netmap is in it; `/netmap pending` says what"
    " waits."
)


class After:
    """Shows requests as they stand by now, sends files, has Homes drawn again."""

    def __init__(self, approvals: Approvals, replies: Replies) -> None:
        self._approvals = approvals
        self._replies = replies
        self.changed: Callable[[], None] = lambda: None
        """Told when something was done that everybody sees."""

    def __call__(self, to: Address, reply: Reply) -> None:
        """Do what follows from this answer.

        Args:
            to: who is told what could not be done, and gets the files.
            reply: as it was brought.
        """
        named = reply.command if reply.error else ""  # decided by somebody else, as it may be
        for label in self._approvals.refresh(reply.about, named):
            self._replies.tell(to, UNSHOWN.format(label))
        self._replies.send_files(to, reply)
        if reply.visibility is Visibility.IN_CHANNEL:
            self.changed()
