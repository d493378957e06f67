"""The Web API's front door: tokens, faults, rate limits and scopes; then the method itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from bot.workspace.faults import Fault, Faults
from bot.workspace.methods import TABLE
from bot.workspace.methods.method import Context, Method
from bot.workspace.nouns import Call, Json, SlackError
from bot.workspace.rates import RateLimited
from bot.workspace.world import World

PARSED = {"blocks", "view", "attachments", "files", "metadata", "message"}
"""Arguments that forms carry as JSON text."""


@dataclass(frozen=True)
class Answer:
    """What goes back over HTTP."""

    status: int
    body: Json
    headers: dict[str, str]


class Api:
    """Answers method calls and records every one of them."""

    def __init__(self, world: World, context: Context, faults: Faults) -> None:
        self._world = world
        self._context = context
        self._faults = faults

    def fault(self, method: str) -> Fault | None:
        """The fault that waits for this call; the server sleeps `seconds` before `call`."""
        return self._faults.take(method)

    def call(self, name: str, token: str, args: Json, fault: Fault | None = None) -> Answer:
        """Answer one call of method `name`."""
        with self._world.lock:
            status, headers = 200, {}
            injected = fault is not None and (fault.status != 200 or fault.error is not None)
            scopes = ",".join(self._world.scopes)
            try:
                if fault is not None:
                    self._inject(fault)
                body = {"ok": True, **self._answer(name, token, args)}
            except RateLimited as limit:
                status = 429
                headers["Retry-After"] = str(limit.retry_after)
                body = {"ok": False, "error": "ratelimited"}
            except SlackError as error:
                status = 500 if error.error == "internal_error" and injected else 200
                body = error.body()
            if token == self._world.bot_token:
                headers["X-OAuth-Scopes"] = scopes
                method = TABLE.get(name)
                headers["X-Accepted-OAuth-Scopes"] = ",".join(method.scopes if method else ())
            now = self._world.clock.now()
            self._world.record(Call(name, args, status, body, now, injected))
            return Answer(status, body, headers)

    def _inject(self, fault: Fault) -> None:
        if fault.status == 429:
            raise RateLimited(fault.retry_after)
        if fault.status >= 500:
            raise SlackError("internal_error")
        if fault.error is not None:
            raise SlackError(fault.error)

    def _answer(self, name: str, token: str, args: Json) -> Json:
        method = TABLE.get(name)
        if method is None:
            raise SlackError("unknown_method", req_method=name)
        self._authorize(method, token)
        self._context.rates.call(name, method.tier)
        for key in PARSED & args.keys():
            args[key] = parsed(key, args[key])
        return method.run(self._context, args)

    def _authorize(self, method: Method, token: str) -> None:
        world = self._world
        if method.token == "none":
            return
        if not token:
            raise SlackError("not_authed")
        if token not in (world.bot_token, world.app_token):
            raise SlackError("invalid_auth")
        if world.revoked and token == world.bot_token:
            raise SlackError(world.revoked)
        if (token == world.app_token) != (method.token == "app"):
            raise SlackError("not_allowed_token_type")
        if method.token == "bot":
            need_scope(world, *method.scopes)


def need_scope(world: World, *any_of: str) -> None:
    """Refuse a call unless the manifest grants one of these scopes; none named means none needed.

    Raises:
        SlackError: `missing_scope`, with what is needed and provided.
    """
    if any_of and not set(any_of) & set(world.scopes):
        raise SlackError("missing_scope", needed=",".join(any_of), provided=",".join(world.scopes))


def parsed(key: str, value: Any) -> Any:
    """An argument that may have come as JSON text.

    Raises:
        SlackError: it is no JSON.
    """
    if not isinstance(value, str):
        return value
    if not value:
        return None
    try:
        return json.loads(value)
    except ValueError:
        error = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format"}
        raise SlackError(error.get(key, "invalid_arguments"), [f"{key} is not JSON"]) from None


def auth_headers(headers: dict[str, str], args: Json) -> str:
    """The token of a request: from the header, or from the arguments as old clients send it."""
    given = headers.get("authorization", "")
    token = args.pop("token", "")
    return given.removeprefix("Bearer ").strip() if given else str(token)
