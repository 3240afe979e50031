from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.crypto import sealing
from flowengine.errors import KeyringError

KEY = bytes(range(32))


def counting(size: int) -> bytes:
    return bytes(range(size))


def test_derivation_is_rfc_5869s() -> None:
    # Appendix A.1 and A.3 (which has neither salt nor info).
    derived = sealing.derive(b"\x0b" * 22, bytes(range(0xF0, 0xFA)), 42, salt=bytes(range(13)))
    assert derived.hex() == (
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )
    assert sealing.derive(b"\x0b" * 22, b"", 42).hex() == (
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
    )


def test_different_purposes_get_different_keys() -> None:
    assert sealing.derive(KEY, b"one") != sealing.derive(KEY, b"two")
    assert len(sealing.derive(KEY, b"one")) == 32


@given(st.binary(max_size=300), st.binary(max_size=30))
@settings(deadline=None)
def test_what_is_sealed_opens(plaintext: bytes, associated: bytes) -> None:
    sealed = sealing.seal(KEY, plaintext, associated, counting)
    assert sealing.open_sealed(KEY, sealed, associated) == plaintext


def test_the_form_is_fixed_so_that_kept_texts_stay_readable() -> None:
    sealed = sealing.seal(KEY, b"state", b"row", counting)
    assert sealed[:29] == b"\x01" + bytes(range(28))
    assert sealed[29:].hex() == "7ee396f1a604d11c466f1c3f7fdd9312cf4326ed03"


def test_every_changed_byte_is_noticed() -> None:
    sealed = sealing.seal(KEY, b"state", b"row", counting)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(KeyringError):
            sealing.open_sealed(KEY, bytes(changed), b"row")


def test_every_cut_and_every_addition_is_noticed() -> None:
    sealed = sealing.seal(KEY, b"state", b"row", counting)
    for length in range(len(sealed)):
        with pytest.raises(KeyringError):
            sealing.open_sealed(KEY, sealed[:length], b"row")
    with pytest.raises(KeyringError):
        sealing.open_sealed(KEY, sealed + b"\x00", b"row")


def test_another_key_and_another_row_open_nothing() -> None:
    sealed = sealing.seal(KEY, b"state", b"row", counting)
    for key, associated in ((bytes(32), b"row"), (KEY, b"other"), (KEY, b"")):
        with pytest.raises(KeyringError) as failure:
            sealing.open_sealed(key, sealed, associated)
        assert failure.value.__cause__ is None


def test_the_same_text_is_never_sealed_alike() -> None:
    one = sealing.seal(KEY, b"state", b"row", counting)
    two = sealing.seal(KEY, b"state", b"row", lambda size: b"\x07" * size)
    assert one[29:] != two[29:]


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(KeyringError):
        sealing.seal(bytes(size), b"state", b"row", counting)
    with pytest.raises(KeyringError):
        sealing.open_sealed(bytes(size), sealing.seal(KEY, b"", b"", counting), b"")
