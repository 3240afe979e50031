from __future__ import annotations

import email
import email.policy
import re
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from email.errors import MessageError
from email.message import EmailMessage
from typing import Any

import pytest

from flowengine.delivery.sending import SendingError, UndeliverableError
from flowengine.delivery.smtp import SmtpSender, _check_headers
from flowengine.delivery.urls import Security, SmtpPlace
from flowengine.errors import UnavailableError
from tests.delivery.letters import ADDRESS, IDENTITY, letter
from tests.delivery.mail_server import MailServer
from tests.planted import CODE, OTHER_PASSWORD, PASSWORD

FROM = "Example GmbH <codes@example.com>"
HOSTILE = [
    "x\r\nBcc: eve@example.com",
    "x\nBcc: eve@example.com",
    "x\rBcc: eve@example.com",
    "=?utf-8?q?x=0D=0ABcc:_eve@example.com?=",
    "=?utf-8?Q?x=0ABcc:_eve@example.com?=",
    "=?utf-8?b?eA0KQmNjOiBldmVAZXhhbXBsZS5jb20=?=",
    "=?utf-8*en?q?x=0D=0ABcc:_eve@example.com?=",
]


def sender(server: MailServer, *, security: Security = Security.NONE, **given: Any) -> SmtpSender:
    place = SmtpPlace(
        given.pop("host", "127.0.0.1"),
        server.port,
        security,
        given.pop("username", ""),
        given.pop("password", ""),
    )
    return SmtpSender(place, sender=FROM, **given)


def mail_of(server: MailServer) -> EmailMessage:
    (envelope,) = server.taken
    assert isinstance(envelope.content, bytes)
    return email.message_from_bytes(envelope.content, policy=email.policy.default)


def test_a_mail_has_its_sender_its_one_recipient_and_its_text(
    mail_server: Callable[..., MailServer],
) -> None:
    server = mail_server()
    sender(server).send(letter(subject="Ihr Anmeldecode für heute", text="Grüße\n.\n.x\n"))
    mail = mail_of(server)
    assert server.taken[0].mail_from == "codes@example.com"
    assert server.taken[0].rcpt_tos == [ADDRESS]
    assert dict(mail) == {
        "From": FROM,
        "To": ADDRESS,
        "Subject": "Ihr Anmeldecode für heute",
        "Date": "Fri, 27 Nov 2026 08:30:00 +0000",
        "Message-ID": f"<{IDENTITY}@example.com>",
        "Auto-Submitted": "auto-generated",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": mail["Content-Transfer-Encoding"],
        "MIME-Version": "1.0",
    }
    assert mail.get_content() == "Grüße\r\n.\r\n.x\r\n"
    content = server.taken[0].content
    assert isinstance(content, bytes)
    assert content.isascii()


@pytest.mark.parametrize("subject", HOSTILE)
def test_no_subject_adds_a_header(mail_server: Callable[..., MailServer], subject: str) -> None:
    server = mail_server()
    with suppress(UndeliverableError):
        sender(server).send(letter(subject=f"Hello {subject} there"))
    for envelope in server.taken:
        assert isinstance(envelope.content, bytes)
        assert not re.search(rb"^Bcc", envelope.content.replace(b"\r", b"\n"), re.MULTILINE)
        assert mail_of(server)["Bcc"] is None


def test_what_looks_like_an_encoded_word_is_sent_as_it_was_written(
    mail_server: Callable[..., MailServer],
) -> None:
    server = mail_server()
    sender(server).send(letter(subject="Hello =?utf-8?q?x=0D=0ABcc:_eve@example.com?="))
    assert mail_of(server)["Subject"] == "Hello = ?utf-8?q?x=0D=0ABcc:_eve@example.com?="


@pytest.mark.parametrize("subject", HOSTILE[3:6])
def test_a_header_that_slipped_in_is_seen_before_anything_is_sent(subject: str) -> None:
    mail = EmailMessage(policy=email.policy.SMTP)
    mail["Subject"] = subject
    with pytest.raises((ValueError, MessageError)):
        _check_headers(mail)


@pytest.mark.parametrize(
    "to",
    [
        "",
        "ann",
        "ann@example.com, eve@example.com",
        "ann@example.com\r\nRCPT TO:<eve@example.com>",
        "ann@example.com\n",
        "Ann <ann@example.com>",
        "ann@[127.0.0.1]",
        '"ann eve"@example.com',
        "ann@example.com@eve.example",
        *(f"{each}@example.com" for each in HOSTILE),
    ],
)
def test_what_is_not_one_address_is_sent_nothing(
    mail_server: Callable[..., MailServer], to: str
) -> None:
    server = mail_server()
    with pytest.raises(UndeliverableError) as refused:
        sender(server).send(letter(to=to))
    assert refused.value.reason in {"malformed-address", "malformed-message"}
    assert server.taken == []


def test_a_text_message_is_no_mail(mail_server: Callable[..., MailServer]) -> None:
    with pytest.raises(UndeliverableError, match="not-an-email"):
        sender(mail_server()).send(letter(channel="sms", to="+15555550100"))


def test_an_address_beyond_ascii_is_sent_where_the_server_can(
    mail_server: Callable[..., MailServer],
) -> None:
    can, cannot = mail_server(utf8=True), mail_server()
    sender(can).send(letter(to="änn@example.com"))
    assert can.taken[0].rcpt_tos == ["änn@example.com"]
    with pytest.raises(UndeliverableError, match="smtp-not-supported"):
        sender(cannot).send(letter(to="änn@example.com"))


