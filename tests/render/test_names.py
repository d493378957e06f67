"""Whatever the names are, a message stays within Slack's limits and pings nobody."""

import json
import re
from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

from bot.domain.answers.findings import DriftReport
from bot.domain.answers.history import History
from bot.domain.answers.mappings import MappingChanged, MappingList, Plan
from bot.domain.answers.networks import Forgotten, HomeSet, MappingCard, NetworkList, ServerList
from bot.domain.answers.operation import Help, Status, Who
from bot.domain.answers.vms import VmAnswer
from bot.domain.asking import Say
from bot.domain.errors import NetmapError
from bot.domain.names import visible
from bot.domain.replies import Reply
from bot.domain.reports import ImportReport
from bot.render import Show
from bot.render.errors import error
from bot.render.findings import drift_report
from bot.render.history import forgotten, history, home_set
from bot.render.imports import import_report
from bot.render.lists import mapping_card, mapping_list
from bot.render.mappings import mapping_changed
from bot.render.networks import network_list, server_list
from bot.render.plans import plan
from bot.render.status import help_, status, who
from bot.render.vms import vm_answer
from bot.workspace.limits import check_message
from tests.render.build import adapter, changed, here, pair, ref, there, unmapped
from tests.render.show import NOW, show

STRANGE = [
    *("<!channel>", "<@U0ANA>", "<!date^1^{date}|x>", "<http://x|y>", "<#C1>", "@here", "&amp;"),
    *("`", "``", "*b*", "_i_", "~s~", ":fire:", "> quote", ">", "R&D <prod>", "a|b", "{cloud}"),
    *("\u202egnp.exe", "\u200b", "a\nb", "a\tb", "\u2028", "\x07", "🦊", "e\u0301", " ", " to "),
    *("&" * 200, "`" * 200, "<" * 200, "x" * 200, "🦊" * 200, "a b " * 50),
]
NAMES = st.sampled_from(STRANGE) | st.text(max_size=200)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
COMMANDS = st.none() | NAMES.map(lambda name: ("show", {"mapping": {"source": name}}))

Renderer = Callable[[Any, Show], Reply]
RENDERERS: list[tuple[type, Renderer]] = [
    (MappingChanged, mapping_changed),
    (VmAnswer, vm_answer),
    (NetworkList, network_list),
    (ServerList, server_list),
    (MappingList, mapping_list),
    (MappingCard, mapping_card),
    (DriftReport, drift_report),
    (Plan, plan),
    (History, history),
    (ImportReport, import_report),
    (Status, status),
    (Who, who),
    (Help, help_),
    (HomeSet, home_set),
    (Forgotten, forgotten),
]


def a_line(command: Say) -> str:
    """Any command as a line of any length, as the grammar writes one: no line ends in it."""
    return " ".join(visible(f"{command.command} {command.values}").split())


@cache
def results(kind: type, most: int = 8) -> st.SearchStrategy[Any]:
    """Any result, with strange names everywhere.

    Args:
        most: how long its lists may be, and those within them half of that.
    """
    hints = get_type_hints(kind)
    names = kind.model_fields if issubclass(kind, BaseModel) else hints
    values = {name: COMMANDS if name == "fix" else _values(hints[name], most) for name in names}
    return st.fixed_dictionaries(values).map(TypeAdapter(kind).validate_python)


def _values(kind: Any, most: int) -> st.SearchStrategy[Any]:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is list:
        return st.lists(_values(inner[0], most // 2), max_size=most)
    if origin is dict:
        return st.dictionaries(NAMES, _values(inner[1], most // 2), max_size=most // 2)
    if type(None) in inner:
        return st.none() | _values(next(one for one in inner if one is not type(None)), most)
    if kind is str:
        return NAMES
    if kind is int:
        return st.integers(0, 3) | st.integers(0, 10**7)
    if kind is datetime:
        return MOMENTS
    if isinstance(kind, type) and (is_dataclass(kind) or issubclass(kind, BaseModel)):
        return results(kind, most)
    return st.from_type(kind)


def check(reply: Reply) -> None:
    """Everything that holds for every reply."""
    first = reply.text.partition("\n")[0]
    assert first.strip()
    assert first == first.strip()
    assert len(reply.blocks) <= 50
    check_message({"text": reply.text, "blocks": reply.blocks})
    shown = texts(reply.blocks)
    assert sum(map(len, shown)) <= 10_000
    for text in texts([one for one in reply.blocks if one["type"] != "table"]):
        bare = re.sub(r"<!date\^-?\d+\^[^|<>]*\|[\d:TZ-]+>|<@[UW][A-Z0-9]+>", "", text)
        assert "<" not in bare
        assert ">" not in bare
        assert not re.search(r"&(?!amp;|lt;|gt;)", bare)
    assert "\u202e" not in reply.text + json.dumps(reply.blocks, ensure_ascii=False)


def texts(node: Any) -> list[str]:
    """All text of blocks."""
    if isinstance(node, list):
        return [text for one in node for text in texts(one)]
    if isinstance(node, dict):
        own = [node["text"]] if isinstance(node.get("text"), str) else []
        return own + [text for value in node.values() for text in texts(value)]
    return []


@pytest.mark.parametrize(("kind", "renderer"), RENDERERS, ids=lambda one: one.__name__)
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_result_makes_a_message_that_slack_takes(
    kind: type, renderer: Renderer, data: st.DataObject
) -> None:
    result = data.draw(results(kind))

    check(renderer(result, Show(a_line, NOW, "x" * 4_000)))


@given(NAMES, NAMES, st.lists(NAMES, max_size=5), st.lists(NAMES, max_size=100))
def test_any_refusal_makes_a_message_that_slack_takes(
    message: str, hint: str, commands: list[str], facts: list[str]
) -> None:
    told = f"I know no network `{message}`."

    check(error(NetmapError(told, hint, commands, facts), show()))


@pytest.mark.parametrize("name", STRANGE)
def test_a_strange_name_stays_in_its_line(name: str) -> None:
    odd = f"{name}x"
    plain = mapping_changed(changed(), show()).text
    result = changed(mappings=[ref(source=odd, target=odd, on=odd)])

    reply = mapping_changed(result, show())

    check(reply)
    assert len(reply.text.splitlines()) == len(plain.splitlines())


@pytest.mark.parametrize("name", [name for name in STRANGE if visible(name).strip() > " "])
def test_a_strange_vm_is_shown_on_every_way(name: str) -> None:
    shown = visible(name).split()[0]
    strange = [
        pair(adapter(source=here(name, name)), vm=name),
        pair(unmapped(now=there(name, name), standing="by_hand"), vm=name, passive=name),
    ]
    for pairs in (strange[:1], strange):
        reply = vm_answer(
            VmAnswer(asked=[name], pairs=pairs, unknown={name: [name]}),
            Show(a_line, NOW),
        )

        check(reply)
        assert shown[:5].replace("\x07", "\ufffd") in reply.text
