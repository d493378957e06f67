"""What Slack knows of a person: their time zone and their name, kept for a day."""

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.slack.pool import Closed, Pool

log = logging.getLogger(__name__)

KEPT = timedelta(hours=24)
RETRIED = timedelta(minutes=10)
"""After this a person Slack said nothing about is asked for again."""


class Person(NamedTuple):
    """Somebody who writes to the bot."""

    zone: str = "UTC"
    outsider: bool = False
    """A guest, or somebody of another workspace."""
    sure: bool = False
    """Whether Slack has said so."""


class _Kept(NamedTuple):
    person: Person
    until: datetime


class People:
    """Persons by id.

    Args:
        client: a patient client; only workers use it.
        pool: where it is used.
        now: the time.
        remember: told what people are called; for workers, as it may write.
    """

    def __init__(
        self,
        client: WebClient,
        pool: Pool,
        now: Callable[[], datetime],
        remember: Callable[[dict[str, str]], None] = lambda names: None,
    ) -> None:
        self._client = client
        self._pool = pool
        self._now = now
        self._remember = remember
        self._kept: dict[str, _Kept] = {}
        self._asked: set[str] = set()
        self._team: tuple[str, str] | None = None
        self._lock = threading.Lock()

    def known(self, user: str) -> Person:
        """What is known now, without waiting; a worker asks Slack for what is missing or old."""
        with self._lock:
            kept = self._kept.get(user)
            fresh = self._is_fresh(kept)
            ask = bool(user) and not fresh and user not in self._asked
            if ask:
                self._asked.add(user)
        if ask:
            try:
                self._pool.submit(lambda: self._refresh(user))
            except Closed:
                log.debug("not asking about a person: the bot is stopping")
        return kept.person if kept is not None else Person()

    def is_known(self, user: str) -> bool:
        """Whether they can be told of without waiting; if not, a worker asks."""
        self.known(user)
        with self._lock:
            kept = self._kept.get(user)
            return self._is_fresh(kept)

    def look_up(self, user: str) -> Person:
        """What is known, asked for first if need be; for workers only."""
        with self._lock:
            kept = self._kept.get(user)
            if kept is not None and self._is_fresh(kept):
                return kept.person
        return self._fetch(user)

    def _is_fresh(self, kept: _Kept | None) -> bool:
        return kept is not None and is_fresh(kept.until, KEPT, self._now())

    def _refresh(self, user: str) -> None:
        self._fetch(user)

    def _fetch(self, user: str) -> Person:
        person, keep = Person(), KEPT
        try:
            answer = self._client.users_info(user=user)
            user_of = answer.get("user") or {}
            outsider = is_outsider(user_of, *self._whose())
            person = Person(_zone(user_of.get("tz")), outsider, sure=True)
            self._remember({user: _name(user_of)})
        except (SlackApiError, SlackClientError, OSError) as error:
            keep = RETRIED
            log.warning("users.info: %s", reason(error))
        with self._lock:
            self._kept[user] = _Kept(person, self._now() + keep)
            self._asked.discard(user)
        return person

    def _whose(self) -> tuple[str, str]:
        """The workspace and the organisation of this bot, asked for once."""
        if self._team is None:
            answer = self._client.auth_test()
            self._team = str(answer["team_id"]), str(answer.get("enterprise_id") or "")
        return self._team


def is_fresh(until: datetime, kept: timedelta, at: datetime) -> bool:
    """Whether what is kept so long still counts; it does not if the clock was ahead meanwhile."""
    return timedelta(0) < until - at <= kept


def reason(error: Exception) -> str:
    """Why Slack refused, in its own word; or the kind of trouble on the way."""
    if isinstance(error, SlackApiError):
        word = str(error.response.get("error", "unknown_error"))
        if not word.isidentifier():  # the SDK hands on whole pages of what stands before Slack
            return f"HTTP {error.response.status_code}"
        return word
    return type(error).__name__


def _name(user: dict[str, Any]) -> str:
    profile = user.get("profile") or {}
    ways = (profile.get("real_name"), user.get("real_name"), profile.get("display_name"))
    return str(next((name for name in (*ways, user.get("name")) if name), ""))


def is_outsider(user: Mapping[str, Any], team: str, enterprise: str) -> bool:
    """Whether somebody is a guest, or of another workspace.

    Slack calls nobody a stranger who shares a channel with the bot: only the team tells.

    Args:
        user: as `users.info` describes them.
        team: the bot's.
        enterprise: the organisation of that team, whose other workspaces are no others; or empty.
    """
    if any(user.get(kind) for kind in ("is_restricted", "is_ultra_restricted", "is_stranger")):
        return True
    theirs = (user.get("enterprise_user") or {}).get("enterprise_id")
    return user.get("team_id") != team and not (enterprise and theirs == enterprise)


def _zone(name: object) -> str:
    try:
        return ZoneInfo(str(name)).key if name else "UTC"
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "UTC"
