"""The workspace's clock: real time until a test moves or holds it."""

from __future__ import annotations

from collections.abc import Callable


class Clock:
    """Seconds since the epoch, taken from `source` and shifted or held at will.

    Trigger ids, response URLs, rate limits, acknowledgements and message times follow this clock.
    `listen` registers what must run when somebody moves it.
    """

    def __init__(self, source: Callable[[], float]) -> None:
        self._source = source
        self._offset = 0.0
        self._held: float | None = None
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> float:
        """The moment it is here, in seconds since the epoch."""
        return self._held if self._held is not None else self._source() + self._offset

    def advance(self, seconds: float) -> None:
        """Move the clock forward; a held clock stays held at its new moment."""
        if self._held is not None:
            self._held += seconds
        else:
            self._offset += seconds
        self._tell()

    def hold(self) -> None:
        """Stop the clock; from now on only `advance` and `set` move it."""
        self._held = self.now()
        self._tell()

    def set(self, moment: float) -> None:
        """Set the clock to `moment` (seconds since the epoch) and hold it there."""
        self._held = moment
        self._tell()

    def release(self) -> None:
        """Let a held clock run on from where it stands."""
        if self._held is not None:
            self._offset = self._held - self._source()
            self._held = None
            self._tell()

    def listen(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every move of the clock."""
        self._listeners.append(listener)

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()
