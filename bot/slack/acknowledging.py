"""What must not overtake the acknowledgement it follows.

Slack puts the view of an acknowledgement on the screen when the acknowledgement arrives; an update
of that view that came earlier is overwritten by it, and a form would say "Saving…" for ever.
"""

import threading
import time
from collections.abc import Callable

PATIENCE_S = 5.0
"""An acknowledgement that is not sent by then is lost; what follows it is not."""
HEAD_START_S = 0.25
"""Sent is not arrived: the two travel on connections of their own, and nothing orders them.
So what follows has to see for itself which came first; with this it is seldom the wrong one."""


class _Here(threading.local):
    under_way: threading.Event | None = None


_here = _Here()


def begin() -> Callable[[], None]:
    """This thread is about to acknowledge; call what is returned once that is sent or lost."""
    sent = threading.Event()
    _here.under_way = sent

    def end() -> None:
        sent.set()
        if _here.under_way is sent:
            _here.under_way = None

    return end


def afterwards(work: Callable[[], None]) -> Callable[[], None]:
    """The same work for another thread, after the acknowledgement that this one will send."""
    sent = _here.under_way
    if sent is None:
        return work

    def later() -> None:
        sent.wait(PATIENCE_S)
        time.sleep(HEAD_START_S)
        work()

    return later
