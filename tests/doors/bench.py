"""The bot on a local workspace, over Socket Mode or signed HTTP; a test says what it answers."""

import itertools
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

from bot.commands import Said
from bot.domain.replies import Reply, Visibility
from bot.settings import Settings
from bot.slack import manifest
from bot.slack.door import Door
from bot.workspace import Workspace
from tests.workspace.bench import LEEWAY_S

WAYS = ("socket", "http")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

ONCALL = "#dr-oncall"
HELD_S = 300.0
"""What a test holds is let go by then, whatever comes of the test; it ends long before."""


class Asked(NamedTuple):
    """One line as it came through a door."""

    line: str
    by: str
    where: str
    zone: str
    again: str
    """As it can be run again."""


class Echo:
    """Answers every line with itself, and keeps what it was asked."""

    def __init__(self, **reply: Any) -> None:
        self.asked: list[Asked] = []
        self._reply = reply

    def __call__(self, said: Said, by: str, page: int | None, where: str, zone: str) -> Reply:
        line = said.typed
        self.asked.append(Asked(line, by, where, zone, said.again))
        if line.startswith("wait"):
            self.wait(line)
        if line.startswith("fail"):
            raise ZeroDivisionError("a bug of the test's")
        shown = Visibility.IN_CHANNEL if "public" in line else Visibility.EPHEMERAL
        return Reply(
            **{"command": line, "text": f"You said {line}", "visibility": shown} | self._reply
        )

    def wait(self, line: str) -> None:
        """What `wait` does; a test puts something in its place."""


class Held(Echo):
    """Keeps lines that start with `wait` waiting until `release` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = threading.Event()
        """One of them is being answered."""
        self.release = threading.Event()

    def wait(self, line: str) -> None:
        self.begun.set()
        self.release.wait(HELD_S)


def is_quick(said: Said) -> bool:
    """Everything but `wait …`, `slow …` and `public …` is quick."""
    return not said.typed.startswith(("wait", "slow", "public"))


class Bench(NamedTuple):
    """A bot on a workspace."""

    ws: Workspace
    door: Door


def free_port() -> int:
    """A port nobody listens on, nor will before it is used.

    Each process of pytest-xdist has ports of its own, below those the system gives to whoever asks
    for any.
    """
    for port in itertools.islice(_PORTS, 1_000):
        with socket.socket() as found:
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                found.bind(("127.0.0.1", port))
                return port
    raise LookupError("no port is free")


def _ports_of_this_process() -> Iterator[int]:
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 20_000 + number % 12 * 1_000
    begin = os.getpid() * 37 % 1_000  # another suite on this machine begins elsewhere
    return itertools.cycle([*range(first + begin, first + 1_000), *range(first, first + begin)])


_PORTS = _ports_of_this_process()


def without_proxies() -> None:
    """No test may ask a proxy for this machine."""
    for name in list(os.environ):
        if name.lower() in ("http_proxy", "https_proxy", "all_proxy"):
            del os.environ[name]


def settings_for(ws: Workspace, **more: Any) -> Settings:
    """Settings with the workspace's tokens."""
    given = {
        "bot_token": ws.bot_token,
        "app_token": ws.app_token,
        "signing_secret": ws.signing_secret,
        "api_url": ws.api_url,
        "local": True,
    }
    return Settings.model_validate(given | more)


@contextmanager
def bot(
    answer: Callable[..., Reply],
    way: str = "socket",
    quick: Callable[[Said], bool] = is_quick,
    made: dict[str, Any] | None = None,
    **settings: Any,
) -> Iterator[Bench]:
    """A bot that answers so.

    Args:
        answer: what lines are answered with.
        way: one of `WAYS`.
        quick: which lines are answered in the acknowledgement.
        made: the manifest, if not that of `app.yaml`.
        settings: besides the tokens.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}/slack/events" if way == "http" else None
    with Workspace(made or manifest.load(), interaction_url=url, leeway_s=LEEWAY_S) as ws:
        door = Door(settings_for(ws, **settings), answer, lambda: NOON, quick)
        if way == "http":
            door.open_http("127.0.0.1", port)
        else:
            door.open_sockets(threading.Event())
            ws.wait_connected(2)
        try:
            yield Bench(ws, door)
        finally:
            door.close()
