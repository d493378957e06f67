"""Socket Mode: connections are renewed without anybody noticing, and closed politely."""

import threading
from typing import Any

import pytest

from bot.domain.errors import SetupFault
from bot.slack import manifest
from bot.slack.door import Door
from bot.workspace import Workspace
from tests.doors.bench import NOON, ONCALL, Echo, bot, is_quick, settings_for


@pytest.mark.parametrize("close", [True, False])
def test_a_renewal_in_the_middle_of_commands_loses_none(close: bool) -> None:
    echo = Echo()
    with bot(echo) as bench:
        acts = []
        for number in range(60):
            if number in (20, 40):
                bench.ws.faults.refresh_sockets(close=close)
            acts.append(bench.ws.slash("ana", ONCALL, f"/netmap vm web{number}", wait=False))
        for act in acts:
            act.wait()

        assert [act.error for act in acts if not act.acknowledged] == []
        assert sorted(asked.line for asked in echo.asked) == sorted(
            f"vm web{number}" for number in range(60)
        )


def test_a_cut_socket_is_opened_again() -> None:
    with bot(Echo()) as bench:
        bench.ws.faults.drop_socket()
        bench.ws.wait_connected(2)

        assert bench.ws.slash("ana", ONCALL, "/netmap vm web01").acknowledged


def test_a_refused_token_says_which() -> None:
    with Workspace(manifest.load()) as ws:
        door = Door(settings_for(ws, app_token="xapp-wrong"), Echo(), lambda: NOON, is_quick)
        with pytest.raises(SetupFault, match="SLACK_APP_TOKEN: invalid_auth"):
            door.open_sockets(threading.Event())
        door.close()

        door = Door(settings_for(ws, bot_token="xoxb-wrong"), Echo(), lambda: NOON, is_quick)
        with pytest.raises(SetupFault, match="SLACK_BOT_TOKEN: invalid_auth"):
            door.open_sockets(threading.Event())
        door.close()


def test_while_slack_is_away_it_keeps_trying_until_told_to_stop() -> None:
    with Workspace(manifest.load()) as ws:
        settings = settings_for(ws)
    door = Door(settings, Echo(), lambda: NOON, is_quick)
    stop = threading.Event()
    trying = threading.Thread(target=door.open_sockets, args=(stop,))

    trying.start()
    assert door.state()["connections"] in ([], [False, False])
    stop.set()
    trying.join(timeout=60)

    assert not trying.is_alive()
    door.close()


def test_the_bot_says_how_its_connections_are() -> None:
    with bot(Echo(), connections=3) as bench:
        state: dict[str, Any] = bench.door.state()
        assert state == {"connections": [True, True, True], "listening": True, "trouble": ""}
        assert bench.door.well()["ok"] is True
