"""What may come of a message on its way out."""

from enum import StrEnum


class Outcome(StrEnum):
    """What to do about a refusal."""

    LATER = "later"
    """Slack is busy or away: the same again after a while."""
    PAUSE = "pause"
    """Nobody but a person can mend it."""
    FORM = "form"
    """The message is malformed to Slack: its text alone may do."""
    LOST = "lost"
    """The message to edit, or to reply to, is not there any more."""
    SKIP = "skip"
    """This part cannot be delivered and the rest can."""


class Undelivered(Exception):
    """A message was not taken.

    Args:
        code: Slack's own word, or the kind of trouble on the way.
        wait_s: seconds Slack wants us to wait; None where it did not say.
        unsure: whether it may have arrived all the same.
    """

    def __init__(self, code: str, wait_s: float | None = None, unsure: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.wait_s = wait_s
        self.unsure = unsure
