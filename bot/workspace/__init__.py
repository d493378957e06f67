"""Slack's side of the conversation on loopback: a strict stand-in with a page."""
