"""SRP-6a exactly as Amazon Cognito's: the server's side, and what both sides share.

In the letters of RFC 5054: N :data:`PRIME`, g :data:`GENERATOR`, k :data:`MULTIPLIER`, s the
salt, x :func:`private_key`, v the verifier, a and b the ``secret`` and A and B the ``public`` of an
ephemeral, u :func:`scrambler`. All integers are big-endian, H is SHA-256.

Two slots name whose secret it is. A user's password has the pool's name (the part of its id after
the underscore) and USER_ID_FOR_SRP in them, a device's secret its group key and its device key;
the arithmetic is the same, so one set of functions serves both.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from flowengine.crypto.entropy import MOST_DRAWS, Entropy, draw, stuck
from flowengine.crypto.powers import power
from flowengine.crypto.sealing import derive
from flowengine.crypto.text import octets

PRIME: Final = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74"
    "020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B302B0A6DF25F1437"
    "4FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7ED"
    "EE386BFB5A899FA5AE9F24117C4B1FE649286651ECE45B3DC2007CB8A163BF05"
    "98DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB"
    "9ED529077096966D670C354E4ABC9804F1746C08CA18217C32905E462E36CE3B"
    "E39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"
    "3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33"
    "A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7DB3970F85A6E1E4C7"
    "ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864"
    "D87602733EC86A64521F2B18177B200CBBE117577A615D6C770988C0BAD946E2"
    "08E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF",
    16,
)
"""N: the 3072-bit group of RFC 3526 and of RFC 5054, appendix A."""
GENERATOR: Final = 2
"""g. RFC 5054 has 5 for this prime; Cognito takes 2."""
EPHEMERAL_BYTES: Final = 32
"""Of a and b: 256 bits, the least that RFC 5054, section 2.5, recommends."""

_INFO: Final = b"Caldera Derived Key"
_KEY_BYTES: Final = 16
_SALT_BYTES: Final = 16
_SIGN_BIT: Final = 0x80
_SIGNATURE_BYTES: Final = 32
_LONGEST_HEX: Final = 770
"""768 digits are N's; .NET's clients write up to two zeros in front of a top bit."""
_HEX: Final = re.compile(r"[0-9a-fA-F]+", re.ASCII)


def pad(number: int) -> bytes:
    """Write a number from 0 up as Java's ``BigInteger.toByteArray`` does.

    The fewest bytes, and a zero in front of a set top bit. Not padded to the size of N:
    that is RFC 5054's PAD, and not what Cognito's clients do.
    """
    return number.to_bytes(number.bit_length() // 8 + 1, "big")


def _hash_to_int(*parts: bytes) -> int:
    return int.from_bytes(sha256(b"".join(parts)).digest(), "big")


MULTIPLIER: Final = _hash_to_int(pad(PRIME), pad(GENERATOR))
"""k."""


@dataclass(frozen=True, slots=True)
class Verifier:
    """What a server keeps of a password instead of the password.

    Attributes:
        value: v; it cannot be used to sign in, but passwords can be guessed against it.
    """

    salt: int = field(repr=False)
    value: int = field(repr=False)

    @property
    def salt_hex(self) -> str:
        """The salt as SALT: no zeros in front, hence perhaps an odd number of digits."""
        return to_hex(self.salt)


@dataclass(frozen=True, slots=True)
class ServerEphemeral:
    """The server's part of one exchange.

    Attributes:
        secret: b; nobody but the server may see it.
        public: B.
    """

    secret: int = field(repr=False)
    public: int = field(repr=False)

    @property
    def srp_b(self) -> str:
        """B as SRP_B: no zeros in front, hence perhaps an odd number of digits."""
        return to_hex(self.public)


def to_hex(number: int) -> str:
    """Write a number as SALT, SRP_A and SRP_B are written: lower case, no zeros in front."""
    return f"{number:x}"


def parse_hex(text: str) -> int | None:
    """Read a number that the protocol sends; None unless it is hexadecimal and not too long."""
    if len(text) > _LONGEST_HEX or _HEX.fullmatch(text) is None:
        return None
    return int(text, 16)


def parse_public(text: str) -> int | None:
    """Read SRP_A or SRP_B; None when malformed or a multiple of N (RFC 5054, section 2.5.4)."""
    number = parse_hex(text)
    return None if number is None or number % PRIME == 0 else number


def new_salt(entropy: Entropy) -> int:
    """Draw a salt of 128 bits.

    Never one whose first byte is zero and whose second is below 0x80: some clients pad the
    digits and some the number, and for those salts the two differ.
    """
    for _ in range(MOST_DRAWS):
        drawn = draw(entropy, _SALT_BYTES)
        if drawn[0] or drawn[1] >= _SIGN_BIT:
            return int.from_bytes(drawn, "big")
    raise stuck()


def private_key(pool_name: str, user_id: str, password: str, salt: int) -> int:
    """Compute x: ``H(pad(s) || H(pool_name || user_id || ":" || password))``.

    The text is hashed byte for byte; neither case nor Unicode form is changed.
    """
    inner = sha256(octets(f"{pool_name}{user_id}:{password}")).digest()
    return _hash_to_int(pad(salt), inner)


def verifier(pool_name: str, user_id: str, password: str, salt: int) -> int:
    """Compute v: ``g^x mod N``."""
    return power(GENERATOR, private_key(pool_name, user_id, password, salt), PRIME)


def enrol(pool_name: str, user_id: str, password: str, entropy: Entropy) -> Verifier:
    """Make what is kept of a new password, under a new salt."""
    salt = new_salt(entropy)
    return Verifier(salt, verifier(pool_name, user_id, password, salt))


def password_is_right(pool_name: str, user_id: str, password: str, kept: Verifier) -> bool:
    """Check a password that came in the clear, in constant time."""
    claimed = verifier(pool_name, user_id, password, kept.salt)
    return hmac.compare_digest(pad(claimed), pad(kept.value))


def begin(value: int, entropy: Entropy) -> ServerEphemeral:
    """Draw b and compute B for a user's v, again while B would be zero."""
    for _ in range(MOST_DRAWS):
        ephemeral = ephemeral_of(value, int.from_bytes(draw(entropy, EPHEMERAL_BYTES), "big"))
        if ephemeral is not None:
            return ephemeral
    raise stuck()


