"""What happens to the sample estate: what VMM shows on which day, and what is said to netmap then.

Prod-Web, Prod-DB, VMNetwork2-NewYork and both networks called Lab stay unmapped: they are for the
newcomer to try.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.importers.sample.machines import Estate, add_pair, estate
from bot.importers.sample.nouns import Site
from bot.ports import InventorySource

FIRST_COMMANDS = (
    "add VMNetwork1-NewYork to VMNetwork1-Chicago",
    "add Prod-App to DR-App --both --reason CAB-1042, first wave",
    "add Prod-Mgmt to DR-Mgmt --both --reason CAB-1042, first wave",
    "add Prod-File to DR-File --test Test-Bubble --reason CAB-1042, first wave",
    "add Prod-CRM to DR-CRM --both --reason CAB-1042, first wave",
    "add Prod-Pay to DR-Pay --both --reason CAB-1042, first wave",
    "add DMZ to DR-DMZ",
    "add Batch to DR-Batch",
    "add VDI to DR-VDI",
    "add Backup to DR-Backup",
    'add "R&D to go" to "O\'Brien LAN"',
    "add Voice to DR-Voice",
    "add Reports to DR-Reports",
    "add Kiosk to DR-Kiosk",
    "add Print to DR-Print",
    "add Dev to DR-Dev",
    "add IoT to DR-Dev --reason one lab at Chicago for both",
    "add Old-ERP to DR-ERP",
    "add Legacy to DR-Legacy",
)


@dataclass(frozen=True)
class SampleDay:
    """A day of the sample: import `inventories` in order at `at`, then run `commands`."""

    at: datetime
    inventories: list[InventorySource]
    commands: list[str]
    where: str = "C0ONCALL1"
    """The channel they are said in, of the local workspace."""


def sample_days(now: datetime) -> list[SampleDay]:
    """The sample's days, oldest first; the last is two hours before `now`, timezone-aware."""
    e = estate()
    today = now.replace(minute=now.minute - now.minute % 5, second=0, microsecond=0)
    both = (e.new_york, e.chicago)
    days = [_day(today - timedelta(days=8), both, FIRST_COMMANDS)]
    days.append(_day(today - timedelta(days=3), [e.denver], ["add Den-Prod to Den-DR"]))
    yesterday(e)
    said = (
        "change DR-CRM to Prod-App --reason Prod-CRM moves into Prod-App",
        "remove DR-Pay --reason payments go home by hand",
        "remove Old-ERP --reason it is switched off next month",
    )
    days.append(_day(today - timedelta(days=1), both, said))
    this_morning(e)
    watch = ("digest on here weekdays 08:30 in Europe/Amsterdam",)
    days.append(_day(today - timedelta(hours=2), both, watch))
    return days


def yesterday(e: Estate) -> None:
    """The mappings have been applied; some VMs were failed over."""
    e.connect_replicas()
    for name in ("app03", "app05", "app06", "app07", "crm01", "pay01"):
        e.fail_over(name)
    e.fail_over("erp03", reverse=False)
    e.pairs["erp05"].replica.power = None


def this_morning(e: Estate) -> None:
    """Yesterday's commands have been applied; then people, and VMM itself, moved things."""
    _commands_of_yesterday(e)
    _moved_by_hand(e)
    _changed_in_vmm(e)


def _commands_of_yesterday(e: Estate) -> None:
    e.pairs["crm01"].home.nics[0].place = "Prod-App/App"
    for number in range(1, 13):
        if number not in (3, 5):  # one runs, of the other nobody knew
            e.pairs[f"erp{number:02}"].replica.nics[0].place = ""


def _moved_by_hand(e: Estate) -> None:
    away = {  # where adapters of replicas, or of VMs that run at Chicago, are now
        "file04": "DR-Old/Web",
        "file06": "DR-File/Archive",
        "dev07": "",
        "erp06": "DR-ERP/Erp",
        "app05": "",
        "app06": "DR-Old/Web",
        "app07": "DR-Mgmt/MGMT",
    }
    for name, place in away.items():
        nic = e.pairs[name].replica.nics[0]
        nic.place, nic.addresses = place, []


def _changed_in_vmm(e: Estate) -> None:
    e.pairs["erp05"].replica.power = "off"
    edge = e.chicago.networks["DR-DMZ"].subnets[1]
    edge.name = "Perimeter"
    for pair in e.pairs.values():
        for nic in pair.replica.nics.values():
            if nic.place == "DR-DMZ/EDGE":
                nic.place = "DR-DMZ/Perimeter"
            elif nic.place == "DR-Voice/Calls":
                nic.place = ""
    del e.chicago.networks["DR-Voice"]
    e.chicago.networks["DR-Reports"].subnets.reverse()
    e.new_york.networks["IoT"].name = "IoT-Sensors"
    del e.new_york.vms["job12"], e.chicago.vms["job12"], e.pairs["job12"]
    for number in (15, 16, 17):
        add_pair(e, f"app{number}", ["Prod-App/App"], ["DR-App/App"], number)
    dual = e.pairs["dual01"].replica  # both sides claim to be primary
    dual.role, dual.power = "primary", "running"
    dual.nics[0].addresses = ["10.2.1.71"]
    new = e.pairs["app17"]
    new.home.state = new.replica.state = "InitialReplicationInProgress"


def _day(at: datetime, sites: Sequence[Site], commands: Sequence[str]) -> SampleDay:
    """VMM was asked a few minutes before, one site after the other."""
    asked = [at - timedelta(minutes=5 * (len(sites) - i)) for i in range(len(sites))]
    inventories: list[InventorySource] = [
        site.inventory(time) for site, time in zip(sites, asked, strict=True)
    ]
    return SampleDay(at, inventories, list(commands))
