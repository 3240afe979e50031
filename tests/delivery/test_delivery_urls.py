from __future__ import annotations

from pathlib import Path

import pytest

from flowengine.delivery.urls import (
    FunctionPlace,
    OutboxPlace,
    Place,
    Security,
    SmtpPlace,
    WebhookPlace,
    parse,
    sender_address,
)
from flowengine.errors import UnavailableError
from tests.planted import MARK, PASSWORD

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BYTES = bytes.fromhex("31f290f6bf0629 8aab4f08d43c3f082cf648a362da2da4b0")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("outbox:outbox.jsonl", OutboxPlace(Path("outbox.jsonl"))),
        ("outbox:/var/lib/flow engine", OutboxPlace(Path("/var/lib/flow engine"))),
        ("smtp://mail.example.com", SmtpPlace("mail.example.com", 587, Security.STARTTLS)),
        ("SMTP://mail.example.com:25/", SmtpPlace("mail.example.com", 25, Security.STARTTLS)),
        ("smtp://localhost:1025", SmtpPlace("localhost", 1025, Security.NONE)),
        ("smtp://127.0.0.2", SmtpPlace("127.0.0.2", 587, Security.NONE)),
        ("smtp://[::1]:1025", SmtpPlace("::1", 1025, Security.NONE)),
        ("smtps://10.0.0.1", SmtpPlace("10.0.0.1", 465, Security.TLS)),
        ("smtps://localhost", SmtpPlace("localhost", 465, Security.TLS)),
        (
            f"smtp://ann%40example.com:{PASSWORD}%2F%23@mail.example.com?from=a+b@example.com",
            SmtpPlace(
                "mail.example.com",
                587,
                Security.STARTTLS,
                "ann@example.com",
                f"{PASSWORD}/#",
                "a+b@example.com",
            ),
        ),
        (
            "smtp://localhost?from=Example%20%3Ccodes@example.com%3E",
            SmtpPlace("localhost", 587, Security.NONE, sender="Example <codes@example.com>"),
        ),
        (
            f"https://example.com:8443/codes?a=b#{SECRET}",
            WebhookPlace("example.com", "https://example.com:8443/codes?a=b", (BYTES,)),
        ),
        (
            f"http://127.0.0.1:8000/#{SECRET},{SECRET}",
            WebhookPlace("127.0.0.1", "http://127.0.0.1:8000/", (BYTES, BYTES)),
        ),
        ("my_backend.mail:send", FunctionPlace("my_backend.mail", "send")),
        ("backend:send", FunctionPlace("backend", "send")),
    ],
)
def test_a_place_is_read(text: str, place: Place) -> None:
    assert parse("email", text) == place


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "found another form"),
        ("outbox", "found another form"),
        (f"{PASSWORD}:", "found another form"),
        ("backend:send:more", "found another form"),
        ("backend.:send", "found another form"),
        ("ftp://mail.example.com", "found a URL of scheme ftp"),
        ("outbox:", "found an outbox without a path"),
        ("outbox://codes.jsonl", "found an outbox without a path"),
        ("smtp:mail.example.com", "scheme smtp without //"),
        ("smtp://", "host is missing"),
        (f"smtp://ann:{PASSWORD}", "host or port is malformed"),
        (f"smtp://ann:{PASSWORD}@mail.example.com:99999", "host or port is malformed"),
        (f"smtp://ann:{PASSWORD}@mail.example.com:0", "port is not one of 1 to 65535"),
        (f"smtp://ann:{PASSWORD}/x@mail.example.com", "host or port is malformed"),
        (f"smtp://ann:1#{PASSWORD}@mail.example.com", "with a path or a fragment"),
        (f"smtp://ann:1?{PASSWORD}@mail.example.com", "another option than from"),
        (f"smtp://ann:1?{PASSWORD}=1&from=a@b.c", "another option than from"),
        ("smtp://h?from=a@b.c&from=d@e.f", "or with two"),
        (f"smtp://{PASSWORD}@mail.example.com", "user or password is missing"),
        (f"smtp://:{PASSWORD}@mail.example.com", "user or password is missing"),
        (f"smtp://ann:{PASSWORD}%0A@mail.example.com", "user or password is missing or malformed"),
        (f"smtp://ann:{PASSWORD}%ff@mail.example.com", "user or password is missing or malformed"),
        (f"smtp://ann:{PASSWORD} x@mail.example.com", "with a space"),
        (f"smtp://ann:{PASSWORD}\n@mail.example.com", "with a space, a control"),
        (f"smtp://ann:{PASSWORD}@[zz]", "host or port is malformed"),
        (f"smtp://ann:{PASSWORD}@h?from=nobody", "from is no address"),
        (f"smtp://ann:{PASSWORD}@h?from=a@b.c%0D%0ABcc:%20d@e.f", "from is no address"),
        (f"http://example.com/#{SECRET}", "that leaves this machine unencrypted"),
        ("https://example.com/", "secret is missing or malformed"),
        (f"https://example.com/#{PASSWORD}", "secret is missing or malformed"),
        ("https://example.com/#whsec_c2hvcnQ=", "secret is missing or malformed"),
        (f"https://example.com/#{SECRET[6:]}", "secret is missing or malformed"),
        (f"https://example.com/#{SECRET},", "secret is missing or malformed"),
        (f"https://ann:{PASSWORD}@example.com/#{SECRET}", "with a user or a password"),
    ],
)
def test_another_form_is_refused_with_what_is_expected_and_without_its_secrets(
    text: str, said: str
) -> None:
    with pytest.raises(UnavailableError) as refused:
        parse("email", text)
    assert said in str(refused.value)
    assert "expected" in str(refused.value)
    assert MARK not in str(refused.value)
    assert SECRET[6:] not in str(refused.value)


def test_a_mail_server_carries_no_text_messages() -> None:
    with pytest.raises(UnavailableError, match="delivery of sms: a mail server carries e-mail"):
        parse("sms", f"smtp://ann:{PASSWORD}@mail.example.com")


def test_the_repr_of_a_place_shows_no_secret() -> None:
    shown = repr(parse("email", f"smtp://ann:{PASSWORD}@mail.example.com"))
    assert "mail.example.com" in shown
    assert PASSWORD not in shown
    shown = repr(parse("sms", f"https://example.com/{PASSWORD}#{SECRET}"))
    assert PASSWORD not in shown
    assert repr(BYTES) not in shown


@pytest.mark.parametrize(
    "text", ["", "a", "@b.c", "a@", "a@b, c@d", "a@b\n", "Ann\x00 <a@b.c>", "ä@b.c", "<>"]
)
def test_what_is_no_sender_is_none(text: str) -> None:
    assert sender_address(text) is None
