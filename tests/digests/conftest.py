"""What the tests of digests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.digests.bench import Bench, bench
from tests.workspace.bench import without_proxies

without_proxies()


@pytest.fixture
def b(tmp_path: Path) -> Iterator[Bench]:
    """A bot whose clock is set, on a workspace, with an estate that is as it should be."""
    with bench(tmp_path) as made:
        yield made
