"""What a person may do: by their id, by their user groups, and whether they are of the house.

Groups are asked for by workers and kept for a while. Where Slack does not answer, about a group or
about the person, nobody becomes an editor by a group, and reading stays open. Guests and people of
other workspaces may only read, and only where a setting says so.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from slack_sdk import WebClient
from slack_sdk.errors import SlackClientError

from bot.domain.codes import Role
from bot.settings import Settings
from bot.slack.people import People, is_fresh, reason
from bot.slack.pool import Closed, Pool

log = logging.getLogger(__name__)

KEPT = timedelta(minutes=10)
RETRIED = timedelta(minutes=1)
"""After this a group that Slack did not tell of is asked for again."""


class _Group(NamedTuple):
    members: frozenset[str] | None
    """None: Slack did not say."""
    until: datetime


class Access:
    """Roles of people.

    Args:
        settings: who is what.
        client: a patient client; only workers use it.
        people: what is known of them.
        pool: where groups are asked for.
        now: the time.
        remember: told what groups are called; for workers, as it may write.
    """

    def __init__(
        self,
        settings: Settings,
        client: WebClient,
        people: People,
        pool: Pool,
        now: Callable[[], datetime],
        remember: Callable[[dict[str, str]], None] = lambda names: None,
    ) -> None:
        self._settings = settings
        self._client = client
        self._people = people
        self._pool = pool
        self._now = now
        self._remember = remember
        self._named = False
        self._groups: dict[str, _Group] = {}
        self._lock = threading.Lock()
        named = settings.readers | settings.editors | settings.admins | settings.guests
        self._wanted = sorted(one for one in named if one.startswith("S"))

    def ready(self, user: str) -> bool:
        """Whether their role can be told without asking Slack."""
        with self._lock:
            fresh = all(self._fresh(one) for one in self._wanted)
        if not fresh:
            self._ask_soon()
        return fresh and self._people.is_known(user)

    def role_of(self, user: str) -> Role:
        """What they may do; asks Slack where need be, so for workers unless they are `ready`."""
        settings = self._settings
        for one in self._wanted:
            self._members(one)
        person = self._people.look_up(user)
        if person.outsider:
            named = settings.guests | (settings.readers - {"*"})
            return Role.READER if self._is_in(user, named, unknown=False) else Role.NOBODY
        if self._may_write(user, settings.admins, person.sure):
            return Role.ADMIN
        if self._may_write(user, settings.editors, person.sure):
            return Role.EDITOR
        if settings.local and not settings.editors and not settings.admins:
            return Role.ADMIN
        return Role.READER if self._is_in(user, settings.readers, unknown=True) else Role.NOBODY

    def who(self, role: Role) -> list[str]:
        """Ids of the people and groups who have a role; none for everybody."""
        settings = self._settings
        found = {
            Role.READER: settings.readers | settings.editors | settings.admins,
            Role.EDITOR: settings.editors | settings.admins,
            Role.ADMIN: settings.admins,
        }.get(role, frozenset())
        named = [] if "*" in found and role is Role.READER else sorted(found - {"*"})
        for one in named:
            if not one.startswith("S"):
                self._people.known(one)  # so that the next to be refused reads their names
        return named

    def _may_write(self, user: str, ids: frozenset[str], sure: bool) -> bool:
        """Whether they are named, or in a group and known to be no guest: groups have guests."""
        return user in ids or (sure and self._is_in(user, ids, unknown=False))

    def _is_in(self, user: str, ids: frozenset[str], unknown: bool) -> bool:
        if user in ids or "*" in ids:
            return True
        for one in ids:
            if one.startswith("S"):
                members = self._members(one)
                if unknown if members is None else user in members:
                    return True
        return False

    def _members(self, group: str) -> frozenset[str] | None:
        with self._lock:
            if self._fresh(group):
                return self._groups[group].members
        members: frozenset[str] | None = None
        keep = RETRIED
        try:
            answer = self._client.usergroups_users_list(usergroup=group)
            members, keep = frozenset(answer.get("users") or []), KEPT
            self._learn_names()
        except (SlackClientError, OSError) as error:
            log.warning("usergroups.users.list: %s", reason(error))
        with self._lock:
            self._groups[group] = _Group(members, self._now() + keep)
        return members

    def _learn_names(self) -> None:
        """Ask once what the groups are called."""
        with self._lock:
            if self._named:
                return
            self._named = True
        found = self._client.usergroups_list().get("usergroups") or []
        self._remember({str(one["id"]): f"@{one['handle']}" for one in found})

    def _fresh(self, group: str) -> bool:
        kept = self._groups.get(group)
        return kept is not None and is_fresh(kept.until, KEPT, self._now())

    def _ask_all(self) -> None:
        for one in self._wanted:
            self._members(one)

    def _ask_soon(self) -> None:
        try:
            self._pool.submit(self._ask_all)
        except Closed:
            log.debug("not asking about groups: the bot is stopping")
