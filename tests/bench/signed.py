"""`/netmap vm` as Slack posts it, and Bolt's no-op: both signed and verified, without a socket.

PERFORMANCE's yardstick is a signed no-op through `App.dispatch`, acknowledged inline. Requests are
made beforehand, as signing them is Slack's work.
"""

import io
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from slack_bolt import Ack, App, BoltRequest
from slack_bolt.authorization import AuthorizeResult

from bot.slack.door import Door
from bot.slack.manifest import EVENTS
from bot.slack.web import Web
from bot.workspace.signed import signature

FORM = "application/x-www-form-urlencoded"


class Signed(NamedTuple):
    """A request on its way: a body, when it was signed, and the signature."""

    body: str
    stamp: str
    signature: str


def signed(fields: dict[str, str], secret: str) -> Signed:
    """A slash command with these fields, signed now."""
    body, stamp = urlencode(fields), str(int(time.time()))
    return Signed(body, stamp, signature(secret, stamp, body.encode()))


def through_web(door: Door, secret: str, requests: Sequence[Signed]) -> Callable[[], bytes]:
    """What answers the next of these as the HTTP door does, which takes each only once."""
    web = Web(door.app, door.conversation, secret, ("127.0.0.1", 0), door.well, threads=1)
    environs = iter([_environ(one) for one in requests])

    def ask() -> bytes:
        answer = web.answer(next(environs), _start)
        said = b"".join(answer)
        getattr(answer, "close", bool)()  # as a server does when all is sent
        return said

    return ask


def through_bolt(requests: Sequence[Signed], secret: str) -> Callable[[], None]:
    """Bolt with one listener that only acknowledges, inline, and verifies as it does by default."""
    app = App(
        authorize=lambda **_: AuthorizeResult(enterprise_id=None, team_id="T1", bot_token="xoxb-1"),
        signing_secret=secret,
        process_before_response=True,
    )

    @app.command("/netmap")
    def on_command(ack: Ack) -> None:
        ack("ok")

    ready = iter(requests)

    def ask() -> None:
        body, stamp, proof = next(ready)
        headers: dict[str, str | Sequence[str]] = {
            "content-type": FORM,
            "x-slack-request-timestamp": stamp,
            "x-slack-signature": proof,
        }
        assert app.dispatch(BoltRequest(body=body, headers=headers)).body == "ok"

    return ask


def _environ(one: Signed) -> dict[str, object]:
    body = one.body.encode()
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": EVENTS,
        "CONTENT_TYPE": FORM,
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_X_SLACK_REQUEST_TIMESTAMP": one.stamp,
        "HTTP_X_SLACK_SIGNATURE": one.signature,
        "wsgi.input": io.BytesIO(body),
    }


def _start(status: str, headers: object, error: object = None) -> Callable[[bytes], object]:
    assert status.startswith("200"), (status, headers, error)
    return lambda _: None
