"""Reconnect replicas at a VMM server by running the plan's script there."""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from bot.appliers.vmm.remoting import Remote
from bot.domain.errors import NetmapError, Unreachable
from bot.domain.estate import Server
from bot.domain.names import name_key
from bot.domain.orders import STATE, Answer, Order, Outcome, Receipt, read_answer
from bot.domain.placements import Move
from bot.render.scripts import connect_script

log = logging.getLogger("netmap.vmm")

BATCH = 100
"""Adapters a script; what is behind one that failed is not begun."""

UNANSWERED = "the connection broke off before VMM answered; run it again"
NOT_BEGUN = "not begun, because the connection broke off before"


class RemoteApplier:
    """Reaches the servers that are set up for remoting, and never a simulated estate.

    Args:
        remotes: name key -> server.
        orders: the moves in ids that VMM knows.
    """

    name = "vmm"
    takes_time = True

    def __init__(
        self,
        remotes: Mapping[str, Remote],
        orders: Callable[[Sequence[Move]], list[Order]],
    ) -> None:
        self._remotes = remotes
        self._orders = orders

    def reaches(self, server: Server) -> bool:
        return not server.simulated and name_key(server.name) in self._remotes

    def apply(self, server: Server, moves: Iterable[Move]) -> Iterator[Receipt]:
        """Reconnect them; one receipt each, also where the connection breaks off."""
        remote = self._remotes[name_key(server.name)]
        wanted = list(moves)
        orders = self._orders(wanted)
        known = {(order.move.pair, order.move.slot) for order in orders}
        for move in wanted:
            if (move.pair, move.slot) not in known:
                yield Receipt(move, "failed", "its replica is not known any more")
        broken = ""
        for start in range(0, len(orders), BATCH):
            batch = orders[start : start + BATCH]
            if broken:
                yield from (Receipt(order.move, "pending", broken) for order in batch)
                continue
            answered: set[tuple[int, int]] = set()
            try:
                for receipt in self._run(remote, server, batch):
                    answered.add((receipt.move.pair, receipt.move.slot))
                    yield receipt
            except NetmapError as fault:
                log.warning("%s: %d of %d answered", server.name, len(answered), len(batch))
                broken = NOT_BEGUN
                words = f"{UNANSWERED} ({fault.message})"
                for order in batch:
                    if (order.move.pair, order.move.slot) not in answered:
                        yield Receipt(order.move, "pending", words)

    def _run(self, remote: Remote, server: Server, orders: Sequence[Order]) -> Iterator[Receipt]:
        waiting = {(order.vm, order.slot): order for order in orders}
        for line in remote.run(connect_script("", server.guid, server.name, orders)):
            try:
                answer = read_answer(line)
            except ValueError as error:
                raise Unreachable(
                    f"{server.name} answered with a line that is none: {line[:80]}"
                ) from error
            if answer is None:
                continue
            order = waiting.pop((answer.vm, answer.slot), None)
            if order is not None:
                yield _receipt(order, answer, remote.now())
        for order in waiting.values():
            yield Receipt(order.move, "failed", "VMM's script said nothing of it")


def _receipt(order: Order, answer: Answer, at: datetime) -> Receipt:
    said = answer.said
    if answer.outcome is Outcome.ALREADY:
        said = "it stood there already"
    return Receipt(order.move, STATE.get(answer.outcome, "failed"), said, at)
