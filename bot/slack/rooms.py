"""Everything in Slack besides lines: buttons, the form, requests, Home, shortcuts."""

from typing import NamedTuple

from bot.slack.after import After
from bot.slack.approvals import Approvals
from bot.slack.desk import Desk
from bot.slack.forms import Forms
from bot.slack.handed import Handed
from bot.slack.home import Home
from bot.slack.hushing import Hushing
from bot.slack.incidents import Incidents
from bot.slack.presses import Presses
from bot.slack.subscribing import Subscribing
from bot.slack.unbrought import Unbrought


class Rooms(NamedTuple):
    """One of each."""

    desk: Desk
    after: After
    forms: Forms
    presses: Presses
    approvals: Approvals
    unbrought: Unbrought
    home: Home
    incidents: Incidents
    handed: Handed
    hushing: Hushing
    subscribing: Subscribing
