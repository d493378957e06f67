"""Both doors of Slack's."""

import pytest

from bot.wiring import House
from tests.doors.bench import WAYS, without_proxies
from tests.doors.office import Clock

without_proxies()


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    """Socket Mode, and signed HTTP."""
    return str(request.param)


@pytest.fixture
def clock(house: House) -> Clock:
    """The clock of the house, for the test to set."""
    made = Clock(house.now())
    house.now = made
    return made
