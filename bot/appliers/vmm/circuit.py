"""Leave a server alone for a while once it failed several times in a row."""

import threading
from datetime import datetime, timedelta

FAILURES = 3
"""In a row, that open the circuit."""
REST = timedelta(minutes=10)
"""How long it stays open; the next try then decides."""


class Circuit:
    """Closed: everything passes. Open: nothing does until `until`, then one try."""

    def __init__(self) -> None:
        self.failures = 0
        self.until: datetime | None = None
        self.fault = ""
        self.worked_at: datetime | None = None
        self._lock = threading.Lock()

    def is_open(self, at: datetime) -> bool:
        """Whether nothing may be sent now."""
        with self._lock:
            return self.until is not None and at < self.until

    def worked(self, at: datetime) -> None:
        """It answered: all is forgotten."""
        with self._lock:
            self.failures, self.until, self.fault, self.worked_at = 0, None, "", at

    def failed(self, at: datetime, fault: str) -> None:
        """It did not answer, or not to the end."""
        with self._lock:
            self.failures += 1
            self.fault = fault
            if self.failures >= FAILURES:
                self.until = at + REST
