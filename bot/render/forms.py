"""The form of a mapping as a modal; every text of it is plain, where nothing is escaped."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from bot.domain.forms import (
    BOTH,
    NO_TEST,
    READ,
    REASON,
    SOURCE,
    SOURCE_SERVER,
    TARGET,
    TARGET_SERVER,
    TEST,
    Choice,
    ChoiceGroup,
    Form,
)
from bot.domain.numbers import plural
from bot.domain.replies import Reply
from bot.render.blocks import (
    CONTEXT,
    SECTION,
    Block,
    actions,
    clip_middle,
    clip_mrkdwn,
    context,
    mrkdwn,
    plain,
    said,
    section,
    tidy,
)
from bot.render.mappings import preview as told
from bot.render.phrases import TOO_OLD, more
from bot.render.pieces import At, Person, Piece, Show, as_mrkdwn

if TYPE_CHECKING:
    from bot.domain.answers.mappings import MappingChanged

CALLBACK = "netmap.mapping"
TITLE = "Network mapping"
OPTION = 75
ACTION = "netmap.form."
MOVES = 5
"""Adapters named in a preview."""
MOST_LINES = 40
"""Blocks of an answer that fit into a modal beside the rest."""


def loading() -> Block:
    """What stands there while the servers are read."""
    return {**_modal("Cancel"), "blocks": [_alert("Reading servers…")]}


def working(text: str = "Saving…", title: str = TITLE) -> Block:
    """What stands there while it is done."""
    return {**_modal("Close", title), "blocks": [_alert(text)]}


def _modal(close: str, title: str = TITLE) -> Block:
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain(title, 24),
        "close": plain(close, 24),
    }


def _alert(text: str, level: str = "default") -> Block:
    return {"type": "alert", "level": level, "text": said(text)}


class Shown(NamedTuple):
    """A preview: what OK would do, and what has to be read before."""

    blocks: Sequence[Block] = ()
    warned: str = ""
    """Differs with the warnings; empty where there is none."""
    moves: Sequence[Block] = ()
    """Who moves where: below the tick that the warnings were read."""


NOTHING = Shown()


def ids(form: Form, turn: int, warned: str = "") -> dict[str, str]:
    """Field -> block id, new whenever what was filled in there counts no more.

    Slack keeps what was chosen under an id it knows.
    """
    draft = form.draft
    return {
        SOURCE_SERVER: f"source_server.{turn}",
        TARGET_SERVER: f"target_server.{turn}",
        SOURCE: f"source.{draft.source_server}.{turn}",
        TARGET: f"target.{draft.target_server}.{turn}",
        TEST: f"test.{draft.source}.{turn}",
        BOTH: f"both.{draft.source}.{turn}",
        REASON: REASON,
        READ: f"read.{warned}",
    }


def mapping_form(
    form: Form, turn: int, metadata: str, preview: Shown = NOTHING, notice: str = ""
) -> Block:
    """The form with what is chosen so far.

    Args:
        form: the state.
        turn: counts changes of servers.
        metadata: what the next payload has to bring back.
        preview: what OK would do.
        notice: said above everything, such as who was faster.
    """
    named = ids(form, turn, preview.warned)
    draft = form.draft
    blocks: list[Block] = [_alert(notice, "warning")] if notice else []
    if not form.servers:
        text = "No inventory was imported yet, so there are no networks to map."
        return {**_modal("Close"), "blocks": [_alert(text, "warning")]}
    fixed = bool(draft.mapping)
    if not fixed:
        blocks += [
            _server("Source VMM server", SOURCE_SERVER, form, draft.source_server, named),
            _server("Target VMM server", TARGET_SERVER, form, draft.target_server, named),
            actions([_button("Swap", "swap")]),
        ]
    if form.same_server:
        blocks.append(context("The same server on both sides: two of its clouds."))
    if draft.source_server and draft.target_server:
        if fixed and form.present:
            blocks.append(section(_fixed(form)))
        else:
            blocks.append(_network("Source network", SOURCE, form.source, named))
        blocks.append(_network("Target network", TARGET, form.target, named))
        blocks += preview.blocks
        if preview.warned:
            blocks.append(_read(named))
        blocks += preview.moves
        if form.source and form.target:
            blocks += _options(form, named)
        blocks.append(_reason(named))
        blocks += _ages(form)
    made = {**_modal("Cancel"), "blocks": blocks, "private_metadata": metadata}
    return {**made, "submit": plain("OK", 24), "notify_on_close": True}


def _options(form: Form, named: dict[str, str]) -> list[Block]:
    """What else there is to choose once both networks are: a test network, the way back."""
    test = _network("Test network", TEST, form.test, named, "For test failovers")
    made = [{**test, "optional": True}]
    if form.present is None:
        label = "Map the way back too, for coming home after a failover"
        tick = _tick("Way back", BOTH, label, form.draft.both, named)
        made.append({**tick, "optional": True, "dispatch_action": True})
    return made


def _read(named: dict[str, str]) -> Block:
    return _tick("Warnings", READ, "I have read the warnings", False, named)


def _tick(label: str, field: str, text: str, ticked: bool, named: dict[str, str]) -> Block:
    option = {"text": plain(text, OPTION), "value": "yes"}
    element: Block = {"type": "checkboxes", "action_id": ACTION + field, "options": [option]}
    if ticked:
        element["initial_options"] = [option]
    return {
        "type": "input",
        "block_id": named[field],
        "label": plain(label, 2000),
        "element": element,
    }


def _fixed(form: Form) -> str:
    assert form.present is not None
    ref = form.present.ref
    show = Show(lambda _: "", form.present.at)
    return as_mrkdwn(
        (
            f"{ref.id}: {ref.source} ({ref.on}) to {ref.target} ({ref.toward}), mapped by ",
            Person(form.present.by),
            ", ",
            At(form.present.at),
        ),
        show,
        SECTION,
    )


def _ages(form: Form) -> list[Block]:
    """How old that is which the networks and the preview are taken from."""
    pieces: list[Piece] = []
    for age in form.ages:
        pieces += [" · " if pieces else "", f"{age.server} as of ", At(age.collected_at)]
        pieces.append(f", {TOO_OLD}" if age.stale else "")
    if not pieces:
        return []
    return [context(as_mrkdwn(pieces, Show(lambda _: "", form.ages[0].collected_at), 1_000))]


def _server(label: str, field: str, form: Form, chosen: int, named: dict[str, str]) -> Block:
    options = [_option(one) for one in form.servers[:100]]
    element: Block = {
        "type": "static_select",
        "action_id": ACTION + field,
        "placeholder": plain("Choose a server", 150),
        "options": options,
    }
    initial = [option for option in options if option["value"] == str(chosen)]
    if initial:
        element["initial_option"] = initial[0]
    return _input(label, named[field], element)


def _network(
    label: str,
    field: str,
    chosen: Choice | None,
    named: dict[str, str],
    placeholder: str = "Search its networks",
) -> Block:
    element: Block = {
        "type": "external_select",
        "action_id": ACTION + field,
        "placeholder": plain(placeholder, 150),
        "min_query_length": 0,
    }
    if chosen is not None:
        element["initial_option"] = _option(chosen)
    return _input(label, named[field], element)


def _input(label: str, block_id: str, element: Block) -> Block:
    return {
        "type": "input",
        "block_id": block_id,
        "dispatch_action": True,
        "label": plain(label, 2000),
        "element": element,
    }


def _reason(named: dict[str, str]) -> Block:
    return {
        "type": "input",
        "block_id": named[REASON],
        "optional": True,
        "label": plain("Reason", 2000),
        "element": {
            "type": "plain_text_input",
            "action_id": f"{ACTION}{REASON}",
            "max_length": 500,
            "placeholder": plain("For the history, such as a ticket", 150),
        },
    }


def _button(label: str, name: str) -> Block:
    return {"type": "button", "action_id": ACTION + name, "text": plain(label, 75)}


def _option(choice: Choice) -> Block:
    name = "No test network" if choice.value == NO_TEST else choice.name
    made: Block = {"text": plain(_label(name), OPTION), "value": choice.value}
    if choice.note:
        made["description"] = plain(choice.note, OPTION)
    return made


def _label(name: str) -> str:
    return clip_middle(tidy(name), OPTION) or "–"


def options(groups: Sequence[ChoiceGroup]) -> Block:
    """The answer of a picker."""
    made = []
    if len(groups) == 1 and groups[0].mapped is None:
        return {"options": [_option(choice) for choice in groups[0].choices]}
    for group in groups:
        label = "Already mapped" if group.mapped else "Not mapped yet"
        shown = len(group.choices)
        of = f"{shown} of {group.total:,}; type to search" if shown < group.total else f"{shown}"
        made.append(
            {
                "label": plain(f"{label} ({of})", OPTION),
                "options": [_option(choice) for choice in group.choices],
            }
        )
    return {"option_groups": made} if made else {"options": []}


def preview(result: MappingChanged, show: Show) -> Shown:
    """What OK would do: the answer, the first of those it moves, and what wants attention."""
    said = told(result, show)
    blocks = [section(mrkdwn(said.answer))]
    if said.facts:
        blocks.append(section(mrkdwn("\n".join(said.facts))))
    warnings = said.warnings
    if result.disconnects.adapters:
        number = result.disconnects.adapters
        warnings = [f"{plural(number, 'adapter')} will be DISCONNECTED", *warnings]
    if not warnings:
        return Shown(blocks, moves=_moves(result, show))
    text = "\n".join(warnings)
    blocks.append(_alert(mrkdwn(text), "warning"))
    sign = hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
    return Shown(blocks, sign, _moves(result, show))


def _moves(result: MappingChanged, show: Show) -> list[Block]:
    lines = [
        f"{move.vm}, NIC {move.slot}: {move.to.network or 'NO NETWORK'}"
        + (f" / {move.to.subnet}" if move.to.subnet else "")
        for move in result.moves[:MOVES]
    ]
    left = len(result.moves) + result.more - len(lines)
    text = "\n".join(as_mrkdwn((line,), show, 400) for line in lines)
    return [context(f"{text}\n{more(left)}" if left else text)] if lines else []


def faults(texts: Sequence[str]) -> list[Block]:
    """What is wrong with what is chosen."""
    return [_alert(mrkdwn(text), "error") for text in texts if text]


def says(view: Block, text: str) -> bool:
    """Whether the form on the screen says already that this is wrong."""
    alerts = (block for block in view.get("blocks", ()) if block.get("type") == "alert")
    return any(alert["text"]["text"] == mrkdwn(text) for alert in alerts)


def what_to_do(field: str) -> str:
    """What is said under a field, where what is wrong with it is said already."""
    return "Take the tick away." if field == BOTH else "Choose another network."


def refusal(reply: Reply) -> list[Block]:
    """Why it cannot be done."""
    texts = [block["text"]["text"] for block in reply.blocks if block["type"] == "section"]
    return [_alert(clip_mrkdwn("\n".join(texts), 2_900), "error")] if texts else []


def outcome(reply: Reply, steps: Block | None = None, title: str = TITLE) -> Block:
    """What became of it."""
    blocks = _without_tables(reply.blocks)[:MOST_LINES]
    if not reply.ok:
        blocks = [*refusal(reply), *(b for b in blocks if b["type"] == "context")]
    if steps is not None:
        blocks.append(steps)
    return {**_modal("Done", title), "blocks": blocks}


def _without_tables(blocks: Sequence[Block]) -> list[Block]:
    """A modal takes no table: its rows become lines, as many as fit, and the others are counted."""
    made: list[Block] = []
    for block in blocks:
        if block["type"] == "table":
            rows = [[cell["text"] for cell in row] for row in block["rows"][1:]]
            made.append(context(_lines([mrkdwn(" · ".join(cells)) for cells in rows])))
        elif block["type"] in ("section", "context"):
            made.append(block)
    return made


def _lines(rows: Sequence[str]) -> str:
    room = CONTEXT - 40  # for saying how many are left out
    shown = [row for nth, row in enumerate(rows) if sum(map(len, rows[: nth + 1])) + nth < room]
    left = len(rows) - len(shown)
    return "\n".join([*shown, *[more(left)] * bool(left)])
