"""Results for renderers; a test says only what matters to it."""

from datetime import UTC, datetime
from typing import Any

from bot.domain.answers.digests import DigestLine
from bot.domain.answers.findings import Finding
from bot.domain.answers.mappings import MappingChanged, Reconnection, SubnetChoice
from bot.domain.answers.shared import Age, MappingRef, Spot, Tally
from bot.domain.answers.vms import AdapterAnswer, PairAnswer
from bot.domain.codes import FindingKind, Note, Rule, Severity

NY, CH = "VMM-NewYork", "VMM-Chicago"


def at(hour: int, minute: int = 0, day: int = 22) -> datetime:
    """A moment in November 2026."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


AGES = [Age(server=NY, collected_at=at(6)), Age(server=CH, collected_at=at(6, 5))]
FINDING = Finding(
    kind=FindingKind.UNMAPPED,
    severity=Severity.HIGH,
    key="unmapped:1",
    subject="Prod-DB",
    server=NY,
    toward=CH,
    adapters=13,
    vms=13,
    examples=["sql01", "sql02", "sql03"],
    fix=("add", {"source": "Prod-DB", "target": "<network>"}),
)
DIGEST = DigestLine(
    id="D3",
    channel="C0ONCALL1",
    owner="U0ANA0001",
    schedule="weekdays 08:30",
    zone="Europe/Amsterdam",
    least=Severity.LOW,
    heartbeat=0,
    picture=False,
    next_run=at(7, 30, day=23),
    off=False,
    paused="",
    delivered_at=None,
    last_error="",
    error_at=None,
)


def tally(vms: int) -> Tally:
    """So many VMs with one adapter each."""
    return Tally(vms=vms, adapters=vms)


def there(network: str | None, subnet: str | None = None) -> Spot:
    """A place at the replica's side."""
    return Spot(server=CH, network=network, subnet=subnet)


def here(network: str | None, subnet: str | None = None) -> Spot:
    """A place at the primary's side."""
    return Spot(server=NY, network=network, subnet=subnet)


def ref(**changes: Any) -> MappingRef:
    """Prod-Web to DR-Web."""
    values = {"id": "M12", "source": "Prod-Web", "on": NY, "target": "DR-Web", "toward": CH}
    return MappingRef(**{**values, **changes})


def move(vm: str, was: Spot, to: Spot, rule: Rule = Rule.SAME_NAME, **more: Any) -> Reconnection:
    """One adapter that is reconnected."""
    values: dict[str, Any] = {"slot": 0, "server": CH, "state": "reconnected", **more}
    return Reconnection(vm=vm, was=was, to=to, rule=rule, **values)


def changed(**changes: Any) -> MappingChanged:
    """The answer to `add Prod-Web to DR-Web` of the design."""
    values: dict[str, Any] = {
        "verb": "added",
        "change": "C204",
        "mappings": [ref()],
        "applier": "simulated",
        "reconnected": tally(12),
        "running": tally(1),
        "by_rule": {"same_name": 9, "first_subnet": 3},
        "subnets": [
            SubnetChoice(source="Web", target="Web", rule=Rule.SAME_NAME, adapters=9),
            SubnetChoice(
                source="Batch",
                target="Mgmt",
                rule=Rule.FIRST_SUBNET,
                notes=[Note.SEVERAL_SUBNETS],
                adapters=3,
            ),
        ],
        "moves": [
            move("batch07", there(None), there("DR-Web", "Mgmt"), Rule.FIRST_SUBNET),
            move("web01", there("DR-Old", "Web"), there("DR-Web", "Web")),
        ],
        "more": 10,
        "ages": AGES,
    }
    return MappingChanged(**{**values, **changes})


def adapter(**changes: Any) -> AdapterAnswer:
    """An adapter that is connected where it belongs."""
    values: dict[str, Any] = {
        "slot": 0,
        "source": here("Prod-Web", "Web"),
        "target": there("DR-Web", "Web"),
        "rule": Rule.SAME_NAME,
        "mapping": "M12",
        "now": there("DR-Web", "Web"),
        "standing": "connected",
    }
    return AdapterAnswer(**{**values, **changes})


def unmapped(**changes: Any) -> AdapterAnswer:
    """An adapter whose network is not mapped."""
    values: dict[str, Any] = {
        "source": here("Prod-DB", "Db"),
        "target": None,
        "rule": Rule.NOT_MAPPED,
        "mapping": None,
        "now": there(None),
        "standing": "",
        **changes,
    }
    fix = ("add", {"source": values["source"].network, "target": "<network>"})
    return adapter(**{"fix": fix, **values})


def pair(*adapters: AdapterAnswer, **changes: Any) -> PairAnswer:
    """A replicated VM at home."""
    values: dict[str, Any] = {
        "vm": "web01",
        "pair": 1,
        "active": NY,
        "passive": CH,
        "home": NY,
        "state": "Replicating",
        "health": "Normal",
        "power": "off",
        "adapters": list(adapters),
        "ages": AGES,
    }
    return PairAnswer(**{**values, **changes})
