from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any, Final

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from soft_webauthn import SoftWebauthnDevice

from flowengine.crypto.passkey_forms import (
    Assertion,
    Ceremony,
    authentication_options,
    read_assertion,
    read_attestation,
    registration_options,
    to_text,
)
from flowengine.crypto.passkeys import (
    NOBODYS_KEY,
    Asserted,
    Refusal,
    Registered,
    counter_grew,
    new_challenge,
    nobodys_key,
    user_handle,
    verify_assertion,
    verify_registration,
)
from tests.authenticator import (
    AT,
    BE,
    BS,
    ED,
    EDDSA,
    ES256,
    ORIGIN,
    RELYING_PARTY,
    RS256,
    UP,
    UV,
    Authenticator,
    cose_of,
    new_key,
    raw,
)
from tests.soft_authenticator import soft_create, soft_get

CHALLENGE: Final = bytes(range(100, 132))
CEREMONY: Final = Ceremony(CHALLENGE, RELYING_PARTY, ("https://example.com", ORIGIN))
STRICT: Final = replace(CEREMONY, verifies_user=True)
HANDLE: Final = user_handle("eu-west-1_AbCdEfGhI", "sub-of-alice")
ASKED: Final = authentication_options(CEREMONY, ())
OFFERED: Final = registration_options(CEREMONY, handle=HANDLE, username="alice")
ALICE: Final = Authenticator(handle=HANDLE)
ALICES_KEY: Final = cose_of(ALICE.key)


def read(written: dict[str, Any]) -> Assertion:
    assertion = read_assertion(json.dumps(written))
    assert assertion is not None
    return assertion


def asserted(ceremony: Ceremony = CEREMONY, **changes: Any) -> Asserted | None:
    return verify_assertion(read(ALICE.get(ASKED, **changes)), ceremony, ALICES_KEY)


def registered(ceremony: Ceremony = CEREMONY, **changes: Any) -> Registered | Refusal:
    came = read_attestation(ALICE.create(OFFERED, **changes))
    assert came is not None
    return verify_registration(came, ceremony)


def test_what_soft_webauthn_registers_it_can_sign_by() -> None:
    device = SoftWebauthnDevice()
    came = read_attestation(soft_create(device, OFFERED, ORIGIN))
    assert came is not None
    made = verify_registration(came, CEREMONY)
    assert isinstance(made, Registered)
    assert made.credential_id == device.credential_id
    assert (made.sign_count, made.verifies_user, made.backup_eligible) == (0, False, False)
    signed = read(soft_get(device, ASKED, ORIGIN))
    assert signed.user_handle == HANDLE
    assert verify_assertion(signed, CEREMONY, made.public_key) == Asserted(
        sign_count=1, user_verified=False, backup_eligible=False
    )


@pytest.mark.parametrize("algorithm", [ES256, EDDSA, RS256])
def test_each_algorithm_registers_and_signs(algorithm: int) -> None:
    passkey = Authenticator(new_key(algorithm), flags=UP | UV | BE | BS, count=3)
    came = read_attestation(passkey.create(OFFERED))
    assert came is not None
    made = verify_registration(came, STRICT)
    assert isinstance(made, Registered)
    assert (made.sign_count, made.transports) == (3, ("internal", "hybrid"))
    assert (made.backup_eligible, made.backed_up, made.verifies_user) == (True, True, True)
    verified = verify_assertion(read(passkey.get(ASKED, count=4)), STRICT, made.public_key)
    assert verified == Asserted(sign_count=4, user_verified=True, backup_eligible=True)


def test_any_of_the_origins_will_do() -> None:
    assert asserted(origin="https://example.com") is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://app.example.com.evil.example"},
        {"origin": "http://app.example.com"},
        {"origin": ORIGIN + "/"},
        {"said": {"origin": [ORIGIN]}},
        {"said": {"origin": None}},
        {"said": {"crossOrigin": True}},
        {"said": {"crossOrigin": "false"}},
        {"said": {"type": "webauthn.create"}},
        {"said": {"type": "payment.get"}},
        {"said": {"challenge": to_text(bytes(32))}},
        {"said": {"challenge": ""}},
        {"said": {"challenge": to_text(CHALLENGE[:-1])}},
        {"said": {"challenge": 7}},
        {"client_data": b"[]"},
        {"client_data": b"\xff"},
        {"client_data": b"[" * 4000},
        {"client_data": b'{"padding": "' + b"x" * 4096 + b'"}'},
        {"relying_party": "evil.example"},
        {"relying_party": "app.example.com"},
        {"flags": 0},
        {"flags": UV},
        {"flags": UP | BS},
        {"flags": UP | AT},
        {"flags": UP | ED},
        {"extensions": b"\x00"},
        {"flags": UP | ED, "extensions": b"\x81" * 2000},
        {"signature": b""},
        {"signature": bytes(70)},
        {"signature": Authenticator().sign(b"something else")},
    ],
)
def test_an_assertion_about_anything_else_is_refused(changes: dict[str, Any]) -> None:
    assert asserted(**changes) is None


