"""The form of a mapping as a modal; every text of it is plain, where nothing is escaped."""

from collections.abc import Sequence

from bot.domain.answers import MappingChanged
from bot.domain.forms import Choice, ChoiceGroup, Form
from bot.domain.replies import Reply
from bot.render.blocks import (
    SECTION,
    Block,
    actions,
    clip_middle,
    clip_mrkdwn,
    context,
    plain,
    said,
    section,
    tidy,
)
from bot.render.mappings import DRY_RUN
from bot.render.phrases import plural
from bot.render.pieces import At, Person, Show, as_mrkdwn

CALLBACK = "netmap.mapping"
TITLE = "Network mapping"
OPTION = 75
ACTION = "netmap.form."
MOST_LINES = 40
"""Blocks of an answer that fit into a modal beside the rest."""


def loading() -> Block:
    """What stands there while the servers are read."""
    return {**_modal("Cancel"), "blocks": [_alert("Reading servers…")]}


def working(text: str = "Saving…") -> Block:
    """What stands there while it is done."""
    return {**_modal("Close"), "blocks": [_alert(text)]}


def _modal(close: str) -> Block:
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "title": plain(TITLE, 24),
        "close": plain(close, 24),
    }


def _alert(text: str, level: str = "default") -> Block:
    return {"type": "alert", "level": level, "text": said(text)}


def ids(form: Form, turn: int) -> dict[str, str]:
    """Field -> block id, new with every turn: Slack keeps what was typed under old ones."""
    draft = form.draft
    return {
        "source_server": f"source_server.{turn}",
        "target_server": f"target_server.{turn}",
        "source": f"source.{draft.source_server}.{turn}",
        "target": f"target.{draft.target_server}.{turn}",
        "reason": "reason",
    }


def mapping_form(
    form: Form, turn: int, metadata: str, preview: Sequence[Block] = (), notice: str = ""
) -> Block:
    """The form with what is chosen so far.

    Args:
        form: the state.
        turn: counts changes of servers.
        metadata: what the next payload has to bring back.
        preview: what OK would do.
        notice: said above everything, such as who was faster.
    """
    named = ids(form, turn)
    draft = form.draft
    blocks: list[Block] = [_alert(notice, "warning")] if notice else []
    if not form.servers:
        text = "No inventory was imported yet, so there are no networks to map."
        return {**_modal("Close"), "blocks": [_alert(text, "warning")]}
    fixed = bool(draft.mapping)
    if not fixed:
        blocks += [
            _server("Source VMM server", "source_server", form, draft.source_server, named),
            _server("Target VMM server", "target_server", form, draft.target_server, named),
            actions([_button("Swap", "swap")]),
        ]
    if form.same_server:
        blocks.append(context("The same server on both sides: two of its clouds."))
    if draft.source_server and draft.target_server:
        if fixed and form.present:
            blocks.append(section(_fixed(form)))
        else:
            blocks.append(_network("Source network", "source", form.source, named))
        blocks.append(_network("Target network", "target", form.target, named))
        blocks += preview
        blocks.append(_reason(named))
    made = {**_modal("Cancel"), "blocks": blocks, "private_metadata": metadata}
    return {**made, "submit": plain("OK", 24), "notify_on_close": True}


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


def _network(label: str, field: str, chosen: Choice | None, named: dict[str, str]) -> Block:
    element: Block = {
        "type": "external_select",
        "action_id": ACTION + field,
        "placeholder": plain("Search its networks", 150),
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
        "block_id": named["reason"],
        "optional": True,
        "label": plain("Reason", 2000),
        "element": {
            "type": "plain_text_input",
            "action_id": f"{ACTION}reason",
            "max_length": 500,
            "placeholder": plain("For the history, such as a ticket", 150),
        },
    }


def _button(label: str, name: str) -> Block:
    return {"type": "button", "action_id": ACTION + name, "text": plain(label, 75)}


def _option(choice: Choice) -> Block:
    made: Block = {"text": plain(_label(choice.name), OPTION), "value": choice.value}
    if choice.note:
        made["description"] = plain(choice.note, OPTION)
    return made


def _label(name: str) -> str:
    return clip_middle(tidy(name), OPTION) or "–"


def options(groups: Sequence[ChoiceGroup]) -> Block:
    """The answer of a picker."""
    made = []
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


def preview(result: MappingChanged, reply: Reply) -> list[Block]:
    """What OK would do: the sentences of the answer, and the first of those it moves."""
    texts = [b["text"]["text"] for b in reply.blocks if b["type"] == "section"][:6]
    if texts:
        texts[0] = texts[0].removeprefix(DRY_RUN)
        texts[0] = texts[0][:1].upper() + texts[0][1:]
    blocks = [section(text) for text in texts]
    if result.moves:
        lines = [
            f"{move.vm}, NIC {move.slot}: {move.to.network or 'NO NETWORK'}"
            + (f" / {move.to.subnet}" if move.to.subnet else "")
            for move in result.moves[:5]
        ]
        show = Show(lambda _: "", result.ages[0].collected_at) if result.ages else None
        if show is not None:
            text = "\n".join(as_mrkdwn((line,), show, 400) for line in lines)
            more = len(result.moves) + result.more - len(lines)
            blocks.append(context(f"{text}\n… and {more:,} more" if more else text))
    if result.disconnects.adapters:
        number = result.disconnects.adapters
        blocks.append(_alert(f"{plural(number, 'adapter')} will be DISCONNECTED.", "warning"))
    return blocks


def refusal(reply: Reply) -> list[Block]:
    """Why it cannot be done."""
    texts = [block["text"]["text"] for block in reply.blocks if block["type"] == "section"]
    return [_alert(clip_mrkdwn("\n".join(texts), 2_900), "error")] if texts else []


def outcome(reply: Reply, steps: Block | None = None) -> Block:
    """What became of it."""
    blocks = [b for b in reply.blocks if b["type"] in ("section", "context")][:MOST_LINES]
    if not reply.ok:
        blocks = [*refusal(reply), *(b for b in blocks if b["type"] == "context")]
    if steps is not None:
        blocks.append(steps)
    return {**_modal("Done"), "blocks": blocks}
