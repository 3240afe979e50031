"""Passkeys: WebAuthn's two ceremonies, as a relying party holds them.

py_webauthn verifies the whole; what it leaves open is checked here first. Nothing here knows
users: whose passkey it is, and whether its counter grew, is for the caller to compare.

Source: W3C Web Authentication Level 3, sections 7.1 (registration) and 7.2 (authentication).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from flowengine.crypto.entropy import Entropy, draw
from flowengine.crypto.passkey_forms import (
    ALGORITHMS,
    Assertion,
    Attestation,
    Ceremony,
    from_text,
    to_text,
)
from flowengine.crypto.passkey_origins import is_below, is_origin

if TYPE_CHECKING:
    from webauthn.helpers.structs import AttestationObject

CHALLENGE_BYTES: Final = 32
NOBODYS_KEY: Final = bytes.fromhex(
    "a5010203262001"
    "21582039b180dcd406f9a0217969d35985c8e53babe7bf5925cb7adf6c78cb33fb58fc"
    "225820429b9577d239d03163000906e301b8d92a91a9ec09ece574660b1d0c34b9fa66"
)
"""An ES256 key whose private half nobody has: its x is SHA-256 of
``flowengine: the passkey of nobody``, which happens to lie on P-256, and its y the even one."""

_NOBODYS_EDDSA: Final = bytes.fromhex(
    "a401010327200621582093de24d867c64142671b292aa6478867d2eefd830240dd8c1c938055cf37fdce"
)
"""The same of Ed25519: SHA-256 of ``flowengine: the passkey of nobody, Ed255190``, a point."""


def _nobodys_modulus() -> bytes:
    """Give an odd number of 2,048 bits whose factors nobody knows."""
    drawn = bytearray(hashlib.shake_256(b"flowengine: the passkey of nobody, RSA").digest(256))
    drawn[0] |= 0x80
    drawn[-1] |= 0x01
    return bytes(drawn)


_NOBODYS_RS256: Final = (
    bytes.fromhex("a401030339010020590100") + _nobodys_modulus() + bytes.fromhex("2143010001")
)
_RS256_BELOW: Final = 32
_EDDSA_BELOW: Final = 40
"""Of 256: an eighth of made-up passkeys are RS256, as Windows has them, and few EdDSA."""

_LONGEST_CLIENT_DATA: Final = 4_096
_ES256, _EDDSA, _RS256 = ALGORITHMS
_P256, _ED25519 = 1, 6
"""Curves, by COSE's numbers (RFC 9053, section 7.1)."""
_RSA_BITS: Final = range(2_048, 4_097)
_RSA_EXPONENT_BITS: Final = range(2, 33)
_FLAGS_AT: Final = 32
_ATTESTED: Final = 0x40


class Refusal(StrEnum):
    """Why a registration is refused."""

    MALFORMED = "malformed"
    CHALLENGE = "challenge"
    ORIGIN = "origin"
    RELYING_PARTY = "relying party"
    UNSUPPORTED = "unsupported"
    """The user was not there or not verified, or the key or its attestation is of no use."""


@dataclass(frozen=True, slots=True)
class Asserted:
    """What a verified assertion says.

    Attributes:
        user_verified: What the authenticator says of this one use.
    """

    sign_count: int
    user_verified: bool
    backup_eligible: bool


@dataclass(frozen=True, slots=True)
class Registered:
    """A new passkey, verified; its attestation is not, and nothing may rest on it."""

    credential_id: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    sign_count: int
    transports: tuple[str, ...]
    backup_eligible: bool
    backed_up: bool
    verifies_user: bool


def new_challenge(entropy: Entropy) -> bytes:
    """Draw what an authenticator will sign."""
    return draw(entropy, CHALLENGE_BYTES)


def nobodys_key(drawn: int) -> bytes:
    """Give a key whose private half nobody has, of an algorithm that the draw decides.

    The time of a verification tells the algorithm: were all made-up passkeys of one, then
    those of another would be real.

    Args:
        drawn: 0 to 255, always the same for the same passkey, and for others a secret.
    """
    if drawn < _RS256_BELOW:
        return _NOBODYS_RS256
    return _NOBODYS_EDDSA if drawn < _EDDSA_BELOW else NOBODYS_KEY


