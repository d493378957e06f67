"""Threads for what takes longer than Slack waits, and a word to whoever a stop leaves waiting."""

import logging
import threading
from collections import deque
from collections.abc import Callable

log = logging.getLogger(__name__)

Work = Callable[[], None]


class Closed(Exception):
    """No more work is taken."""


class _Job:
    def __init__(self, work: Work, abandoned: Work | None) -> None:
        self.work = work
        self.abandoned = abandoned


class Pool:
    """Runs work in order of arrival, `workers` at once.

    Its threads are daemons: work that does not end must not keep the process from ending.
    """

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._changed = threading.Condition()
        self._waiting: deque[_Job] = deque()
        self._running: set[_Job] = set()
        self._threads = 0
        self._closed = False

    def submit(self, work: Work, abandoned: Work | None = None) -> int:
        """Run `work` soon.

        Args:
            work: what to do.
            abandoned: called in its stead, or while it still runs, when the pool is closed.

        Returns:
            how many wait before it.

        Raises:
            Closed: the pool is closing.
        """
        with self._changed:
            if self._closed:
                raise Closed
            job = _Job(work, abandoned)
            busy = len(self._running) + len(self._waiting)
            self._waiting.append(job)
            if busy >= self._threads and self._threads < self._workers:
                self._threads += 1
                name = f"netmap-worker-{self._threads}"
                threading.Thread(target=self._serve, name=name, daemon=True).start()
            self._changed.notify()
            return max(0, busy + 1 - self._workers)

    @property
    def pending(self) -> int:
        """How much is running or waiting."""
        with self._changed:
            return len(self._running) + len(self._waiting)

    def wait_idle(self, patience_s: float) -> bool:
        """Wait until nothing runs or waits; False when patience ended first."""
        with self._changed:
            return self._changed.wait_for(lambda: not (self._running or self._waiting), patience_s)

    def close(self, patience_s: float) -> None:
        """Take no more work; finish what runs, as far as patience goes, and abandon the rest."""
        with self._changed:
            self._closed = True
            left = list(self._waiting)
            self._waiting.clear()
            self._changed.notify_all()
            self._changed.wait_for(lambda: not self._running, patience_s)
            left += self._running
        if left:
            log.warning("stopping with %d requests unanswered", len(left))
        for job in left:
            if job.abandoned is not None:
                _guarded(job.abandoned)

    def _serve(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._closed)
                if not self._waiting:
                    return
                job = self._waiting.popleft()
                self._running.add(job)
            _guarded(job.work)
            with self._changed:
                self._running.discard(job)
                self._changed.notify_all()


def _guarded(work: Work) -> None:
    try:
        work()
    except Exception:
        # Whoever asked was told by the work itself; the thread must live on for the next.
        log.exception("work in the background failed")