def test_each_flipped_bit_of_an_assertion_breaks_it() -> None:
    right = read(ALICE.get(ASKED))
    assert verify_assertion(right, CEREMONY, ALICES_KEY) is not None
    for name in ("client_data", "authenticator_data", "signature"):
        part: bytes = getattr(right, name)
        for place in range(0, len(part), 5):
            flipped = bytearray(part)
            flipped[place] ^= 1
            wrong = replace(right, **{name: bytes(flipped)})
            assert verify_assertion(wrong, CEREMONY, ALICES_KEY) is None, (name, place)


def test_authenticator_data_that_is_cut_short_is_refused() -> None:
    right = read(ALICE.get(ASKED))
    for length in (0, 1, 32, 33, 36):
        short = replace(right, authenticator_data=right.authenticator_data[:length])
        assert verify_assertion(short, CEREMONY, ALICES_KEY) is None


def test_the_user_must_be_verified_where_that_is_required() -> None:
    assert asserted(STRICT, flags=UP) is None
    assert asserted(STRICT, flags=UP | UV) is not None
    weak = registered(STRICT)
    assert weak is Refusal.UNSUPPORTED


def test_extensions_may_come_and_say_nothing() -> None:
    extensions = cbor2.dumps({"credProtect": 2})
    assert asserted(flags=UP | ED, extensions=extensions) == asserted()


def test_the_key_of_another_does_not_fit() -> None:
    right = read(ALICE.get(ASKED))
    assert verify_assertion(right, CEREMONY, cose_of(new_key())) is None
    assert verify_assertion(right, CEREMONY, cose_of(new_key(EDDSA))) is None
    assert verify_assertion(right, CEREMONY, NOBODYS_KEY) is None
    assert verify_assertion(right, CEREMONY, b"") is None


def test_nobodys_key_is_a_usable_one_that_was_made_from_words() -> None:
    key = cbor2.loads(NOBODYS_KEY)
    words = b"flowengine: the passkey of nobody"
    assert key[-2] == hashlib.sha256(words).digest()
    x, y = (int.from_bytes(key[n], "big") for n in (-2, -3))
    ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    assert y % 2 == 0
    assert isinstance(registered(cose=NOBODYS_KEY), Registered)


def test_nobodys_keys_are_of_each_algorithm_and_verify_nothing() -> None:
    drawn = [nobodys_key(number) for number in range(256)]
    assert drawn.count(NOBODYS_KEY) > 128
    assert {cbor2.loads(key)[3] for key in drawn} == {ES256, EDDSA, RS256}
    for cose in set(drawn):
        assert isinstance(registered(cose=cose), Registered)
        assert verify_assertion(read(ALICE.get(ASKED)), CEREMONY, cose) is None


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"said": {"type": "webauthn.get"}}, Refusal.MALFORMED),
        ({"said": {"challenge": to_text(bytes(32))}}, Refusal.CHALLENGE),
        ({"origin": "https://evil.example"}, Refusal.ORIGIN),
        ({"said": {"crossOrigin": True}}, Refusal.ORIGIN),
        ({"relying_party": "evil.example"}, Refusal.RELYING_PARTY),
        ({"flags": AT}, Refusal.UNSUPPORTED),
        ({"flags": UP | UV, "attested": b""}, Refusal.MALFORMED),
        ({"flags": UP | AT | BS}, Refusal.UNSUPPORTED),
        ({"attested_id": b"another"}, Refusal.MALFORMED),
        ({"object": b""}, Refusal.MALFORMED),
        ({"object": b"\x81" * 5000}, Refusal.MALFORMED),
        ({"object": cbor2.dumps([])}, Refusal.MALFORMED),
        ({"object": cbor2.dumps({"fmt": "none", "authData": 7, "attStmt": {}})}, Refusal.MALFORMED),
        ({"fmt": "none", "statement": {"sig": b"x"}}, Refusal.UNSUPPORTED),
        ({"fmt": "packed", "statement": {"alg": -7, "sig": b"x"}}, Refusal.UNSUPPORTED),
        ({"fmt": "packed", "statement": {"alg": -7, "sig": b"x", "x5c": []}}, Refusal.UNSUPPORTED),
        ({"fmt": "tpm"}, Refusal.UNSUPPORTED),
        ({"fmt": "android-safetynet"}, Refusal.UNSUPPORTED),
        ({"fmt": ["none"]}, Refusal.UNSUPPORTED),
    ],
)
def test_a_registration_that_is_not_as_asked_is_refused_with_its_reason(
    changes: dict[str, Any], refusal: Refusal
) -> None:
    assert registered(**changes) is refusal


