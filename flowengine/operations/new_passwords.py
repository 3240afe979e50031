"""Passwords that someone else than their user sets, or that nobody knows."""

from __future__ import annotations

import base64

from flowengine.accounts.account import PasswordCredential
from flowengine.accounts.attributes import is_storable
from flowengine.accounts.credentials import make_password
from flowengine.accounts.password_policy import LONGEST_PASSWORD, PasswordPolicy
from flowengine.accounts.pool import Pool
from flowengine.crypto.entropy import Entropy, draw
from flowengine.engine.parts import Parts
from flowengine.errors import InvalidPasswordError

_ONE_OF_EACH = "aA1!"
_LEAST_BYTES = 24
_LEAST_BYTES_TYPED = 12
_MOST_BYTES = (LONGEST_PASSWORD - len(_ONE_OF_EACH)) // 4 * 3


async def kept_password(
    parts: Parts, pool: Pool, username: str, password: str
) -> PasswordCredential:
    """Hold a password against the pool's policy and make what is kept of it.

    Args:
        username: The canonical name, which an SRP verifier contains.

    Raises:
        InvalidPasswordError: It does not fit; the message has nothing of it.
    """
    check_policy(pool, password)
    return await parts.work.run(lambda: make_password(pool, username, password, parts.entropy.draw))


def check_policy(pool: Pool, password: str) -> None:
    """Hold a password against the pool's policy.

    Raises:
        InvalidPasswordError: It does not fit; the message has nothing of it.
    """
    objection = pool.password_policy.objection(password)
    if objection is None and not is_storable(password):
        objection = "Password is not valid text"
    if objection is not None:
        raise InvalidPasswordError(f"Password did not conform with policy: {objection}")


def unknown_password(policy: PasswordPolicy, entropy: Entropy) -> str:
    """Draw a password of at least 192 bits that fits any policy; for a user who has none yet."""
    return _drawn(policy, entropy, _LEAST_BYTES)


def temporary_password(policy: PasswordPolicy, entropy: Entropy) -> str:
    """Draw one of at least 96 bits, which its user types once: from 20 characters on."""
    return _drawn(policy, entropy, _LEAST_BYTES_TYPED)


def _drawn(policy: PasswordPolicy, entropy: Entropy, least_bytes: int) -> str:
    size_bytes = min(max(least_bytes, policy.min_length), _MOST_BYTES)
    drawn = base64.urlsafe_b64encode(draw(entropy, size_bytes)).decode("ascii")
    return drawn.rstrip("=") + _ONE_OF_EACH
