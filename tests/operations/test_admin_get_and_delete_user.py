from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from flowengine.accounts.account import TotpFactor
from flowengine.engine.parts import Parts
from flowengine.engine.replies import ChallengeReply
from flowengine.errors import (
    NotAuthorizedError,
    ResourceNotFoundError,
    SessionError,
    UserNotFoundError,
)
from flowengine.operations.admin_delete_user import admin_delete_user
from flowengine.operations.admin_get_user import admin_get_user
from tests.operations.world import NOW, PASSWORD, POOL, TOTP_SECRET, new_world, run

Operation = Callable[[Parts, str, str], Coroutine[Any, Any, object]]


def test_a_user_is_described_with_the_sub_first() -> None:
    world = new_world()
    account = world.add_user(
        attributes={"email": "ada@example.com", "email_verified": "true"},
        totp=TotpFactor(TOTP_SECRET),
        prefers="SOFTWARE_TOKEN_MFA",
        enabled=False,
    )
    profile = run(admin_get_user(world.parts, POOL.id, "ada@example.com"))
    assert list(profile.attributes.items()) == [
        ("sub", account.sub),
        ("email", "ada@example.com"),
        ("email_verified", "true"),
    ]
    assert (profile.username, profile.enabled, profile.created_at) == ("ada", False, NOW)
    assert profile.mfa_methods == ("SOFTWARE_TOKEN_MFA",)
    assert profile.preferred_mfa == "SOFTWARE_TOKEN_MFA"
    assert "ada@example.com" not in repr(profile)


def test_an_app_that_is_not_active_is_no_factor_and_no_preference() -> None:
    world = new_world()
    world.add_user(totp=TotpFactor(TOTP_SECRET, active=False), prefers="SOFTWARE_TOKEN_MFA")
    profile = run(admin_get_user(world.parts, POOL.id, "ada"))
    assert (profile.mfa_methods, profile.preferred_mfa) == ((), "")


@pytest.mark.parametrize("operation", [admin_get_user, admin_delete_user])
def test_an_unknown_user_or_pool_is_refused(operation: Operation) -> None:
    world = new_world()
    with pytest.raises(UserNotFoundError, match=r"User does not exist\."):
        run(operation(world.parts, POOL.id, "ada"))
    with pytest.raises(ResourceNotFoundError, match="User pool nowhere_1 does not exist"):
        run(operation(world.parts, "nowhere_1", "ada"))


def test_a_removed_user_is_gone_under_every_name() -> None:
    world = new_world()
    world.add_user(attributes={"email": "ada@example.com", "email_verified": "true"})
    world.add_user("grace")
    run(admin_delete_user(world.parts, POOL.id, "ada@example.com"))
    assert run(world.directory.find(POOL.id, "ada")) is None
    assert run(world.directory.find(POOL.id, "ada@example.com")) is None
    assert world.user("grace").username == "grace"
    with pytest.raises(NotAuthorizedError):
        world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD)


def test_a_sign_in_of_a_removed_user_ends() -> None:
    world = new_world()
    world.add_user(totp=TotpFactor(TOTP_SECRET))
    asked = world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD)
    assert isinstance(asked, ChallengeReply)
    run(admin_delete_user(world.parts, POOL.id, "ada"))
    with pytest.raises(SessionError):
        world.respond(asked, USERNAME="ada", SOFTWARE_TOKEN_MFA_CODE="000000")
