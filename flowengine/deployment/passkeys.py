"""Reads a pool's ``passkeys``: for which domain they are made, and on which pages they are used.

Sources: W3C Web Authentication Level 3, section 5.1.2 ("RP ID") and section 13.4.9 (validating
the origin); Amazon Cognito API reference, WebAuthnConfigurationType.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from flowengine.accounts.pool import PasskeySettings, UserVerification
from flowengine.deployment.definition import Setting
from flowengine.deployment.findings import Findings

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


def read_passkeys(
    relying_party: Setting,
    origins: tuple[Setting, ...],
    user_verification: UserVerification,
    findings: Findings,
) -> PasskeySettings:
    """Read the settings; what was found is not repeated, as it may be of the environment."""
    known = _is_domain(relying_party.text)
    if not known:
        message = "a relying party is a domain in lower case, such as example.com, or localhost"
        findings.error("relying-party-form", message, relying_party.span)
    for origin in origins:
        if not _is_origin(origin.text):
            message = (
                "an origin is https://HOST or https://HOST:PORT as browsers write it: in lower "
                "case, without a path and without the usual port"
            )
            hint = "http is for localhost alone"
            findings.error("origin-form", message, origin.span, hint)
        elif known and not _is_below(origin.text, relying_party.text):
            message = "no passkey of the relying party can be used at this origin"
            hint = "its host must be the relying party's domain, or one below it"
            findings.error("origin-elsewhere", message, origin.span, hint)
    return PasskeySettings(
        relying_party.text, tuple(origin.text for origin in origins), user_verification
    )


def _is_domain(text: str) -> bool:
    return len(text) <= _LONGEST_DOMAIN and _DOMAIN.fullmatch(text) is not None


def _is_origin(text: str) -> bool:
    found = _ORIGIN.fullmatch(text)
    if found is None or not _is_domain(found["host"]):
        return False
    port = int(found["port"] or 0)
    if port > _LAST_PORT or port == _USUAL_PORTS[found["scheme"]]:
        return False
    return found["scheme"] == "https" or found["host"] == _LOCAL


def _is_below(origin: str, relying_party: str) -> bool:
    host = urlsplit(origin).hostname or ""
    return host == relying_party or host.endswith(f".{relying_party}")
