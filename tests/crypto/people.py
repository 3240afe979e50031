"""Users whose names, passwords and salts have every form that SRP must take."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import shake_256
from itertools import count
from typing import Final

from flowengine.crypto import srp

POOL: Final = "AbCdEfGhI"
POOL_ID: Final = f"eu-west-1_{POOL}"
ODD_AND_EVEN: Final = {("SALT", 0), ("SALT", 1), ("SRP_B", 0), ("SRP_B", 1)}
"""The forms of numbers in hexadecimal that enough users bring up; see ``forms``."""


@dataclass(frozen=True)
class Person:
    """A user."""

    name: str
    password: str = field(repr=False)
    salt: int = field(repr=False)

    def verifier(self) -> int:
        """Give what a server keeps."""
        return srp.verifier(POOL, self.name, self.password, self.salt)


def people(number: int) -> Iterator[Person]:
    """Draw so many users; their salts are odd, even, with a top bit set, and short ones."""
    for each in range(number):
        salt = srp.new_salt(_entropy_of(each))
        yield Person(_text_of(each, "name"), _text_of(each, "password"), salt >> (each % 12))


def drawn(number: int, what: str, size: int) -> bytes:
    """Draw bytes that are the same in every run."""
    return shake_256(f"{what} {number}".encode()).digest(size)


def begin(verifier: int, number: int) -> srp.ServerEphemeral:
    """Begin the server's half."""
    return srp.begin(verifier, lambda size: drawn(number, "b", size))


def half_for(person: Person, server: srp.ServerEphemeral, number: int) -> dict[str, str]:
    """Give the parameters of PASSWORD_VERIFIER."""
    return {
        "USERNAME": person.name,
        "USER_ID_FOR_SRP": person.name,
        "SALT": srp.to_hex(person.salt),
        "SRP_B": server.srp_b,
        "SECRET_BLOCK": base64.b64encode(drawn(number, "block", 51)).decode(),
    }


def forms(half: dict[str, str]) -> set[tuple[str, int]]:
    """Say which numbers have an odd count of digits, and which an even one."""
    return {(key, len(half[key]) % 2) for key in ("SALT", "SRP_B")}


def _text_of(number: int, what: str) -> str:
    """Make text of all planes: code points drawn over Latin, Cyrillic, Han and emoji."""
    starts = (0x21, 0xC0, 0x410, 0x4E00, 0x1F600)
    raw = drawn(number, what, 2 * (1 + number % 23))
    pairs = zip(raw[::2], raw[1::2], strict=True)
    return "".join(chr(starts[high % len(starts)] + low % 64) for high, low in pairs)


def _entropy_of(number: int) -> Callable[[int], bytes]:
    """Give other bytes at each draw: some are no salt, and then others are drawn."""
    draws = count()
    return lambda size: drawn(number, f"salt {next(draws)}", size)
