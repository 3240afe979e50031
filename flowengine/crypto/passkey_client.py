"""A passkey in software: the key of an authenticator, and what it signs.

For scenarios and tests: what signs in here is not the code that verifies.

Sources: W3C Web Authentication Level 3, sections 5.8.1 (client data) and 6.1 (authenticator
data); RFC 9052, section 7 (COSE keys).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from flowengine.crypto.entropy import Entropy, draw
from flowengine.crypto.passkey_forms import to_text

_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the curve P-256 (SEC 2, section 2.4.2)."""
_COSE_X: Final = bytes.fromhex("a5010203262001215820")
_COSE_Y: Final = bytes.fromhex("225820")
"""What stands before x and y in the COSE key of ES256, {1: 2, 3: -7, -1: 1, -2: x, -3: y}."""
_PRESENT: Final = 0x01
_VERIFIED: Final = 0x04


@dataclass(frozen=True, slots=True)
class SoftwarePasskey:
    """One passkey.

    Attributes:
        scalar: The private key; nobody but the authenticator may see it.
    """

    credential_id: bytes = field(repr=False)
    scalar: int = field(repr=False)

    @property
    def public_key(self) -> bytes:
        """The public key in COSE's form."""
        numbers = self._key().public_key().public_numbers()
        x, y = (each.to_bytes(32, "big") for each in (numbers.x, numbers.y))
        return _COSE_X + x + _COSE_Y + y

    def sign(
        self, options: Mapping[str, Any], origin: str, count: int, handle: bytes, *, verified: bool
    ) -> dict[str, Any]:
        """Sign an assertion: an ``AuthenticationResponseJSON``.

        Args:
            options: ``PublicKeyCredentialRequestOptionsJSON``, as CREDENTIAL_REQUEST_OPTIONS.
            count: The signature counter.
            handle: By what the passkey knows its user; it says so with each assertion.
            verified: Whether the authenticator says that it verified its user.
        """
        said = {"type": "webauthn.get", "challenge": options["challenge"], "origin": origin}
        client_data = json.dumps({**said, "crossOrigin": False}).encode()
        party = hashlib.sha256(str(options["rpId"]).encode()).digest()
        flags = _PRESENT | (_VERIFIED if verified else 0)
        data = party + bytes([flags]) + count.to_bytes(4, "big")
        signed = self._key().sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(SHA256()))
        identifier = to_text(self.credential_id)
        return {
            "id": identifier,
            "rawId": identifier,
            "type": "public-key",
            "response": {
                "clientDataJSON": to_text(client_data),
                "authenticatorData": to_text(data),
                "signature": to_text(signed),
                "userHandle": to_text(handle),
            },
            "clientExtensionResults": {},
        }

    def _key(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(self.scalar, ec.SECP256R1())


def new_passkey(entropy: Entropy) -> SoftwarePasskey:
    """Make a passkey."""
    scalar = int.from_bytes(draw(entropy, 40), "big") % (_ORDER - 1) + 1
    return SoftwarePasskey(draw(entropy, 32), scalar)
