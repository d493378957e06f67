"""Both doors of Slack's."""

from collections.abc import Iterator

import pytest

from bot.wiring import House
from tests.doors.bench import WAYS, without_proxies
from tests.doors.office import CHANGES_ID, Clock, Office, office

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


@pytest.fixture
def desk(way: str, house: House) -> Iterator[Office]:
    """The bot as it comes."""
    with office(house, way) as made:
        yield made
        assert made.faults() == []


@pytest.fixture
def board(way: str, house: House) -> Iterator[Office]:
    """Where changes need another person."""
    with office(house, way, approval=True, changes_channel=CHANGES_ID) as made:
        yield made
        assert made.faults() == []
