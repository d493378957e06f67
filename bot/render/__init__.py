"""Show it: results become replies, each once as plain text and once as Block Kit.

A renderer takes a result and a `Show`; what it says it says once, to a `Page`, which makes both
forms of it. Sentences for codes live in `words.py`.
"""

from bot.render.pieces import Line, Show

__all__ = ["Line", "Show"]
