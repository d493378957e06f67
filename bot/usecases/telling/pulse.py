"""The word that the scheduler leaves, from which one sees that it runs."""

from datetime import datetime, timedelta

from bot.ports import Tables

PULSE = timedelta(minutes=1)
"""So often the tick leaves word that it runs."""
SILENT = timedelta(minutes=10)
"""A scheduler that left no word for so long has stopped."""


def stands_still(tables: Tables, at: datetime) -> bool:
    """Whether nobody runs digests and delivers them at this moment."""
    ticked_at, _ = tables.lives.pulses().get("tick", (None, ""))
    return ticked_at is None or abs(at - ticked_at) > SILENT