def user_handle(pool_id: str, sub: str) -> bytes:
    """Give the 32 bytes by which authenticators know a user; they tell nothing about it."""
    return hashlib.sha256(json.dumps(["passkey", pool_id, sub]).encode()).digest()


def counter_grew(old: int, new: int) -> bool:
    """Say whether a counter is as it must be: grown, unless the passkey never counts.

    One that did not grow is a sign of a copied key (section 6.1.1).
    """
    return new > old or new == old == 0


def verify_assertion(
    assertion: Assertion, ceremony: Ceremony, public_key: bytes
) -> Asserted | None:
    """Verify an assertion under a public key; None when it is not for this ceremony.

    Where there is no key, one of :func:`nobodys_key` costs what a passkey costs.
    """
    if _client_data_refusal(assertion.client_data, "webauthn.get", ceremony) is not None:
        return None
    data = assertion.authenticator_data
    if len(data) <= _FLAGS_AT or data[_FLAGS_AT] & _ATTESTED or not _usable_key(public_key):
        return None
    from webauthn import verify_authentication_response  # noqa: PLC0415 - slow, seldom needed
    from webauthn.helpers import structs  # noqa: PLC0415 - the same

    response = structs.AuthenticatorAssertionResponse(
        client_data_json=assertion.client_data,
        authenticator_data=data,
        signature=assertion.signature,
    )
    raw_id = assertion.credential_id
    try:
        verified = verify_authentication_response(
            credential=structs.AuthenticationCredential(to_text(raw_id), raw_id, response),
            expected_challenge=ceremony.challenge,
            expected_rp_id=ceremony.relying_party,
            expected_origin=_origins(assertion.client_data, ceremony),
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=ceremony.verifies_user,
        )
    except Exception:  # noqa: BLE001 - whatever it thinks of hostile bytes, the answer is no
        return None
    return Asserted(
        sign_count=verified.new_sign_count,
        user_verified=verified.user_verified,
        backup_eligible=verified.credential_device_type == "multi_device",
    )


def verify_registration(came: Attestation, ceremony: Ceremony) -> Registered | Refusal:
    """Verify a new passkey.

    No attestation is asked for. Self attestation comes all the same where a browser leaves it
    alone, and must then be right; any other statement is refused unread.
    """
    refusal = _client_data_refusal(came.client_data, "webauthn.create", ceremony)
    if refusal is not None:
        return refusal
    from webauthn.helpers import parse_attestation_object  # noqa: PLC0415 - slow, seldom needed

    try:
        attestation = parse_attestation_object(came.attestation_object)
    except Exception:  # noqa: BLE001 - whatever it thinks of hostile bytes, the answer is no
        return Refusal.MALFORMED
    refusal = _attestation_refusal(attestation, came.credential_id, ceremony)
    return _registered(came, ceremony) if refusal is None else refusal


def _registered(came: Attestation, ceremony: Ceremony) -> Registered | Refusal:
    """Have the library verify the whole."""
    from webauthn import verify_registration_response  # noqa: PLC0415 - slow, seldom needed
    from webauthn.helpers import structs  # noqa: PLC0415 - the same
    from webauthn.helpers.cose import COSEAlgorithmIdentifier  # noqa: PLC0415 - the same

    raw_id = came.credential_id
    response = structs.AuthenticatorAttestationResponse(came.client_data, came.attestation_object)
    try:
        verified = verify_registration_response(
            credential=structs.RegistrationCredential(to_text(raw_id), raw_id, response),
            expected_challenge=ceremony.challenge,
            expected_rp_id=ceremony.relying_party,
            expected_origin=_origins(came.client_data, ceremony),
            require_user_verification=ceremony.verifies_user,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(alg) for alg in ALGORITHMS],
        )
    except Exception:  # noqa: BLE001 - whatever it thinks of hostile bytes, the answer is no
        return Refusal.UNSUPPORTED
    return Registered(
        credential_id=raw_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        transports=came.transports,
        backup_eligible=verified.credential_device_type == "multi_device",
        backed_up=verified.credential_backed_up,
        verifies_user=verified.user_verified,
    )


