"""What runs by the clock: the inbox, refreshes, digests."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from bot import commands
from bot.domain.asking import Stamp
from bot.domain.errors import NetmapError, Stopped
from bot.usecases.people import Names
from bot.wiring.taking import take_inbox

if TYPE_CHECKING:
    from bot.usecases.telling.delivery import Draw
    from bot.wiring.house import House

log = logging.getLogger("netmap")

TICK_S = 5
"""Between two looks at what is due; looking when nothing is takes less than a millisecond."""
SEND_S = 1
"""Between two looks at what waits to be sent: so often Slack takes a message in a channel."""


def scheduled(house: House) -> list[tuple[str, float, Callable[[], None]]]:
    """What is to run by the clock besides the heartbeat: (id, seconds between, what to do)."""
    work: list[tuple[str, float, Callable[[], None]]] = []
    if house.settings.inbox is not None:
        work.append(("inbox", 30, lambda: _quietly("inbox", lambda: take_inbox(house))))
    for server in house.settings.vmm:
        if server.refresh:
            name = f"refresh {server.name}"
            work.append((name, 60 * server.refresh, _refresher(house, name, server.name)))
    work.append(("digests", TICK_S, lambda: _quietly("digests", lambda: tick(house))))
    work.append(("outbox", SEND_S, lambda: _quietly("outbox", lambda: send(house))))
    return work


def tick(house: House) -> tuple[int, int]:
    """Run the digests that are due and deliver what waits: (digests run, messages delivered)."""
    from bot.usecases.telling import ticking

    return ticking.tick(house.ports, house.poster, _draw(house), house.now)


def send(house: House) -> int:
    """Deliver what waits: a digest and what stands in its thread go out a second apart."""
    from bot.usecases.telling.delivery import deliver

    return deliver(house.ports, house.poster, _draw(house), house.now) if house.poster else 0


def _draw(house: House) -> Draw:
    from bot.render.letters import letter

    return partial(letter, commands.write_line, name=Names(house.store))


def _refresher(house: House, name: str, server: str) -> Callable[[], None]:
    from bot.usecases.importing.import_failures import remember
    from bot.usecases.importing.refreshing import AskRefresh, refresh

    def ask() -> object:
        stamp = Stamp("local:schedule", house.now(), command=name)
        try:
            return refresh(house.ports, [AskRefresh(server=server)], stamp)
        except Stopped:
            raise  # the next start asks again
        except NetmapError as fault:
            remember(house.ports, server, fault, house.now())
            raise

    return lambda: _quietly(name, ask)


def _quietly(name: str, work: Callable[[], object]) -> None:
    """Do it; what can be explained is logged in a line, and the next time is another chance."""
    try:
        work()
    except NetmapError as fault:
        log.warning("%s: %s", name, fault.message)
