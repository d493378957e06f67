"""Many mappings at once: the table as a file, and what was made of one."""

import csv
import io

from bot.domain.answers.mappings import MappingChanged
from bot.domain.asking import say
from bot.domain.bulk import COLUMNS, Brought, LineTaken, MappingTable
from bot.domain.numbers import plural
from bot.domain.replies import Attachment, Reply, Visibility
from bot.render.first_lines import DRY_RUN, HELD
from bot.render.mappings import MOVES, mapping_changed, move_rows, tell_warnings
from bot.render.page import Page
from bot.render.phrases import in_earnest
from bot.render.pieces import Show

FILE = "netmap-mappings.csv"
LINES = "netmap-lines.csv"
"""What became of each line that was handed in."""
_FORMULA = tuple("=+-@")
_SHOWN = 12


def mappings_csv(table: MappingTable) -> str:
    """The table as a spreadsheet opens it; `netmap import` reads it back as it was.

    Without the mark at its head Excel takes UTF-8 for the country's old encoding, and writes back
    other names.
    """
    out = io.StringIO(newline="")
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([[_cell(cell) for cell in row] for row in table.rows])
    return out.getvalue()


def _cell(text: str) -> str:
    """A name that a spreadsheet would take for a formula gets an apostrophe before it."""
    quoted = text[:1] == "'" and text[1:2] in ("'", *_FORMULA)
    return f"'{text}" if quoted or text[:1] in _FORMULA else text


def exported(result: MappingTable, show: Show) -> Reply:
    """Answer `export`: the file."""
    page = Page(show, f"{plural(len(result.rows), 'mapping')} in {FILE}.")
    page.fact(
        f"Edit it and give it back: netmap import {FILE} --dry-run shows what would change, and so"
        " does a direct message with the file."
    )
    page.ages(result.ages)
    files = [Attachment(name=FILE, text=mappings_csv(result))]
    reply = page.reply()
    reply.files = files
    return reply


def brought(result: Brought, show: Show) -> Reply:
    """Answer the import of a table or of a vault's mappings."""
    page = Page(show, _answer(result))
    _tell(page, result)
    if result.dry_run and result.mapping and (again := in_earnest(show.again)):
        page.run_in_foot("to do it", again)
    elif result.dry_run and result.mapping and not result.mapping.held:
        page.foot(f"plan {result.fingerprint}")
    reply = page.reply(_visibility(result))
    if len(result.lines) > _SHOWN:
        reply.files = [Attachment(name=LINES, text=_lines_csv(result))]
    return reply


def _lines_csv(result: Brought) -> str:
    """What becomes of every line, for those whom a dozen do not suffice."""
    out = io.StringIO(newline="")
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(LineTaken.model_fields)
    for one in result.lines:
        cells = (one.place, one.source, one.target, one.outcome, one.why)
        writer.writerow([_cell(str(cell)) for cell in cells])
    return out.getvalue()


def agreed(result: MappingChanged | Brought, show: Show) -> Reply:
    """Answer what was agreed to: one change, or many at once."""
    if isinstance(result, Brought):
        return brought(result, show)
    return mapping_changed(result, show)


def matched(result: Brought, show: Show) -> Reply:
    """Answer `match`: pairs whose names match, or that they were mapped."""
    proposed = result.dry_run and not (result.mapping and result.mapping.held)
    if proposed:
        number = result.added + result.changed
        have = "has" if number == 1 else "have"
        text = f"{plural(number, 'pair')} of networks of {result.what} {have} matching names."
        page = Page(
            show, text if number else f"No names of {result.what} match that are not mapped."
        )
    else:
        page = Page(show, _answer(result))
    if proposed and result.changed:
        them = "mapping is" if result.changed == 1 else "mappings are"
        page.fact(f"{result.changed:,} {them} to a network that is gone, and led to the one anew:")
    _tell(page, result)
    if proposed and (number or result.removed):
        ends = {"source": result.source_server, "target": result.target_server}
        page.run(
            "To map them" if number else "To do that",
            say("match", **ends, apply=result.fingerprint),
        )
    return page.reply(_visibility(result))


def _visibility(result: Brought) -> Visibility:
    wrote = not result.dry_run and result.mapping is not None
    return Visibility.IN_CHANNEL if wrote else Visibility.EPHEMERAL


def _answer(result: Brought) -> str:
    held = result.mapping.held if result.mapping else ""
    would = HELD.get(held, DRY_RUN) if result.dry_run else ""
    parts = []
    for number, word in (
        (result.added, "added"), (result.changed, "changed"), (result.removed, "removed")
    ):  # fmt: skip
        be = "would be" if result.dry_run else "is" if number == 1 else "are"
        if number:
            parts.append(f"{plural(number, 'mapping')} {be} {word}")
    if not parts:
        would = ""
        parts.append("nothing would be changed" if result.dry_run else "nothing was changed")
    if result.present:
        be = "is" if result.present == 1 else "are"
        parts.append(f"{result.present} {be} in force already")
    if result.left:
        parts.append(f"{len(result.left)} left out")
    text = f"{', '.join(parts)} ({result.what})."
    return would + (text if would else text[0].upper() + text[1:])


def _tell(page: Page, result: Brought) -> None:
    for note in result.notes:
        page.fact(note)
    for source, target in result.pairs[:_SHOWN]:
        page.fact(f"{source} → {target}")
    hidden = max(0, len(result.pairs) - _SHOWN) + result.more
    if hidden:
        page.fact(f"… and {hidden:,} more")
    for label, network in result.superseded[:_SHOWN]:
        page.fact(
            f"{label}, of the {network} that is gone, is removed with it, as the one made anew is"
            " mapped"
        )
    if len(result.superseded) > _SHOWN:
        page.fact(f"… and {len(result.superseded) - _SHOWN:,} more like it")
    for one in result.left[:_SHOWN]:
        page.warn(f"{one.place}: {one.why}")
    if len(result.left) > _SHOWN:
        page.warn(f"… and {len(result.left) - _SHOWN:,} more left out")
    done = result.mapping
    if done is None:
        return
    page.adapters(MOVES, move_rows(done.moves), done.more)
    for tally, words in (
        (done.reconnected, "reconnected"),
        (done.pending, "to be reconnected; none is confirmed until an inventory shows it"),
        (done.waiting, "waiting for initial replication"),
        (done.running, "left alone, for running"),
        (done.power_unknown, "left alone, as nobody knows the power state"),
        (done.failed, "failed"),
    ):
        if tally.adapters:
            page.fact(f"{plural(tally.vms, 'replica VM')} {words}")
    tell_warnings(page, done)
    if done.change and not result.dry_run:
        page.foot(done.change)
        page.run_in_foot("undo", say("undo", change=done.change))
    if done.request:
        page.foot(done.request)
    if done.request and done.held == "look":
        page.run_in_foot("to do exactly this", say("apply", plan=done.request))
    page.ages(done.ages)
