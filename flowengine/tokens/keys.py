"""The RSA keys that sign a pool's tokens: one for id tokens, one for access tokens."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey

from flowengine.crypto.entropy import Entropy, draw
from flowengine.errors import KeyringError

ALGORITHM: Final = "RS256"
KEY_BITS: Final = 2048

_EXPONENT: Final = 65537
_KID_BYTES: Final = 32
_LONGEST_KID: Final = 128


class TokenUse(StrEnum):
    """What a token is for: its ``token_use``. Each use has a key of its own."""

    ID = "id"
    ACCESS = "access"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key, kept parsed: reading one from PEM takes longer than fifty signatures.

    Attributes:
        kid: The header's ``kid``; unique within a pool.
        rsa: The pair as joserfc keeps it.
    """

    kid: str
    use: TokenUse
    rsa: RSAKey = field(repr=False, compare=False)

    def to_pem(self) -> bytes:
        """Write the private key as PKCS #8 in PEM, **unencrypted**: seal it before it is kept."""
        return _private(self.rsa).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def jwk(self) -> dict[str, str]:
        """Give the public half as a member of a JWK set (RFC 7517)."""
        numbers = self.rsa.public_key.public_numbers()
        return {
            "kty": "RSA",
            "kid": self.kid,
            "use": "sig",
            "alg": ALGORITHM,
            "n": _base64url(numbers.n),
            "e": _base64url(numbers.e),
        }


def generate(use: TokenUse, entropy: Entropy) -> SigningKey:
    """Make a key. The kid comes from ``entropy``, the primes from OpenSSL's own generator."""
    kid = base64.b64encode(draw(entropy, _KID_BYTES)).decode("ascii")
    private = rsa.generate_private_key(public_exponent=_EXPONENT, key_size=KEY_BITS)
    return SigningKey(kid, use, RSAKey.import_key(private))


def from_pem(pem: bytes, kid: str, use: TokenUse) -> SigningKey:
    """Read back what :meth:`SigningKey.to_pem` wrote.

    Raises:
        KeyringError: It is not the private key of an RSA pair of 2048 bits or more.
    """
    if not 0 < len(kid) <= _LONGEST_KID:
        raise KeyringError("the kid of a signing key has 1 to 128 characters")
    try:
        private = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise KeyringError("a signing key is not a private key in PEM") from None
    if not isinstance(private, rsa.RSAPrivateKey) or private.key_size < KEY_BITS:
        raise KeyringError(f"a signing key is RSA of {KEY_BITS} bits or more")
    return SigningKey(kid, use, RSAKey.import_key(private))


def jwks(keys: Iterable[SigningKey]) -> dict[str, list[dict[str, str]]]:
    """Give the JWK set that verifiers fetch: public halves only."""
    return {"keys": [key.jwk() for key in keys]}


def published_keys(document: Mapping[str, Any]) -> dict[str, RSAKey]:
    """Read a JWK set back: the public halves by kid. Keys of other kinds are passed over.

    Raises:
        KeyringError: It is no JWK set, or holds no RSA key of 2048 bits or more.
    """
    listed = document.get("keys")
    keys = {}
    for jwk in listed if isinstance(listed, list) else ():
        if isinstance(jwk, dict) and jwk.get("kty") == "RSA" and isinstance(jwk.get("kid"), str):
            keys[jwk["kid"]] = _public(jwk)
    if not keys:
        raise KeyringError("a JWK set holds no RSA key")
    return keys


def _public(jwk: Mapping[str, str]) -> RSAKey:
    try:
        numbers = rsa.RSAPublicNumbers(_number(jwk["e"]), _number(jwk["n"]))
        key = numbers.public_key()
    except (LookupError, TypeError, ValueError):
        raise KeyringError("a key of a JWK set is not an RSA key") from None
    if key.key_size < KEY_BITS:
        raise KeyringError(f"a key of a JWK set is RSA of {KEY_BITS} bits or more")
    return RSAKey.import_key(key)


def _private(key: RSAKey) -> rsa.RSAPrivateKey:
    private = key.private_key
    if private is None:
        raise KeyringError("a signing key lacks its private half")
    return private


def _base64url(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=="), "big")
