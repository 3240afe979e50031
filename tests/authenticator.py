"""An authenticator of our own, which misbehaves on demand."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from flowengine.crypto.passkey_forms import from_text, to_text

RELYING_PARTY: Final = "example.com"
ORIGIN: Final = "https://app.example.com"

UP, UV, BE, BS, AT, ED = 0x01, 0x04, 0x08, 0x10, 0x40, 0x80
"""The flags of authenticator data (Web Authentication Level 3, section 6.1)."""

ES256, EDDSA, RS256 = -7, -8, -257

Key = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey
Options = Mapping[str, Any]


def raw(text: str) -> bytes:
    """Decode base64url that must be right."""
    decoded = from_text(text)
    assert decoded is not None
    return decoded


def new_key(algorithm: int = ES256) -> Key:
    """Make the private key of a passkey."""
    match algorithm:
        case -7:
            return ec.generate_private_key(ec.SECP256R1())
        case -8:
            return ed25519.Ed25519PrivateKey.generate()
        case _:
            return rsa.generate_private_key(65537, 2048)


def cose_of(key: Key) -> bytes:
    """Write a public key as authenticators do (RFC 9052, section 7)."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        numbers = key.public_key().public_numbers()
        x, y = (n.to_bytes(32, "big") for n in (numbers.x, numbers.y))
        return cbor2.dumps({1: 2, 3: ES256, -1: 1, -2: x, -3: y})
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return cbor2.dumps({1: 1, 3: EDDSA, -1: 6, -2: key.public_key().public_bytes_raw()})
    n = key.public_key().public_numbers().n
    return cbor2.dumps({1: 3, 3: RS256, -1: n.to_bytes(key.key_size // 8, "big"), -2: b"\1\0\1"})


@dataclass(slots=True)
class Authenticator:
    """One passkey; each method takes what a right answer would not have."""

    key: Key = field(default_factory=new_key)
    credential_id: bytes = bytes(range(32))
    flags: int = UP
    count: int = 0
    handle: bytes | None = None
    relying_party: str = RELYING_PARTY

    def create(self, options: Options, origin: str = ORIGIN, **changes: Any) -> dict[str, Any]:
        """Register: a ``RegistrationResponseJSON``. ``changes`` may replace any part."""
        cose = changes.get("cose", cose_of(self.key))
        aaguid = changes.get("aaguid", bytes(16))
        identifier = changes.get("attested_id", self.credential_id)
        made = aaguid + len(identifier).to_bytes(2, "big") + identifier + cose
        client_data = _client_data("webauthn.create", options["challenge"], origin, changes)
        data = self._data(self.flags | AT, changes) + changes.get("attested", made)
        statement = changes.get("statement", {})
        if changes.get("self_attested"):
            statement = {"alg": ES256, "sig": self.sign(data + _sha256(client_data))}
        attestation = {
            "fmt": changes.get("fmt", "none"),
            "attStmt": statement,
            "authData": data,
        }
        response = {
            "clientDataJSON": to_text(client_data),
            "attestationObject": to_text(changes.get("object", cbor2.dumps(attestation))),
            "transports": changes.get("transports", ["internal", "hybrid"]),
        }
        return self._credential(response)

    def get(self, options: Options, origin: str = ORIGIN, **changes: Any) -> dict[str, Any]:
        """Sign: an ``AuthenticationResponseJSON``. ``changes`` may replace any part."""
        client_data = _client_data("webauthn.get", options["challenge"], origin, changes)
        data = self._data(self.flags, changes) + changes.get("extensions", b"")
        signature = changes.get("signature", self.sign(data + _sha256(client_data)))
        response: dict[str, Any] = {
            "clientDataJSON": to_text(client_data),
            "authenticatorData": to_text(data),
            "signature": to_text(signature),
        }
        if self.handle is not None:
            response["userHandle"] = to_text(self.handle)
        return self._credential(response)

    def sign(self, message: bytes) -> bytes:
        """Sign by the passkey's algorithm."""
        key = self.key
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return key.sign(message, ec.ECDSA(hashes.SHA256()))
        if isinstance(key, ed25519.Ed25519PrivateKey):
            return key.sign(message)
        return key.sign(message, padding.PKCS1v15(), hashes.SHA256())

    def _data(self, flags: int, changes: Mapping[str, Any]) -> bytes:
        party = _sha256(changes.get("relying_party", self.relying_party).encode())
        count: int = changes.get("count", self.count)
        return party + bytes([changes.get("flags", flags)]) + count.to_bytes(4, "big")

    def _credential(self, response: Mapping[str, Any]) -> dict[str, Any]:
        identifier = to_text(self.credential_id)
        return {
            "id": identifier,
            "rawId": identifier,
            "type": "public-key",
            "response": response,
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
        }


def _client_data(kind: str, challenge: str, origin: str, changes: Mapping[str, Any]) -> bytes:
    said = {"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}
    whole: bytes = changes.get("client_data", b"")
    return whole or json.dumps({**said, **changes.get("said", {})}).encode()


def _sha256(message: bytes) -> bytes:
    return hashlib.sha256(message).digest()