def test_starttls_comes_before_the_password_and_the_mail(
    mail_server: Callable[..., MailServer],
    certified: Callable[[str], ssl.SSLContext],
    trusting: ssl.SSLContext,
) -> None:
    server = mail_server(starttls=certified("localhost"), login=("ann", PASSWORD))
    security = Security.STARTTLS
    given = {"host": "localhost", "username": "ann", "context": trusting}
    sender(server, security=security, password=PASSWORD, **given).send(letter())
    assert server.encrypted == [True]
    with pytest.raises(UndeliverableError) as refused:
        sender(server, security=security, password=OTHER_PASSWORD, **given).send(letter())
    assert refused.value.reason == "smtp-535"


def test_tls_from_the_first_byte(
    mail_server: Callable[..., MailServer],
    certified: Callable[[str], ssl.SSLContext],
    trusting: ssl.SSLContext,
) -> None:
    server = mail_server(tls=certified("localhost"))
    sender(server, security=Security.TLS, host="localhost", context=trusting).send(letter())
    assert len(server.taken) == 1


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize(("name", "known"), [("localhost", False), ("mail.example.com", True)])
def test_a_certificate_of_an_unknown_authority_or_another_name_is_refused(
    mail_server: Callable[..., MailServer],
    certified: Callable[[str], ssl.SSLContext],
    trusting: ssl.SSLContext,
    *,
    security: Security,
    name: str,
    known: bool,
) -> None:
    key = "tls" if security is Security.TLS else "starttls"
    server = mail_server(**{key: certified(name)})
    context = trusting if known else None
    with pytest.raises(UndeliverableError, match="certificate"):
        sender(server, security=security, host="localhost", context=context).send(letter())
    assert server.taken == []


def test_a_server_without_starttls_is_given_neither_password_nor_mail(
    mail_server: Callable[..., MailServer],
) -> None:
    server = mail_server()
    with pytest.raises(UndeliverableError, match="smtp-not-supported"):
        sender(server, security=Security.STARTTLS, username="ann", password=PASSWORD).send(letter())
    assert server.taken == []


@pytest.mark.parametrize(
    ("refusal", "kind", "reason"),
    [
        (f"550 no {ADDRESS}", UndeliverableError, "smtp-550"),
        (f"451 not now, {ADDRESS}", SendingError, "smtp-451"),
    ],
)
def test_a_refusal_is_for_now_or_for_good_and_its_text_is_not_repeated(
    mail_server: Callable[..., MailServer], refusal: str, kind: type[SendingError], reason: str
) -> None:
    with pytest.raises(SendingError) as refused:
        sender(mail_server(refusal=refusal)).send(letter())
    assert type(refused.value) is kind
    assert refused.value.reason == reason
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
    assert CODE not in str(refused.value)


def test_a_server_that_says_nothing_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = SmtpPlace("127.0.0.1", silent.getsockname()[1], Security.NONE)
        with pytest.raises(SendingError) as failed:
            SmtpSender(place, sender=FROM, timeout_s=0.2).send(letter())
    assert failed.value.reason == "smtp-disconnected"


def test_a_server_that_is_not_there_is_a_failure_for_now() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(SendingError) as failed:
        SmtpSender(SmtpPlace("127.0.0.1", port, Security.NONE), sender=FROM).send(letter())
    assert type(failed.value) is SendingError
    assert failed.value.reason == "network"


def test_a_mail_that_was_taken_is_sent_though_the_goodbye_fails() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_take_and_drop, args=(listening,))
        thread.start()
        place = SmtpPlace("127.0.0.1", listening.getsockname()[1], Security.NONE)
        SmtpSender(place, sender=FROM, timeout_s=5).send(letter())
        thread.join()


def _take_and_drop(listening: socket.socket) -> None:
    """Speak SMTP until the mail is there, then hang up."""
    connection, _ = listening.accept()
    with connection, connection.makefile("rwb", buffering=0) as lines:
        lines.write(b"220 test\r\n")
        while (line := lines.readline()) not in {b".\r\n", b""}:
            if line.startswith(b"data"):
                lines.write(b"354 go on\r\n")
            elif line.startswith((b"ehlo", b"mail", b"rcpt")):
                lines.write(b"250 OK\r\n")
        lines.write(b"250 taken\r\n")


@pytest.mark.parametrize("written", ["", "nobody", "a@b.c\r\nBcc: d@e.f"])
def test_without_a_good_sender_there_is_no_delivery(written: str) -> None:
    with pytest.raises(UnavailableError, match="sender"):
        SmtpSender(SmtpPlace("localhost", 25, Security.NONE), sender=written)


def test_what_would_leave_this_machine_unencrypted_is_refused() -> None:
    with pytest.raises(UnavailableError, match="unencrypted"):
        SmtpSender(SmtpPlace("mail.example.com", 25, Security.NONE), sender=FROM)


def test_a_context_that_takes_any_certificate_is_refused() -> None:
    context = ssl.create_default_context()
    context.check_hostname = False
    with pytest.raises(UnavailableError, match="check certificates"):
        SmtpSender(SmtpPlace("localhost", 25, Security.NONE), sender=FROM, context=context)
