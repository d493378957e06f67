"""What all tests share."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("netmap", deadline=None)  # a busy machine is no fault of the code
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
