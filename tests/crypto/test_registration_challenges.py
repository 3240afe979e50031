from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.crypto.passkey_forms import Attestation
from flowengine.crypto.registration_challenges import (
    LIFE,
    Registrant,
    answered_challenge,
    issue_challenge,
    read_challenge,
)
from flowengine.testing.fakes import ScriptedEntropy
from tests.planted import CLIENT_ID, KEY

NOW: Final = datetime(2026, 3, 4, 5, 6, 7, 250_001, tzinfo=UTC)
ADA: Final = Registrant("eu-west-1_AbCdEfGhI", "sub-of-ada", CLIENT_ID)
MICROSECOND: Final = timedelta(microseconds=1)


def issued(who: Registrant = ADA, now: datetime = NOW, seed: str = "challenge") -> bytes:
    return issue_challenge(KEY, who, now, ScriptedEntropy(seed).draw)


def test_a_challenge_is_known_again_until_it_expires() -> None:
    challenge = issued()
    read = read_challenge(KEY, ADA, challenge, NOW)
    assert read is not None
    assert (read.challenge, read.same_client) == (challenge, True)
    assert read.expires_at == NOW + LIFE
    assert read_challenge(KEY, ADA, challenge, NOW + LIFE - MICROSECOND) == read


def test_the_instant_of_expiry_is_too_late() -> None:
    assert read_challenge(KEY, ADA, issued(), NOW + LIFE) is None


@pytest.mark.parametrize("changes", [{"pool_id": "eu-west-1_Other"}, {"sub": "sub-of-eve"}])
def test_a_challenge_of_another_user_or_pool_is_none(changes: dict[str, str]) -> None:
    assert read_challenge(KEY, replace(ADA, **changes), issued(), NOW) is None


def test_a_challenge_under_another_secret_is_none() -> None:
    assert read_challenge(bytes(32), ADA, issued(), NOW) is None


def test_another_client_is_told_apart() -> None:
    read = read_challenge(KEY, replace(ADA, client_id="another"), issued(), NOW)
    assert read is not None
    assert not read.same_client


def test_two_challenges_are_two_even_at_one_instant() -> None:
    one = read_challenge(KEY, ADA, issued(), NOW)
    other = read_challenge(KEY, ADA, issued(seed="other"), NOW)
    assert one is not None
    assert other is not None
    assert one.once != other.once


@given(st.integers(0, 8 * len(issued()) - 1))
def test_a_challenge_with_any_bit_turned_is_none(bit: int) -> None:
    turned = bytearray(issued())
    turned[bit // 8] ^= 1 << bit % 8
    assert read_challenge(KEY, ADA, bytes(turned), NOW) is None


@given(st.binary(max_size=200))
def test_bytes_that_were_not_issued_are_none(challenge: bytes) -> None:
    assert read_challenge(KEY, ADA, challenge, NOW) is None


@pytest.mark.parametrize("length", [0, 1, len(issued()) - 1, len(issued()) + 1])
def test_a_challenge_of_another_length_is_none(length: int) -> None:
    assert read_challenge(KEY, ADA, (issued() + b"\0")[:length], NOW) is None


def test_no_repr_shows_a_challenge_or_a_client() -> None:
    read = read_challenge(KEY, ADA, issued(), NOW)
    assert read is not None
    for hidden in (CLIENT_ID, read.once, repr(read.challenge)):
        assert hidden not in repr(read) + repr(ADA)


@pytest.mark.parametrize(
    ("client_data", "named"),
    [
        (b'{"challenge": "AAEC"}', b"\0\1\2"),
        (b'{"challenge": "A"}', None),
        (b'{"challenge": 7}', None),
        (b"{}", None),
        (b"[]", None),
        (b"\xff", None),
        (b"[" * 5000, None),
    ],
)
def test_an_answer_names_its_challenge(client_data: bytes, named: bytes | None) -> None:
    assert answered_challenge(Attestation(b"id", client_data, b"", ())) == named
