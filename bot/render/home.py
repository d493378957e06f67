"""The Home tab: how it stands, what one can do, what was done lately."""

from datetime import datetime
from typing import TYPE_CHECKING

from bot.domain.asking import Say
from bot.domain.codes import Role
from bot.domain.numbers import plural
from bot.render.blocks import Block, actions, context, divider, header, mrkdwn, plain, section
from bot.render.history import change_line
from bot.render.phrases import TOO_OLD, more
from bot.render.pieces import At, Channel, Person, Piece, Run, Show, as_mrkdwn
from bot.render.refusals import MEND

if TYPE_CHECKING:
    from bot.domain.answers.digests import DigestLine
    from bot.domain.home import Glance, PairGlance
    from bot.domain.requests import RequestLine

ACTION = "netmap.home."
SEARCH = f"{ACTION}search"
NEW = f"{ACTION}new"
REFRESH = f"{ACTION}refresh"
DIGEST = f"{ACTION}digest"
"""Opens the form of the digest that follows a point, or of a new one."""
PAIRS = 15


def home(result: "Glance", show: Show) -> Block:
    """The view, as `views.publish` wants it."""
    if not result.role.allows(Role.READER):
        text = "You may not ask netmap anything: it shows the networks of this estate."
        return {"type": "home", "blocks": [section(text)]}
    blocks = [_buttons(result), _search()]
    blocks.append(header("How it stands"))
    old = {age.server for age in result.ages if age.stale}
    for pair in result.pairs[:PAIRS]:
        blocks.append(section(_pair(pair, old)))
    if len(result.pairs) > PAIRS:
        blocks.append(context(f"{more(len(result.pairs) - PAIRS)}: `/netmap list`"))
    if not result.pairs:
        blocks.append(section("Nothing is replicated between known servers yet."))
    if result.waiting:
        blocks += [divider(), header("Waiting for somebody")]
        for one in result.waiting:
            pieces: list[Piece] = [f"{one.change or one.id}: ", Person(one.by), f" · {one.text}"]
            blocks.append(section(_line([*pieces, *_verdict(one, result)], show)))
        if result.more_waiting:
            blocks.append(context(f"{more(result.more_waiting)}: `/netmap pending`"))
    if result.digests:
        blocks += [divider(), header("Your digests")]
        for digest in result.digests[:10]:
            paragraph = section(_line(_digest(digest, show.now), show))
            if result.role.allows(Role.EDITOR):
                paragraph["accessory"] = _button("Settings…", f"{DIGEST}.{digest.id}")
            blocks.append(paragraph)
    blocks += [divider(), header("Recent changes")]
    for change in result.changes:
        blocks.append(section(_line(change_line(change), show)))
    if not result.changes:
        blocks.append(section("Nothing was changed yet."))
    blocks.append(context(_small(result, show)))
    return {"type": "home", "blocks": blocks[:100]}


def _line(pieces: tuple[Piece, ...] | list[Piece], show: Show) -> str:
    return as_mrkdwn(pieces, show, 2_900)


def _verdict(one: "RequestLine", result: "Glance") -> list[Piece]:
    """What who looks may say to it: nobody decides their own, and readers decide nothing."""
    own = one.by == result.by
    if not result.role.allows(Role.EDITOR) or (own and one.change):
        return []
    verb = "review" if one.change else "reject" if own else "approve"
    lead = " · to take it back: " if verb == "reject" else " · "
    return [lead, Run(Say(verb, {"change": one.change or one.id}))]


def _buttons(result: "Glance") -> Block:
    made = []
    if result.role.allows(Role.EDITOR):
        made.append({**_button("New mapping", NEW), "style": "primary"})
        made.append(_button("New digest…", DIGEST))
    made.append(_button("Refresh", REFRESH))
    return actions(made)


def _button(label: str, action_id: str) -> Block:
    return {"type": "button", "action_id": action_id, "text": plain(label, 75)}


def _search() -> Block:
    return {
        "type": "input",
        "block_id": "search",
        "dispatch_action": True,
        "label": plain("Where does a VM come up?", 2000),
        "element": {
            "type": "plain_text_input",
            "action_id": SEARCH,
            "max_length": 200,
            "placeholder": plain("Name of a VM, then Enter", 150),
        },
    }


def _pair(pair: "PairGlance", old: set[str]) -> str:
    """One way: what wants attention on a line of its own, then how it stands otherwise.

    Args:
        old: servers whose inventories are too old to say how it stands.
    """
    trouble = [
        f"{plural(number, noun)} {word}"
        for number, noun, word in (
            (pair.blanks, "network", "NOT mapped"),
            (pair.drifted, "adapter", "DRIFTED"),
        )
        if number
    ]
    for server in dict.fromkeys((pair.source, pair.target)):
        if server in old:
            trouble.append(f"{mrkdwn(server)}'s inventory is {TOO_OLD}")
    rest = [plural(pair.mapped, "mapping") if pair.mapped else "no mapping"]
    for number, word in ((pair.pending, "pending"), (pair.left_alone, "left alone, as running")):
        if number:
            rest.append(f"{plural(number, 'adapter')} {word}")
    if not trouble and len(rest) == 1 and pair.mapped:
        rest.append("nothing to reconnect")
    lines = [f"*{mrkdwn(f'{pair.source} → {pair.target}')}*", " · ".join(rest)]
    if trouble:
        lines.insert(1, f"⚠️ {' · '.join(trouble)}")
    return "\n".join(lines)


def _digest(one: "DigestLine", now: datetime) -> list[Piece]:
    pieces: list[Piece] = [f"{one.id}: {one.schedule}, {one.zone}, in ", Channel(one.channel)]
    if one.paused:
        why = MEND.get(one.paused, (f"Slack says {one.paused}", ""))[0]
        return [*pieces, f" · PAUSED: {why}. ", Run(Say("digest show", {"id": one.id}))]
    if one.muted_until is not None and one.muted_until > now:
        return [*pieces, " · muted until ", At(one.muted_until)]
    return [*pieces, " · next ", At(one.next_run)] if one.next_run else pieces


def _small(result: "Glance", show: Show) -> str:
    pieces: list[Piece] = [f"You are {_a(result.role)}. As of ", At(show.now)]
    for age in result.ages[:10]:
        pieces += [f" · {age.server}: inventory of ", At(age.collected_at)]
        pieces.append(f", {TOO_OLD}" if age.stale else "")
    pieces += [" · ", Run("help"), " lists what you may say"]
    return as_mrkdwn(pieces, show, 1_500)


def _a(role: Role) -> str:
    return {Role.READER: "a reader", Role.EDITOR: "an editor"}.get(role, "an admin")
