"""A workspace with a small Bolt app on it, over a real websocket or over signed HTTP."""

from __future__ import annotations

import copy
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from bot.workspace import Workspace

MANIFEST: dict[str, Any] = {
    "display_information": {"name": "netmap", "description": "Where VMs come up"},
    "features": {
        "bot_user": {"display_name": "netmap"},
        "app_home": {"home_tab_enabled": True, "messages_tab_enabled": True},
        "slash_commands": [
            {"command": "/netmap", "description": "Mappings", "should_escape": True},
            {"command": "/plain", "description": "Not escaped"},
        ],
        "shortcuts": [
            {"name": "New mapping", "type": "global", "callback_id": "new", "description": "Form"},
            {"name": "Subnets", "type": "message", "callback_id": "subnets", "description": "Of"},
        ],
    },
    "oauth_config": {
        "scopes": {
            "bot": [
                "commands",
                "chat:write",
                "chat:write.public",
                "app_mentions:read",
                "im:write",
                "im:history",
                "users:read",
                "usergroups:read",
                "channels:read",
                "groups:read",
                "files:write",
                "files:read",
            ]
        }
    },
    "settings": {
        "socket_mode_enabled": True,
        "interactivity": {"is_enabled": True},
        "event_subscriptions": {
            "bot_events": [
                "app_mention",
                "message.im",
                "app_home_opened",
                "channel_archive",
                "member_left_channel",
                "tokens_revoked",
                "user_change",
            ]
        },
    },
}

LEEWAY_S = 60.0
"""What a workspace grants an app beyond Slack's three seconds, as a machine may be busy."""

Listeners = Callable[[App], None]


def manifest_without(*scopes: str) -> dict[str, Any]:
    """The manifest without some scopes."""
    made = copy.deepcopy(MANIFEST)
    kept = [one for one in made["oauth_config"]["scopes"]["bot"] if one not in scopes]
    made["oauth_config"]["scopes"]["bot"] = kept
    return made


def without_proxies() -> None:
    """The SDK sends its websocket through any proxy it finds; loopback needs none."""
    for name in list(os.environ):
        if name.lower() in ("http_proxy", "https_proxy", "all_proxy"):
            del os.environ[name]


def client_of(ws: Workspace) -> WebClient:
    """A client with the bot's token."""
    return WebClient(token=ws.bot_token, base_url=ws.api_url)


def app_of(ws: Workspace, listeners: Listeners) -> App:
    """A Bolt app as the bot builds its own: listeners run before the acknowledgement goes out."""
    app = App(client=client_of(ws), signing_secret=ws.signing_secret, process_before_response=True)
    listeners(app)
    return app


@contextmanager
def socket_mode(ws: Workspace, app: App, connections: int = 1) -> Iterator[None]:
    """Connect an app over so many websockets."""
    handlers = [
        SocketModeHandler(app, ws.app_token, concurrency=20, ping_interval=2.5)
        for _ in range(connections)
    ]
    for handler in handlers:
        handler.connect()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped
    ws.wait_connected(connections)
    try:
        yield
    finally:
        for handler in handlers:
            handler.client.auto_reconnect_enabled = False
            handler.client.default_auto_reconnect_enabled = False
        ws.sockets.close_all()
        for handler in handlers:
            # Its reader waits up to a second for a message; one that says nothing wakes it.
            handler.client.closed = True
            handler.client.enqueue_message("{}")
            # The SDK's reader may close the socket in the same moment, and then it says this.
            with suppress(AttributeError):
                handler.close()  # type: ignore[no-untyped-call]  # the SDK leaves it untyped


@contextmanager
def on_socket(
    listeners: Listeners, connections: int = 1, leeway_s: float = LEEWAY_S
) -> Iterator[Workspace]:
    """A workspace and an app on it in Socket Mode."""
    with (
        Workspace(MANIFEST, leeway_s=leeway_s) as ws,
        socket_mode(ws, app_of(ws, listeners), connections),
    ):
        yield ws


@contextmanager
def http_server(answer: Callable[[bytes, dict[str, str]], tuple[int, str, str]]) -> Iterator[str]:
    """A small HTTP server; `answer` gets body and headers, gives status, type and text."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, kind, text = answer(body, dict(self.headers.items()))
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Keep test output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/slack/events"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def on_http(listeners: Listeners, secret: str | None = None) -> Iterator[Workspace]:
    """A workspace and an app on it over signed HTTP; `secret` is what the app verifies with."""
    apps: list[App] = []

    def answer(body: bytes, headers: dict[str, str]) -> tuple[int, str, str]:
        found = apps[0].dispatch(BoltRequest(body=body.decode(), headers=dict(headers)))
        kind = found.headers.get("content-type", ["text/plain"])[0]
        return found.status, kind, found.body or ""

    with (
        http_server(answer) as url,
        Workspace(MANIFEST, interaction_url=url, leeway_s=LEEWAY_S) as ws,
    ):
        app = App(
            client=client_of(ws),
            signing_secret=secret or ws.signing_secret,
            process_before_response=True,
        )
        listeners(app)
        apps.append(app)
        yield ws


def plain(text: str) -> dict[str, Any]:
    """A plain_text object."""
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> dict[str, Any]:
    """A section block."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(action_id: str, **more: Any) -> dict[str, Any]:
    """A button."""
    return {"type": "button", "action_id": action_id, "text": plain("Press"), **more}


def actions(*elements: dict[str, Any], **more: Any) -> dict[str, Any]:
    """An actions block."""
    return {"type": "actions", "elements": list(elements), **more}


def option(value: str) -> dict[str, Any]:
    """An option."""
    return {"text": plain(value), "value": value}


def field(action_id: str, block_id: str = "", **more: Any) -> dict[str, Any]:
    """An input block with a text field."""
    element = {"type": "plain_text_input", "action_id": action_id}
    return {
        "type": "input",
        "block_id": block_id or f"b-{action_id}",
        "label": plain(action_id),
        "element": element,
        **more,
    }


def modal(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A modal with a submit button."""
    made = {"type": "modal", "title": plain("Form"), "submit": plain("OK"), "blocks": list(blocks)}
    return {**made, "callback_id": "form", **more}
