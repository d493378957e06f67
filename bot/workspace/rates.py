"""Rate limits: one message a second a channel, and so many calls of a method a minute."""

from __future__ import annotations

import math
from collections import defaultdict, deque

from bot.workspace.clock import Clock

TIERS = {1: 1, 2: 20, 3: 50, 4: 100, 5: 600}
"""Calls a minute by Slack's tier; 5 stands for the methods with limits of their own."""


class RateLimited(Exception):
    """Too much: try again after `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after}s")
        self.retry_after = retry_after


class Rates:
    """Counts calls on the workspace's clock.

    A post is refused when the previous one in that channel is less than a second old. Slack lets
    short bursts through and promises nothing; a bot that keeps to the second is never surprised.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._calls: dict[str, deque[float]] = defaultdict(deque)
        self._posts: dict[str, float] = {}

    def call(self, method: str, tier: int) -> None:
        """Count one call of `method`.

        Raises:
            RateLimited: the last minute is full.
        """
        now, made = self._clock.now(), self._calls[method]
        while made and made[0] <= now - 60:
            made.popleft()
        if len(made) >= TIERS[tier]:
            raise RateLimited(max(1, math.ceil(made[0] + 60 - now)))
        made.append(now)

    def post(self, channel: str) -> None:
        """Count one message posted in `channel`.

        Raises:
            RateLimited: the last one is less than a second old.
        """
        now = self._clock.now()
        last = self._posts.get(channel)
        if last is not None and now - last < 1:
            raise RateLimited(max(1, math.ceil(1 - (now - last))))
        self._posts[channel] = now
