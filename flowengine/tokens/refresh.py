"""Refresh tokens: opaque to everyone, known to the server by hash only."""

from __future__ import annotations

import base64
import re
from hashlib import sha256
from typing import Final

from flowengine.crypto.entropy import Entropy, draw
from flowengine.crypto.text import octets

PREFIX: Final = "flowengine-refresh."
"""Lets a scanner find a token that leaked; within Cognito's pattern ``[A-Za-z0-9-_=.]+``."""

_RANDOM_BYTES: Final = 48
"""A multiple of three: no padding, and no two texts mean one token."""
_FORM: Final = re.compile(rf"{re.escape(PREFIX)}[A-Za-z0-9_-]{{64}}", re.ASCII)


def new_token(entropy: Entropy) -> str:
    """Draw a token."""
    random = base64.urlsafe_b64encode(draw(entropy, _RANDOM_BYTES)).decode("ascii")
    return PREFIX + random


def is_refresh_token(text: str) -> bool:
    """Say whether a text has the form of one; nothing else needs to be looked up."""
    return _FORM.fullmatch(text) is not None


def hash_token(text: str) -> bytes:
    """Give the SHA-256 under which a store keeps and finds it. Total: any text has one."""
    return sha256(octets(text)).digest()
