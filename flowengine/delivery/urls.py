"""Where codes are sent, as a deployment writes it for each channel.

``outbox:PATH``, ``smtp://…``, ``smtps://…``, ``https://…`` or ``module:function``.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.utils import getaddresses
from enum import Enum
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from flowengine.deployment.values import is_loopback
from flowengine.errors import UnavailableError


class Security(Enum):
    """How a connection to a mail server is protected."""

    TLS = "from its first byte on (RFC 8314, section 3.3)"
    STARTTLS = "before anything is said, or not at all (RFC 3207)"
    NONE = "not: it does not leave this machine"


@dataclass(frozen=True, slots=True)
class OutboxPlace:
    """``outbox:PATH``.

    Attributes:
        path: A relative one is relative to the working directory.
    """

    path: Path


@dataclass(frozen=True, slots=True)
class SmtpPlace:
    """``smtp://user:password@host:port?from=codes@example.com``; ``smtps://`` likewise.

    Attributes:
        port: 587 for smtp, 465 for smtps, unless it is written.
        username: Empty where the server asks for none.
        sender: Whom the mail is from: an address, or ``Name <address>``; empty where the URL
            does not say.
    """

    host: str
    port: int
    security: Security
    username: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    sender: str = ""


@dataclass(frozen=True, slots=True)
class WebhookPlace:
    """``https://host/path#whsec_…``; plain http on this machine only.

    The fragment never leaves the process. While secrets are changed there are several, with
    commas between them.

    Attributes:
        url: Without the fragment; hidden, since a path or a query may be a secret too.
        secrets: 24 to 64 bytes each.
    """

    host: str
    url: str = field(repr=False)
    secrets: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class FunctionPlace:
    """``module:function``, such as ``my_backend.mail:send``."""

    module: str
    name: str


Place = OutboxPlace | SmtpPlace | WebhookPlace | FunctionPlace

_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]{0,19}):", re.IGNORECASE)
_WORD: Final = r"[A-Za-z_][A-Za-z0-9_]*"
_FUNCTION: Final = re.compile(rf"({_WORD}(?:\.{_WORD})*):({_WORD})", re.ASCII)
_HOST: Final = re.compile(r"[A-Za-z0-9._-]+|[0-9A-Fa-f:.]+", re.ASCII)
_UNPRINTABLE: Final = re.compile(r"[\x00-\x20\x7f-\U0010ffff]")
_PORTS: Final = {"smtp": 587, "smtps": 465, "http": 80, "https": 443}
_LAST_PORT: Final = 0xFFFF
_SECRET: Final = "whsec_"
_SHORTEST_SECRET, _LONGEST_SECRET = 24, 64
_FORMS: Final = {
    "smtp": "smtp://user:password@host:port?from=codes@example.com, "
    "and in user and password each of % @ : / ? # written as %25 %40 %3A %2F %3F %23",
    "http": "https://host/path#whsec_… (http on this machine only), "
    "a secret being whsec_ and 24 to 64 bytes in base64",
    "outbox": "outbox:PATH",
}
_FORMS["smtps"], _FORMS["https"] = _FORMS["smtp"], _FORMS["http"]


def parse(channel: str, text: str) -> Place:
    """Read where the codes of a channel go: ``email`` or ``sms``.

    Raises:
        UnavailableError: It is none of the forms above. The message shows the scheme and what
            is wrong, and nothing else of the text, which may hold a password anywhere.
    """
    found = _SCHEME.match(text)
    scheme = found[1].lower() if found else ""
    if scheme not in _FORMS:
        return _function(channel, text)
    if scheme == "outbox":
        path = text[len("outbox:") :]
        if not path or path.startswith("//") or "\0" in path:
            raise _objection(channel, scheme, "without a path")
        return OutboxPlace(Path(path))
    parts = _split(channel, scheme, text)
    return _smtp(channel, parts) if scheme.startswith("smtp") else _webhook(channel, parts)


def sender_address(text: str) -> Address | None:
    """Read ``codes@example.com`` or ``Example <codes@example.com>``; None for anything else."""
    if any(not character.isprintable() for character in text):
        return None
    written = getaddresses([text])
    if len(written) != 1:
        return None
    name, address = written[0]
    try:
        found = Address(display_name=name, addr_spec=address)
    except (ValueError, IndexError, HeaderParseError):
        return None
    return found if found.username and found.domain and found.addr_spec.isascii() else None


def _function(channel: str, text: str) -> FunctionPlace:
    found = _FUNCTION.fullmatch(text)
    if found is not None:
        return FunctionPlace(found[1], found[2])
    scheme = _SCHEME.match(text)
    what = f"a URL of scheme {scheme[1]}" if scheme and "://" in text[:23] else "another form"
    raise UnavailableError(
        f"delivery of {channel}: expected outbox:PATH, smtp://…, smtps://…, https://… "
        f"or module:function, found {what}"
    )


def _split(channel: str, scheme: str, text: str) -> SplitResult:
    """Split a URL; whatever urllib says quotes the text, and is not repeated."""
    if not text[len(scheme) :].startswith("://"):
        raise _objection(channel, scheme, "without // after its scheme")
    if _UNPRINTABLE.search(text):
        raise _objection(channel, scheme, "with a space, a control or a non-ASCII character")
    try:
        parts = urlsplit(text)
        port = parts.port
        host = parts.hostname or ""
    except ValueError:
        raise _objection(channel, scheme, "whose host or port is malformed") from None
    if not _HOST.fullmatch(host):
        raise _objection(channel, scheme, "whose host is missing or malformed")
    if port is not None and not 0 < port <= _LAST_PORT:
        raise _objection(channel, scheme, "whose port is not one of 1 to 65535")
    return parts


def _smtp(channel: str, parts: SplitResult) -> SmtpPlace:
    scheme, host = parts.scheme, parts.hostname or ""
    if channel != "email":
        raise UnavailableError(
            f"delivery of {channel}: a mail server carries e-mail only, found a URL of scheme "
            f"{scheme}; expected outbox:PATH, https://… or module:function"
        )
    if parts.path not in {"", "/"} or parts.fragment:
        raise _objection(channel, scheme, "with a path or a fragment")
    if scheme == "smtps":
        security = Security.TLS
    else:
        security = Security.NONE if is_loopback(host) else Security.STARTTLS
    username, password = _credentials(channel, parts)
    return SmtpPlace(
        host=host,
        port=parts.port or _PORTS[scheme],
        security=security,
        username=username,
        password=password,
        sender=_sender(channel, parts),
    )


def _credentials(channel: str, parts: SplitResult) -> tuple[str, str]:
    if "@" not in parts.netloc:
        return "", ""
    try:
        read = [unquote(part or "", errors="strict") for part in (parts.username, parts.password)]
    except UnicodeDecodeError:
        read = ["", ""]
    if not all(read) or any(_UNPRINTABLE.search(part.replace(" ", "")) for part in read):
        raise _objection(channel, parts.scheme, "whose user or password is missing or malformed")
    return read[0], read[1]


def _sender(channel: str, parts: SplitResult) -> str:
    if not parts.query:
        return ""
    try:
        options = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)
    except ValueError:
        options = []
    if [key for key, _ in options] != ["from"]:
        raise _objection(channel, parts.scheme, "with another option than from, or with two")
    # '+' stands for itself in an address, and parse_qsl reads it as a space.
    written = unquote(parts.query.partition("=")[2])
    if sender_address(written) is None:
        raise _objection(channel, parts.scheme, "whose from is no address")
    return written


def _webhook(channel: str, parts: SplitResult) -> WebhookPlace:
    scheme, host = parts.scheme, parts.hostname or ""
    if scheme == "http" and not is_loopback(host):
        raise _objection(channel, scheme, "that leaves this machine unencrypted")
    if "@" in parts.netloc:
        raise _objection(channel, scheme, "with a user or a password")
    secrets = tuple(_secret(written) for written in parts.fragment.split(","))
    known = tuple(secret for secret in secrets if secret is not None)
    if len(known) != len(secrets):
        raise _objection(channel, scheme, "whose secret is missing or malformed")
    return WebhookPlace(host, parts._replace(fragment="").geturl(), known)


def _secret(written: str) -> bytes | None:
    """Read one secret (Standard Webhooks 1.0.0, "Signature scheme")."""
    encoded = written.removeprefix(_SECRET)
    try:
        secret = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        return None
    long_enough = _SHORTEST_SECRET <= len(secret) <= _LONGEST_SECRET
    return secret if encoded != written and long_enough else None


def _objection(channel: str, scheme: str, what: str) -> UnavailableError:
    found = "an outbox" if scheme == "outbox" else f"a URL of scheme {scheme}"
    return UnavailableError(
        f"delivery of {channel}: found {found} {what}; expected {_FORMS[scheme]}"
    )
