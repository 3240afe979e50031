from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from hypothesis import assume, given
from hypothesis import strategies as st

from flowengine.accounts.account import Account, HashCredential, SrpCredential
from flowengine.accounts.credentials import check_password
from flowengine.accounts.decoys import (
    decoy_account,
    decoy_name,
    decoy_passkey,
    decoy_verifier,
    reachable,
)
from flowengine.accounts.pool import PasskeySettings, Pool
from flowengine.accounts.user import UserStatus
from flowengine.crypto import srp
from flowengine.crypto.passkeys import nobodys_key

POOL: Final = Pool("eu-west-1_AbCdEfGhI", "main")
PASSKEYS: Final = replace(POOL, passkeys=PasskeySettings("example.com", ("https://example.com",)))
NOW: Final = datetime(2023, 9, 5, 7, 8, 9, tzinfo=UTC)
SECRET: Final = b"0123456789abcdef0123456789abcdef"
ANY_NAME: Final = st.text(st.characters(), max_size=40)


def decoy(name: str, pool: Pool = POOL, secret: bytes = SECRET) -> Account:
    return decoy_account(secret, pool, name, NOW)


def verifier_of(account: Account) -> SrpCredential:
    assert isinstance(account.password, SrpCredential)
    return account.password


@given(ANY_NAME)
def test_the_same_name_is_always_played_by_the_same_decoy(name: str) -> None:
    assert decoy(name) == decoy(name)


@given(ANY_NAME, ANY_NAME)
def test_two_names_have_nothing_in_common(one: str, other: str) -> None:
    assume(one != other)
    first, second = decoy(one), decoy(other)
    assert first.sub != second.sub
    assert first.stamp != second.stamp
    assert verifier_of(first).salt != verifier_of(second).salt
    assert verifier_of(first).verifier != verifier_of(second).verifier


def test_another_pool_or_another_secret_plays_another_decoy() -> None:
    subs = {
        decoy("alice").sub,
        decoy("alice", pool=replace(POOL, id="eu-west-1_Elsewhere")).sub,
        decoy("alice", secret=b"another").sub,
    }
    assert len(subs) == 3


def test_the_end_of_the_pools_id_is_not_the_start_of_the_name() -> None:
    assert decoy("Ialice", replace(POOL, id="eu-west-1_A")).sub != (
        decoy("alice", replace(POOL, id="eu-west-1_AI")).sub
    )


def test_case_makes_another_decoy_only_where_it_makes_another_user() -> None:
    folding = replace(POOL, usernames_case_sensitive=False)
    assert decoy("Alice").sub != decoy("alice").sub
    assert decoy("Alice", folding).sub == decoy("alice", folding).sub
    assert decoy("Alice", folding).username == decoy("alice", folding).username == "alice"
    assert decoy("Alice").username == "Alice"


def test_a_decoy_looks_like_an_ordinary_user_with_a_password() -> None:
    account = decoy("alice")
    assert (account.pool_id, account.username) == (POOL.id, "alice")
    assert account.status is UserStatus.CONFIRMED
    assert account.enabled
    assert "password" in account.facts().has
    assert UUID(account.sub).version == 4


def test_decoys_have_verified_addresses_and_factors_as_users_may() -> None:
    pool = replace(POOL, mfa_methods=("SOFTWARE_TOKEN_MFA", "SMS_MFA", "EMAIL_OTP"))
    played = [decoy(f"user-{n}", pool) for n in range(2000)]
    shares = {
        3 / 4: [account.facts().email_verified for account in played],
        1 / 4: [account.facts().phone_verified for account in played],
    }
    for share, found in shares.items():
        assert abs(sum(found) / 2000 - share) < 0.03
    for factors in (
        [account.totp is not None for account in played],
        [account.sms_mfa for account in played],
        [account.email_mfa for account in played],
    ):
        assert abs(sum(factors) / 2000 - 1 / 8) < 0.03
    apps = {account.totp.secret for account in played if account.totp is not None}
    assert len(apps) == sum(account.totp is not None for account in played)


@given(ANY_NAME)
def test_a_decoy_has_no_factor_that_the_pool_does_not_take(name: str) -> None:
    account = decoy(name, replace(POOL, mfa_methods=()))
    assert (account.totp, account.sms_mfa, account.email_mfa) == (None, False, False)


def test_an_address_that_users_sign_in_by_is_verified_and_shown_as_it_was_typed() -> None:
    pool = replace(POOL, aliases=("email", "phone_number"))
    for n in range(100):
        by_mail, by_phone = decoy(f"user{n}@example.com", pool), decoy(f"+1555010{n}", pool)
        assert by_mail.attributes["email"] == f"user{n}@example.com"
        assert by_mail.facts().email_verified
        assert by_phone.attributes["phone_number"] == f"+1555010{n}"
        assert by_phone.facts().phone_verified
    elsewhere = [decoy(f"user{n}@example.com").facts().email_verified for n in range(100)]
    assert set(elsewhere) == {True, False}


def test_a_decoy_may_be_given_addresses_that_are_verified() -> None:
    for n in range(20):
        account = reachable(decoy(f"user-{n}"))
        facts = account.facts()
        assert (facts.email_verified, facts.phone_verified) == (True, True)
        assert account.attributes["email"] == decoy(f"user-{n}").attributes["email"]