def test_self_attestation_that_is_right_registers_and_is_not_remembered() -> None:
    assert registered(fmt="packed", self_attested=True) == registered()


POINT: Final = cbor2.loads(ALICES_KEY)


def rsa_key(bits: int) -> bytes:
    return cose_of(rsa.generate_private_key(65537, bits))


@pytest.mark.parametrize(
    "cose",
    [
        {**POINT, 3: -257},
        {**POINT, 3: -35},
        {**POINT, 3: -65535},
        {**POINT, -1: 2},
        {**POINT, -3: bytes(32)},
        {**POINT, -2: b""},
        {key: value for key, value in POINT.items() if key != 3},
        {1: 1, 3: -8, -1: 6, -2: bytes(31)},
        {1: 1, 3: -8, -1: 4, -2: bytes(32)},
        {1: 7, 3: -48, -1: bytes(1312)},
        {1: 3, 3: -257, -1: b"\xff" * 256, -2: b"\xff" * 256},
        {1: 3, 3: -257, -1: b"\xff" * 1024, -2: b"\1\0\1"},
        {1: 3, 3: -65535, -1: b"\xff" * 256, -2: b"\1\0\1"},
    ],
)
def test_a_key_of_no_use_is_not_registered(cose: dict[int, Any]) -> None:
    assert registered(cose=cbor2.dumps(cose)) is Refusal.UNSUPPORTED


def test_a_short_rsa_key_is_not_registered() -> None:
    assert registered(cose=rsa_key(1024)) is Refusal.UNSUPPORTED


def test_u2fs_own_form_of_a_key_is_not_taken() -> None:
    key = ALICE.key
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    numbers = key.public_key().public_numbers()
    bare = b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
    assert verify_assertion(read(ALICE.get(ASKED)), CEREMONY, bare) is None


@pytest.mark.parametrize(
    ("old", "new", "grew"),
    [(0, 0, True), (0, 1, True), (7, 8, True), (7, 7, False), (7, 6, False), (7, 0, False)],
)
def test_a_counter_must_grow_unless_there_is_none(old: int, new: int, *, grew: bool) -> None:
    assert counter_grew(old, new) is grew


def test_handles_differ_by_user_and_pool_and_tell_nothing() -> None:
    handles = {user_handle(pool, sub) for pool in ("a", "ab") for sub in ("b", "\ud800")}
    assert len(handles) == 4
    assert {len(handle) for handle in handles} == {32}
    assert user_handle("a", "bc") != user_handle("ab", "c")


def test_a_challenge_is_32_bytes_out_of_the_source() -> None:
    assert new_challenge(lambda size_bytes: b"c" * size_bytes) == b"c" * 32


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=600), st.binary(max_size=200), st.binary(max_size=100))
def test_no_bytes_whatever_do_more_than_be_refused(one: bytes, two: bytes, three: bytes) -> None:
    right = read(ALICE.get(ASKED))
    for assertion in (
        replace(right, client_data=one),
        replace(right, authenticator_data=right.authenticator_data[:33] + one),
        replace(right, authenticator_data=two, signature=three),
    ):
        assert verify_assertion(assertion, CEREMONY, ALICES_KEY) is None
    assert verify_assertion(right, CEREMONY, one) is None
    assert isinstance(registered(object=one), Refusal)
    assert isinstance(registered(attested=two + three), Refusal)


def test_no_repr_shows_what_was_signed() -> None:
    came = read(ALICE.get(ASKED))
    shown = repr((came, CEREMONY, registered(), verify_assertion(came, CEREMONY, ALICES_KEY)))
    for part in (CHALLENGE, came.signature, came.client_data, ALICE.credential_id, HANDLE):
        assert repr(part) not in shown
    assert raw(ASKED["challenge"]) == CHALLENGE
