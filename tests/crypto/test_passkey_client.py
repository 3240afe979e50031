"""The software authenticator of scenarios; `tests/shipped` has it sign in."""

from __future__ import annotations

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec

from flowengine.crypto.passkey_client import new_passkey
from flowengine.testing.fakes import ScriptedEntropy


def test_the_public_key_has_coses_form() -> None:
    passkey = new_passkey(ScriptedEntropy("passkey").draw)
    numbers = ec.derive_private_key(passkey.scalar, ec.SECP256R1()).public_key().public_numbers()
    assert cbor2.loads(passkey.public_key) == {
        1: 2, 3: -7, -1: 1,
        -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big"),
    }  # fmt: skip


def test_the_same_randomness_makes_the_same_passkey_and_nothing_of_it_is_shown() -> None:
    first, second = (new_passkey(ScriptedEntropy("x").draw) for _ in range(2))
    assert first == second
    assert first != new_passkey(ScriptedEntropy("y").draw)
    assert str(first.scalar) not in repr(first)
