from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flowengine.accounts.account import Account
from flowengine.accounts.user import UserStatus
from flowengine.errors import StoreError
from flowengine.operations.change_password import ChangePasswordRequest, change_password
from flowengine.operations.get_user import get_user
from flowengine.stores.memory_grants import MemoryGrants
from tests.operations.accounts import (
    DISABLED,
    FRESH,
    NO_USER,
    TOO_SHORT,
    WRONG_PASSWORD,
    changed,
    signs_in,
    told,
    told_by,
)
from tests.operations.world import PASSWORD, World, contended, new_world, run

LOCKED = ("NotAuthorizedException", "Password attempts exceeded")
REVOKED = ("NotAuthorizedException", "Access Token has been revoked")
RESET = ("PasswordResetRequiredException", "Password reset required for the user")


def set_password(
    world: World, token: str, proposed: str = FRESH, previous: str | None = PASSWORD
) -> None:
    run(change_password(world.parts, ChangePasswordRequest(token, proposed, previous)))


def signed_in() -> tuple[World, str]:
    world = new_world()
    world.add_user()
    return world, world.access_token()


def test_a_user_sets_another_password() -> None:
    world, token = signed_in()
    before = world.user()
    later = world.clock.advance(timedelta(minutes=1))
    set_password(world, token)
    after = world.user()
    same = replace(before, stamp=after.stamp, password=after.password, modified_at=later)
    assert after == same
    assert changed(world, before)
    assert signs_in(world, FRESH)
    assert not signs_in(world, PASSWORD)


def test_all_sign_ins_are_revoked() -> None:
    world, token = signed_in()
    other = world.access_token()
    set_password(world, token)
    for revoked in (token, other):
        assert told_by(get_user(world.parts, revoked)) == REVOKED
    assert told(set_password, world, token, PASSWORD, FRESH) == REVOKED


def test_the_present_password_is_compared() -> None:
    world, token = signed_in()
    before = world.user()
    assert told(set_password, world, token, previous=f"{PASSWORD} ") == WRONG_PASSWORD
    missing = ("InvalidParameterException", "Missing required parameter PreviousPassword")
    assert told(set_password, world, token, previous=None) == missing
    assert world.user() == before


def test_guesses_lock_the_password() -> None:
    world, token = signed_in()
    for _ in range(5):
        assert told(set_password, world, token, previous="guess") == WRONG_PASSWORD
    assert told(set_password, world, token) == LOCKED
    assert not signs_in(world, PASSWORD)
    world.clock.advance(timedelta(seconds=2))
    set_password(world, token)


def test_a_password_against_the_policy_costs_no_try() -> None:
    world, token = signed_in()
    for _ in range(8):
        assert told(set_password, world, token, "short", "guess") == TOO_SHORT
    set_password(world, token)


def test_a_user_without_a_password_sets_a_first_one() -> None:
    world, token = signed_in()
    before = world.user()
    without = replace(before, password=None, stamp="without")
    assert run(world.directory.save(without, before.stamp))
    assert told(set_password, world, token) == WRONG_PASSWORD
    set_password(world, token, previous=None)
    assert signs_in(world, FRESH)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"enabled": False}, DISABLED),
        ({"status": UserStatus.RESET_REQUIRED}, RESET),
        ({"status": UserStatus.FORCE_CHANGE_PASSWORD}, WRONG_PASSWORD),
        (
            {"status": UserStatus.UNCONFIRMED},
            ("UserNotConfirmedException", "User is not confirmed."),
        ),
    ],
)
def test_an_account_that_is_not_good_sets_none(
    changes: dict[str, Any], error: tuple[str, str]
) -> None:
    world, token = signed_in()
    before = world.user()
    bad = replace(before, **changes, stamp="bad")
    assert run(world.directory.save(bad, before.stamp))
    assert told(set_password, world, token) == error

    def rival(user: Account) -> Account:
        return replace(user, **changes, stamp="bad")

    raced = contended(rival)
    assert told(set_password, raced, raced.access_token()) == error


def test_a_password_that_changed_while_it_was_compared_is_not_overwritten() -> None:
    world = contended(lambda user: replace(user, password=None, stamp="theirs"))
    assert told(set_password, world, world.access_token()) == WRONG_PASSWORD
    assert world.user().stamp == "theirs"


def test_another_change_meanwhile_is_kept() -> None:
    world = contended(lambda user: replace(user, groups=("theirs",), stamp="theirs"))
    set_password(world, world.access_token())
    assert world.user().groups == ("theirs",)
    assert signs_in(world, FRESH)


def test_a_user_who_was_removed_meanwhile_gets_none() -> None:
    world = contended(lambda _: None)
    assert told(set_password, world, world.access_token()) == NO_USER


class _FailingGrants(MemoryGrants):
    async def revoke_user(self, *_: object) -> None:
        raise StoreError("the store is away")


def test_sign_ins_that_cannot_be_revoked_are_told() -> None:
    world = new_world(grants=_FailingGrants())
    world.add_user()
    with pytest.raises(StoreError):
        set_password(world, world.access_token())


def test_what_is_no_token_is_refused() -> None:
    error = ("NotAuthorizedException", "Invalid Access Token")
    assert told(set_password, new_world(), "a.b.c") == error


def test_no_repr_shows_a_password_or_the_token() -> None:
    assert repr(ChangePasswordRequest("token", FRESH, PASSWORD)) == "ChangePasswordRequest()"
