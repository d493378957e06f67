"""VMs that a server lists and could not read.

What was known of such a VM is kept, and said to be as old as it is; but for two things that nobody
can count on: whether it runs, so that nothing touches it, and a connection to what is gone since.
"""

from bot.domain.answers.shared import UnreadableVm
from bot.domain.asking import Stamp
from bot.domain.errors import Refused
from bot.domain.estate import Server
from bot.ports import InventorySource, Ports, Stage, Tables
from bot.usecases.importing.arriving import Arrival, Options
from bot.usecases.importing.pairing import derive_again

MOST = 0.2
"""A file in which a larger share of the VMs could not be read is refused."""


def keep_known(
    ports: Ports, source: InventorySource, stage: Stage, server: Server | None, options: Options
) -> None:
    """Keep the rows of those that are known, now that the whole file was read.

    Raises:
        Refused: there are too many.
        InventoryFault: one of them is listed twice.
    """
    if not stage.unreadable:
        return
    listed, known = stage.vm_count + len(stage.unreadable), dict[str, int]()
    if server is not None:
        with ports.store.read() as tables:
            known = tables.unreadable.known(server.id, [line["id"] for _, line in stage.unreadable])
    if len(stage.unreadable) > MOST * listed and not options.force:
        raise Refused(
            f"{len(stage.unreadable):,} of the {listed:,} VMs of"
            f" {source.header['server']['name']} could not be read.",
            hint="See why, and export again. To take the rest in all the same: import again with"
            " --force.",
            facts=[f"{line['name']}: {line['why']}" for _, line in stage.unreadable[:3]],
        )
    for number, line in stage.unreadable:
        vm = known.get(line["id"])
        if vm is not None and not stage.keep([vm]):
            source.fault(number, "lists a VM that was listed before")
    source.finish()


def write(tables: Tables, stage: Stage, arrival: Arrival) -> list[UnreadableVm]:
    """Write down which they are, in place of those of the inventory before."""
    before = arrival.known.collected_at if arrival.known is not None else None
    return tables.unreadable.put(
        arrival.server, arrival.report.server, [line for _, line in stage.unreadable], before
    )


def place_anew(tables: Tables, arrival: Arrival, stamp: Stamp) -> None:
    """Derive their pairs from what is kept of them, once the rest is written."""
    hyperv = tables.unreadable.hyperv(arrival.server)
    if hyperv:
        derive_again(tables, hyperv, arrival.change, stamp.at)
