"""Bring payloads to the app and wait for its acknowledgement, three seconds and no longer."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal, Protocol

from bot.workspace import seeds
from bot.workspace.ids import token_of
from bot.workspace.nouns import Json, SlackError
from bot.workspace.world import World

ACK_S = 3.0
RETRY_AFTER_S = (0.0, 60.0, 300.0)
"""Events are tried again at once, after a minute, after five."""

Kind = Literal["slash_commands", "interactive", "events_api"]


@dataclass
class Delivery:
    """One payload on its way to the app.

    `answer` is the payload of the acknowledgement, `error` what Slack shows where none came in
    time (`operation_timeout`, `dispatch_failed`, `http_client_error`, `http_service_error`).
    """

    kind: Kind
    payload: Json
    deadline: float
    on_done: Callable[[Delivery], None] | None = None
    envelope_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    accepts_payload: bool = False
    attempt: int = 0
    sent: bool = False
    done: bool = False
    answer: Json | None = None
    error: str | None = None
    late: bool = False
    times_acknowledged: int = 0
    no_retry: bool = False

    @property
    def acknowledged(self) -> bool:
        """Whether the app acknowledged it in time."""
        return self.done and self.error is None

    @property
    def retry_reason(self) -> str:
        """Why it is sent again, in Socket Mode's words; empty the first time."""
        return "timeout" if self.attempt else ""


class Transport(Protocol):
    """A way to the app: Socket Mode or signed HTTP."""

    def push(self, delivery: Delivery) -> None:
        """Send it; the answer comes through `Deliveries.answered` or `Deliveries.failed`."""

    def never_connected(self) -> bool:
        """Whether there is nobody to send to, and never was."""


