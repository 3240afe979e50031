from __future__ import annotations

from collections import Counter
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.accounts.account import Account, AccountChanges, Passkey, in_order
from flowengine.accounts.decoys import decoy_account, decoy_passkey
from flowengine.accounts.pool import PasskeySettings, Pool, UserVerification
from flowengine.accounts.user import UserStatus
from tests import planted

NOW: Final = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
POOL: Final = Pool("eu-west-1_AbCdEfGhI", "main")
PASSKEY: Final = Passkey(b"an-id", b"a-public-key", 7, "example.com", NOW)
ALICE: Final = Account(
    pool_id=POOL.id,
    username="alice",
    sub="sub-of-alice",
    stamp="stamp-1",
    created_at=NOW,
    modified_at=NOW,
)


def test_a_user_has_a_passkey_when_there_is_one_and_it_is_a_second_factor() -> None:
    assert ALICE.facts().has == set()
    facts = replace(ALICE, passkeys=(PASSKEY,)).facts()
    assert facts.has == {"passkey"}
    has = facts.bindings()["has"]
    assert (has["passkey"], has["any"], has["totp"]) == (True, True, False)


def test_passkeys_are_ordered_by_age_and_then_by_id() -> None:
    older = replace(PASSKEY, created_at=NOW - timedelta(microseconds=1), credential_id=b"z")
    twin = replace(PASSKEY, credential_id=b"an-ie")
    for order in permutations((older, PASSKEY, twin)):
        assert in_order(order) == (older, PASSKEY, twin)


def test_a_change_of_something_else_leaves_passkeys_as_they_are() -> None:
    owner = replace(ALICE, passkeys=(PASSKEY,))
    changed = AccountChanges(status=UserStatus.CONFIRMED).apply(owner, "stamp-2", NOW)
    assert changed.passkeys == (PASSKEY,)


def test_a_passkey_cannot_be_changed_and_its_repr_is_short() -> None:
    passkey: Any = PASSKEY
    with pytest.raises(FrozenInstanceError):
        passkey.sign_count = 0
    shown = repr(replace(ALICE, passkeys=(PASSKEY,)))
    assert "an-id" not in shown
    assert "a-public-key" not in shown


def test_a_pool_has_no_passkeys_unless_it_says_for_whom() -> None:
    assert POOL.passkeys is None
    settings = PasskeySettings("example.com", ("https://example.com",))
    assert settings.user_verification is UserVerification.PREFERRED


@given(st.text(st.characters(), max_size=40))
def test_the_passkey_that_is_made_up_for_a_name_is_always_the_same(name: str) -> None:
    assert decoy_passkey(planted.KEY, POOL, name) == decoy_passkey(planted.KEY, POOL, name)


def test_another_name_pool_or_secret_has_another_one() -> None:
    elsewhere = replace(POOL, id="eu-west-1_Elsewhere")
    folding = replace(POOL, usernames_case_sensitive=False)
    made = [
        decoy_passkey(planted.KEY, POOL, "alice"),
        decoy_passkey(planted.KEY, POOL, "Alice"),
        decoy_passkey(planted.KEY, elsewhere, "alice"),
        decoy_passkey(b"another", POOL, "alice"),
    ]
    assert len({each.credential_id for each in made}) == 4
    assert decoy_passkey(planted.KEY, folding, "Alice") == decoy_passkey(
        planted.KEY, folding, "alice"
    )


def test_made_up_ids_have_the_lengths_of_common_ones_and_are_not_in_any_account() -> None:
    made = [decoy_passkey(planted.KEY, POOL, f"user-{n}") for n in range(400)]
    lengths = Counter(len(each.credential_id) for each in made)
    assert set(lengths) == {16, 20, 32}
    assert abs(lengths[32] - 200) < 50  # five standard deviations; the sample is fixed
    assert decoy_account(planted.KEY, POOL, "user-1", NOW).passkeys == ()
