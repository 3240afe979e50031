from __future__ import annotations

import re
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.tokens import refresh

TOKEN = refresh.new_token(lambda size: bytes(range(size)))


@given(st.binary(min_size=48, max_size=48))
@settings(deadline=None)
def test_a_token_fits_cognitos_pattern_and_is_recognised(random: bytes) -> None:
    token = refresh.new_token(lambda _size: random)
    assert re.fullmatch(r"[A-Za-z0-9\-_=.]+", token)
    assert refresh.is_refresh_token(token)


def test_at_least_32_unpredictable_bytes_are_drawn() -> None:
    asked: list[int] = []

    def note(size: int) -> bytes:
        asked.append(size)
        return bytes(size)

    refresh.new_token(note)
    assert sum(asked) >= 32


@pytest.mark.parametrize(
    "text",
    ["", "eyJjdHkiOiJKV1QifQ", TOKEN[:-1], TOKEN + "A", TOKEN + "\n", TOKEN.upper(), "\ud800"],
)
def test_another_text_is_not_one(text: str) -> None:
    assert not refresh.is_refresh_token(text)


def test_the_store_sees_the_hash_only() -> None:
    assert refresh.hash_token(TOKEN) == sha256(TOKEN.encode()).digest()


@given(st.text())
@settings(deadline=None)
def test_every_text_has_a_hash(text: str) -> None:
    assert len(refresh.hash_token(text)) == 32
    assert refresh.hash_token("\ud800") != refresh.hash_token("?")
