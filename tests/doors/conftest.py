"""Both doors of Slack's."""

import pytest

from tests.doors.bench import WAYS, without_proxies

without_proxies()


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    """Socket Mode, and signed HTTP."""
    return str(request.param)
