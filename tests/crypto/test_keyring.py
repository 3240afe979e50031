from __future__ import annotations

import base64
from collections.abc import Callable
from hashlib import shake_256
from itertools import count

import pytest

from flowengine.crypto.keyring import Keyring, KeyringKey
from flowengine.errors import KeyringError

ONE, TWO = base64.b64encode(b"\x01" * 32).decode(), base64.b64encode(b"\xfe" * 32).decode()


def drawing(seed: str) -> Callable[[int], bytes]:
    calls = count()
    return lambda size: shake_256(f"{seed} {next(calls)}".encode()).digest(size)


def test_what_a_ring_sealed_it_opens() -> None:
    ring = Keyring.parse(f"2026-01:{ONE}")
    sealed = ring.seal(b"secret", b"row 1", drawing("nonce"))
    assert ring.open_sealed(sealed, b"row 1") == b"secret"
    assert b"secret" not in sealed


def test_rotation_seals_by_the_new_key_and_opens_by_both() -> None:
    entropy = drawing("ring")
    old = Keyring.generate(entropy)
    kept = old.seal(b"secret", b"row", entropy)
    ring = old.rotated(entropy)
    assert ring.is_stale(kept)
    assert ring.open_sealed(kept, b"row") == b"secret"

    again = ring.seal(ring.open_sealed(kept, b"row"), b"row", entropy)
    assert not ring.is_stale(again)
    with pytest.raises(KeyringError):
        old.open_sealed(again, b"row")

    retired = Keyring(ring.keys[:1])
    assert retired.open_sealed(again, b"row") == b"secret"
    with pytest.raises(KeyringError):
        retired.open_sealed(kept, b"row")


def test_a_ring_reads_back_from_its_text() -> None:
    ring = Keyring.generate(drawing("ring")).rotated(drawing("more"))
    assert Keyring.parse(ring.to_text()) == ring
    assert Keyring.parse(ring.to_text().replace(",", " ,\n ")) == ring


def test_generated_keys_differ() -> None:
    entropy = drawing("ring")
    one, two = Keyring.generate(entropy).keys[0], Keyring.generate(entropy).keys[0]
    assert one.id != two.id
    assert one.secret != two.secret


def test_another_row_does_not_open_what_a_row_sealed() -> None:
    ring = Keyring.parse(f"a:{ONE}")
    with pytest.raises(KeyringError):
        ring.open_sealed(ring.seal(b"secret", b"row 1", drawing("n")), b"row 2")


def test_every_changed_byte_is_noticed() -> None:
    ring = Keyring.parse(f"ab:{ONE},aa:{TWO}")
    sealed = ring.seal(b"secret", b"row", drawing("n"))
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(KeyringError):
            ring.open_sealed(bytes(changed), b"row")
    for length in range(len(sealed)):
        with pytest.raises(KeyringError):
            ring.open_sealed(sealed[:length], b"row")


def test_a_key_under_another_name_does_not_open() -> None:
    sealed = Keyring.parse(f"a:{ONE}").seal(b"secret", b"row", drawing("n"))
    renamed = Keyring.parse(f"b:{ONE}")
    with pytest.raises(KeyringError):
        renamed.open_sealed(sealed[:2] + b"b" + sealed[3:], b"row")


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        ONE,
        f":{ONE}",
        f"{ONE}:a",
        "a:",
        f"a:{ONE[:-4]}",
        f"a:{ONE}AAAA",
        f"a b:{ONE}",
        f"a:{ONE},",
        f"a:{ONE};b:{TWO}",
        f"a:{ONE},a:{TWO}",
        f"{'a' * 33}:{ONE}",
        f"ä:{ONE}",
        f"a:\ud800{ONE}",
        f"a:{ONE.replace('B', '!')}",
    ],
)
def test_a_malformed_ring_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(KeyringError) as failure:
        Keyring.parse(text)
    assert ONE[:8] not in str(failure.value)
    assert failure.value.__cause__ is None


def test_the_message_numbers_the_key_that_is_wrong() -> None:
    with pytest.raises(KeyringError, match="key 2 of the keyring"):
        Keyring.parse(f"a:{ONE},b:short")


def test_the_repr_shows_ids_and_no_keys() -> None:
    ring = Keyring.parse(f"first:{ONE},second:{TWO}")
    assert "first" in repr(ring)
    assert "second" in repr(ring)
    for hidden in (ONE, TWO, repr(b"\x01" * 32), repr(b"\xfe" * 32)):
        assert hidden not in repr(ring)


def test_a_key_cannot_be_made_that_could_not_be_written() -> None:
    for name, secret in (("a:b", bytes(32)), ("a,b", bytes(32)), ("", bytes(32)), ("a", b"short")):
        with pytest.raises(KeyringError):
            KeyringKey(name, secret)
