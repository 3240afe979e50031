"""``smtp://`` and ``smtps://``: e-mail by a mail server (RFC 5321, RFC 6409)."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from flowengine.delivery.certificates import checking_context
from flowengine.delivery.sending import Letter, SendingError, UndeliverableError
from flowengine.delivery.urls import Security, SmtpPlace, sender_address
from flowengine.deployment.values import is_loopback
from flowengine.errors import UnavailableError

_TIMEOUT_S: Final = 10.0
_ADDRESS: Final = re.compile(
    r"[^\s\x00-\x1f\x7f()<>\[\]:;@\\,\"]+@[^\s\x00-\x1f\x7f()<>\[\]:;@\\,\"]+"
)
"""Less than RFC 5322 allows (no quoting, comments, lists or literals), and nothing beyond it."""
_LASTING: Final = 500
_ENCODED_WORD: Final = re.compile(r"=\?(?=[^?]*\?[bq]\?)", re.IGNORECASE)
_POLICY: Final = SMTP.clone(cte_type="7bit")  # no server need know 8BITMIME
_REASONS: Final[tuple[tuple[type[Exception], type[SendingError], str], ...]] = (
    (smtplib.SMTPNotSupportedError, UndeliverableError, "smtp-not-supported"),
    (smtplib.SMTPException, SendingError, "smtp-disconnected"),
    (ssl.SSLCertVerificationError, UndeliverableError, "certificate"),
    (TimeoutError, SendingError, "timeout"),
    (OSError, SendingError, "network"),
)
"""The first that an error is an instance of: those of smtplib and ssl are all OSErrors."""


class SmtpSender:
    """Sends each letter over a connection of its own."""

    def __init__(
        self,
        place: SmtpPlace,
        *,
        sender: str = "",
        context: ssl.SSLContext | None = None,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        """Connect to nothing yet.

        Args:
            sender: Whom the mail is from, ``codes@example.com`` or
                ``Example <codes@example.com>``, where the place does not say.
            context: Checks the server's certificate; the system's authorities where none is
                given.
            timeout_s: For connecting, and for every answer of the server.

        Raises:
            UnavailableError: There is no sender, or it is malformed; the place would leave this
                machine unencrypted; or the context would take any certificate.
        """
        if place.security is Security.NONE and not is_loopback(place.host):
            raise UnavailableError("an SMTP delivery would leave this machine unencrypted")
        written = sender or place.sender
        if not written:
            raise UnavailableError(
                "an SMTP delivery has no sender: write it as smtp://…?from=codes@example.com"
            )
        found = sender_address(written)
        if found is None:
            raise UnavailableError(
                "an SMTP delivery's sender is malformed: expected codes@example.com "
                "or Example <codes@example.com>"
            )
        self._sender: Address = found
        self._place = place
        self._context = checking_context(context)
        self._timeout_s = timeout_s

    def send(self, letter: Letter) -> None:
        """Send one.

        Raises:
            UndeliverableError: It is no e-mail, its address is malformed, the server refused it
                for good (5yz), its certificate is not good, or it cannot encrypt.
            SendingError: No connection, no answer, or refused for now (4yz).
        """
        if letter.message.channel != "email":
            raise UndeliverableError("not-an-email")
        to = letter.message.to
        if not _ADDRESS.fullmatch(to):
            raise UndeliverableError("malformed-address")
        try:
            mail = self._mail(letter)
            client = self._connect()
            try:
                self._hand_over(client, mail, to)
            finally:
                client.close()
        except (OSError, ValueError, MessageError) as error:  # SMTPException is an OSError
            raise _failure(error) from None

    def _mail(self, letter: Letter) -> EmailMessage:
        """Write the mail.

        Raises:
            ValueError: A header would hold a line break.
        """
        local, _, domain = letter.message.to.rpartition("@")
        mail = EmailMessage(policy=_POLICY)
        mail["From"] = self._sender
        mail["To"] = Address(username=local, domain=domain)
        # An encoded word (RFC 2047) in what a user chose would be decoded, line breaks included.
        mail["Subject"] = _ENCODED_WORD.sub("= ?", letter.subject)
        mail["Date"] = format_datetime(letter.time)
        mail["Message-ID"] = f"<{letter.id}@{self._sender.domain}>"
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no "out of office" comes back
        mail.set_content(letter.text)
        _check_headers(mail)
        return mail

    def _connect(self) -> smtplib.SMTP:
        host, port, name = self._place.host, self._place.port, _own_name()
        if self._place.security is Security.TLS:
            return smtplib.SMTP_SSL(
                host, port, name, timeout=self._timeout_s, context=self._context
            )
        return smtplib.SMTP(host, port, name, timeout=self._timeout_s)

    def _hand_over(self, client: smtplib.SMTP, mail: EmailMessage, to: str) -> None:
        if self._place.security is Security.STARTTLS:
            client.starttls(context=self._context)  # raises where the server does not offer it
        if self._place.username:
            client.login(self._place.username, self._place.password)
        client.send_message(mail, self._sender.addr_spec, [to])
        with suppress(OSError):  # the server has it: a failure now must not send it again
            client.quit()


def _check_headers(mail: EmailMessage) -> None:
    """See that the mail as it leaves has the headers that were set, and no other.

    Python before 3.12.5 writes line breaks that an encoded word held (CVE-2024-6923).
    """
    head = mail.as_bytes().partition(b"\r\n\r\n")[0]
    lines = re.split(rb"\r\n|\r|\n", head)
    names = [line.partition(b":")[0].decode("ascii") for line in lines if line[:1] not in b" \t"]
    if names != mail.keys():
        raise ValueError("a header holds a line break")


def _own_name() -> str:
    """Name this machine without asking DNS, which may take longer than all time-outs here."""
    name = socket.gethostname()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def _failure(error: Exception) -> SendingError:
    """Say what happened in words that hold nothing of the server's, which quotes addresses."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _refusal(next((code for code, _ in error.recipients.values()), 0))
    if isinstance(error, smtplib.SMTPResponseException):
        return _refusal(error.smtp_code)
    for kind, failure, reason in _REASONS:
        if isinstance(error, kind):
            return failure(reason)
    return UndeliverableError("malformed-message")


def _refusal(code: int) -> SendingError:
    return UndeliverableError(f"smtp-{code}") if code >= _LASTING else SendingError(f"smtp-{code}")
