"""Signed HTTP: the same payloads as POSTs to the app's request URL."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from bot.workspace.deliver import Deliveries, Delivery
from bot.workspace.nouns import Json
from bot.workspace.world import World

PATIENCE_S = 30.0
"""How long a thread listens to a slow app; the person has been told after three seconds."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Slack's `v0` signature of a raw body."""
    base = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def encode(delivery: Delivery) -> tuple[str, bytes]:
    """Content type and raw body, as Slack encodes each kind."""
    if delivery.kind == "events_api":
        return "application/json", json.dumps(delivery.payload, separators=(",", ":")).encode()
    if delivery.kind == "slash_commands":
        fields = {
            k: str(v).lower() if v in (True, False) else v for k, v in delivery.payload.items()
        }
    else:
        fields = {"payload": json.dumps(delivery.payload, separators=(",", ":"))}
    return "application/x-www-form-urlencoded", urllib.parse.urlencode(fields).encode()


class SignedHttp:
    """Posts every payload to one URL, each in a thread of its own."""

    def __init__(self, world: World, deliveries: Deliveries, url: str) -> None:
        self._world = world
        self._deliveries = deliveries
        self._url = url
        # The app is on this host: a proxy of the environment has no business in between.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def never_connected(self) -> bool:
        """An address is always there to try."""
        return False

    def push(self, delivery: Delivery) -> None:
        """Post it in the background."""
        delivery.sent = True
        threading.Thread(target=self._post, args=(delivery,), daemon=True).start()

    def request(self, delivery: Delivery) -> urllib.request.Request:
        """The signed request; its timestamp is real time, as the verifier compares with that."""
        kind, body = encode(delivery)
        stamp = str(int(time.time()))
        headers = {
            "Content-Type": kind,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "Accept": "application/json,*/*",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature(self._world.signing_secret, stamp, body),
        }
        if delivery.attempt:
            headers["X-Slack-Retry-Num"] = str(delivery.attempt)
            headers["X-Slack-Retry-Reason"] = "http_timeout"
        return urllib.request.Request(self._url, data=body, headers=headers, method="POST")

    def _post(self, delivery: Delivery) -> None:
        try:
            with self._opener.open(self.request(delivery), timeout=PATIENCE_S) as reply:
                answer = read(reply.headers.get("Content-Type", ""), reply.read())
                self._deliveries.answered(delivery.envelope_id, answer)
        except urllib.error.HTTPError as error:
            delivery.no_retry = error.headers.get("X-Slack-No-Retry") == "1"
            kind = "http_client_error" if error.code < 500 else "http_service_error"
            self._deliveries.failed(delivery, kind)
        except OSError:
            self._deliveries.failed(delivery, "dispatch_failed")


def read(content_type: str, body: bytes) -> Json | None:
    """The payload of an acknowledgement: JSON, or plain text as a message."""
    text = body.decode()
    if not text.strip():
        return None
    if content_type.startswith("application/json"):
        parsed = json.loads(text)
        return parsed if isinstance(parsed, dict) and parsed else None
    return {"text": text}
