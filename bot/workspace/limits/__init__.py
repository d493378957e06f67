"""placeholder"""

from typing import Any

from bot.workspace.nouns import Json


def check_message(args: Json) -> None: ...
def check_update(args: Json) -> None: ...
def check_view(view: Any, kind: str = "modal") -> Json:
    return view


def finished(blocks: list[Json]) -> list[Json]:
    return blocks


def check_suggestions(answer: Json) -> Json:
    return answer