def _client_data_refusal(raw: bytes, kind: str, ceremony: Ceremony) -> Refusal | None:
    """Check what the browser says it was asked, by whom and where (steps 7 to 12)."""
    if len(raw) > _LONGEST_CLIENT_DATA:
        return Refusal.MALFORMED
    try:
        said = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        return Refusal.MALFORMED
    if not isinstance(said, dict) or said.get("type") != kind:
        return Refusal.MALFORMED
    challenge = said.get("challenge")
    signed = from_text(challenge) if isinstance(challenge, str) else None
    if signed is None or not hmac.compare_digest(signed, ceremony.challenge):
        return Refusal.CHALLENGE
    # What was done inside a frame of another site is refused, whatever that site is.
    if not _is_page(said.get("origin"), ceremony) or said.get("crossOrigin") not in (None, False):
        return Refusal.ORIGIN
    return None


def _is_page(origin: object, ceremony: Ceremony) -> bool:
    """Say whether a ceremony may be held at an origin."""
    if not isinstance(origin, str):
        return False
    if ceremony.origins is None:
        return is_origin(origin) and is_below(origin, ceremony.relying_party)
    return origin in ceremony.origins


def _origins(client_data: bytes, ceremony: Ceremony) -> list[str]:
    """Give the origins to compare with; where all pages may, the one that was found to be one."""
    if ceremony.origins is not None:
        return list(ceremony.origins)
    return [json.loads(client_data)["origin"]]


def _attestation_refusal(
    attestation: AttestationObject, raw_id: bytes, ceremony: Ceremony
) -> Refusal | None:
    data, statement = attestation.auth_data, attestation.att_stmt
    expected = hashlib.sha256(ceremony.relying_party.encode()).digest()
    if not hmac.compare_digest(data.rp_id_hash, expected):
        return Refusal.RELYING_PARTY
    if attestation.fmt != "none" and (attestation.fmt != "packed" or statement.x5c is not None):
        return Refusal.UNSUPPORTED
    made = data.attested_credential_data
    if made is None or made.credential_id != raw_id:
        return Refusal.MALFORMED
    if not data.flags.up or not _usable_key(made.credential_public_key):
        return Refusal.UNSUPPORTED
    return None


def _usable_key(cose: bytes) -> bool:
    """Say whether a key is of one of our algorithms, and really one: a point on its curve."""
    from webauthn.helpers import (  # noqa: PLC0415 - slow, seldom needed
        decode_credential_public_key,
        decoded_public_key_to_cryptography,
    )
    from webauthn.helpers.decode_credential_public_key import (  # noqa: PLC0415 - the same
        DecodedEC2PublicKey,
        DecodedOKPPublicKey,
        DecodedRSAPublicKey,
    )

    # U2F's own form, which begins with a 4, has no algorithm that it could be held to.
    if cose[:1] == b"\x04":
        return False
    try:
        key = decode_credential_public_key(cose)
        match key:
            case DecodedEC2PublicKey():
                fits = (key.alg, key.crv) == (_ES256, _P256)
            case DecodedOKPPublicKey():
                fits = (key.alg, key.crv) == (_EDDSA, _ED25519)
            case DecodedRSAPublicKey():
                fits = key.alg == _RS256 and _bits(key.n) in _RSA_BITS
                fits = fits and _bits(key.e) in _RSA_EXPONENT_BITS
            case _:
                fits = False
        if fits:
            decoded_public_key_to_cryptography(key)
    except Exception:  # noqa: BLE001 - whatever it thinks of hostile bytes, the answer is no
        return False
    return fits


def _bits(number: bytes) -> int:
    return int.from_bytes(number, "big").bit_length()