def test_half_of_the_decoys_have_passkeys_where_users_may() -> None:
    played = [decoy(f"user-{n}", PASSKEYS) for n in range(2000)]
    shares = Counter(len(account.passkeys) for account in played)
    for number, share in ((0, 1 / 2), (1, 1 / 4), (2, 1 / 8), (3, 1 / 8)):
        assert abs(shares[number] / 2000 - share) < 0.03
    for account in played:
        has_passkey = "passkey" in account.facts().has
        assert has_passkey == bool(account.passkeys)
        assert "password" in account.facts().has
    ids = [each.credential_id for account in played for each in account.passkeys]
    assert len(set(ids)) == len(ids)


@given(ANY_NAME)
def test_the_passkeys_of_a_decoy_are_always_the_same_and_nobodys(name: str) -> None:
    account = decoy(name, PASSKEYS)
    assert decoy(name, PASSKEYS) == account
    assert {each.public_key for each in account.passkeys} <= {
        nobodys_key(drawn) for drawn in range(256)
    }
    assert {each.relying_party for each in account.passkeys} <= {"example.com"}
    asked = decoy_passkey(SECRET, PASSKEYS, name)
    ids = {each.credential_id for each in account.passkeys}
    assert not ids or asked.credential_id in ids


def test_salts_of_decoys_are_distributed_as_those_of_real_users() -> None:
    drawn = real_salts(2000)
    played = [verifier_of(decoy(f"user-{n}")).salt for n in range(2000)]
    assert all(salt == f"{int(salt, 16):x}" for salt in played)
    for length in (30, 31, 32):
        share = [Counter(map(len, salts))[length] / 2000 for salts in (drawn, played)]
        assert abs(share[0] - share[1]) < 0.02  # 2.6 standard deviations; both samples are fixed
    # No byte in front is zero where the next one is below 0x80 (COGNITO.md, N.4).
    assert all(int(salt, 16).bit_length() >= 120 for salt in played)


def real_salts(number: int) -> list[str]:
    source = shaken(b"real users")
    return [srp.to_hex(srp.new_salt(source)) for _ in range(number)]


def shaken(seed: bytes) -> Callable[[int], bytes]:
    drawn = 0

    def draw(size_bytes: int) -> bytes:
        nonlocal drawn
        drawn += 1
        return hashlib.shake_256(seed + drawn.to_bytes(8, "big")).digest(size_bytes)

    return draw


@given(ANY_NAME)
def test_a_decoys_verifier_lies_in_the_group_that_real_ones_lie_in(name: str) -> None:
    value = decoy_verifier(SECRET, POOL, name).verifier
    assert 1 < value < srp.PRIME
    assert legendre(value, srp.PRIME) == 1


def legendre(number: int, prime: int) -> int:
    """Compute the Legendre symbol by reciprocity: fast, unlike a power of this size."""
    sign = 1
    while number:
        while number % 2 == 0:
            number //= 2
            sign = -sign if prime % 8 in (3, 5) else sign
        number, prime = prime, number
        sign = -sign if number % 4 == prime % 4 == 3 else sign
        number %= prime
    return sign if prime == 1 else 0


def test_verifiers_of_real_users_pass_the_same_test() -> None:
    assert legendre(srp.verifier("AbCdEfGhI", "alice", "Correct-Horse-9", 1 << 127), srp.PRIME) == 1
    assert legendre(srp.PRIME - 1, srp.PRIME) == -1


def test_the_credential_of_a_decoy_takes_no_password_that_is_tried() -> None:
    hashed = replace(POOL, srp=False)
    assert not check_password(POOL, "alice", decoy("alice").password, "Correct-Horse-9")
    assert not check_password(hashed, "alice", decoy("alice", hashed).password, "Correct-Horse-9")
    assert isinstance(decoy("alice", hashed).password, HashCredential)


def test_no_repr_of_a_decoy_shows_what_it_was_made_from() -> None:
    account = decoy("alice")
    for text in (account.stamp, verifier_of(account).salt, str(verifier_of(account).verifier)):
        assert text not in repr(account)


BY_ALIAS: Final = replace(POOL, aliases=("email",))
BY_ADDRESS: Final = replace(POOL, named_by=("email", "phone_number"))


def test_where_a_pool_ignores_case_no_decoy_is_called_as_it_was_typed() -> None:
    ignoring = replace(POOL, usernames_case_sensitive=False)
    assert decoy_name(SECRET, ignoring, "Alice") == decoy("Alice", ignoring).username == "alice"
    assert decoy_name(SECRET, POOL, "Alice") == decoy("Alice").username == "Alice"


def test_whoever_is_named_by_an_address_is_called_otherwise() -> None:
    for pool, name in (
        (BY_ALIAS, "ada@example.com"),
        (BY_ADDRESS, "ada@example.com"),
        (BY_ADDRESS, "+15550100"),
    ):
        called = decoy(name, pool).username
        assert str(UUID(called)) == called
        assert decoy_name(SECRET, pool, name) == called
        assert decoy_name(SECRET, pool, called) == called
    for pool, name in ((BY_ALIAS, "ada"), (BY_ALIAS, "+15550100"), (POOL, "ada@example.com")):
        assert decoy(name, pool).username == name


def test_what_a_decoy_is_called_gives_the_same_decoy() -> None:
    for pool in (BY_ALIAS, BY_ADDRESS):
        typed = decoy("ada@example.com", pool)
        again = decoy(typed.username, pool)
        assert replace(again, attributes=typed.attributes) == typed
        assert typed.attributes["email"] == "ada@example.com"
        assert typed.attributes["email_verified"] == "true"


def test_where_an_address_names_users_a_decoy_is_called_by_its_sub() -> None:
    named = decoy("ada@example.com", BY_ADDRESS)
    assert named.username == named.sub
    other = decoy("ada@example.com", BY_ALIAS)
    assert other.username != other.sub
