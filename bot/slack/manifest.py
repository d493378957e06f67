"""Slack's app manifest: `app.yaml`, from the checkout or from the wheel."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import bot
from bot.domain.errors import SetupFault

EVENTS = "/slack/events"
"""The path that netmap answers at."""


def path() -> Path:
    """Where `app.yaml` is: beside the package in a checkout, inside it in a wheel."""
    package = Path(bot.__file__).parent
    inside = package / "app.yaml"
    return inside if inside.exists() else package.parent / "app.yaml"


def load(command: str = "/netmap", request_url: str = "") -> dict[str, Any]:
    """The manifest.

    Args:
        command: the slash command to announce.
        request_url: where Slack posts to; with it Socket Mode is off.
    """
    import yaml  # 30 ms, and most commands need no manifest

    with path().open(encoding="utf-8") as file:
        manifest: dict[str, Any] = yaml.safe_load(file)
    slash = manifest["features"]["slash_commands"][0]
    settings = manifest["settings"]
    slash["command"] = command
    if request_url:
        slash["url"] = request_url
        settings["event_subscriptions"]["request_url"] = request_url
        settings["interactivity"]["request_url"] = request_url
        settings["socket_mode_enabled"] = False
    return manifest


def checked(url: str) -> str:
    """An address that Slack posts to; one without a path gets ours.

    Raises:
        SetupFault: it posts to none such.
    """
    try:
        parts = urlsplit(url)
        sound = parts.scheme == "https" and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound:
        raise SetupFault(
            f"`{url}` is no address that Slack posts to.",
            "It begins with https://, such as https://netmap.example.org.",
        )
    return parts._replace(path=EVENTS).geturl() if parts.path in ("", "/") else url
