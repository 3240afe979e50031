from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from flowengine.accounts.user import UserStatus
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.errors import (
    InvalidPasswordError,
    NotAuthorizedError,
    ResourceNotFoundError,
    SessionError,
    TooManyRequestsError,
    UserNotFoundError,
)
from flowengine.operations.admin_set_user_password import (
    AdminSetUserPasswordRequest,
    admin_set_user_password,
)
from tests.operations.world import NOW, PASSWORD, POOL, World, contended, new_world, run

FRESH = "a fresh one, please"


def set_password(
    world: World,
    password: str = FRESH,
    *,
    permanent: bool = False,
    username: str = "ada",
    pool_id: str = POOL.id,
) -> None:
    request = AdminSetUserPasswordRequest(pool_id, username, password, permanent)
    run(admin_set_user_password(world.parts, request))


def test_a_permanent_password_signs_in_at_once_and_the_old_one_no_longer() -> None:
    world = new_world()
    before = world.add_user(status=UserStatus.FORCE_CHANGE_PASSWORD, temporary_until=NOW)
    set_password(world, permanent=True)
    account = world.user()
    assert (account.status, account.temporary_until) == (UserStatus.CONFIRMED, None)
    assert account.stamp != before.stamp
    signed_in = world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=FRESH)
    assert isinstance(signed_in, SuccessReply)
    with pytest.raises(NotAuthorizedError):
        world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD)


def test_a_temporary_password_has_to_be_changed_and_expires() -> None:
    world = new_world()
    world.add_user()
    set_password(world)
    account = world.user()
    assert account.status is UserStatus.FORCE_CHANGE_PASSWORD
    assert account.temporary_until == NOW + POOL.temporary_password_life
    asked = world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=FRESH)
    assert isinstance(asked, ChallengeReply)
    assert asked.challenge_name == "NEW_PASSWORD_REQUIRED"


def test_the_change_is_dated_and_keeps_all_else() -> None:
    world = new_world()
    before = world.add_user(attributes={"name": "Ada"}, groups=("staff",), pending_totp=b"x" * 20)
    later = world.clock.advance(timedelta(hours=1))
    set_password(world, permanent=True)
    after = world.user()
    assert after.modified_at == later
    assert after == replace(before, stamp=after.stamp, modified_at=later, password=after.password)


def test_a_sign_in_under_way_ends() -> None:
    world = new_world()
    world.add_user(status=UserStatus.FORCE_CHANGE_PASSWORD)
    asked = world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD)
    assert isinstance(asked, ChallengeReply)
    set_password(world, permanent=True)
    with pytest.raises(SessionError):
        world.respond(asked, USERNAME="ada", NEW_PASSWORD="mine and mine alone")


def test_a_user_is_found_by_a_verified_address() -> None:
    world = new_world()
    world.add_user(attributes={"email": "ada@example.com", "email_verified": "true"})
    set_password(world, permanent=True, username="ada@example.com")
    signed_in = world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=FRESH)
    assert isinstance(signed_in, SuccessReply)


def test_a_password_against_the_policy_changes_nothing() -> None:
    world = new_world()
    before = world.add_user()
    with pytest.raises(InvalidPasswordError):
        set_password(world, "short")
    assert world.user() == before


def test_an_unknown_user_or_pool_is_refused() -> None:
    world = new_world()
    with pytest.raises(UserNotFoundError):
        set_password(world)
    with pytest.raises(ResourceNotFoundError):
        set_password(world, pool_id="eu-west-1_Nowhere")


def test_a_change_by_someone_else_meanwhile_is_kept() -> None:
    world = contended(lambda user: replace(user, stamp="theirs", groups=("by-rival",)))
    set_password(world, permanent=True)
    assert world.user().groups == ("by-rival",)
    signed_in = world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=FRESH)
    assert isinstance(signed_in, SuccessReply)


def test_endless_changes_by_others_are_told_as_too_many() -> None:
    rivals = [lambda user: replace(user, stamp=f"{user.stamp}+")] * 100
    with pytest.raises(TooManyRequestsError):
        set_password(contended(*rivals))


def test_a_user_who_was_removed_meanwhile_gets_no_password() -> None:
    with pytest.raises(UserNotFoundError):
        set_password(contended(lambda _: None))


def test_neither_does_another_user_who_took_the_name_meanwhile() -> None:
    world = contended(lambda user: replace(user, sub="another", stamp="theirs"))
    with pytest.raises(UserNotFoundError):
        set_password(world)
    assert world.user().stamp == "theirs"
