from __future__ import annotations

import argon2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flowengine.crypto import passwords
from flowengine.errors import StoreError

PASSWORD = "Correct-Horse-9"
PHC = passwords.hash_password(PASSWORD, lambda size: bytes(range(size)))


def test_a_password_fits_its_own_hash_only() -> None:
    assert passwords.verify_password(PHC, PASSWORD)
    assert not passwords.verify_password(PHC, PASSWORD + " ")
    assert not passwords.verify_password(PHC, "")


def test_the_parameters_are_owasps_and_the_kind_is_argon2id() -> None:
    assert PHC.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert not passwords.needs_rehash(PHC)


def test_the_hash_is_one_that_argon2_itself_verifies() -> None:
    assert argon2.PasswordHasher().verify(PHC, PASSWORD)


def test_equal_passwords_have_different_hashes_under_different_salts() -> None:
    assert passwords.hash_password(PASSWORD, lambda size: b"\x07" * size) != PHC


def test_a_hash_of_weaker_parameters_is_verified_and_asked_to_be_made_again() -> None:
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)
    assert passwords.verify_password(weak, PASSWORD)
    assert passwords.needs_rehash(weak)


def test_the_decoys_hash_costs_the_same_and_fits_nothing() -> None:
    ours = argon2.extract_parameters(PHC)
    assert argon2.extract_parameters(passwords.DUMMY_HASH) == ours
    assert len(passwords.DUMMY_HASH) == len(PHC)
    assert not passwords.verify_password(passwords.DUMMY_HASH, "")
    assert not passwords.verify_password(passwords.DUMMY_HASH, PASSWORD)


@pytest.mark.parametrize("password", ["пароль🔑", "\ud800", "a\x00b", "x" * 5000])
def test_any_text_can_be_a_password(password: str) -> None:
    phc = passwords.hash_password(password, lambda size: bytes(range(size)))
    assert passwords.verify_password(phc, password)
    assert not passwords.verify_password(PHC, password)


broken_tails = st.text(alphabet="$argon2idvmtp=,0123456789abcXYZ/+\x00ü", max_size=60)


@given(
    phc=broken_tails
    | broken_tails.map(lambda tail: "$argon2id" + tail)
    | broken_tails.map(lambda tail: "$argon2id$v=19$m=64,t=1,p=1$" + tail)
)
@example(phc="$argon2id$v=19$m=1,t=1,p=1$AAAAAAAAAAA$AAAAAAAAAAAAAAAA")
@settings(max_examples=300, deadline=None)
def test_a_broken_hash_is_the_stores_fault_and_is_not_shown(phc: str) -> None:
    with pytest.raises(StoreError) as failure:
        passwords.verify_password(phc, PASSWORD)
    assert str(failure.value) == "a stored password hash cannot be used"
    assert failure.value.__cause__ is None


@pytest.mark.parametrize("phc", ["", "plain", "$2b$12$abc", "$argon2id$v=x$m=1$a$b", "ü", "$" * 5])
def test_whether_to_hash_again_is_not_asked_of_a_broken_hash(phc: str) -> None:
    with pytest.raises(StoreError):
        passwords.needs_rehash(phc)
