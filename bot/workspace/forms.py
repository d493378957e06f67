"""Forms in people's hands: ask for options, submit a modal, close it."""

from __future__ import annotations

from typing import Any

from bot.workspace import payloads
from bot.workspace.act import Act
from bot.workspace.acting import Acting, key_of
from bot.workspace.deliver import Delivery
from bot.workspace.elements import complaints, find, options_of
from bot.workspace.limits import check_suggestions
from bot.workspace.methods.method import Context
from bot.workspace.methods.views import checked, put_on_stack, replace
from bot.workspace.nouns import Json, Message, SlackError, View
from bot.workspace.state import stateful
from bot.workspace.world import World

ACTIONS = ("errors", "update", "push", "clear")


class Forms:
    """The part of acting that needs the app's answer in the acknowledgement."""

    def __init__(self, context: Context, acting: Acting) -> None:
        self._context = context
        self._acting = acting

    @property
    def _world(self) -> World:
        return self._context.world

    def suggest(
        self,
        user: str,
        where: Message | View,
        action_id: str,
        query: str,
        block_id: str | None = None,
    ) -> Act:
        """Ask the app for the options of an external select; `offered` keeps them."""
        world = self._world
        with world.lock:
            act = Act(world, user)
            block, element = find(where.blocks, action_id, block_id)
            if len(query) < element.get("min_query_length", 3):
                act.refusal = "Type more to search."
                return act
            key = (user, key_of(where), action_id)

            def done(delivery: Delivery) -> None:
                if delivery.error is not None:
                    return
                try:
                    given = check_suggestions(delivery.answer or {})
                except SlackError as refused:
                    world.complain("options", refused, delivery.answer or {})
                    delivery.error = refused.error
                    return
                before = self._acting.offered.get(key, [])
                act.options = options_of(given)
                self._acting.offered[key] = [*act.options, *before]

            payload = payloads.block_suggestion(
                world, user, where, block["block_id"], action_id, query
            )
            send = self._context.deliveries.send
            act.deliveries.append(send("interactive", payload, done, True))
            return act

    def submit(self, user: str, view: View, values: dict[str, Any] | None = None) -> Act:
        """Fill in `values` and press submit.

        Args:
            values: action id (or block id) -> choice, or block id -> action id -> choice.
        """
        world = self._world
        with world.lock:
            act = Act(world, user)
            self.fill(user, view, values or {})
            wrong = complaints(view.blocks, view.values)
            if wrong:
                act.refusal = wrong
                return act
            trigger = self._context.tokens.trigger(user, view.id)
            payload = payloads.view_submission(world, user, view, trigger, self._urls(user, view))

            def done(delivery: Delivery) -> None:
                error = delivery.error
                if error is None:
                    try:
                        self._answered(user, view, delivery.answer or {})
                    except SlackError as refused:
                        world.complain("view_submission", refused, delivery.answer or {})
                        error = refused.error
                if error is not None:
                    change = {"type": "trouble", "user": user, "where": view.id}
                    world.tell({**change, "kind": "submit"})

            send = self._context.deliveries.send
            act.deliveries.append(send("interactive", payload, done, True))
            return act

    def fill(self, user: str, view: View, values: dict[str, Any]) -> None:
        """Fill in fields without telling the app; see `submit` for `values`."""
        with self._world.lock:
            for name, value in values.items():
                self._fill(user, view, name, value)

    def _fill(self, user: str, view: View, name: str, value: Any) -> None:
        there = stateful(view.blocks)
        fields = {element["action_id"] for block_id, element in there if block_id == name}
        if isinstance(value, dict) and value and set(value) <= fields:
            for action_id, inner in value.items():
                block, element = find(view.blocks, action_id, name)
                self._acting.choose(user, view, block, element, inner)
            return
        for block_id, element in there:
            if name in (element["action_id"], block_id):
                block, element = find(view.blocks, element["action_id"], block_id)
                self._acting.choose(user, view, block, element, value)
                return
        names = ", ".join(element["action_id"] for _, element in there) or "no fields"
        raise LookupError(f"no field {name} in this form; there are: {names}")

    def _urls(self, user: str, view: View) -> list[Json]:
        found = []
        for block_id, element in stateful(view.blocks):
            if element.get("response_url_enabled"):
                state = view.values[block_id][element["action_id"]]
                channel = state.get("selected_conversation") or state.get("selected_channel")
                if channel:
                    found.append(
                        {
                            "block_id": block_id,
                            "action_id": element["action_id"],
                            "channel_id": channel,
                            "response_url": self._context.tokens.response_url(user, channel),
                        }
                    )
        return found

    def _answered(self, user: str, view: View, answer: Json) -> None:
        world = self._world
        action = answer.get("response_action")
        if answer and action not in ACTIONS:
            raise SlackError("invalid_response_action", [f"one of {', '.join(ACTIONS)}"])
        if action == "errors":
            self._errors(user, view, answer)
        elif action == "update":
            replace(
                self._context, view, checked(self._context, answer.get("view"), "modal", view.id)
            )
        elif action == "push":
            given = checked(self._context, answer.get("view"), "modal")
            put_on_stack(self._context, user, given, view.id)
        elif action == "clear":
            self._close_all(user)
        else:
            self._pop(user, view)
        world.changed.notify_all()

    def _errors(self, user: str, view: View, answer: Json) -> None:
        inputs = {one["block_id"] for one in view.blocks if one.get("type") == "input"}
        errors = answer.get("errors")
        if not isinstance(errors, dict) or not errors:
            raise SlackError("invalid_arguments", ["errors must map block ids to sentences"])
        unknown = sorted(set(errors) - inputs)
        if unknown:
            raise SlackError("invalid_arguments", [f"no input block {one}" for one in unknown])
        change = {"type": "errors", "user": user, "view": view.id, "errors": errors}
        self._world.tell(change)

    def _pop(self, user: str, view: View) -> None:
        stack = self._world.stacks[user]
        if view.id in stack:
            stack.remove(view.id)
        self._world.views.pop(view.id, None)
        self._world.tell({"type": "views", "user": user})

    def _close_all(self, user: str) -> None:
        for view_id in self._world.stacks[user]:
            self._world.views.pop(view_id, None)
        self._world.stacks[user].clear()
        self._world.tell({"type": "views", "user": user})

    def close(self, user: str, view: View, clear: bool = False) -> Act:
        """Press Cancel, or with `clear` the cross that closes the whole stack."""
        world = self._world
        with world.lock:
            act = Act(world, user)
            stack = world.stacks[user]
            closed = [world.views[one] for one in reversed(stack)] if clear else [view]
            if view.body["clear_on_close"]:
                closed, clear = [world.views[one] for one in reversed(stack)], True
            for gone in closed:
                self._pop(user, gone)
                if gone.body["notify_on_close"]:
                    payload = payloads.view_closed(world, user, gone, clear)
                    send = self._context.deliveries.send
                    act.deliveries.append(send("interactive", payload))
            return act
