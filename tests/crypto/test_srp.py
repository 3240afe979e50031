"""Vectors: Cognito's constants, and rounds whose every value was computed by pycognito's client."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256, shake_256
from itertools import count

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowengine.crypto import srp, srp_client, srp_time
from flowengine.crypto.srp_client import ClientEphemeral, ServerHalf
from flowengine.errors import WorldError

POOL, USER = "AbCdEfGhI", "7c3a1f7e-0000-4000-8000-0123456789ab"
PASSWORD = "Correct-Horse-9"
CLIENT_SECRET = int("11" * 128, 16)
SERVER_SECRET = int("22" * 128, 16)
BLOCK = b"secret-block-bytes"
NOW = datetime(2023, 9, 5, 7, 8, 9, tzinfo=UTC)

VECTORS = [
    (
        "8f3c0000112233445566778899aabbcc",
        "ca8408b8c70b53855900aff35f6c7252",
        "7Ad7+VzRAixlpKfhonP/5olWr0FCerS73oB2p6wy8Xo=",
    ),
    (
        "00a1b2c3d4e5f60718293a4b5c6d7e8f",
        "da6190d2aeebbfc5c8780ff75e998fe0",
        "fR8EAn7R8g/Fju5uFsiRknJcZXl/I5Qb5cPiuDzlMDs=",
    ),
    (
        "1a2b3c4d5e6f708192a3b4c5d6e7f809",
        "3f5f8b429139530be433f3207b2871e2",
        "pjO+V8yOrPtNPnlYQCPcarMe/c5okv4p0QUJk81aUaU=",
    ),
]


def drawing(seed: str) -> Callable[[int], bytes]:
    calls = count()
    return lambda size: shake_256(f"{seed} {next(calls)}".encode()).digest(size)


def test_the_group_and_the_multiplier_are_cognitos() -> None:
    assert sha256(srp.pad(srp.PRIME)).hexdigest() == (
        "b28bc90ba9cb908924dc77c554a5fe9225ce147d98fd5d10a40b6d568a1425b2"
    )
    assert srp.to_hex(srp.MULTIPLIER) == (
        "538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6"
    )


@pytest.mark.parametrize(
    ("number", "padded"),
    [(0, "00"), (1, "01"), (0x7F, "7f"), (0x80, "0080"), (0xFFF, "0fff"), (0x8000, "008000")],
)
def test_padding_is_javas_signed_form(number: int, padded: str) -> None:
    assert srp.pad(number).hex() == padded


def test_every_value_of_the_first_vector_is_as_published() -> None:
    salt = int(VECTORS[0][0], 16)
    x = srp.private_key(POOL, USER, PASSWORD, salt)
    value = srp.verifier(POOL, USER, PASSWORD, salt)
    client = srp_client.ephemeral_of(CLIENT_SECRET)
    server = srp.ephemeral_of(value, SERVER_SECRET)
    assert server is not None
    assert srp.to_hex(x) == "b1532631c9a99c01101f09419a7b826eb769f766c9b2fcaaf9f213323d32e3ad"
    assert srp.to_hex(value).startswith("f0161ef64305be95d5c64ad7619350ca")
    assert client.srp_a.startswith("67679d4fea151663de3276050085a1ce")
    assert len(client.srp_a) == 768
    assert server.srp_b.startswith("73845b1c713cad2c5c7c0ce78845cf76")
    assert len(server.srp_b) == 767
    assert srp.to_hex(srp.scrambler(client.public, server.public)) == (
        "ce4f4e3a0083c6527ae00eb46e9fc63b0b223f071a6e1a87d25aa78ac9496032"
    )


@pytest.mark.parametrize(("salt_hex", "key_hex", "signature"), VECTORS)
def test_both_sides_reach_the_published_key_and_signature(
    salt_hex: str, key_hex: str, signature: str
) -> None:
    salt = int(salt_hex, 16)
    value = srp.verifier(POOL, USER, PASSWORD, salt)
    client = srp_client.ephemeral_of(CLIENT_SECRET)
    server = srp.ephemeral_of(value, SERVER_SECRET)
    assert server is not None
    key = srp.session_key(client.public, server, value)
    assert key is not None
    assert key.hex() == key_hex
    proof = srp.signature(key, POOL, USER, BLOCK, "Tue Sep 5 07:08:09 UTC 2023")
    assert base64.b64encode(proof).decode() == signature
    half = ServerHalf(srp.to_hex(salt), server.srp_b, base64.b64encode(BLOCK).decode())
    claim = srp_client.answer(client, POOL, USER, PASSWORD, half, NOW)
    assert claim.responses() == {
        "PASSWORD_CLAIM_SIGNATURE": signature,
        "PASSWORD_CLAIM_SECRET_BLOCK": half.secret_block,
        "TIMESTAMP": "Tue Sep 5 07:08:09 UTC 2023",
    }


def signs_in(
    names: tuple[str, str], password: str, typed: str, salt: int, client: ClientEphemeral
) -> bool:
    """Play a whole round, through the texts that go over the wire."""
    value = srp.verifier(*names, password, salt)
    kept = srp.Verifier(salt, value)
    server = srp.begin(value, drawing(f"{salt}"))
    half = ServerHalf(kept.salt_hex, server.srp_b, base64.b64encode(BLOCK).decode())
    claim = srp_client.answer(client, *names, typed, half, NOW)
    public, moment = srp.parse_public(client.srp_a), srp_time.parse(claim.timestamp)
    assert public is not None
    assert moment is not None
    key = srp.session_key(public, server, value)
    assert key is not None
    expected = srp.signature(key, *names, BLOCK, srp_time.render(moment))
    return srp.signature_is_right(expected, claim.signature)


texts = st.text(max_size=40)
salts = st.integers(min_value=0, max_value=2**130)
secrets_of_clients = st.integers(min_value=1, max_value=2**256)


@given(pool=texts, user=texts, password=texts, salt=salts, secret=secrets_of_clients)
@example(pool="p", user="u", password="", salt=0, secret=1)
@example(pool="p", user="u:v", password=":w", salt=0x80, secret=2)
@example(pool="p", user="ü", password="пароль🔑", salt=0xABC, secret=3)
@settings(max_examples=25, deadline=None)
def test_client_and_server_agree_on_every_user(
    pool: str, user: str, password: str, salt: int, secret: int
) -> None:
    client = srp_client.ephemeral_of(secret)
    assert signs_in((pool, user), password, password, salt, client)


@given(password=texts, typed=texts, salt=salts)
@settings(max_examples=15, deadline=None)
def test_another_password_never_signs_in(password: str, typed: str, salt: int) -> None:
    client = srp_client.begin(drawing("client"))
    assert signs_in((POOL, USER), password, typed, salt, client) == (password == typed)


def test_one_client_half_serves_a_device_round_too() -> None:
    client = srp_client.begin(drawing("client"))
    device = ("-group", "eu-west-1_device")
    secret = base64.b64encode(bytes(range(40))).decode()
    assert signs_in((POOL, USER), PASSWORD, PASSWORD, 7, client)
    assert signs_in(device, secret, secret, 7, client)
    assert not signs_in(device, secret, PASSWORD, 7, client)


def test_a_lone_surrogate_in_a_password_is_only_a_wrong_password() -> None:
    kept = srp.enrol(POOL, USER, PASSWORD, drawing("salt"))
    assert not srp.password_is_right(POOL, USER, "\ud800", kept)


def test_a_plain_password_is_checked_against_the_verifier() -> None:
    kept = srp.enrol(POOL, USER, PASSWORD, drawing("salt"))
    assert srp.password_is_right(POOL, USER, PASSWORD, kept)
    assert not srp.password_is_right(POOL, USER, PASSWORD + " ", kept)
    assert not srp.password_is_right(POOL, USER.upper(), PASSWORD, kept)
    assert not srp.password_is_right(POOL, USER, PASSWORD, replace(kept, salt=kept.salt + 1))


def test_two_users_of_one_password_have_nothing_in_common() -> None:
    draw = drawing("salt")
    one, two = (srp.enrol(POOL, USER, PASSWORD, draw) for _ in range(2))
    assert one.salt != two.salt
    assert one.value != two.value


@pytest.mark.parametrize(
    "text",
    ["", "0", "00", "0x12", "-12", "+12", "1_2", " 12", "12\n", "g", "١٢", "\ud800", "1" * 771],
)
def test_a_malformed_public_value_is_refused(text: str) -> None:
    assert srp.parse_public(text) is None


def test_a_multiple_of_the_prime_is_refused_however_it_is_written() -> None:
    assert srp.parse_public(srp.to_hex(srp.PRIME)) is None
    assert srp.parse_public("00" + srp.to_hex(srp.PRIME).upper()) is None
    assert srp.parse_public(srp.to_hex(srp.PRIME * 2)) is None


def test_a_public_value_may_be_odd_short_padded_or_upper_case() -> None:
    assert srp.parse_public("abc") == 0xABC
    assert srp.parse_public("0ABC") == 0xABC
    assert srp.parse_public("00" + "f" * 767 + "e") is not None


def test_a_key_that_anyone_could_compute_is_not_computed() -> None:
    value = srp.verifier(POOL, USER, PASSWORD, 7)
    server = srp.begin(value, drawing("b"))
    for known in (0, srp.PRIME, 2 * srp.PRIME):
        assert srp.session_key(known, server, value) is None
        assert srp.session_key(5, server, known) is None


def test_a_client_answers_no_server_that_sends_nothing_usable() -> None:
    client = srp_client.begin(drawing("a"))
    good = ServerHalf("ab", "cd", base64.b64encode(BLOCK).decode())
    bad = [
        replace(good, srp_b="0"),
        replace(good, srp_b=srp.to_hex(srp.PRIME)),
        replace(good, srp_b="cd " * 400),
        replace(good, salt="xyz"),
        replace(good, secret_block="not base64"),
    ]
    for half in bad:
        with pytest.raises(WorldError):
            srp_client.answer(client, POOL, USER, PASSWORD, half, NOW)
    assert srp_client.session_key(client, 5, 0) is None


def test_a_server_secret_that_would_show_the_verifier_is_drawn_again() -> None:
    draws = iter([bytes(32), b"\x01" * 32])
    server = srp.begin(5, lambda _size: next(draws))
    assert server.secret == int("01" * 32, 16)
    assert srp.ephemeral_of(5, 0) is None


def test_a_zero_public_value_is_drawn_again() -> None:
    # k*v + g^1 = 0 mod N
    value = -2 * pow(srp.MULTIPLIER, -1, srp.PRIME) % srp.PRIME
    assert srp.ephemeral_of(value, 1) is None
    assert srp.ephemeral_of(value, 2) is not None


def test_no_salt_is_handed_out_that_clients_pad_differently() -> None:
    draws = iter([bytes(16), b"\x00\x7f" + bytes(14), b"\x00\x80" + bytes(14)])
    assert srp.new_salt(lambda _size: next(draws)) == 0x80 << 112


@pytest.mark.parametrize("written", ["", "AAAA", "====", "ü", "\ud800", "A" * 44, "A" * 4000])
def test_a_signature_that_is_not_one_is_only_wrong(written: str) -> None:
    assert not srp.signature_is_right(b"\x01" * 32, written)


def test_nothing_secret_is_in_a_repr() -> None:
    kept = srp.enrol(POOL, USER, PASSWORD, drawing("salt"))
    server = srp.begin(kept.value, drawing("b"))
    client = srp_client.begin(drawing("a"))
    half = ServerHalf(kept.salt_hex, server.srp_b, base64.b64encode(BLOCK).decode())
    claim = srp_client.answer(client, POOL, USER, PASSWORD, half, NOW)
    shown = repr([kept, server, client, half, claim])
    hidden = [kept.salt, kept.value, server.secret, client.secret, server.public, client.public]
    for number in hidden:
        assert str(number) not in shown
        assert srp.to_hex(number) not in shown
    assert claim.signature not in shown
    assert half.secret_block not in shown
