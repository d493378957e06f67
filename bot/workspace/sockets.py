"""Socket Mode: connections, envelopes, and both ways of asking an app to reconnect."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from bot.workspace import seeds
from bot.workspace.deliver import Deliveries, Delivery
from bot.workspace.ids import token_of
from bot.workspace.nouns import Json
from bot.workspace.world import World

LIFETIME_S = 3600
MAX_CONNECTIONS = 10


@dataclass(eq=False)
class Connection:
    """One websocket of the app. `leaving` means it gets no new envelopes."""

    socket: WebSocket
    loop: asyncio.AbstractEventLoop
    outbox: asyncio.Queue[Json | None] = field(default_factory=asyncio.Queue)
    leaving: bool = False
    close_when_idle: bool = False
    carried: list[Delivery] = field(default_factory=list)

    def put(self, frame: Json | None) -> None:
        """Queue a frame from any thread; None closes the socket."""
        self.loop.call_soon_threadsafe(self.outbox.put_nowait, frame)


class Sockets:
    """The app's connections; each payload goes to one of them in turn."""

    def __init__(self, world: World, deliveries: Deliveries) -> None:
        self._world = world
        self._deliveries = deliveries
        self._connections: list[Connection] = []
        self._tickets: set[str] = set()
        self._turn = 0
        self._opened = 0
        self._queued: list[Delivery] = []

    @property
    def connections(self) -> int:
        """How many connections take envelopes now."""
        with self._world.lock:
            return len(self._open())

    @property
    def opened(self) -> int:
        """How many connections were ever opened."""
        return self._opened

    def ticket(self) -> str:
        """The address of a new connection, good once."""
        with self._world.lock:
            made = token_of(24).lower()
            self._tickets.add(made)
            host = self._world.url.removeprefix("http://")
            return f"ws://{host}/link/?ticket={made}&app_id={seeds.APP}"

    def never_connected(self) -> bool:
        """Whether no app has ever connected, nor asked for an address to do so."""
        return self._opened == 0 and not self._tickets

    def push(self, delivery: Delivery) -> None:
        """Send an envelope, or hold it until the app has reconnected."""
        with self._world.lock:
            ready = self._open()
            if not ready:
                self._queued.append(delivery)
                return
            self._turn += 1
            connection = ready[self._turn % len(ready)]
            connection.carried.append(delivery)
            delivery.sent = True
            connection.put(envelope(delivery))

    def drop(self) -> int:
        """Cut every socket without a word."""
        with self._world.lock:
            cut = self._open()
            for connection in cut:
                connection.leaving = True
                connection.put(None)
            return len(cut)

    def refresh(self, close: bool, which: int | None) -> int:
        """Send `disconnect`; see `Faults.refresh_sockets`."""
        with self._world.lock:
            told = self._open()
            told = told if which is None else told[which : which + 1]
            for connection in told:
                connection.leaving = True
                connection.close_when_idle = close
                reason = "refresh_requested" if close else "warning"
                debug = {"host": "applink-local"}
                connection.put({"type": "disconnect", "reason": reason, "debug_info": debug})
                self._close_if_idle(connection)
            return len(told)

    def close_all(self) -> None:
        """Close every socket for good."""
        with self._world.lock:
            for connection in self._connections:
                connection.leaving = True
                connection.put(None)

    async def serve(self, socket: WebSocket) -> None:
        """Speak to one connection of the app until either side closes it."""
        ticket = socket.query_params.get("ticket", "")
        with self._world.lock:
            known = ticket in self._tickets
            self._tickets.discard(ticket)
        await socket.accept()
        if not known:
            await socket.close(1008)
            return
        connection = Connection(socket, asyncio.get_running_loop())
        with self._world.lock:
            too_many = len(self._open()) >= MAX_CONNECTIONS
        if too_many:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return
        self._join(connection)
        sender = asyncio.create_task(self._send(connection))
        try:
            while True:
                self._receive(connection, await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            sender.cancel()
            self._leave(connection)

    def _join(self, connection: Connection) -> None:
        with self._world.lock:
            self._connections.append(connection)
            self._opened += 1
            connection.outbox.put_nowait(
                {
                    "type": "hello",
                    "num_connections": len(self._open()),
                    "debug_info": {
                        "host": "applink-local",
                        "build_number": 1,
                        "approximate_connection_time": LIFETIME_S,
                    },
                    "connection_info": {"app_id": seeds.APP},
                }
            )
            held, self._queued = self._queued, []
            for delivery in held:
                if not delivery.done:
                    self.push(delivery)
            self._world.tell({"type": "sockets", "count": len(self._open())})

    def _leave(self, connection: Connection) -> None:
        with self._world.lock:
            connection.leaving = True
            if connection in self._connections:
                self._connections.remove(connection)
            self._world.tell({"type": "sockets", "count": len(self._open())})

    async def _send(self, connection: Connection) -> None:
        while True:
            frame = await connection.outbox.get()
            if connection.socket.application_state is not WebSocketState.CONNECTED:
                return
            if frame is None:
                await connection.socket.close(1001)
                return
            await connection.socket.send_text(json.dumps(frame))

    def _receive(self, connection: Connection, text: str) -> None:
        try:
            frame = json.loads(text)
        except ValueError:
            return  # Slack ignores what is not JSON
        if not isinstance(frame, dict) or "envelope_id" not in frame:
            return
        self._deliveries.answered(frame["envelope_id"], frame.get("payload") or None)
        with self._world.lock:
            for other in list(self._connections):
                self._close_if_idle(other)

    def _close_if_idle(self, connection: Connection) -> None:
        busy = any(not delivery.done for delivery in connection.carried)
        if connection.close_when_idle and not busy:
            connection.close_when_idle = False
            connection.put(None)

    def _open(self) -> list[Connection]:
        return [one for one in self._connections if not one.leaving]


def envelope(delivery: Delivery) -> Json:
    """The frame that carries a payload."""
    frame: Json = {
        "envelope_id": delivery.envelope_id,
        "type": delivery.kind,
        "payload": delivery.payload,
        "accepts_response_payload": delivery.accepts_payload,
    }
    if delivery.kind == "events_api":
        frame["retry_attempt"] = delivery.attempt
        frame["retry_reason"] = delivery.retry_reason
    return frame
