"""What runs by the clock. Memory only: schedules that must last are rows of ours."""

from collections.abc import Callable
from datetime import UTC

from apscheduler.schedulers.background import (  # type: ignore[import-untyped]  # it has no types
    BackgroundScheduler,
)

LOOK_S = 10
"""Between two looks at what Slack shows: Homes, requests that have expired."""
JITTER = 0.1
"""Of the time between two runs."""

GRACE_S = 3600
"""A job that is late by less still runs: a digest that is late is still wanted."""


class Jobs:
    """The scheduler and its fixed jobs."""

    def __init__(self) -> None:
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": GRACE_S},
        )

    def every(self, seconds: float, id: str, work: Callable[[], None]) -> None:
        """Run `work` about so often, one at a time; two processes drift apart by the jitter."""
        self._scheduler.add_job(
            work,
            "interval",
            seconds=seconds,
            jitter=seconds * JITTER,
            id=id,
            replace_existing=True,
            timezone=UTC,
        )

    def start(self) -> None:
        """Begin."""
        self._scheduler.start()

    def stop(self) -> None:
        """Let what runs finish, start nothing more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
