"""The form of a digest: how it begins, what is wrong with what was typed, what it says then."""

from collections.abc import Callable

from bot.domain.asking import Say, Stamp, say
from bot.domain.codes import MONDAY, Severity
from bot.domain.errors import Misread
from bot.domain.subscribing import DigestDraft
from bot.grammar import schedules, times
from bot.ports import Ports
from bot.usecases.telling.digests import look_up, twin_of

_READ: dict[str, Callable[[str], object]] = {
    "schedule": schedules.schedule,
    "zone": schedules.zone,
    "quiet": schedules.quiet,
    "holidays": schedules.holidays,
}
_MAY_BE_EMPTY = ("quiet", "holidays")
_OFF = {"quiet": "no_quiet", "picture": "no_picture", "holidays": "no_holidays"}
"""What takes a thing away again."""


def begin(ports: Ports, id: str, stamp: Stamp) -> DigestDraft:
    """The form of a digest as it is, or of a new one in the channel it is opened in.

    Raises:
        NotFound: there is no such digest.
        Refused: it is off.
    """
    if not id:
        return DigestDraft(channel=stamp.where, zone=stamp.zone, owner=stamp.by)
    return DigestDraft.of(look_up(ports, id))


def faults(ports: Ports, draft: DigestDraft) -> dict[str, str]:
    """Field -> what is wrong with it, as a sentence."""
    found: dict[str, str] = {}
    for field, read in _READ.items():
        text = str(getattr(draft, field))
        if not text and field in _MAY_BE_EMPTY:
            continue
        try:
            read(text)
        except Misread as fault:
            found[field] = f"{fault.message} {fault.hint}".replace("`", "").strip()
    if not draft.channel:
        found["channel"] = "Choose where it is to be told."
    if not found:
        schedule = schedules.schedule(draft.schedule)
        twin = twin_of(ports, draft.id, draft.channel, schedule, schedules.zone(draft.zone))
        if twin:
            found["schedule"] = f"{twin} tells this channel {schedule} already."
    return found


def line_of(ports: Ports, draft: DigestDraft, by: str) -> Say:
    """The command that a form without faults stands for; of one there is, only what changes.

    Raises:
        NetmapError: the digest was turned off meanwhile.
    """
    wanted = _values(draft)
    if not draft.id:
        usual = {"heartbeat": times.DAYS[MONDAY], "owner": by}
        return say("digest on", **{key: v for key, v in wanted.items() if usual.get(key) != v})
    before = _values(DigestDraft.of(look_up(ports, draft.id)))
    changed = {key: value for key, value in wanted.items() if before.get(key) != value}
    changed |= {off: True for key, off in _OFF.items() if key in before and key not in wanted}
    return say("digest edit", id=draft.id, **changed)


def _values(draft: DigestDraft) -> dict[str, object]:
    """The form in the words of the command."""
    values: dict[str, object] = {
        "channel": draft.channel,
        "schedule": schedules.schedule(draft.schedule).text,
        "zone": schedules.zone(draft.zone),
    }
    if draft.owner:
        values["owner"] = draft.owner
    if draft.quiet:
        values["quiet"] = str(schedules.quiet(draft.quiet))
    if draft.least is not Severity.LOW or draft.id:
        values["severity"] = draft.least.value
    if draft.heartbeat is None:
        values["no_heartbeat"] = True
    else:
        values["heartbeat"] = times.DAYS[draft.heartbeat]
    if draft.picture:
        values["picture"] = True
    if draft.holidays:
        days = schedules.holidays(draft.holidays)
        values["holidays"] = ",".join(day.isoformat() for day in days)
    return values
