"""Domains that passkeys are made for, and the pages where these may be used.

Sources: W3C Web Authentication Level 3, section 5.1.2 ("RP ID") and section 13.4.9 (validating
the origin).
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN: Final = re.compile(rf"localhost|(?:{_LABEL}\.)+(?=[a-z0-9-]*[a-z]){_LABEL}", re.ASCII)
"""A valid domain string in lower case; its last label is no number, as that of an address is."""
_LONGEST_DOMAIN: Final = 127
_ORIGIN: Final = re.compile(
    r"(?P<scheme>https?)://(?P<host>[a-z0-9.-]+)(?::(?P<port>[1-9][0-9]{0,4}))?", re.ASCII
)
_USUAL_PORTS: Final = {"https": 443, "http": 80}
_LAST_PORT: Final = 0xFFFF
_LOCAL: Final = "localhost"


def is_domain(text: str) -> bool:
    """Say whether a text can be an RP ID."""
    return len(text) <= _LONGEST_DOMAIN and _DOMAIN.fullmatch(text) is not None


def is_origin(text: str) -> bool:
    """Say whether a text is an origin as browsers write it; http is for localhost alone."""
    found = _ORIGIN.fullmatch(text)
    if found is None or not is_domain(found["host"]):
        return False
    port = int(found["port"] or 0)
    if port > _LAST_PORT or port == _USUAL_PORTS[found["scheme"]]:
        return False
    return found["scheme"] == "https" or found["host"] == _LOCAL


def is_below(origin: str, relying_party: str) -> bool:
    """Say whether an origin's host is the relying party's domain, or one below it."""
    host = urlsplit(origin).hostname or ""
    return host == relying_party or host.endswith(f".{relying_party}")
