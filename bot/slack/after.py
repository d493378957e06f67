"""What an answer takes besides itself, whichever door it went through."""

from collections.abc import Callable

from bot.domain.replies import Reply, Visibility
from bot.slack.approvals import Approvals
from bot.slack.desk import Desk
from bot.slack.payloads import Address
from bot.slack.progress import Progress
from bot.slack.replies import NO_FILES, Replies
from bot.slack.unbrought import Unbrought

UNSHOWN = (
    "{} could not be shown as it stands where changes are approved. Whoever runs netmap sees that"
    " NETMAP_CHANGES_CHANNEL names a channel, and that netmap is in it; `/netmap pending` says what"
    " waits."
)


class After:
    """Says how far answers are; then shows requests as they stand, sends files, has Homes drawn."""

    def __init__(
        self, desk: Desk, approvals: Approvals, replies: Replies, unbrought: Unbrought
    ) -> None:
        self._desk = desk
        self._approvals = approvals
        self._replies = replies
        self._unbrought = unbrought
        self.changed: Callable[[], None] = lambda: None
        """Told when something was done that everybody sees."""

    def progress(
        self, to: Address, ts: str = "", also: Callable[[str], object] = lambda text: None
    ) -> Progress:
        """What says how far an answer is, and brings it.

        Args:
            to: where the answer goes.
            ts: of a message that says so already.
            also: told the same words, as a form is that waits.
        """
        return Progress(self._replies, to, self._desk, self._unbrought.keep, ts, also)

    def __call__(self, to: Address, reply: Reply) -> None:
        """Do what follows from this answer.

        Args:
            to: who is told what could not be done, and gets the files.
            reply: as it was brought, or kept to be.
        """
        named = reply.command if reply.error else ""  # decided by somebody else, as it may be
        for label in self._approvals.refresh(reply.about, named):
            self._replies.tell(to, UNSHOWN.format(label))
        self._send_files(to, reply)
        self._desk.told(reply)
        if reply.visibility is Visibility.IN_CHANNEL:
            self.changed()

    def _send_files(self, to: Address, reply: Reply) -> None:
        """Send the files of an answer to one person alone."""
        if not reply.files or not to.user:
            return
        from bot.engine.delivery import passes

        lacking = False
        for file in reply.files:
            refusal = self._replies.upload(to.user, file, reply.command)
            if refusal and passes(refusal):
                self._unbrought.keep_file(to.user, file, reply.command)
            elif refusal:
                lacking = True
        if lacking:
            self._replies.tell(to, NO_FILES)
