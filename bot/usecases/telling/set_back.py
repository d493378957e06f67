"""The clock was ahead and is put right: what was noted of times to come counts no more.

A machine that starts with a wrong clock may be a year ahead until it asks a time server. A digest
that ran then would run next a year from now, and the look at what drifts as well.
"""

from datetime import datetime

from bot.domain.digests import Digest
from bot.engine.digests import upcoming
from bot.ports import Tables
from bot.usecases.watching.hushing import LONGEST


def put_right(tables: Tables, at: datetime) -> None:
    """Time anew what runs by the clock, as of this moment."""
    tables.digests.forget_after(at)
    for digest in tables.digests.all():
        timed = _timed_anew(digest, at)
        if timed != digest:
            tables.digests.put(timed)
    tables.outbox.none_after(at)
    tables.lives.rest("look")


def _timed_anew(digest: Digest, at: datetime) -> Digest:
    muted = digest.muted_until
    if muted is not None and muted > at + LONGEST:
        digest = digest.model_copy(update={"muted_until": None, "muted_by": ""})
    found: dict[str, datetime] = {}
    if digest.next_run is not None:
        found["next_run"] = min(digest.next_run, upcoming(digest, at))
    for name in ("parent_at", "opened_at", "delivered_at", "error_at"):
        noted = getattr(digest, name)
        if noted is not None:
            found[name] = min(noted, at)
    return digest.model_copy(update=found)
