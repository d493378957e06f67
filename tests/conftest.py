"""What all tests share."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from bot import wiring
from bot.settings import Settings
from bot.wiring.taking import load_sample

# A busy machine is no fault of the code, and what passed on one machine passes on the next:
# `--hypothesis-profile search` draws other examples each time, for who looks for new faults.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("netmap", settings.get_profile("search"), derandomize=True)
settings.load_profile("netmap")

GOLDEN = Path(__file__).parent / "golden"

Compare = Callable[[str, Any], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`pytest --update-golden` accepts changed messages; read the diff."""
    parser.addoption("--update-golden", action="store_true", help="accept changed messages")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Compare:
    """Compare data with `tests/golden/<name>.json`."""

    def compare(name: str, found: Any) -> None:
        path = GOLDEN / f"{name}.json"
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n", "utf-8")
        assert path.exists(), f"{path.name} is missing: pytest --update-golden writes it"
        wanted = json.loads(path.read_text("utf-8"))
        assert found == wanted, "if that is meant: pytest --update-golden, then read the diff"

    return compare


@pytest.fixture(scope="session")
def _sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sample") / "netmap.db"
    house = wiring.build(Settings(db=path))
    load_sample(house)
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
    made = wiring.build(Settings(db=sample_db, local=True))
    yield made
    made.close()
