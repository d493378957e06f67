"""What a form brings back: what is filled in, and what it has to remember from one to the next."""

import json
from typing import Any, NamedTuple

from bot.domain.forms import (
    BOTH,
    READ,
    REASON,
    SOURCE,
    SOURCE_SERVER,
    TARGET,
    TARGET_SERVER,
    TEST,
    Draft,
    Form,
)
from bot.render import forms as render
from bot.slack.payloads import Body

VERSION = 2


class Meta(NamedTuple):
    """What a form remembers."""

    channel: str = ""
    turn: int = 0
    """Goes up whenever a server changes, and the ids of fields with it."""
    mapping: str = ""
    source_server: int = 0
    target_server: int = 0
    source: str = ""
    """For a mapping that is to lead elsewhere."""
    known: str = ""
    """The mapping that was in force, and where it led."""
    fingerprint: str = ""
    """Of the preview."""
    choice: str = ""
    """What the preview was made of; empty while there is none."""
    warned: str = ""
    """The warnings of the preview."""

    def written(self) -> str:
        return json.dumps([VERSION, *self], separators=(",", ":"))

    def keeping(self, form: Form) -> "Meta":
        """The same, as the form stands now, with no preview."""
        draft = form.draft
        return self._replace(
            source_server=draft.source_server,
            target_server=draft.target_server,
            source=draft.source,
            known=known(form),
            fingerprint="",
            choice="",
            warned="",
        )


def is_ours(view: Body) -> bool:
    """Whether it is the form, as this version writes it."""
    if view.get("callback_id") != render.CALLBACK:
        return False
    try:
        version, *rest = json.loads(view.get("private_metadata") or "")
    except (ValueError, TypeError):
        return False
    return version == VERSION and len(rest) == len(Meta._fields)


def read(view: Body) -> tuple[Draft, Meta]:
    """What is filled in, and what the form remembers."""
    _, *rest = json.loads(view["private_metadata"])
    meta = Meta(*rest)
    chosen: dict[str, Any] = {}
    for block in ((view.get("state") or {}).get("values") or {}).values():
        for action_id, state in block.items():
            chosen[action_id.removeprefix(render.ACTION)] = _chosen(state)
    fixed = meta.source if meta.mapping else ""
    return (
        Draft(
            source_server=int(chosen.get(SOURCE_SERVER) or meta.source_server),
            target_server=int(chosen.get(TARGET_SERVER) or meta.target_server),
            source=str(chosen.get(SOURCE) or fixed),
            target=str(chosen.get(TARGET) or ""),
            mapping=meta.mapping,
            test=str(chosen.get(TEST) or ""),
            both=bool(chosen.get(BOTH)),
            reason=str(chosen.get(REASON) or ""),
            read=bool(chosen.get(READ)),
        ),
        meta,
    )


def _chosen(state: Body) -> object:
    """What somebody chose or typed in one field."""
    if "selected_options" in state:
        return [option.get("value") for option in state["selected_options"] or []]
    if "selected_option" in state:
        return (state["selected_option"] or {}).get("value")
    return state.get("value")


def without_strangers(draft: Draft, field: str) -> Draft:
    """What was chosen for another network or server counts no more.

    Args:
        field: what was just changed.
    """
    none: dict[str, object] = {"test": "", "both": False}
    match field:
        case "swap":
            none |= {
                SOURCE_SERVER: draft.target_server,
                TARGET_SERVER: draft.source_server,
                SOURCE: draft.target,
                TARGET: draft.source,
            }
        case "source_server":
            none[SOURCE] = ""
        case "target_server":
            none[TARGET] = ""
        case "source":
            pass
        case _:
            return draft
    return draft.model_copy(update=none)


def known(form: Form) -> str:
    """The mapping in force for what is chosen, and where it leads."""
    present = form.present
    return f"{present.ref.id}>{present.ref.target}>{present.ref.test or ''}" if present else ""
