"""The Web API methods, one module a family."""

from __future__ import annotations

from bot.workspace.methods import apps, chat, conversations, files, people, views
from bot.workspace.methods.method import Method

TABLE: dict[str, Method] = {
    **apps.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
    **people.METHODS,
    **views.METHODS,
}
"""Method name -> method."""
