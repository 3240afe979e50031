"""Passkeys on the wire: the JSON forms of options and of what comes back.

What comes is read strictly and within bounds; nothing of it is verified here.

Source: W3C Web Authentication Level 3, sections 5.1.8 and 5.1.9 (the JSON forms).
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

TIMEOUT_MS: Final = 180_000
"""How long a browser lets its user take (COGNITO.md, E.5)."""

ALGORITHMS: Final = (-7, -8, -257)
"""ES256, EdDSA and RS256, by COSE's numbers, the preferred one first."""

_LONGEST_TEXT: Final = 16_384
_LONGEST_MEMBER: Final = 8_192
_LONGEST_ID_BYTES: Final = 1_023
_PUBLIC_KEY: Final = "public-key"
_BASE64URL: Final = re.compile(r"([A-Za-z0-9_-]*)={0,2}", re.ASCII)
_TRANSPORTS: Final = frozenset({"ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"})


@dataclass(frozen=True, slots=True)
class Ceremony:
    """What one registration or one assertion must be about.

    Attributes:
        challenge: The bytes that were drawn for it, used once.
        relying_party: The RP ID.
        origins: Compared exactly; None for every page of the relying party, at its domain or
            below it.
        verifies_user: Whether the authenticator must have verified the user.
    """

    challenge: bytes = field(repr=False)
    relying_party: str
    origins: tuple[str, ...] | None
    verifies_user: bool = False


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A passkey as options name it."""

    credential_id: bytes = field(repr=False)
    transports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Assertion:
    """An ``AuthenticationResponseJSON`` that was read; nothing in it was verified."""

    credential_id: bytes = field(repr=False)
    client_data: bytes = field(repr=False)
    authenticator_data: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    user_handle: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Attestation:
    """A ``RegistrationResponseJSON`` that was read; nothing in it was verified."""

    credential_id: bytes = field(repr=False)
    client_data: bytes = field(repr=False)
    attestation_object: bytes = field(repr=False)
    transports: tuple[str, ...]


def registration_options(
    ceremony: Ceremony,
    *,
    handle: bytes,
    username: str,
    exclude: Iterable[Descriptor] = (),
) -> dict[str, Any]:
    """Give ``PublicKeyCredentialCreationOptionsJSON``.

    Args:
        handle: What :func:`user_handle` gave.
        exclude: The user's passkeys: none is made twice on one authenticator.
    """
    return {
        "rp": {"id": ceremony.relying_party, "name": ceremony.relying_party},
        "user": {"id": to_text(handle), "name": username, "displayName": username},
        "challenge": to_text(ceremony.challenge),
        "pubKeyCredParams": [{"type": _PUBLIC_KEY, "alg": alg} for alg in ALGORITHMS],
        "timeout": TIMEOUT_MS,
        "excludeCredentials": [_described(each) for each in exclude],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": _verification(ceremony),
        },
        "attestation": "none",
    }


def authentication_options(ceremony: Ceremony, allow: Iterable[Descriptor]) -> dict[str, Any]:
    """Give ``PublicKeyCredentialRequestOptionsJSON`` (COGNITO.md, A.3)."""
    return {
        "challenge": to_text(ceremony.challenge),
        "timeout": TIMEOUT_MS,
        "rpId": ceremony.relying_party,
        "allowCredentials": [_described(each) for each in allow],
        "userVerification": _verification(ceremony),
    }


def read_assertion(text: str) -> Assertion | None:
    """Read an ``AuthenticationResponseJSON``; None for what is not one, or is too long."""
    if len(text) > _LONGEST_TEXT:
        return None
    try:
        written = json.loads(text)
    except (ValueError, RecursionError):
        return None
    response, raw_id = _response(written), _raw_id(written)
    if response is None or raw_id is None:
        return None
    client_data = _bytes(response, "clientDataJSON")
    data, signature = _bytes(response, "authenticatorData"), _bytes(response, "signature")
    handle = response.get("userHandle")
    if client_data is None or data is None or signature is None:
        return None
    if handle is not None and _bytes(response, "userHandle") is None:
        return None
    # An empty handle is how some browsers write that there is none.
    return Assertion(raw_id, client_data, data, signature, from_text(handle or "") or None)


def read_attestation(written: object) -> Attestation | None:
    """Read a ``RegistrationResponseJSON`` out of JSON values; None for what is not one."""
    response, raw_id = _response(written), _raw_id(written)
    if response is None or raw_id is None:
        return None
    client_data = _bytes(response, "clientDataJSON")
    attestation_object = _bytes(response, "attestationObject")
    if client_data is None or attestation_object is None:
        return None
    return Attestation(raw_id, client_data, attestation_object, _transports(response))


def to_text(raw: bytes) -> str:
    """Write bytes as WebAuthn's JSON does: base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def from_text(text: str) -> bytes | None:
    """Read base64url, with or without padding; None for anything else."""
    matched = _BASE64URL.fullmatch(text)
    if matched is None or len(matched[1]) % 4 == 1:
        return None
    return base64.urlsafe_b64decode(matched[1] + "=" * (-len(matched[1]) % 4))


def _described(passkey: Descriptor) -> dict[str, Any]:
    return {
        "type": _PUBLIC_KEY,
        "id": to_text(passkey.credential_id),
        "transports": list(passkey.transports),
    }


def _verification(ceremony: Ceremony) -> str:
    return "required" if ceremony.verifies_user else "preferred"


def _response(written: object) -> Mapping[str, Any] | None:
    """Give the inner response of a credential's JSON, if it has the outer form of one."""
    if not isinstance(written, dict) or written.get("type") != _PUBLIC_KEY:
        return None
    response = written.get("response")
    return response if isinstance(response, dict) else None


def _raw_id(written: Any) -> bytes | None:  # noqa: ANN401 - JSON
    if not isinstance(written, dict):
        return None
    raw_id = _bytes(written, "rawId")
    if raw_id is None or raw_id != _bytes(written, "id"):
        return None
    return raw_id if 0 < len(raw_id) <= _LONGEST_ID_BYTES else None


def _bytes(members: Mapping[str, Any], name: str) -> bytes | None:
    text = members.get(name)
    if not isinstance(text, str) or len(text) > _LONGEST_MEMBER:
        return None
    return from_text(text)


def _transports(response: Mapping[str, Any]) -> tuple[str, ...]:
    """Give the transports that are known, each once; they are the client's own word."""
    written = response.get("transports")
    named = [t for t in written if isinstance(t, str)] if isinstance(written, list) else []
    return tuple(dict.fromkeys(t for t in named if t in _TRANSPORTS))
