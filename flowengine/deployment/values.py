"""Reads values whose form the schema cannot tell, since they may come from the environment.

Each gives None, after saying what was expected. What was found is not repeated: it may be a
secret of the environment.
"""

from __future__ import annotations

import ipaddress
import re
from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from flowengine.deployment.definition import Listen, Setting
from flowengine.deployment.findings import Findings
from flowengine.flow.definition import Name
from flowengine.flow.durations import parse_duration

_CLIENT_ID: Final = re.compile(r"[A-Za-z0-9_+]{1,128}", re.ASCII)
_CLIENT_SECRET: Final = re.compile(r"[A-Za-z0-9_+]{24,64}", re.ASCII)
_LISTEN: Final = re.compile(
    r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9.-]+)):(?P<port>[0-9]{1,5})"
)
_URL: Final = re.compile(r"[A-Za-z0-9._~:/\[\]!$&'()*+,;=%-]+", re.ASCII)
"""RFC 3986, section 2, without what begins a query, a fragment, or ends a user's name."""
_LAST_PORT: Final = 0xFFFF
_SHORTEST_SECRET: Final = 16


def client_id(written: Setting, findings: Findings) -> str:
    r"""Read a client's id (COGNITO.md, E.1: 1 to 128 of ``[\w+]``)."""
    if _CLIENT_ID.fullmatch(written.text) is None:
        message = "a client's id has 1 to 128 letters, digits, _ and +"
        findings.error("client-id-form", message, written.span)
    return written.text


def client_secret(written: Setting | None, findings: Findings) -> str | None:
    r"""Read a client's secret (COGNITO.md, E.2: 24 to 64 of ``[\w+]``)."""
    if written is None:
        return None
    if _CLIENT_SECRET.fullmatch(written.text) is None:
        message = "a client's secret has 24 to 64 letters, digits, _ and +"
        findings.error("client-secret-form", message, written.span)
    return written.text


def admin_secret(written: Setting, findings: Findings) -> str:
    """Read an access key's secret; one that could be guessed is refused."""
    if len(written.text) < _SHORTEST_SECRET:
        message = f"an access key's secret has {_SHORTEST_SECRET} characters or more"
        findings.error("admin-secret-form", message, written.span)
    return written.text


def duration(
    written: Name | None,
    default: timedelta,
    least: str,
    most: str,
    findings: Findings,
) -> timedelta:
    """Read a duration between two, ends included."""
    if written is None:
        return default
    value = parse_duration(written.text)
    if not parse_duration(least) <= value <= parse_duration(most):
        message = f"expected {least} to {most}, found '{written.text}'"
        findings.error("duration-range", message, written.span)
    return value


def listen(written: Setting | None, findings: Findings) -> Listen:
    """Read HOST:PORT; an IPv6 address stands in brackets."""
    if written is None:
        return Listen("127.0.0.1", 9229)
    read = parse_listen(written.text)
    if read is None:
        message = "expected HOST:PORT, such as 127.0.0.1:9229 or [::1]:9229"
        findings.error("listen-form", message, written.span)
    return read or Listen("127.0.0.1", 0)


def parse_listen(text: str) -> Listen | None:
    """Read HOST:PORT, or None."""
    found = _LISTEN.fullmatch(text)
    if found is None or int(found["port"]) > _LAST_PORT:
        return None
    if found["six"] is not None:
        try:
            ipaddress.IPv6Address(found["six"])
        except ValueError:
            return None
    return Listen(found["six"] or found["host"], int(found["port"]))


def is_loopback(host: str) -> bool:
    """Say whether only this machine can reach an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def url(written: Setting | None, what: str, findings: Findings) -> str | None:
    """Read a URL without its last slash; plain http only for this machine."""
    if written is None:
        return None
    text = written.text.rstrip("/")
    if not _is_secure(text):
        message = f"{what} is an https URL (http on this machine only) without query and user"
        findings.error("url-form", message, written.span)
    return text


def _is_secure(text: str) -> bool:
    if _URL.fullmatch(text) is None:
        return False
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        _ = parts.port  # raises when it is none
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    )


def proxy(written: Setting, findings: Findings) -> str:
    """Read an address or a network; one that holds every address is refused."""
    try:
        network = ipaddress.ip_network(written.text, strict=False)
    except ValueError:
        message = "expected an IP address or a network, such as 10.0.0.0/8"
        findings.error("proxy-form", message, written.span)
        return written.text
    if network.prefixlen == 0:
        message = "every address would be a trusted proxy, and could claim to be any other"
        findings.error("proxy-form", message, written.span)
    return written.text
