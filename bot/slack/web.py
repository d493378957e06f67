"""Signed HTTP: Slack's payloads as POSTs, verified before anything reads them."""

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from slack_bolt import App
from slack_bolt.request.internals import parse_body
from slack_sdk.signature import SignatureVerifier
from waitress.server import create_server  # type: ignore[import-untyped]  # it has no types

from bot.domain.errors import SetupFault
from bot.slack import acknowledging
from bot.slack.app import Conversation, Headers, dispatch
from bot.slack.manifest import EVENTS
from bot.slack.payloads import Body
from bot.slack.seen import Seen

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)

HEALTH = "/health"
LARGEST_BODY = 2_000_000
"""A view submission with its state is the largest thing Slack posts; it stays far below."""
CONNECTIONS = 400
"""At once; of more than a thousand files `select` knows nothing."""
IDLE_S = 15
"""A connection that says nothing for so long is closed, so that many of them keep nobody out."""

_STATUS = {
    200: "200 OK",
    400: "400 Bad Request",
    401: "401 Unauthorized",
    404: "404 Not Found",
    503: "503 Unavailable",
}


class Web:
    """A threaded server on one port.

    Args:
        well: whether the bot is well, for `/health`.
    """

    def __init__(
        self,
        app: App,
        conversation: Conversation,
        secret: str,
        address: tuple[str, int],
        well: Callable[[], dict[str, Any]],
        threads: int,
    ) -> None:
        self._app = app
        self._conversation = conversation
        self._verifier = SignatureVerifier(secret)
        self._signatures = Seen()
        self._well = well
        host, port = address
        try:
            # Of a name with several addresses the first: one socket is enough, and can be shut.
            numeric = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0]
            self._server = create_server(
                self.answer,
                host=numeric,
                port=port,
                threads=threads,
                max_request_body_size=LARGEST_BODY,
                connection_limit=CONNECTIONS,
                channel_timeout=IDLE_S,
                cleanup_interval=IDLE_S,
                ident="netmap",
                clear_untrusted_proxy_headers=True,
            )
        except OSError as error:
            raise SetupFault(
                f"Port {port} on {host} cannot be used: {error.strerror or error}.",
                "Name another one: netmap run --http <port>.",
            ) from error
        self.port = int(self._server.effective_port)
        self._thread = threading.Thread(target=self._server.run, name="netmap-http", daemon=True)

    def start(self) -> None:
        """Take connections."""
        self._thread.start()

    @property
    def listening(self) -> bool:
        """Whether it takes connections."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """Finish what is under way, then take no more."""
        workers = self._server.task_dispatcher
        for _ in range(100):
            if not workers.queue and not workers.active_count:
                break
            time.sleep(0.02)
        workers.shutdown()
        # In the thread that polls the sockets: closed from here it would trip over them. It may be
        # awake and have closed before it is woken.
        with suppress(OSError):
            self._server.trigger.pull_trigger(self._server.close)
        self._thread.join(timeout=1)

    def answer(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """One request."""
        where = (environ.get("REQUEST_METHOD"), environ.get("PATH_INFO"))
        if where == ("GET", HEALTH):
            found = self._well()
            status = 200 if found.get("ok") else 503
            return _send(start, status, json.dumps(found), "application/json")
        if where != ("POST", EVENTS):
            return _send(start, 404, "Not found")
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length)
        stamp = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", "")
        signature = environ.get("HTTP_X_SLACK_SIGNATURE", "")
        why = self._refusal(body, stamp, signature)
        if why:
            log.warning("refused a request: %s", why)
            return _send(start, 401, "Refused")
        kind = environ.get("CONTENT_TYPE", "")
        headers: Headers = {
            name[5:].lower().replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_") and isinstance(value, str)
        }
        headers["content-type"] = kind
        if not self._signatures.first(signature):
            # Slack sends an event again, in the same second with the same signature: it has been
            # seen. Anything else that comes twice is somebody else's copy.
            event = kind.startswith("application/json")
            log.warning("a request was sent before; nothing is done")
            return _send(start, 200 if event else 401, "")
        payload = _payload(body, kind)
        if payload is None:
            log.warning("refused a request: its payload cannot be read")
            return _send(start, 400, "Refused")
        sent = acknowledging.begin()
        got = dispatch(self._app, self._conversation, payload, headers)
        _send(start, got.status, got.body, got.first_headers()["content-type"])
        return _Acknowledgement(got.body, sent)

    def _refusal(self, body: bytes, stamp: str, signature: str) -> str:
        """Why the request is not Slack's, empty if it is."""
        if not signature.isascii():
            return "its signature is not Slack's"
        try:
            sound = self._verifier.is_valid(body, stamp, signature)
        except ValueError:
            return "its timestamp is no number, or its body no text"
        if not sound:
            late = abs(time.time() - int(stamp or 0)) > 300
            return "its timestamp is too old" if late else "its signature is not Slack's"
        return ""


def _payload(body: bytes, kind: str) -> Body | None:
    """What a request says; None where that is no object, or cannot be read."""
    try:
        found: object = parse_body(body.decode(), kind.partition(";")[0])
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


class _Acknowledgement(list[bytes]):
    """The body of an acknowledgement; the server closes it when it is sent, or cannot be."""

    def __init__(self, body: str, sent: Callable[[], None]) -> None:
        super().__init__([body.encode()])
        self.close = sent


def _send(start: "StartResponse", status: int, body: str, kind: str = "text/plain") -> list[bytes]:
    sent = body.encode()
    start(
        _STATUS.get(status, f"{status} Answered"),
        [("Content-Type", kind), ("Content-Length", str(len(sent)))],
    )
    return [sent]
