"""Signed HTTP: what is not Slack's is refused before anything reads it."""

import json
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from slack_sdk.signature import SignatureVerifier

from bot.domain.errors import SetupFault
from bot.slack.door import Door
from bot.slack.web import Web
from tests.doors.bench import NOON, Bench, Echo, bot, is_quick, settings_for

BODY = urllib.parse.urlencode(
    {"command": "/netmap", "text": "vm web01", "user_id": "U0ANA0001", "channel_id": "C0ONCALL1"}
).encode()


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
def bench(echo: Echo) -> Iterator[Bench]:
    with bot(echo, "http") as made:
        yield made


def post(
    bench: Bench,
    body: bytes = BODY,
    secret: str = "",
    stamp: str | None = None,
    late_s: int = 0,
    signature: str | None = None,
    path: str = "/slack/events",
) -> tuple[int, bytes]:
    """One POST, signed as Slack does unless said otherwise."""
    stamp = stamp if stamp is not None else str(int(time.time()) - late_s)
    made = SignatureVerifier(secret or bench.ws.signing_secret).generate_signature(
        timestamp=stamp, body=body
    )
    request = urllib.request.Request(
        url_of(bench) + path,
        data=body,
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": (signature if signature is not None else made) or "",
        },
    )
    return fetch(request)


def url_of(bench: Bench) -> str:
    assert bench.door.http_port is not None
    return f"http://127.0.0.1:{bench.door.http_port}"


def fetch(request: urllib.request.Request | str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def test_what_slack_signed_is_answered(bench: Bench) -> None:
    status, body = post(bench)

    assert status == 200
    assert json.loads(body)["text"] == "You said vm web01"


@pytest.mark.parametrize(
    "given",
    [
        {"secret": "another"},
        {"signature": ""},
        {"signature": "v0=00"},
        {"signature": "v0=\u00e9"},
        {"stamp": "\u00b2"},
        {"stamp": "9" * 5_000},
        {"late_s": 1_000},
        {"late_s": -1_000},
        {"stamp": "yesterday"},
        {"stamp": ""},
    ],
)
def test_a_forged_or_old_request_is_refused(
    bench: Bench, echo: Echo, given: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    status, _ = post(bench, **given)

    assert status == 401
    assert echo.asked == []
    assert "web01" not in caplog.text


def test_a_body_changed_on_the_way_is_refused(bench: Bench) -> None:
    stamp = str(int(time.time()))
    signed = SignatureVerifier(bench.ws.signing_secret).generate_signature(
        timestamp=stamp, body=BODY
    )

    assert post(bench, BODY + b"&more=1", stamp=stamp, signature=signed)[0] == 401


def test_a_replayed_request_is_refused(bench: Bench, echo: Echo) -> None:
    stamp = str(int(time.time()))

    assert post(bench, stamp=stamp)[0] == 200
    assert post(bench, stamp=stamp)[0] == 401
    assert len(echo.asked) == 1


def test_slacks_question_whether_the_address_is_ours_is_answered(bench: Bench) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc"}).encode()
    stamp = str(int(time.time()))
    request = urllib.request.Request(
        f"{url_of(bench)}/slack/events",
        data=body,
        headers={
            "Content-Type": "application/json",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": str(
                SignatureVerifier(bench.ws.signing_secret).generate_signature(
                    timestamp=stamp, body=body
                )
            ),
        },
    )

    status, answer = fetch(request)

    assert status == 200
    assert b"abc" in answer


def test_nonsense_with_a_sound_signature_is_refused_or_acknowledged(bench: Bench) -> None:
    assert post(bench, b"payload=%7Bbroken")[0] == 400
    for payload in ("[]", "5", '"x"', "null", "[" * 100_000):
        assert post(bench, urllib.parse.urlencode({"payload": payload}).encode())[0] == 400
    assert post(bench, b"payload=%7B%22type%22%3A%22from_the_future%22%7D")[0] == 200


def test_connections_that_say_nothing_keep_nobody_out(bench: Bench) -> None:
    address = ("127.0.0.1", bench.door.http_port)
    with ExitStack() as stack:
        for _ in range(150):
            idle = stack.enter_context(socket.create_connection(address, timeout=60))
            idle.sendall(b"POST /slack/events HTTP/1.1\r\nContent-Length: 1000\r\n\r\nab")

        assert post(bench)[0] == 200


def test_other_addresses_are_not_found(bench: Bench) -> None:
    assert post(bench, path="/")[0] == 404
    assert fetch(f"{url_of(bench)}/slack/events")[0] == 404


def test_health_is_answered(bench: Bench) -> None:
    status, body = fetch(f"{url_of(bench)}/health")

    assert status == 200
    assert json.loads(body) == {"ok": True, "pending": 0}


def test_a_port_in_use_is_said(bench: Bench) -> None:
    other = Door(settings_for(bench.ws), Echo(), lambda: NOON, is_quick)

    with pytest.raises(SetupFault, match="cannot be used"):
        other.open_http("127.0.0.1", bench.door.http_port or 0)


def test_a_server_that_closed_before_it_was_woken_is_stopped_all_the_same(bench: Bench) -> None:
    door = bench.door
    web = Web(door.app, door.conversation, "secret", ("127.0.0.1", 0), door.well, threads=1)
    web.start()
    web.stop()

    web.stop()

    assert not web.listening
