from __future__ import annotations

import base64
import logging
import socket
import ssl
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from flowengine.delivery.https import WebhookSender, signatures
from flowengine.delivery.sending import SendingError, UndeliverableError
from flowengine.delivery.urls import WebhookPlace, parse
from flowengine.errors import UnavailableError
from flowengine.testing.fakes import FixedClock
from tests.delivery.hooks import Hook
from tests.delivery.letters import ADDRESS, IDENTITY, TIME, letter
from tests.planted import CODE, KEY, MARK

SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
OTHER = f"whsec_{base64.b64encode(KEY[::-1]).decode()}"
NOW = TIME + timedelta(seconds=3)


def sender(
    hook: Hook, *, scheme: str = "http", path: str = "/codes", **given: Any
) -> WebhookSender:
    host = "localhost" if scheme == "https" else "127.0.0.1"
    place = parse("email", f"{scheme}://{host}:{hook.port}{path}#{SECRET}")
    assert isinstance(place, WebhookPlace)
    return WebhookSender(place, now=FixedClock(NOW).now, **given)


def test_the_specifications_own_example_is_signed_as_its_libraries_do() -> None:
    # The vector of the reference implementations' tests.
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signatures(
        (secret,), "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}'
    )
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_letter_is_posted_and_signed(hook: Callable[..., Hook]) -> None:
    receiver = hook()
    sender(receiver, path="/codes?a=b").send(letter(locale="pt-BR"))
    (received,) = receiver.received
    assert received.path == "/codes?a=b"
    assert received.is_signed_with(SECRET)
    assert not received.is_signed_with(OTHER)
    assert received.headers["content-type"] == "application/json"
    assert received.headers["webhook-id"] == IDENTITY
    assert received.headers["webhook-timestamp"] == str(int(NOW.timestamp()))
    assert received.json == {
        "type": "code.issued",
        "timestamp": "2026-11-27T08:30:00.250Z",
        "data": {
            "channel": "email",
            "to": ADDRESS,
            "username": f"ann-{MARK}",
            "code": CODE,
            "purpose": "sign-in",
            "locale": "pt-BR",
            "subject": "Your code",
            "text": f"It is {CODE}\n",
        },
    }


def test_while_secrets_change_both_verify(hook: Callable[..., Hook]) -> None:
    receiver = hook()
    place = parse("sms", f"http://127.0.0.1:{receiver.port}/#{SECRET},{OTHER}")
    assert isinstance(place, WebhookPlace)
    WebhookSender(place, now=FixedClock(NOW).now).send(letter(channel="sms"))
    assert receiver.received[0].is_signed_with(SECRET)
    assert receiver.received[0].is_signed_with(OTHER)


def test_over_tls_the_certificate_is_checked(
    hook: Callable[..., Hook],
    certified: Callable[[str], ssl.SSLContext],
    trusting: ssl.SSLContext,
) -> None:
    receiver, other = hook(tls=certified("localhost")), hook(tls=certified("example.com"))
    sender(receiver, scheme="https", context=trusting).send(letter())
    assert receiver.received[0].is_signed_with(SECRET)
    for stranger in (
        sender(receiver, scheme="https"),
        sender(other, scheme="https", context=trusting),
    ):
        with pytest.raises(UndeliverableError, match="certificate"):
            stranger.send(letter())
    assert len(receiver.received) == 1
    assert other.received == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(hook: Callable[..., Hook], status: int) -> None:
    elsewhere = hook()
    there = {"location": f"http://127.0.0.1:{elsewhere.port}/"}
    with pytest.raises(UndeliverableError, match=f"http-{status}"):
        sender(hook(answers=((status, there),))).send(letter())
    assert elsewhere.received == []


@pytest.mark.parametrize("status", [400, 401, 404, 410, 422])
def test_a_refusal_is_for_good(hook: Callable[..., Hook], status: int) -> None:
    with pytest.raises(UndeliverableError, match=f"http-{status}"):
        sender(hook(answers=((status, {}),))).send(letter())


@pytest.mark.parametrize(
    ("asked", "wait_s"), [("", 0), ("7", 7), ("99999", 3600), ("-1", 0), ("²", 0), ("9" * 99, 0)]
)
@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_server_in_trouble_may_be_tried_again_when_it_says(
    hook: Callable[..., Hook], status: int, asked: str, wait_s: float
) -> None:
    with pytest.raises(SendingError) as failed:
        sender(hook(answers=((status, {"retry-after": asked}),))).send(letter())
    assert type(failed.value) is SendingError
    assert failed.value.reason == f"http-{status}"
    assert failed.value.wait_s == wait_s


def test_a_server_that_does_not_answer_is_given_up_in_time(hook: Callable[..., Hook]) -> None:
    began = time.monotonic()
    with pytest.raises(SendingError) as failed:
        sender(hook(hang_s=1), timeout_s=0.2).send(letter())
    assert failed.value.reason == "timeout"
    assert time.monotonic() - began < 1


def test_a_server_that_is_not_there_is_a_failure_for_now() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    place = WebhookPlace("127.0.0.1", f"http://127.0.0.1:{port}/{MARK}", (KEY,))
    with pytest.raises(SendingError) as failed:
        WebhookSender(place, now=FixedClock(NOW).now).send(letter())
    assert type(failed.value) is SendingError
    assert failed.value.reason == "network"


def test_proxies_of_the_environment_are_not_asked(
    hook: Callable[..., Hook], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, receiver = hook(), hook()
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    sender(receiver).send(letter())
    assert proxy.received == []
    assert len(receiver.received) == 1


def test_no_log_of_any_library_shows_the_url_or_the_message(
    hook: Callable[..., Hook], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sender(hook(), path=f"/{MARK}?key={MARK}").send(letter())
    assert caplog.records
    assert MARK not in caplog.text
    caplog.clear()


@pytest.mark.parametrize(
    ("url", "secrets", "said"),
    [
        ("https://h:port/", (KEY,), "URL is malformed"),
        ("http://example.com/", (KEY,), "unencrypted"),
        ("ftp://example.com/", (KEY,), "unencrypted"),
        ("https://example.com/", (), "needs a secret"),
    ],
)
def test_a_place_that_nobody_could_trust_is_refused(
    url: str, secrets: tuple[bytes, ...], said: str
) -> None:
    with pytest.raises(UnavailableError, match=said):
        WebhookSender(WebhookPlace("h", url, secrets), now=FixedClock(NOW).now)


def test_a_careless_context_is_refused() -> None:
    careless = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    careless.check_hostname = False
    place = WebhookPlace("h", "https://h/", (KEY,))
    with pytest.raises(UnavailableError, match="check certificates"):
        WebhookSender(place, now=FixedClock(NOW).now, context=careless)