def ephemeral_of(value: int, secret: int) -> ServerEphemeral | None:
    """Compute ``B = k*v + g^b mod N`` for a given b; None when B is zero, or b.

    With b zero B would tell v.
    """
    public = (MULTIPLIER * value + power(GENERATOR, secret, PRIME)) % PRIME
    return ServerEphemeral(secret, public) if secret and public else None


def scrambler(client_public: int, server_public: int) -> int:
    """Compute u: ``H(pad(A) || pad(B))``."""
    return _hash_to_int(pad(client_public), pad(server_public))


def session_key(client_public: int, ephemeral: ServerEphemeral, value: int) -> bytes | None:
    """Compute the server's key of 16 bytes from ``S = (A * v^u)^b mod N``.

    Returns:
        None when A or v is a multiple of N, or u is zero: then S would be known to anyone.
    """
    u = scrambler(client_public, ephemeral.public)
    if client_public % PRIME == 0 or value % PRIME == 0 or u == 0:
        return None
    shared = power(client_public * power(value, u, PRIME), ephemeral.secret, PRIME)
    return key_from(shared, u)


def key_from(shared: int, u: int) -> bytes:
    """Compute the key that both sides sign with: HKDF of S with u as the salt."""
    return derive(pad(shared), _INFO, _KEY_BYTES, salt=pad(u))


def signature(
    key: bytes, pool_name: str, user_id: str, secret_block: bytes, timestamp: str
) -> bytes:
    """Compute the proof: HMAC-SHA256 under the session key.

    ``secret_block`` is decoded from its base64, and ``timestamp`` is as
    :func:`flowengine.crypto.srp_time.render` writes it.
    """
    message = octets(f"{pool_name}{user_id}") + secret_block + octets(timestamp)
    return hmac.digest(key, message, "sha256")


def signature_is_right(expected: bytes, written: str) -> bool:
    """Compare PASSWORD_CLAIM_SIGNATURE, which is base64, in constant time."""
    try:
        claimed = base64.b64decode(octets(written), validate=True)
    except binascii.Error:
        return False
    return len(claimed) == _SIGNATURE_BYTES and hmac.compare_digest(expected, claimed)
