"""What the scheduler does every few seconds: look, run what is due, deliver what waits."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from bot.ports import Ports, Poster
from bot.usecases.telling.delivery import Draw, deliver
from bot.usecases.telling.digest_runs import refresh_findings, run_due
from bot.usecases.telling.pulse import PULSE
from bot.usecases.telling.set_back import put_right

log = logging.getLogger(__name__)


def tick(
    ports: Ports, poster: Poster | None, draw: Draw, now: Callable[[], datetime]
) -> tuple[int, int]:
    """Do what is due.

    Args:
        poster: None where there is no chat: digests are kept and nothing is delivered.

    Returns:
        (digests run, messages delivered)
    """
    at = now()
    with ports.store.read() as tables:
        noted, _ = tables.lives.pulses().get("tick", (None, ""))
    if noted is not None and noted - at > PULSE:  # two bots differ by less
        _put_right(ports, at, noted - at)
        noted = at
    refresh_findings(ports, at)
    run = run_due(ports, at)
    sent = deliver(ports, poster, draw, now) if poster is not None else 0
    if noted is None or at - noted >= PULSE:
        with ports.store.write() as tables:
            tables.lives.pulse("tick", at)
    return run, sent


def _put_right(ports: Ports, at: datetime, ahead: timedelta) -> None:
    """The last word is of a time to come, so the clock was ahead."""
    log.warning("the clock was ahead by %s: what runs by it is timed anew", ahead)
    with ports.store.write() as tables:
        put_right(tables, at)
        tables.lives.pulse("tick", at)
