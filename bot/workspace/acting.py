"""What people do: type, press, choose, submit, close; and what Slack makes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bot.workspace import payloads, seeds, typed
from bot.workspace.act import Act
from bot.workspace.deliver import Deliveries, Delivery
from bot.workspace.elements import action_of, find, pick
from bot.workspace.methods.files import new_file, share
from bot.workspace.methods.method import Context
from bot.workspace.nouns import Channel, Json, Message, SlackError, View
from bot.workspace.replies import reply
from bot.workspace.state import initial_values, offers, state_of, value_key
from bot.workspace.world import World


class Acting:
    """Does things in a person's name; nothing here waits for the app."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._message_values: dict[tuple[str, str], dict[str, dict[str, Json]]] = {}
        self.offered: dict[tuple[str, str, str], list[Json]] = {}
        """(user, view id or ts, action id) -> all options offered so far, the last ones first."""

    @property
    def _world(self) -> World:
        return self._context.world

    @property
    def _deliveries(self) -> Deliveries:
        return self._context.deliveries

    def slash(self, user: str, channel: Channel, line: str, thread_ts: str | None = None) -> Act:
        """Type a slash command."""
        world = self._world
        with world.lock:
            act = Act(world, user, channel.id)
            name, _, text = line.strip().partition(" ")
            commands = {one["command"]: one for one in world.commands}
            if thread_ts is not None:
                act.refusal = f"{name} is not supported in threads. Sorry!"
            elif name not in commands:
                act.refusal = f"{name} is not a valid command."
            elif channel.is_archived:
                act.refusal = "This channel is archived."
            elif "commands" not in world.scopes:
                act.refusal = f"{name} is not installed: its app lacks the scope commands."
            if act.refusal is not None:
                world.say(channel.id, user, str(act.refusal), thread_ts)
                return act
            if commands[name].get("should_escape", False):
                text = typed.encode(world, text.strip(), private_names=False)
            else:
                text = typed.entities(text.strip())
            leave = self._context.tokens.leave(user, channel.id, typed=line.strip())
            url = f"{world.url}/response/{leave.id}"
            trigger = self._context.tokens.trigger(user, channel=channel.id)
            payload = payloads.slash_command(world, user, channel, name, text, url, trigger)

            def done(delivery: Delivery) -> None:
                error = delivery.error
                if error is None and delivery.answer:
                    try:
                        reply(self._context, leave, delivery.answer)
                    except SlackError as refused:
                        world.complain("acknowledgement", refused, delivery.answer)
                        error = refused.error
                if error is not None:
                    world.say(channel.id, user, f'{name} failed with the error "{error}"')

            act.deliveries.append(self._deliveries.send("slash_commands", payload, done, True))
            return act

    def write(
        self,
        user: str,
        channel: Channel,
        text: str,
        thread_ts: str | None = None,
        upload: Sequence[tuple[str, bytes]] = (),
    ) -> Act:
        """Write a message, with the files of `upload` (name, content)."""
        world = self._world
        with world.lock:
            act = Act(world, user, channel.id)
            if channel.is_archived:
                act.refusal = "This channel is archived."
                world.say(channel.id, user, act.refusal)
                return act
            encoded = typed.encode(world, text)
            body: Json = {
                "type": "message",
                "user": user,
                "team": world.people[user].team_id,
                "text": encoded,
                "ts": world.next_ts(),
                "client_msg_id": f"local-{world.moment()}",
            }
            if text:
                body["blocks"] = typed.rich(text)
            if thread_ts is not None:
                body["thread_ts"] = thread_ts
            files = []
            for name, content in upload:
                file = new_file(self._context, name, len(content), user)
                file.content, file.received = content, True
                files.append(file)
            if files:
                body["subtype"] = "file_share"
                act.message = share(self._context, files, channel.id, body)
            else:
                act.message = world.add_message(Message(channel.id, body))
            self._announce(act, channel, encoded)
            return act

    def _announce(self, act: Act, channel: Channel, encoded: str) -> None:
        world, message = self._world, act.message
        assert message is not None
        called = typed.mentions_bot(encoded) and not channel.is_im
        if seeds.BOT_USER not in channel.members:
            if called:
                bot = world.people[seeds.BOT_USER].name
                act.refusal = f"@{bot} is not in this channel. Invite it first."
                world.say(channel.id, act.user, act.refusal)
            return
        kinds = (["app_mention"] if called else []) + ["message"]
        for kind in kinds:
            event = payloads.message_event(world, kind, message)
            delivery = self._deliveries.emit(event)
            if delivery is not None:
                act.deliveries.append(delivery)

    def press(
        self,
        user: str,
        where: Message | View,
        action_id: str,
        value: Any = None,
        block_id: str | None = None,
    ) -> Act:
        """Press a button or choose in an element; see `elements.pick` for `value`."""
        world = self._world
        with world.lock:
            channel = where.channel if isinstance(where, Message) else None
            act = Act(world, user, channel)
            block, element = find(where.blocks, action_id, block_id)
            chosen = self.choose(user, where, block, element, value)
            if block.get("type") == "input" and not block.get("dispatch_action", False):
                return act
            view = where if isinstance(where, View) else None
            looking = view.looking if view is not None else channel
            trigger = self._context.tokens.trigger(user, view.id if view else None, looking)
            url = None
            if isinstance(where, Message):
                only = where.only_for is not None
                url = self._context.tokens.response_url(user, where.channel, where.ts, only)
            action = action_of(block, element, chosen, world.next_ts())
            state = self.values(user, where)
            payload = payloads.block_actions(world, user, where, action, trigger, state, url)
            act.deliveries.append(
                self._deliveries.send("interactive", payload, self._failed_press(act, where))
            )
            return act

    def choose(
        self, user: str, where: Message | View, block: Json, element: Json, value: Any
    ) -> Any:
        """Fill in one element without telling the app; returns the choice as Slack keeps it."""
        if value_key(element["type"]) is None and element["type"] != "overflow":
            return None
        key = (user, key_of(where), element["action_id"])
        chosen = pick(element, value, self.offered.get(key, []))
        if element["type"] in ("conversations_select", "channels_select") and chosen is not None:
            self._world.channel(chosen)
            if not offers(self._world, element, chosen, user):
                raise LookupError(f"{element['action_id']} does not offer {chosen}")
        if element["type"] != "overflow":
            values = self.values(user, where).setdefault(block["block_id"], {})
            values[element["action_id"]] = state_of(element, chosen)
        return chosen

    def values(self, user: str, where: Message | View) -> dict[str, dict[str, Json]]:
        """What `user` has filled in there."""
        if isinstance(where, View):
            return where.values
        key = (user, where.ts)
        fresh = initial_values(where.blocks)
        for block_id, actions in self._message_values.get(key, {}).items():
            for action_id, state in actions.items():
                if action_id in fresh.get(block_id, {}):
                    fresh[block_id][action_id] = state
        self._message_values[key] = fresh
        return fresh

    def _failed_press(self, act: Act, where: Message | View) -> Any:
        def done(delivery: Delivery) -> None:
            if delivery.error is None:
                return
            if isinstance(where, Message):
                self._world.tell(
                    {"type": "trouble", "user": act.user, "where": where.ts, "kind": "press"}
                )
            else:
                self._world.tell(
                    {"type": "trouble", "user": act.user, "where": where.id, "kind": "press"}
                )

        return done

    def open_home(self, user: str, tab: str = "home") -> Act:
        """Open the bot's Home tab, or with `messages` the direct message with it."""
        world = self._world
        with world.lock:
            act = Act(world, user, None)
            event: Json = {
                "type": "app_home_opened",
                "user": user,
                "channel": world.dm(user).id,
                "tab": tab,
            }
            home = world.homes.get(user)
            if tab == "home" and home is not None:
                event["view"] = dict(world.views[home].body)
            delivery = self._deliveries.emit(event)
            if delivery is not None:
                act.deliveries.append(delivery)
            return act

    def shortcut(self, user: str, callback_id: str, message: Message | None = None) -> Act:
        """Use a global shortcut, or with `message` a message shortcut, of the manifest."""
        world = self._world
        kind = "global" if message is None else "message"
        with world.lock:
            act = Act(world, user, message.channel if message else None)
            known = [one["callback_id"] for one in world.shortcuts if one["type"] == kind]
            if callback_id not in known:
                raise LookupError(f"no {kind} shortcut {callback_id}; there are: {known}")
            looking = message.channel if message is not None else None
            trigger = self._context.tokens.trigger(user, channel=looking)
            if message is None:
                payload = payloads.shortcut(world, user, callback_id, trigger)
            else:
                url = self._context.tokens.response_url(user, message.channel, message.ts)
                payload = payloads.message_shortcut(world, user, callback_id, message, trigger, url)
            act.deliveries.append(self._deliveries.send("interactive", payload, self._sorry(act)))
            return act

    def _sorry(self, act: Act) -> Any:
        def done(delivery: Delivery) -> None:
            if delivery.error is not None:
                self._world.tell(
                    {"type": "trouble", "user": act.user, "where": "", "kind": "shortcut"}
                )

        return done


def key_of(where: Message | View) -> str:
    """What names a message or a view among all of them."""
    return where.id if isinstance(where, View) else where.ts
