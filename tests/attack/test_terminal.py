"""What can be typed after `netmap` in a terminal: it is refused in words."""

from pathlib import Path

import pytest

from tests.doors.commandline import netmap


@pytest.mark.parametrize("port", [-1, 65536, 70000])
def test_a_port_that_cannot_be_is_refused(tmp_path: Path, port: int) -> None:
    ended = netmap("run", f"--port={port}", cwd=tmp_path)

    assert ended.returncode != 0
    assert "0<=x<=65535" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("name", ["/dev/null", "x" * 300, "a/b/c.db"])
def test_a_database_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    ended = netmap("say", "list", cwd=tmp_path, NETMAP_DB=name)

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
