"""Run `python -m bot …` as a person would, in an environment without anything of theirs."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def environment(**given: object) -> dict[str, str]:
    """The process's environment without netmap's, Slack's and proxies' variables."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("NETMAP_", "SLACK_")) and "proxy" not in name.lower()
    }
    return kept | {"PYTHONPATH": str(ROOT)} | {name: str(value) for name, value in given.items()}


def netmap(
    *words: object, cwd: Path, stdin: str | None = None, **given: object
) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "bot", *map(str, words)],
        cwd=cwd,
        env=environment(**given),
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


class Started:
    """Starts processes that serve; none of them outlives the test, whatever comes of that."""

    def __init__(self) -> None:
        self._all: list[subprocess.Popen[str]] = []

    def __call__(self, *words: object, cwd: Path, **given: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", *map(str, words)],
            cwd=cwd,
            env=environment(**given),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self._all.append(process)
        return process

    def end(self) -> None:
        """Kill those that still run."""
        for process in self._all:
            if process.poll() is None:
                process.kill()
                process.communicate()
