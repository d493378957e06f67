"""The mapping of an estate as one picture, and how many findings there were day by day."""

from datetime import date
from typing import NamedTuple

from bot.domain.answers.shared import Age
from bot.domain.codes import LineState, Severity
from bot.domain.model import Model


class MapLine(Model, frozen=True):
    """A network on the left; with a mapping, the one it leads to on the right."""

    source: str
    target: str = ""
    """Empty: it is not mapped."""
    mapping: str = ""
    state: LineState
    subnets: int = 0
    same: int = 0
    """Subnets of the source that have one of the same name at the target."""
    vms: int = 0
    """Protected VMs on the source."""


class MapPanel(Model, frozen=True):
    """One server toward another."""

    source: str
    target: str
    lines: list[MapLine]


class DayCount(NamedTuple):
    """How many findings were open at the end of a day."""

    day: date
    severity: Severity
    findings: int


class EstateMap(Model):
    """Answer to `map`."""

    panels: list[MapPanel]
    trend: list[DayCount] = []
    """Open findings, day by day and severity by severity."""
    server: str = ""
    ages: list[Age] = []
