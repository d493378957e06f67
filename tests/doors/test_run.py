"""The process as a service manager sees it."""

import json
import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.slack import manifest
from bot.workspace import Workspace
from tests.doors.bench import ONCALL, free_port
from tests.doors.commandline import ROOT, Started, netmap
from tests.workspace.bench import LEEWAY_S


@pytest.fixture
def start() -> Iterator[Started]:
    """Starts the bot."""
    made = Started()
    yield made
    made.end()


def tokens(ws: Workspace) -> dict[str, str]:
    """The environment of a bot in that workspace."""
    return {
        "SLACK_BOT_TOKEN": ws.bot_token,
        "SLACK_APP_TOKEN": ws.app_token,
        "SLACK_API_URL": ws.api_url,
        "NETMAP_EDITORS": "U0ANA0001",
    }


def stopped(process: subprocess.Popen[str]) -> str:
    """Stop it as a service manager does; returns what it said on standard error."""
    process.send_signal(signal.SIGTERM)
    try:
        _, said = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 0, said
    assert "Traceback" not in said
    return said


def until(reached: Callable[[], bool]) -> None:
    """Wait for it, two minutes at most."""
    for _ in range(1_200):
        if reached():
            return
        time.sleep(0.1)
    raise TimeoutError


def line_with(process: subprocess.Popen[str], text: str) -> str:
    """Its next line of output with that text."""
    assert process.stdout is not None
    for line in process.stdout:
        if text in line:
            return line.strip()
    raise AssertionError(f"it ended without {text}")


def test_without_tokens_a_workspace_opens_and_its_address_comes_last(
    start: Started, tmp_path: Path
) -> None:
    process = start("run", cwd=tmp_path)

    address = line_with(process, "http://127.0.0.1:")
    with urllib.request.urlopen(address) as page:
        assert page.status == 200
    well = netmap("health", cwd=tmp_path)
    assert well.returncode in (0, 3)  # an inventory of the sample is stale
    assert "workspace, 2 connections" in well.stdout
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=120) == ("", "")
    assert process.returncode == 0
    assert "not running" in netmap("health", cwd=tmp_path).stdout


def test_without_the_workspaces_packages_the_console_opens(sample_db: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "starlette.py").write_text("raise ModuleNotFoundError('none', name='starlette')")
    path = os.pathsep.join([str(bare), str(ROOT)])

    done = netmap("run", cwd=sample_db.parent, stdin="servers\n", PYTHONPATH=path)

    assert "pip install '.[workspace]' in netmap's clone" in done.stderr
    assert done.stdout.startswith("3 VMM servers")
    assert done.returncode == 0


def test_the_port_of_the_workspace_can_be_chosen_once(start: Started, tmp_path: Path) -> None:
    port = free_port()
    process = start("run", "--port", port, cwd=tmp_path)
    assert line_with(process, "http://") == f"http://127.0.0.1:{port}"

    second = netmap("run", "--port", port, cwd=tmp_path, NETMAP_DB="other.db")

    assert second.returncode == 1
    assert f"Port {port} cannot be used" in second.stderr
    stopped(process)


def test_with_tokens_it_serves_slack_until_sigterm(start: Started, sample_db: Path) -> None:
    with Workspace(manifest.load(), leeway_s=LEEWAY_S) as ws:
        process = start("run", "--slack", cwd=sample_db.parent, **tokens(ws))
        ws.wait_connected(2)

        act = ws.slash("ana", ONCALL, "/netmap vm web01")
        assert act.acknowledged
        assert "web01 comes up" in act.reply().text
        until(lambda: netmap("health", cwd=sample_db.parent).returncode in (0, 3))
        assert "socket, 2 connections" in netmap("health", cwd=sample_db.parent).stdout
        slow = ws.slash("ben", ONCALL, "/netmap list")
        said = stopped(process)

        assert slow.acknowledged
        assert "VMM" in slow.reply().text
        assert ws.bot_token not in said
        assert "web01" not in said
        assert ws.violations == []


def test_signed_http_serves_slack_until_sigterm(start: Started, sample_db: Path) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}/slack/events"
    with Workspace(manifest.load(), interaction_url=url, leeway_s=LEEWAY_S) as ws:
        secret = {"SLACK_SIGNING_SECRET": ws.signing_secret}
        process = start("run", "--http", port, cwd=sample_db.parent, **(tokens(ws) | secret))
        assert line_with(process, "Listening") == f"Listening on {url}"

        act = ws.slash("ana", ONCALL, "/netmap vm web01")
        assert act.acknowledged
        assert "web01 comes up" in act.reply().text
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health") as page:
            assert json.loads(page.read())["ok"] is True
        stopped(process)


def test_a_second_process_on_one_database_is_told_of_the_first(
    start: Started, sample_db: Path
) -> None:
    with Workspace(manifest.load(), leeway_s=LEEWAY_S) as ws:
        first = start("run", cwd=sample_db.parent, **tokens(ws))
        ws.wait_connected(2)
        second = start("run", cwd=sample_db.parent, **tokens(ws))
        ws.wait_connected(4)
        until(lambda: netmap("health", cwd=sample_db.parent).stdout.count("is well") == 2)
        status = netmap("say", "status", cwd=sample_db.parent).stdout

        said = stopped(second)
        assert "is served already" not in stopped(first)

    assert f"netmap.db is served already: process {first.pid}, Socket Mode, since" in said
    assert all(f"Served by process {one.pid}, Socket Mode" in status for one in (first, second))


def test_people_without_the_role_hear_which_setting_would_help(
    start: Started, sample_db: Path
) -> None:
    with Workspace(manifest.load(), leeway_s=LEEWAY_S) as ws:
        process = start("run", cwd=sample_db.parent, **(tokens(ws) | {"NETMAP_EDITORS": ""}))
        ws.wait_connected(2)

        text = ws.slash("ana", ONCALL, "/netmap add Prod-Web to DR-Web").reply().text

        assert "NETMAP_EDITORS" in text
        stopped(process)


def test_a_refused_token_ends_it_with_a_sentence(tmp_path: Path) -> None:
    with Workspace(manifest.load(), leeway_s=LEEWAY_S) as ws:
        wrong = tokens(ws) | {"SLACK_BOT_TOKEN": "xoxb-wrong"}
        done = netmap("run", cwd=tmp_path, **wrong)

    assert done.returncode == 1
    assert "Slack refuses SLACK_BOT_TOKEN: invalid_auth." in done.stderr
    assert "Traceback" not in done.stderr


def test_stopped_while_slack_is_away(start: Started, tmp_path: Path) -> None:
    away = {
        "SLACK_BOT_TOKEN": "xoxb-1",
        "SLACK_APP_TOKEN": "xapp-1",
        "SLACK_API_URL": f"http://127.0.0.1:{free_port()}/api/",
    }
    process = start("run", cwd=tmp_path, **away)
    assert process.stderr is not None
    assert any("cannot be reached" in line for line in process.stderr)

    ill = netmap("health", cwd=tmp_path)
    stopped(process)

    assert ill.returncode == 1
