"""The payloads that Slack sends to an app, field by field."""

from __future__ import annotations

import copy
from typing import Any

from bot.workspace import seeds
from bot.workspace.nouns import Channel, Json, Message, View
from bot.workspace.world import World


def team() -> Json:
    """The team of a payload."""
    return {"id": seeds.TEAM, "domain": seeds.TEAM_DOMAIN}


def user_of(world: World, user: str) -> Json:
    """The person of a payload."""
    person = world.people[user]
    return {
        "id": person.id,
        "username": person.name,
        "name": person.name,
        "team_id": person.team_id,
    }


def channel_name(channel: Channel) -> str:
    """The name as payloads give it: private ones are not named."""
    if channel.is_im:
        return "directmessage"
    return "privategroup" if channel.is_private else channel.name


def base(world: World, kind: str, user: str) -> Json:
    """What all interactive payloads share."""
    return {
        "type": kind,
        "user": user_of(world, user),
        "api_app_id": seeds.APP,
        "token": world.verification_token,
        "team": team(),
        "enterprise": None,
        "is_enterprise_install": False,
    }


def slash_command(
    world: World,
    user: str,
    channel: Channel,
    command: str,
    text: str,
    response_url: str,
    trigger_id: str,
) -> Json:
    """A slash command; all values are text, as in a form."""
    person = world.people[user]
    return {
        "token": world.verification_token,
        "team_id": seeds.TEAM,
        "team_domain": seeds.TEAM_DOMAIN,
        "channel_id": channel.id,
        "channel_name": channel_name(channel),
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "api_app_id": seeds.APP,
        "is_enterprise_install": "false",
        "response_url": response_url,
        "trigger_id": trigger_id,
    }


def place(world: World, where: Message | View) -> Json:
    """Where something was pressed: container, and the view or the message with its channel.

    An ephemeral message is not repeated in the payload.
    """
    if isinstance(where, View):
        container = {"type": "view", "view_id": where.id}
        return {"container": container, "view": copy.deepcopy(where.body)}
    channel = world.channels[where.channel]
    found: Json = {
        "container": {
            "type": "message",
            "message_ts": where.ts,
            "channel_id": channel.id,
            "is_ephemeral": where.only_for is not None,
        },
        "channel": {"id": channel.id, "name": channel_name(channel)},
    }
    if where.thread_ts is not None:
        found["container"]["thread_ts"] = where.thread_ts
    if where.only_for is None:
        found["message"] = copy.deepcopy(where.body)
    return found


def block_actions(
    world: World,
    user: str,
    where: Message | View,
    action: Json,
    trigger_id: str,
    state: Json,
    response_url: str | None,
) -> Json:
    """A press or a choice."""
    payload = {
        **base(world, "block_actions", user),
        **place(world, where),
        "trigger_id": trigger_id,
        "actions": [action],
    }
    if isinstance(where, Message):
        payload["state"] = {"values": copy.deepcopy(state)}
        payload["response_url"] = response_url
    return payload


def block_suggestion(
    world: World, user: str, where: Message | View, block_id: str, action_id: str, query: str
) -> Json:
    """A question for the options of an external select."""
    return {
        **base(world, "block_suggestion", user),
        **place(world, where),
        "block_id": block_id,
        "action_id": action_id,
        "value": query,
    }


def view_submission(
    world: World, user: str, view: View, trigger_id: str, response_urls: list[Json]
) -> Json:
    """A submitted modal."""
    return {
        **base(world, "view_submission", user),
        "trigger_id": trigger_id,
        "view": copy.deepcopy(view.body),
        "response_urls": response_urls,
    }


def view_closed(world: World, user: str, view: View, cleared: bool) -> Json:
    """A modal that was closed by its person."""
    body = copy.deepcopy(view.body)
    return {**base(world, "view_closed", user), "view": body, "is_cleared": cleared}


def shortcut(world: World, user: str, callback_id: str, trigger_id: str) -> Json:
    """A global shortcut."""
    return {
        **base(world, "shortcut", user),
        "callback_id": callback_id,
        "trigger_id": trigger_id,
        "action_ts": world.next_ts(),
    }


def message_shortcut(
    world: World,
    user: str,
    callback_id: str,
    message: Message,
    trigger_id: str,
    response_url: str,
) -> Json:
    """A message shortcut, which Slack calls a message action."""
    channel = world.channels[message.channel]
    return {
        **base(world, "message_action", user),
        "callback_id": callback_id,
        "trigger_id": trigger_id,
        "action_ts": world.next_ts(),
        "response_url": response_url,
        "message_ts": message.ts,
        "channel": {"id": channel.id, "name": channel_name(channel)},
        "message": copy.deepcopy(message.body),
    }


def message_event(world: World, kind: str, message: Message) -> Json:
    """An `app_mention` or `message` event for what a person wrote."""
    body: dict[str, Any] = copy.deepcopy(message.body)
    channel = world.channels[message.channel]
    body.update(type=kind, channel=message.channel, event_ts=message.ts)
    if kind == "message":
        body["channel_type"] = (
            "im" if channel.is_im else "group" if channel.is_private else "channel"
        )
    return body
