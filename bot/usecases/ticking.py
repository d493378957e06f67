"""What the scheduler does every few seconds: look, run what is due, deliver what waits."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.ports import Ports, Poster
from bot.usecases.delivery import Draw, deliver
from bot.usecases.digest_runs import refresh_findings, run_due

PULSE = timedelta(minutes=1)
"""So often the tick leaves word that it runs."""
SILENT = timedelta(minutes=10)
"""A scheduler that left no word for so long has stopped."""


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
    refresh_findings(ports, at)
    run = run_due(ports, at)
    sent = deliver(ports, poster, draw, now) if poster is not None else 0
    with ports.store.read() as tables:
        last = tables.lives.pulses().get("tick")
    if last is None or at - last[0] >= PULSE:
        with ports.store.write() as tables:
            tables.lives.pulse("tick", at)
    return run, sent
