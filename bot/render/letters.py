"""Every part of a drift digest: its message, what stands below it, notes to its owner."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.domain.answers.findings import Finding
from bot.domain.asking import Say, say
from bot.domain.digests import Step
from bot.domain.maps import EstateMap
from bot.domain.numbers import plural
from bot.domain.posts import Letter, Part, Post
from bot.domain.replies import Reply
from bot.render import pictures
from bot.render.digests import notice
from bot.render.findings import about
from bot.render.lives import word
from bot.render.maps import map_in_words, trend_in_words
from bot.render.page import Page
from bot.render.pieces import At, Channel, Line, Person, Show, login
from bot.render.posts import digest, reply_below
from bot.render.refusals import MEND
from bot.render.sheets import as_csv
from bot.render.words import SEVERITY, found

ROWS = 99
"""Rows of a table besides its headings."""


def letter(
    line: Line, part: Part, post: Post, now: datetime, name: Callable[[str], str] = login
) -> Letter:
    """Draw one part of a digest as it is to be sent now."""
    show = Show(line, now, name=name)
    match part:
        case Part.BROADCAST | Part.REPLY:
            reply = reply_below(post, show)
        case Part.TABLE:
            reply = _table(post, show)
        case Part.FILE:
            return _file(post, show)
        case Part.MAP:
            return _map(post, show)
        case Part.PICTURE:
            return _picture(post)
        case Part.DIRECT:
            reply = _to_owner(post, show)
        case Part.TEST:
            reply = _test(post, show)
        case Part.NOTICE:
            assert post.changed is not None
            reply = notice(post.changed, post.asked_by, show)
        case Part.WORD:
            assert post.hushed is not None
            reply = word(post.hushed, post.asked_by, show)
        case Part.EDIT:
            reply = digest(post.model_copy(update={"mention": ""}), show)
        case _:
            reply = digest(post, show)
    return Letter(reply.text, reply.blocks, reply.steps, reply.menus)


HEADINGS = ("Finding", "Severity", "What", "About", "VMs", "Since", "Command")


def _table(post: Post, show: Show) -> Reply:
    """All of it, below the message."""
    rows = [
        (
            finding.id,
            SEVERITY[finding.severity],
            found(finding.kind)[0],
            about(finding),
            f"{finding.vms:,}" if finding.vms else "",
            f"{finding.since:%Y-%m-%d}" if finding.since else "",
            _command(finding, show),
        )
        for finding in post.findings
    ]
    page = Page(show, f"All {plural(len(rows), 'finding')} of {post.digest}:")
    page.table(HEADINGS, rows[:ROWS], left_out=max(0, len(rows) - ROWS))
    return page.reply()


def _command(finding: Finding, show: Show) -> str:
    return f"/netmap {show.line(Say(*finding.fix))}" if finding.fix else ""


def _file(post: Post, show: Show) -> Letter:
    rows: list[Sequence[str]] = [
        ("finding", "severity", "kind", "what", "about", "server", "toward", "adapters", "vms",
         "examples", "since", "facts", "command")
    ]  # fmt: skip
    for finding in post.findings:
        rows.append(
            (
                finding.id,
                finding.severity,
                finding.kind,
                found(finding.kind)[0],
                finding.subject,
                finding.server,
                finding.toward,
                str(finding.adapters),
                str(finding.vms) if finding.vms is not None else "",
                "; ".join(finding.examples),
                f"{finding.since:%Y-%m-%dT%H:%MZ}" if finding.since else "",
                "; ".join(f"{key}: {value}" for key, value in finding.facts.items()),
                _command(finding, show),
            )
        )
    name = f"netmap-{post.digest}-{post.at:%Y-%m-%d-%H%M}.csv"
    text = f"{plural(len(post.findings), 'finding')} as a file"
    return Letter(text, name=name, content=as_csv(rows).encode())


def _map(post: Post, show: Show) -> Letter:
    said = map_in_words(post.panels, show)
    if not pictures.can_draw():
        return Letter(said)
    content = pictures.draw_map(EstateMap(panels=post.panels))
    name = f"netmap-{post.digest}-{post.at:%Y-%m-%d}-map.png"
    return Letter(said, name=name, content=content, alt=said.partition("\n")[0])


def _picture(post: Post) -> Letter:
    said = trend_in_words(post.trend)
    if not pictures.can_draw():
        return Letter(said)
    name = f"netmap-{post.digest}-{post.at:%Y-%m-%d}.png"
    return Letter(said, name=name, content=pictures.draw_trend(post.trend), alt=said)


def _to_owner(post: Post, show: Show) -> Reply:
    if post.step is Step.UNSURE:
        page = Page(
            show,
            f"I was stopped while I posted {post.digest} to ",
            Channel(post.channel),
            ", and cannot tell whether it arrived.",
        )
        page.run("If it is not there", say("digest run", id=post.digest))
        return page.reply()
    why, how = MEND.get(
        post.error, (f"Slack says {post.error}", "Ask whoever manages the workspace")
    )
    page = Page(
        show,
        f"{post.digest} is paused: I could not post it to ",
        Channel(post.channel),
        f", because {why}.",
    )
    page.fact(f"{how}.")
    page.run("Then let it go on", say("digest run", id=post.digest))
    page.run("Or end it", say("digest off", id=post.digest))
    return page.reply()


def _test(post: Post, show: Show) -> Reply:
    page = Page(show, f"This is a test of {post.digest}: what drifts will be told here.")
    if post.next_run is not None:
        page.fact("The next one comes ", At(post.next_run), ".")
    page.foot("asked for by ", Person(post.asked_by))
    return page.reply()
