"""What a person types, in the form in which Slack hands it to apps."""

from __future__ import annotations

import re

from bot.workspace import seeds
from bot.workspace.nouns import Json
from bot.workspace.world import World

MAX_TEXT = 4000
ADDRESS = re.compile(r"https?://[^\s<>|]+")
HOST = re.compile(
    r"(?<![\w@./-])((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+"
    r"(?:com|net|org|io|dev|app|info|biz|eu|de|nl|uk|fr|us|example))(?![\w-])",
    re.IGNORECASE,
)
MENTION = re.compile(r"(?<![\w.])@([\w.-]*\w)")
CHANNEL = re.compile(r"(?<![\w&])#([\w-]+)")


def entities(text: str) -> str:
    """Escape the three characters that Slack escapes, and no other."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def encode(world: World, text: str, private_names: bool = True) -> str:
    """Typed text with mentions, channels, addresses and host names as Slack's tokens.

    Args:
        private_names: False leaves names of private channels out, as slash commands do.
    """
    pieces, last = [], 0
    for match in ADDRESS.finditer(text):
        pieces += [words(world, text[last : match.start()], private_names)]
        pieces += [f"<{entities(match[0])}>"]
        last = match.end()
    return "".join([*pieces, words(world, text[last:], private_names)])


def words(world: World, text: str, private_names: bool) -> str:
    """The part of a text that has no addresses."""
    text = HOST.sub(lambda found: f"<http://{found[1]}|{found[1]}>", entities(text))
    text = MENTION.sub(lambda found: mention(world, found[1]) or found[0], text)
    return CHANNEL.sub(lambda found: channel(world, found[1], private_names) or found[0], text)


def mention(world: World, name: str) -> str | None:
    """The token for @name: a person, a group or a special word."""
    if name in ("here", "channel", "everyone"):
        return f"<!{name}>"
    for person in world.people.values():
        if name.lower() == person.name.lower():
            return f"<@{person.id}>"
    for group in world.groups.values():
        if name.lower() == group.handle:
            return f"<!subteam^{group.id}>"
    return None


def channel(world: World, name: str, private_names: bool) -> str | None:
    """The token for #name."""
    for found in world.channels.values():
        if found.name == name and not found.is_im:
            shown = found.name if private_names or not found.is_private else ""
            return f"<#{found.id}|{shown}>"
    return None


def rich(text: str) -> list[Json]:
    """The rich text block that Slack's own client sends beside the text."""
    element = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return [{"type": "rich_text", "block_id": "typed", "elements": [element]}]


def mentions_bot(text: str) -> bool:
    """Whether encoded text calls the bot."""
    return f"<@{seeds.BOT_USER}>" in text
