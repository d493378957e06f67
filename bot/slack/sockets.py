"""Socket Mode: connections to Slack, renewed without a gap, closed without a fuss.

Slack asks to renew a connection every hour or so. The SDK opens the new one at once but goes on
reading the old one for up to three seconds, too long for whoever types in that moment. So the
reading thread itself renews (`_Client`), and there are two connections, of which Slack uses any.
"""

import json
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from slack_bolt import App
from slack_bolt.adapter.socket_mode.internals import build_headers, send_response
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from bot.settings import Settings
from bot.slack import acknowledging
from bot.slack.app import Conversation, dispatch
from bot.slack.clients import Clients
from bot.slack.people import reason
from bot.slack.refusals import REFUSED, refused

log = logging.getLogger(__name__)

PING_S = 5
"""A cut is noticed by then; as the SDK has it."""
LONGEST_WAIT_S = 60
IDLE_S = 2.0
"""How long a stop waits for acknowledgements under way, and then for Slack's farewell."""

_FAREWELL = bytes([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xE8])
"""A websocket's close frame: masked with zeros, code 1000. The SDK cuts the line without it."""


class _Client(SocketModeClient):
    """Renews its connection in the thread that reads it, so that the new one is read at once."""

    def _on_message(self, message: str) -> None:
        if '"disconnect"' in message and json.loads(message).get("type") == "disconnect":
            log.info("Slack asks to renew a connection")
            self.connect_to_new_endpoint(force=True)
            return
        super()._on_message(message)


class Sockets:
    """All connections of this process."""

    def __init__(
        self, app: App, conversation: Conversation, settings: Settings, clients: Clients
    ) -> None:
        self._app = app
        self._conversation = conversation
        self._idle = threading.Condition()
        self._busy = 0
        self._clients = [self._make(settings, clients) for _ in range(settings.connections)]

    def connect(self, stop: threading.Event) -> None:
        """Open them all, trying again until Slack can be reached or `stop` is set.

        Raises:
            SetupFault: Slack refuses the app-level token.
        """
        wait_s = 1.0
        for client in self._clients:
            while not stop.is_set() and not client.is_connected():
                try:
                    client.connect()
                except SlackApiError as error:
                    if reason(error) in REFUSED:
                        raise refused("SLACK_APP_TOKEN", reason(error)) from error
                    log.warning("Slack gave no connection: %s", reason(error))
                except (SlackClientError, OSError) as error:
                    log.warning("Slack cannot be reached: %s", error)
                if client.is_connected():
                    break
                log.info("trying again in %.0f s", wait_s)
                stop.wait(wait_s)
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
        log.info("%d of %d connections to Slack are open", sum(self.states()), len(self._clients))

    def states(self) -> list[bool]:
        """Which are open."""
        return [client.is_connected() for client in self._clients]

    def close(self) -> None:
        """Acknowledge what has arrived, then close them all at once."""
        with self._idle:
            self._idle.wait_for(self._nothing_left, IDLE_S)
        with ThreadPoolExecutor(len(self._clients)) as closing:
            for client in self._clients:
                closing.submit(_close, client)

    def _make(self, settings: Settings, clients: Clients) -> SocketModeClient:
        web = clients.web()
        client = _Client(
            app_token=settings.secret("app_token"),
            logger=logging.getLogger("slack_sdk.socket_mode"),
            web_client=web,
            proxy=web.proxy,
            ping_interval=PING_S,
        )
        client.proxy = web.proxy  # None is None here, and not "look into the environment"
        client.socket_mode_request_listeners.append(self._handle)
        return client

    def _nothing_left(self) -> bool:
        return not self._busy and all(one.message_queue.empty() for one in self._clients)

    def _handle(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        with self._idle:
            self._busy += 1
        try:
            self._answer(client, request)
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def _answer(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        body = request.payload if isinstance(request.payload, dict) else {}
        sent = acknowledging.begin()
        try:
            answered = dispatch(self._app, self._conversation, body, build_headers(request))
            send_response(client, request, answered, 0)
        except (SlackClientError, OSError, AttributeError) as error:
            # The person sees Slack's own failure; an event is sent again.
            log.warning("an acknowledgement was lost with its connection: %s", error)
        finally:
            sent()


def _close(client: SocketModeClient) -> None:
    try:
        client.auto_reconnect_enabled = client.default_auto_reconnect_enabled = False
        session = client.current_session
        if session is not None and session.sock is not None:
            with session.sock_send_lock:
                session.sock.sendall(_FAREWELL)
            _until(lambda: not session.is_active(), IDLE_S)
        client.closed = True
        client.message_queue.put(None)  # else the SDK waits up to a second for another message
        client.close()
    except Exception as error:  # the SDK races with itself here; the process is ending anyway
        log.debug("closing a connection: %s", error)


def _until(reached: Callable[[], bool], patience_s: float) -> None:
    pause = threading.Event()
    for _ in range(int(patience_s / 0.02)):
        if reached():
            return
        pause.wait(0.02)
