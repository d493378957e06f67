"""Slack's side of the conversation on loopback: a strict stand-in with a page."""

from bot.workspace.act import Act
from bot.workspace.nouns import Call, Message, Person, SlackError, View, Violation
from bot.workspace.workspace import Workspace

__all__ = ["Act", "Call", "Message", "Person", "SlackError", "View", "Violation", "Workspace"]
