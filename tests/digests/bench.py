"""A house whose clock is set, the local workspace as its Slack, and an estate that drifts."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.triggers.interval import (  # type: ignore[import-untyped]  # it has no types
    IntervalTrigger,
)
from slack_sdk import WebClient

from bot.domain.digests import Digest
from bot.domain.replies import Reply
from bot.importers.jsonl import lines_in_memory
from bot.settings import Settings
from bot.slack.posting import SlackPoster
from bot.usecases.importing.imports import Options
from bot.wiring import House
from bot.wiring.taking import take_in
from bot.wiring.timed import TICK_S, tick
from bot.workspace import Workspace
from bot.workspace.nouns import Message
from tests.storage.build import machine, network, nic
from tests.workspace.bench import MANIFEST, manifest_without

ANA = "U0ANA0001"
CHANNEL, NAME = "C0ONCALL1", "dr-oncall"
AMSTERDAM = "Europe/Amsterdam"
MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
"""07:00 in Amsterdam."""
LOOKING = copy.deepcopy(MANIFEST)
LOOKING["oauth_config"]["scopes"]["bot"] += ["channels:history", "groups:history"]
PLAIN = manifest_without("chat:write.public")


class Bench:
    """One bot on one database and one workspace; time stands still until somebody moves it."""

    def __init__(self, ws: Workspace, path: Path, at: datetime = MONDAY) -> None:
        self.ws = ws
        self.path = path
        self.at = at
        self.targets: dict[str, tuple[str, ...]] = {"DR-Web": ("Web", "App"), "DR-DB": ("Db",)}
        self.sources: dict[str, tuple[str, ...]] = {"Prod-Web": ("Web", "App"), "Prod-DB": ("Db",)}
        self.vms: dict[str, tuple[str, str, str | None, str | None]] = {
            "web01": ("Prod-Web", "Web", "DR-Web", "Web"),
            "web02": ("Prod-Web", "App", "DR-Web", "App"),
        }
        """Name -> (network, subnet, replica's network, its subnet)."""
        self._set_clock()
        self.house = self._open()
        self.others: list[House] = []
        """More bots on the same database; their ticks come in turns with those of `house`."""
        self.trigger = IntervalTrigger(seconds=TICK_S, timezone=UTC, start_date=at)
        """As `Jobs.every` makes it."""

    def _open(self) -> House:
        settings = Settings(db=self.path, local=True)
        house = House(settings, now=lambda: self.at)
        client = WebClient(token=self.ws.bot_token, base_url=self.ws.api_url)
        house.poster = SlackPoster(client)
        return house

    def _set_clock(self) -> None:
        self.ws.clock.set(self.at.timestamp())

    def restart(self) -> None:
        """Stop the bot wherever it is and start it again."""
        self.house.close()
        self.house = self._open()

    def join(self) -> None:
        """Start another bot beside."""
        self.others.append(self._open())

    def leave(self) -> None:
        """Stop those beside."""
        for house in self.others:
            house.close()
        self.others.clear()

    @contextmanager
    def silenced(self) -> Iterator[None]:
        """No bot delivers anything."""
        houses = [self.house, *self.others]
        posters = [house.poster for house in houses]
        for house in houses:
            house.poster = None
        try:
            yield
        finally:
            for house, poster in zip(houses, posters, strict=True):
                house.poster = poster

    def twin(self) -> Bench:
        """A second bot on the same database and workspace."""
        other = copy.copy(self)
        other.house = self._open()
        return other

    def work(self) -> None:
        """A tick as the scheduler calls it."""
        self.tick()

    # Talking

    def say(self, line: str, by: str = ANA, zone: str = AMSTERDAM) -> Reply:
        """Say a line in the channel."""
        return self.house.answer(line, by=by, where=CHANNEL, zone=zone)

    def digest(self, id: int = 1) -> Digest:
        """A digest as it is stored."""
        with self.house.store.read() as tables:
            found = tables.digests.get(id)
        assert found is not None
        return found

    # The estate

    def collect(self, *, hours_ago: float = 0.1) -> None:
        """Both servers are asked and what they say is taken in."""
        here = [
            network(name, *subnets, logical_network="L1") for name, subnets in self.sources.items()
        ]
        there = [
            network(name, *subnets, logical_network="L2") for name, subnets in self.targets.items()
        ]
        primaries, replicas = [], []
        for name, (source, subnet, target, joined) in self.vms.items():
            here_nic, there_nic = nic(0, source, subnet), nic(0, target, joined)
            primaries.append(machine("NY", name, "primary", here_nic, cloud="Gold-NY"))
            replicas.append(machine("CH", name, "replica", there_nic, cloud="Gold-CH"))
        at = self.at - timedelta(hours=hours_ago)
        self._take("NY", "L1", here, primaries, at)
        self._take("CH", "L2", there, replicas, at)

    def _take(
        self,
        server: str,
        logical: str,
        networks: list[dict[str, Any]],
        vms: list[dict[str, Any]],
        at: datetime,
    ) -> None:
        cloud = {"id": f"c-{server}", "name": f"Gold-{server}", "logical_networks": [logical]}
        rows: list[dict[str, Any]] = [
            {
                "format": "netmap/inventory/1",
                "server": {"id": server, "name": f"VMM-{server}"},
                "collected_at": at.isoformat(),
            },
            {"cloud": cloud},
            *({"network": one} for one in networks),
            *({"vm": one} for one in vms),
            {"end": {"clouds": 1, "hosts": 0, "networks": len(networks), "vms": len(vms)}},
        ]
        data = "".join(json.dumps(row) + "\n" for row in rows).encode()
        source = lines_in_memory(data, f"{server}.jsonl")
        take_in(self.house, [source], "local:import", self.at, Options(force=True))

    # Time

    def tick(self) -> tuple[int, int]:
        """What the scheduler of each bot does every few seconds; of two, who is first varies."""
        houses = [self.house, *self.others]
        if self.at.second % 2:
            houses.reverse()
        each = [tick(house) for house in houses]
        return sum(run for run, _ in each), sum(sent for _, sent in each)

    def settle(self) -> int:
        """Tick on until nothing is on its way that could arrive within a minute."""
        sent = 0
        for _ in range(20):
            sent += self.tick()[1]
            with self.house.store.read() as tables:
                if not tables.outbox.backlog()[0]:
                    break
            self.pass_time(seconds=2)
        return sent

    def pass_time(self, **span: float) -> None:
        """Let time pass with the bot doing nothing."""
        self.at += timedelta(**span)
        self._set_clock()

    def run_until(self, at: datetime, step: timedelta = timedelta(0)) -> None:
        """Let the real trigger fire until then.

        Args:
            step: let this much pass between two ticks at least, where every tick would be many.
        """
        while self.at < at:
            # Asked as a scheduler asks that just started, so that a step can skip ticks.
            fire = self.trigger.get_next_fire_time(None, self.at)
            assert fire is not None
            if fire > at:
                break
            self.at = fire
            self._set_clock()
            self.tick()
            self.settle()
            self.at = min(self.at + max(step, timedelta(seconds=1)), at)
        self.at = max(self.at, at)
        self._set_clock()

    # What there is to see

    def parents(self) -> list[Message]:
        """Messages of the channel that stand outside threads."""
        return [
            one
            for one in self.ws.messages(NAME)
            if one.thread_ts in (None, one.ts) and one.body.get("subtype") != "thread_broadcast"
        ]

    def thread(self, parent: Message) -> list[Message]:
        """What stands below a message."""
        return self.ws.thread(NAME, parent.ts)

    def broadcasts(self) -> list[Message]:
        """Replies that the channel sees."""
        return [m for m in self.ws.messages(NAME) if m.body.get("subtype") == "thread_broadcast"]

    def direct(self) -> list[Message]:
        """What the bot wrote to ana alone."""
        return self.ws.messages("@ana")

    def first_line(self, message: Message) -> str:
        """What a notification shows."""
        return message.text.splitlines()[0]


@contextmanager
def bench(path: Path, manifest: dict[str, Any] = PLAIN, at: datetime = MONDAY) -> Iterator[Bench]:
    """A workspace and a bot on it, with an estate that is as it should be."""
    with Workspace(manifest) as ws:
        made = Bench(ws, path / "netmap.db", at)
        try:
            made.collect()
            made.say("add Prod-Web to DR-Web")
            made.collect(hours_ago=0)
            yield made
        finally:
            made.leave()
            made.house.close()


def risk(vms: int) -> str:
    """How a first line ends that counts VMs which would come up wrong."""
    return f"; {vms} VM{'s' * (vms != 1)} would come up without a network or on the wrong one."