class Deliveries:
    """All payloads under way; a thread of its own lets their deadlines pass."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._known: dict[str, Delivery] = {}
        self._pending: dict[str, Delivery] = {}
        self._later: list[tuple[float, Json, int]] = []
        self._stopping = False
        self._late: list[tuple[str, Json | None]] | None = None
        self._watcher = threading.Thread(target=self._watch, name="workspace-clock", daemon=True)
        self.transport: Transport | None = None

    def start(self) -> None:
        """Begin to watch deadlines."""
        self._watcher.start()

    def stop(self) -> None:
        """Stop watching."""
        with self._world.lock:
            self._stopping = True
            self._world.changed.notify_all()
        self._watcher.join(timeout=5)

    def send(
        self,
        kind: Kind,
        payload: Json,
        on_done: Callable[[Delivery], None] | None = None,
        accepts_payload: bool = False,
        attempt: int = 0,
    ) -> Delivery:
        """Send a payload; `on_done` runs once, under the lock, when it is answered or given up."""
        with self._world.lock:
            deadline = self._world.clock.now() + ACK_S + self._world.leeway_s
            delivery = Delivery(
                kind, payload, deadline, on_done, accepts_payload=accepts_payload, attempt=attempt
            )
            self._known[delivery.envelope_id] = delivery
            self._pending[delivery.envelope_id] = delivery
            assert self.transport is not None
            settings = self._world.manifest.get("settings", {})
            deaf = kind == "interactive" and not settings.get("interactivity", {}).get(
                "is_enabled", False
            )
            if deaf or self.transport.never_connected():
                self._finish(delivery, error="dispatch_failed")
            else:
                self.transport.push(delivery)
            self._world.changed.notify_all()
        return delivery

    def emit(self, event: Json) -> Delivery | None:
        """Send an event, if the manifest subscribes to it and has the scope for it."""
        if not self._wanted(event):
            return None
        now = self._world.clock.now()
        event.setdefault("event_ts", self._world.next_ts())
        payload = {
            "token": self._world.verification_token,
            "team_id": seeds.TEAM,
            "context_team_id": seeds.TEAM,
            "api_app_id": seeds.APP,
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{token_of(9)}",
            "event_time": int(now),
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": seeds.TEAM,
                    "user_id": seeds.BOT_USER,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
            "is_ext_shared_channel": False,
            "event_context": token_of(20),
        }
        return self.send("events_api", payload)

    def redeliver(self, delivery: Delivery) -> Delivery:
        """Send an event once more, as Slack does when it saw no acknowledgement."""
        return self.send("events_api", delivery.payload, attempt=delivery.attempt + 1)

    def _wanted(self, event: Json) -> bool:
        kind = event["type"]
        scopes = set(self._world.scopes)
        if kind == "message":
            surface = event.get("channel_type", "channel")
            name = {"im": "im", "group": "groups", "channel": "channels"}[surface]
            return f"message.{name}" in self._world.events and f"{surface_scope(surface)}" in scopes
        needs = {
            "app_mention": "app_mentions:read",
            "user_change": "users:read",
            "channel_archive": "channels:read",
            "channel_rename": "channels:read",
            "group_archive": "groups:read",
            "group_rename": "groups:read",
        }
        return kind in self._world.events and needs.get(kind, "") in scopes | {""}

    def answered(self, envelope_id: str, answer: Json | None) -> None:
        """Take an acknowledgement, in time or late."""
        with self._world.lock:
            if self._late is not None:
                self._late.append((envelope_id, answer))
                return
            delivery = self._known.get(envelope_id)
            if delivery is None:
                error = SlackError("unknown_envelope_id")
                self._world.complain("acknowledgement", error, {"envelope_id": envelope_id})
                return
            delivery.times_acknowledged += 1
            if delivery.done:
                delivery.late = delivery.error is not None
                self._world.changed.notify_all()
                return
            if answer and not delivery.accepts_payload:
                error = SlackError("response_payload_not_accepted")
                self._world.complain("acknowledgement", error, {"payload": answer})
                answer = None
            self._finish(delivery, answer=answer)

    @contextmanager
    def held_up(self) -> Iterator[None]:
        """Let acknowledgements that are sent meanwhile arrive at the end."""
        with self._world.lock:
            self._late = []
        try:
            yield
        finally:
            with self._world.lock:
                late, self._late = self._late or [], None
                for envelope_id, answer in late:
                    self.answered(envelope_id, answer)

    def failed(self, delivery: Delivery, error: str) -> None:
        """Give a delivery up, as where the app's address refuses connections."""
        with self._world.lock:
            if not delivery.done:
                self._finish(delivery, error=error)

    def pending(self) -> list[Delivery]:
        """Those still waiting for their acknowledgement."""
        with self._world.lock:
            return list(self._pending.values())

    def _finish(
        self, delivery: Delivery, answer: Json | None = None, error: str | None = None
    ) -> None:
        delivery.done, delivery.answer, delivery.error = True, answer, error
        self._pending.pop(delivery.envelope_id, None)
        if error is not None and delivery.kind == "events_api" and not delivery.no_retry:
            attempt = delivery.attempt
            if attempt < len(RETRY_AFTER_S):
                due = self._world.clock.now() + RETRY_AFTER_S[attempt]
                self._later.append((due, delivery.payload, attempt + 1))
        if delivery.on_done is not None:
            delivery.on_done(delivery)
        self._world.changed.notify_all()

    def _watch(self) -> None:
        with self._world.lock:
            while not self._stopping:
                now = self._world.clock.now()
                waiting = self.pending()
                for delivery in waiting:
                    if now >= delivery.deadline:
                        error = "operation_timeout" if delivery.sent else "dispatch_failed"
                        self._finish(delivery, error=error)
                due = [item for item in self._later if now >= item[0]]
                self._later = [item for item in self._later if now < item[0]]
                for _, payload, attempt in due:
                    self.send("events_api", payload, attempt=attempt)
                busy = bool(self.pending() or self._later)
                # A clock of the caller's own moves without telling, so look now and then.
                self._world.changed.wait(0.1 if busy else 1.0)


def surface_scope(surface: str) -> str:
    """The scope that message events of a kind of channel need."""
    return {"im": "im:history", "group": "groups:history", "channel": "channels:history"}[surface]
