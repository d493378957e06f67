"""Row 11: how soon it is there, and how much memory it then holds."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.bench.rounds import Row, child, in_turns


def starting(path: Path, rounds: int) -> Iterator[Row]:
    """Whole processes against `python -c pass`."""
    environ = dict(os.environ) | {"NETMAP_DB": str(path)}

    def run(*words: str) -> None:
        subprocess.run([sys.executable, *words], check=True, env=environ, stdout=subprocess.DEVNULL)

    found = in_turns(
        lambda: run("-c", "pass"),
        {
            "ready": lambda: run("-m", "tests.bench.children", "ready", f'"{path}"'),
            "version": lambda: run("-m", "bot", "--version"),
            "say": lambda: run("-m", "bot", "say", "vm vm000001"),
        },
        rounds,
    )
    for name, what, bound in (
        ("ready", "Ready: app built, scheduler started, store open / python -c pass", 30),
        ("version", "`netmap --version` / the same", 6),
        ("say", "`netmap say` of one VM / the same", 25),
    ):
        one = found[name]
        yield Row("11", what, f"≤ {bound}", str(one), one.median <= bound, one._asdict())
    idle = child("ready", path)["mb"]
    yield Row("11", "Memory when idle", "≤ 60 MB", f"{idle:.0f} MB", idle <= 60, {})
