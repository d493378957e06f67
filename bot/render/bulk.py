"""Many mappings at once: the table as a file, and what was made of one."""

import csv
import io

from bot.domain.asking import say
from bot.domain.bulk import COLUMNS, Brought, MappingTable
from bot.domain.replies import Attachment, Reply, Visibility
from bot.render.mappings import MOVES, move_rows
from bot.render.page import Page
from bot.render.phrases import plural
from bot.render.pieces import Show

FILE = "netmap-mappings.csv"
_FORMULA = tuple("=+-@")
_SHOWN = 12


def mappings_csv(table: MappingTable) -> str:
    """The table as a spreadsheet opens it; `netmap import` reads it back as it was."""
    out = io.StringIO(newline="")
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
    page.fact("Edit it and give it back: netmap import shows what would change with --dry-run.")
    page.ages(result.ages)
    files = [Attachment(name=FILE, text=mappings_csv(result))]
    return page.reply().model_copy(update={"files": files})


def brought(result: Brought, show: Show) -> Reply:
    """Answer the import of a table or of a vault's mappings."""
    page = Page(show, _answer(result))
    _tell(page, result)
    return page.reply(_visibility(result))


def matched(result: Brought, show: Show) -> Reply:
    """Answer `match`: pairs whose names match, or that they were mapped."""
    if result.dry_run:
        number = result.added
        text = f"{plural(number, 'pair')} of networks of {result.what} have matching names."
        page = Page(
            show, text if number else f"No names of {result.what} match that are not mapped."
        )
    else:
        page = Page(show, _answer(result))
    _tell(page, result)
    if result.dry_run and result.added:
        ends = {"source": result.source_server, "target": result.target_server}
        page.run("To map them", say("match", **ends, apply=result.fingerprint))
    return page.reply(_visibility(result))


def _visibility(result: Brought) -> Visibility:
    wrote = not result.dry_run and result.mapping is not None
    return Visibility.IN_CHANNEL if wrote else Visibility.EPHEMERAL


def _answer(result: Brought) -> str:
    would = "Dry run, nothing is changed: " if result.dry_run else ""
    parts = []
    for number, word in ((result.added, "added"), (result.changed, "changed")):
        be = "would be" if result.dry_run else "is" if number == 1 else "are"
        if number:
            parts.append(f"{plural(number, 'mapping')} {be} {word}")
    if not parts:
        parts.append("nothing is to be changed" if result.dry_run else "nothing was changed")
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
    for one in result.left[:_SHOWN]:
        page.warn(f"{one.place}: {one.why}")
    if len(result.left) > _SHOWN:
        page.warn(f"… and {len(result.left) - _SHOWN:,} more left out")
    done = result.mapping
    if done is None:
        return
    page.table(MOVES, move_rows(done.moves), done.more)
    for tally, words in (
        (done.reconnected, "reconnected"),
        (done.pending, "to be reconnected; none is confirmed until an inventory shows it"),
        (done.waiting, "waiting for their initial replication"),
        (done.running, "left alone because they run"),
        (done.power_unknown, "left alone because nobody knows whether they run"),
        (done.failed, "failed"),
    ):
        if tally.adapters:
            page.fact(f"{plural(tally.vms, 'replica VM')} {words}")
    if done.change and not result.dry_run:
        page.foot(done.change)
        page.run_in_foot("undo", say("undo", change=done.change))
    page.ages(done.ages)
