"""What all tests of the workspace share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.workspace import Workspace
from tests.workspace.bench import MANIFEST, without_proxies

without_proxies()


@pytest.fixture
def ws() -> Iterator[Workspace]:
    """A workspace without an app, its clock held."""
    with Workspace(MANIFEST) as made:
        made.clock.hold()
        yield made
