"""What to do to one adapter, in ids that VMM knows; and what became of it."""

import json
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from pydantic import ConfigDict, Field

from bot.domain.model import Model
from bot.domain.placements import Move


class Ids(NamedTuple):
    """Where an adapter is or belongs, in VMM's ids; no network: connected to nothing."""

    network: str | None = None
    subnet: str | None = None


class Order(NamedTuple):
    """A move as somebody outside can carry it out."""

    move: Move
    vm: str
    """Id of the replica's VMM object."""
    name: str
    adapter: str
    """Its id; empty where the inventory did not list it, so that the slot has to do."""
    slot: int
    was: Ids
    to: Ids
    does: str
    """For people: `DR-Old / Web -> DR-Web / Web`."""


class Outcome(StrEnum):
    """What the script says of one adapter."""

    CONNECTED = "connected"
    ALREADY = "already"
    """It stood there before."""
    PENDING = "pending"
    """VMM took it and does not show it yet."""
    RUNNING = "running"
    MOVED = "moved"
    """It is not where the plan says, so it was left there."""
    NOT_REPLICA = "not_replica"
    GONE = "gone"
    FAILED = "failed"
    WHATIF = "whatif"
    """Only tried."""

    @property
    def done(self) -> bool:
        """Whether the adapter was seen where it belongs."""
        return self in (Outcome.CONNECTED, Outcome.ALREADY)


STATE = {
    Outcome.CONNECTED: "reconnected",
    Outcome.ALREADY: "reconnected",
    Outcome.PENDING: "pending",
    Outcome.RUNNING: "running",
    Outcome.WHATIF: "pending",
}
"""As a `Reconnection` says it; all others are `failed`."""


class Receipt(NamedTuple):
    """What became of one adapter of a plan."""

    move: Move
    state: str = "reconnected"
    """As in `Reconnection.state`."""
    said: str = ""
    at: datetime | None = None
    """When it was said; None: as soon as it was asked for."""

    @property
    def done(self) -> bool:
        """Whether it was seen where it belongs."""
        return self.state == "reconnected"


class Answer(NamedTuple):
    """One line of what `Connect-NetmapReplicas.ps1` put out."""

    vm: str
    adapter: str
    slot: int
    name: str
    to: Ids
    outcome: Outcome
    said: str = ""


FORMAT = "netmap/receipts/1"
"""Of what the script puts out: a line about itself, one an adapter, and one that counts."""


def read_answer(line: str) -> Answer | None:
    """What the script says of one adapter; None for its first and last line.

    Raises:
        ValueError: it is none of the script's.
    """
    try:
        row = json.loads(line)
        if "format" in row or "end" in row:
            return None
        return Answer(
            vm=str(row["vm"]).lower(),
            adapter=str(row["adapter"] or "").lower(),
            slot=int(row["slot"]),
            name=str(row["name"]),
            to=Ids(_id(row["to"]["network"]), _id(row["to"]["subnet"])),
            outcome=Outcome(row["result"]),
            said=str(row["said"] or ""),
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"lacks {error}") from error
    except (OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from error


def _id(value: object) -> str | None:
    return str(value).lower() if value else None


class Answers(NamedTuple):
    """All that one run of the script put out."""

    names: str
    """The file, for messages."""
    plan: str
    server: str
    """The VMM server's id."""
    server_name: str
    at: datetime
    rows: list[Answer]
    complete: bool
    """False: its last line is missing, so the run broke off."""


class AnswersTaken(Model):
    """What netmap made of a run of the script."""

    server: str
    plan: str
    change: str | None = None
    at: datetime
    confirmed: int = 0
    """Adapters now known to stand where the script says."""
    known: int = 0
    """Of those said to be done: netmap knew it already."""
    outcomes: dict[str, int] = {}
    """Outcome -> adapters."""
    said: list[tuple[str, int, str, str]] = []
    """(VM, slot, outcome, VMM's words) of those that are not done."""
    more: int = 0
    overtaken: int = 0
    """Adapters that were reconnected once more since."""
    unknown: list[str] = []
    """Adapters netmap does not know."""
    failed_over: list[str] = []
    """Adapters of VMs that run there by now: only an inventory says where those are."""
    older: bool = False
    """The server's inventory is newer, so nothing was taken."""
    complete: bool = True


class ServerOrders(NamedTuple):
    """What a plan has to do at one server."""

    server: str
    guid: str
    orders: list[Order]


class PlanScript(Model):
    """Answer to `script`."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    fingerprint: str
    adapters: dict[str, int]
    """Server -> how many."""
    parts: list[ServerOrders] = Field([], exclude=True, repr=False)
    """What goes into the files; they are attached, not told."""
