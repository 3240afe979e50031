from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.accounts.account import HashCredential, SrpCredential
from flowengine.accounts.credentials import check_password, make_password
from flowengine.accounts.pool import Pool
from flowengine.errors import StoreError

SRP: Final = Pool("eu-west-1_AbCdEfGhI", "main", srp=True)
HASHED: Final = replace(SRP, srp=False)
ANY_TEXT: Final = st.text(st.characters(), max_size=40)  # surrogates too: JSON can carry them


def entropy(size_bytes: int) -> bytes:
    return hashlib.shake_256(b"test").digest(size_bytes)


def test_a_pool_with_srp_clients_keeps_a_verifier_and_nothing_else() -> None:
    credential = make_password(SRP, "alice", "Correct-Horse-9", entropy)
    assert isinstance(credential, SrpCredential)
    assert int(credential.salt, 16).bit_length() <= 128
    assert credential.salt == f"{int(credential.salt, 16):x}"


def test_a_pool_without_srp_clients_keeps_an_argon2id_hash() -> None:
    credential = make_password(HASHED, "alice", "Correct-Horse-9", entropy)
    assert isinstance(credential, HashCredential)
    assert credential.phc.startswith("$argon2id$")


@settings(max_examples=25, deadline=None)
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_a_password_is_right_for_its_own_verifier_and_no_other_is(
    username: str, password: str, other: str
) -> None:
    credential = make_password(SRP, username, password, entropy)
    assert check_password(SRP, username, credential, password)
    assert check_password(SRP, username, credential, other) is (other == password)


@settings(max_examples=5, deadline=None)
@given(ANY_TEXT, ANY_TEXT)
def test_a_password_is_right_for_its_own_hash_and_no_other_is(password: str, other: str) -> None:
    credential = make_password(HASHED, "alice", password, entropy)
    assert check_password(HASHED, "alice", credential, password)
    assert check_password(HASHED, "alice", credential, other) is (other == password)


def test_a_verifier_is_bound_to_the_user_name_and_the_pool() -> None:
    credential = make_password(SRP, "alice", "Correct-Horse-9", entropy)
    elsewhere = replace(SRP, id="eu-west-1_Elsewhere")
    assert not check_password(SRP, "Alice", credential, "Correct-Horse-9")
    assert not check_password(elsewhere, "alice", credential, "Correct-Horse-9")


@pytest.mark.parametrize("pool", [SRP, HASHED], ids=["srp", "hash"])
@pytest.mark.parametrize("password", ["", "Correct-Horse-9", "\ud800"])
def test_without_a_credential_every_password_is_wrong(pool: Pool, password: str) -> None:
    assert check_password(pool, "alice", None, password) is False


@pytest.mark.parametrize(
    "credential", [SrpCredential("not hex", 4), SrpCredential("", 4), HashCredential("$argon2id$x")]
)
def test_a_broken_credential_is_the_stores_failure_and_not_a_wrong_password(
    credential: SrpCredential | HashCredential,
) -> None:
    with pytest.raises(StoreError):
        check_password(SRP, "alice", credential, "Correct-Horse-9")
