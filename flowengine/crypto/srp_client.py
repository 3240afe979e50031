"""SRP-6a as Amazon Cognito's clients compute it.

For the demonstration and tests: what signs in here is not the code that verifies.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field
from datetime import datetime

from flowengine.crypto import srp, srp_time
from flowengine.crypto.entropy import MOST_DRAWS, Entropy, draw, stuck
from flowengine.crypto.powers import power
from flowengine.crypto.text import octets
from flowengine.errors import WorldError


@dataclass(frozen=True, slots=True)
class ClientEphemeral:
    """The client's part of one exchange; the device round may use it again.

    Attributes:
        secret: a; nobody but the client may see it.
        public: A.
    """

    secret: int = field(repr=False)
    public: int = field(repr=False)

    @property
    def srp_a(self) -> str:
        """A as SRP_A: no zeros in front, hence perhaps an odd number of digits."""
        return srp.to_hex(self.public)


@dataclass(frozen=True, slots=True)
class ServerHalf:
    """What a server sent: SALT, SRP_B and SECRET_BLOCK as they came."""

    salt: str = field(repr=False)
    srp_b: str = field(repr=False)
    secret_block: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Claim:
    """The answer to PASSWORD_VERIFIER or DEVICE_PASSWORD_VERIFIER."""

    signature: str = field(repr=False)
    secret_block: str = field(repr=False)
    timestamp: str = field(repr=False)

    def responses(self) -> dict[str, str]:
        """Give the three keys of ChallengeResponses; USERNAME is the caller's to add."""
        return {
            "PASSWORD_CLAIM_SIGNATURE": self.signature,
            "PASSWORD_CLAIM_SECRET_BLOCK": self.secret_block,
            "TIMESTAMP": self.timestamp,
        }


def begin(entropy: Entropy) -> ClientEphemeral:
    """Draw a and compute ``A = g^a mod N``."""
    for _ in range(MOST_DRAWS):
        secret = int.from_bytes(draw(entropy, srp.EPHEMERAL_BYTES), "big")
        if secret:
            return ephemeral_of(secret)
    raise stuck()


def ephemeral_of(secret: int) -> ClientEphemeral:
    """Compute A for a given a."""
    return ClientEphemeral(secret, power(srp.GENERATOR, secret, srp.PRIME))


def session_key(ephemeral: ClientEphemeral, private_key: int, server_public: int) -> bytes | None:
    """Compute the client's key of 16 bytes from ``S = (B - k*g^x)^(a + u*x) mod N``.

    Returns:
        None when B is a multiple of N or u is zero: the server must not be answered.
    """
    u = srp.scrambler(ephemeral.public, server_public)
    if server_public % srp.PRIME == 0 or u == 0:
        return None
    base = server_public - srp.MULTIPLIER * power(srp.GENERATOR, private_key, srp.PRIME)
    shared = power(base, ephemeral.secret + u * private_key, srp.PRIME)
    return srp.key_from(shared, u)


def answer(
    ephemeral: ClientEphemeral,
    pool_name: str,
    user_id: str,
    password: str,
    server: ServerHalf,
    now: datetime,
) -> Claim:
    """Prove the password to a server that sent its half.

    ``user_id`` is USER_ID_FOR_SRP, not what the user typed.

    Raises:
        WorldError: What the server sent cannot be answered safely.
    """
    salt, public = srp.parse_hex(server.salt), srp.parse_public(server.srp_b)
    if salt is None or public is None:
        raise WorldError("the server sent no usable SALT and SRP_B")
    key = session_key(ephemeral, srp.private_key(pool_name, user_id, password, salt), public)
    if key is None:
        raise WorldError("the server sent an SRP_B that must not be answered")
    timestamp = srp_time.render(now)
    block = _decoded(server.secret_block)
    proof = srp.signature(key, pool_name, user_id, block, timestamp)
    return Claim(base64.b64encode(proof).decode("ascii"), server.secret_block, timestamp)


def _decoded(secret_block: str) -> bytes:
    try:
        return base64.b64decode(octets(secret_block), validate=True)
    except binascii.Error:
        raise WorldError("the server sent a SECRET_BLOCK that is not base64") from None
