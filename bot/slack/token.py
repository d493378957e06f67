"""Whether Slack takes the bot's token: asked at the start, and every few minutes from then on."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.slack.people import is_fresh, reason
from bot.slack.refusals import REFUSED, refused, trouble

log = logging.getLogger(__name__)

BETWEEN = timedelta(minutes=5)
"""Between two questions."""
AGAIN = timedelta(minutes=1)
"""The same while Slack refuses it."""
VARIABLE = "SLACK_BOT_TOKEN"


class Token:
    """The bot's token as Slack saw it last.

    Args:
        client: a plain one.
        now: the time.
        taken: told at a look that Slack takes it, the first time or again.
    """

    def __init__(
        self, client: WebClient, now: Callable[[], datetime], taken: Callable[[], None]
    ) -> None:
        self._client = client
        self._now = now
        self._taken = taken
        self._next: datetime | None = None
        self._is_good = self._is_known_good = False
        self.trouble = ""
        """What is wrong with it and what to do, in a sentence; empty if nothing is known to be."""

    def greet(self) -> None:
        """Ask whose it is, to fail now and not at the first command.

        Raises:
            SetupFault: Slack refuses it.
        """
        word = self._ask()
        if word:
            raise refused(VARIABLE, word)

    def look(self) -> None:
        """Ask again if it is time; what waited for a good one goes on."""
        if self._next is None or not is_fresh(self._next, BETWEEN, self._now()):
            self._ask()
        if self._is_good and not self._is_known_good:
            self._taken()
            self._is_known_good = True

    def _ask(self) -> str:
        """Slack's refusal; empty where it takes it, or cannot be asked."""
        try:
            answer = self._client.auth_test()
        except (SlackClientError, OSError) as error:
            word = reason(error)
            if not isinstance(error, SlackApiError) or word not in REFUSED:
                log.warning("Slack cannot be asked about the token: %s", word)
                word = ""
            elif not self.trouble:
                log.warning("Slack refuses %s: %s", VARIABLE, word)
            if word:
                self.trouble = trouble(VARIABLE, word)
                self._is_good = self._is_known_good = False
        else:
            word, self.trouble = "", ""
            if not self._is_good:
                who = answer.get("user_id"), answer.get("team_id")
                log.info("connected as %s in team %s", *who)
            self._is_good = True
        self._next = self._now() + (AGAIN if self.trouble else BETWEEN)
        return word
