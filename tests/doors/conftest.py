"""A sample estate, made once and copied for each test that changes it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import wiring
from bot.settings import Settings
from tests.doors.bench import WAYS, without_proxies

without_proxies()


@pytest.fixture(scope="session")
def _sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "netmap.db"
    house = wiring.build(Settings(db=path))
    wiring.load_sample(house)
    house.close()
    return path


@pytest.fixture
def sample_db(_sample: Path, tmp_path: Path) -> Path:
    """A database with the sample estate, in a folder of its own."""
    path = tmp_path / "netmap.db"
    shutil.copy(_sample, path)
    return path


@pytest.fixture
def house(sample_db: Path) -> Iterator[wiring.House]:
    """A house on the sample estate."""
    made = wiring.build(Settings(db=sample_db))
    yield made
    made.close()


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    """Socket Mode, and signed HTTP."""
    return str(request.param)
