"""Refresh tokens: opaque to everyone, known to the server by hash only.

A token is 48 random bytes: 16 that it shares with all that replace it, its family, and 32 of its
own. So a token of a family that is neither the present one nor in its grace is known for what it
is, a copy used again, without a list of all that ever were. The family is no part of any other
token: only who held a refresh token can name it.
"""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from typing import Final

from flowengine.crypto import sealing
from flowengine.crypto.entropy import Entropy, draw
from flowengine.crypto.text import octets

PREFIX: Final = "flowengine-refresh."
"""Lets a scanner find a token that leaked; within Cognito's pattern ``[A-Za-z0-9-_=.]+``."""

_FAMILY_BYTES: Final = 16
_SECRET_BYTES: Final = 32
"""Together a multiple of three: no padding, and no two texts mean one token."""
_FORM: Final = re.compile(rf"{re.escape(PREFIX)}[A-Za-z0-9_-]{{64}}", re.ASCII)
_SEALING: Final = b"flowengine refresh successor 1"


def new_token(entropy: Entropy) -> str:
    """Draw a token of a new family."""
    return _text(draw(entropy, _FAMILY_BYTES + _SECRET_BYTES))


def successor_of(token: str, entropy: Entropy) -> str:
    """Draw the token that replaces one: of the same family."""
    return _text(_octets_of(token)[:_FAMILY_BYTES] + draw(entropy, _SECRET_BYTES))


def is_refresh_token(text: str) -> bool:
    """Say whether a text has the form of one; nothing else needs to be looked up."""
    return _FORM.fullmatch(text) is not None


def family_of(token: str) -> bytes:
    """Give the SHA-256 under which a store finds the family of a text that has the form of one."""
    return sha256(_octets_of(token)[:_FAMILY_BYTES]).digest()


def hash_token(text: str) -> bytes:
    """Give the SHA-256 by which a store knows the token. Total: any text has one."""
    return sha256(octets(text)).digest()


def seal_successor(token: str, successor: str, entropy: Entropy) -> bytes:
    """Seal the token that replaces another so that only the other one opens it."""
    return sealing.seal(_key_of(token), octets(successor), _SEALING, entropy)


def open_successor(token: str, sealed: bytes) -> str:
    """Give the token that replaced this one.

    Raises:
        KeyringError: It was not sealed under this one.
    """
    return sealing.open_sealed(_key_of(token), sealed, _SEALING).decode("ascii")


def _key_of(token: str) -> bytes:
    return sealing.derive(octets(token), _SEALING)


def _text(drawn: bytes) -> str:
    return PREFIX + base64.urlsafe_b64encode(drawn).decode("ascii")


def _octets_of(token: str) -> bytes:
    return base64.urlsafe_b64decode(token.removeprefix(PREFIX))
