"""How bad a finding is.

High: a server would come up without a network or on the wrong one, or may run twice. Medium: it
comes up connected but not as it should, or is about to be put right. Low: worth knowing. Unknown:
it could not be checked, which is never the same as fine.
"""

from bot.domain.codes import FindingKind, Severity

_HIGH = (
    FindingKind.DRIFTED,
    FindingKind.UNMAPPED,
    FindingKind.NETWORK_GONE,
    FindingKind.ADAPTER_MISMATCH,
    FindingKind.UNREACHABLE_CLOUD,
    FindingKind.UNREACHABLE_HOST,
    FindingKind.BOTH_PRIMARY,
    FindingKind.RUNS_TWICE,
    FindingKind.RUNS_UNCONNECTED,
    FindingKind.CHANGED_OUTSIDE,
)
_LOW = (
    FindingKind.WAITING,
    FindingKind.CASE_AMBIGUOUS,
    FindingKind.NOT_ON_A_NETWORK,
    FindingKind.APPEARED,
    FindingKind.APPEARED_UNMAPPED,  # the harm is counted where the network is not mapped
)
_UNKNOWN = (
    FindingKind.INVENTORY_STALE,
    FindingKind.OTHER_SIDE_UNKNOWN,
    FindingKind.NOT_OBSERVED,
    FindingKind.POWER_UNKNOWN,
    FindingKind.CLOUD_NOT_CHECKED,
    FindingKind.IMPORT_FAILED,
    FindingKind.NO_INVENTORY,
    FindingKind.CHECK_FAILED,
    FindingKind.VMS_UNREADABLE,
    FindingKind.REPLICATION_NOT_CHECKED,
)

ORDER = (Severity.HIGH, Severity.UNKNOWN, Severity.MEDIUM, Severity.LOW)
"""Worst first; what could not be checked may be high."""


_KNOWN = (
    dict.fromkeys(FindingKind, Severity.MEDIUM)
    | dict.fromkeys(_HIGH, Severity.HIGH)
    | dict.fromkeys(_LOW, Severity.LOW)
    | dict.fromkeys(_UNKNOWN, Severity.UNKNOWN)
)


def severity(kind: FindingKind) -> Severity:
    """The severity of every finding of this kind."""
    return _KNOWN[kind]
