"""`netmap run` as a newcomer starts it, and a browser to look at it."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browsing import chromium, page_of

ROOT = Path(__file__).parent.parent.parent


class Running:
    """A `netmap run` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.lower().endswith("_proxy") and not name.startswith(("SLACK_", "NETMAP_"))
        }
        environment["PYTHONPATH"] = str(ROOT)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot", "run"],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.said: list[str] = []
        self.url = self._address()
        threading.Thread(target=self._listen, daemon=True).start()

    def _address(self) -> str:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if re.fullmatch(r"http://127\.0\.0\.1:\d+\n", line):
                return line.strip()
        raise AssertionError("netmap run ended without an address:\n" + "".join(self.said))

    def _listen(self) -> None:
        assert self.process.stdout is not None
        self.said.extend(self.process.stdout)

    def stop(self) -> int:
        """Ask it to stop, as a service manager does; its exit code."""
        self.process.terminate()
        return self.process.wait(timeout=120)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    started = Running(tmp_path_factory.mktemp("newcomer"))
    yield started
    if started.process.poll() is None:
        started.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, running: Running) -> Iterator[Page]:
    """The workspace that runs, looked at."""
    opened = page_of(browser)
    opened.goto(running.url)
    yield opened
    opened.close()
