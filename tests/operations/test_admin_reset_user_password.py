from __future__ import annotations

from typing import Any

import pytest

from flowengine.accounts.user import UserStatus
from flowengine.operations.admin_reset_user_password import admin_reset_user_password
from flowengine.operations.get_user import get_user
from tests.operations.accounts import (
    DISABLED,
    FRESH,
    LIMITED,
    MAIL,
    NO_POOL,
    NO_USER,
    UNDELIVERED,
    VERIFIED,
    Told,
    changed,
    confirm,
    forgot,
    signs_in,
    told,
    told_by,
    with_ada,
)
from tests.operations.test_forgot_password import NO_ADDRESS, NO_RESET
from tests.operations.world import PASSWORD, POOL, World, contended, new_world, run


def reset(world: World, username: str = "ada", pool_id: str = POOL.id) -> None:
    run(admin_reset_user_password(world.parts, pool_id, username))


def test_the_password_is_out_of_use_until_a_code_sets_another() -> None:
    mails = with_ada()
    before = mails.world.user()
    token = mails.world.access_token()
    reset(mails.world)
    assert mails.world.user().status is UserStatus.RESET_REQUIRED
    assert changed(mails.world, before)
    must = ("PasswordResetRequiredException", "Password reset required for the user")
    start = {"USERNAME": "ada", "PASSWORD": PASSWORD}
    assert told(mails.world.initiate, "USER_PASSWORD_AUTH", **start) == must
    revoked = ("NotAuthorizedException", "Access Token has been revoked")
    assert told_by(get_user(mails.world.parts, token)) == revoked
    assert (mails.last.to, mails.last.purpose) == (MAIL, "forgot-password")
    confirm(mails.world, mails.code)
    assert signs_in(mails.world, FRESH)


def test_another_code_may_be_asked_for() -> None:
    mails = with_ada()
    reset(mails.world)
    forgot(mails.world)
    confirm(mails.world, mails.code)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"enabled": False}, DISABLED),
        ({"attributes": {}}, NO_ADDRESS),
        ({"status": UserStatus.UNCONFIRMED}, NO_ADDRESS),
        ({"status": UserStatus.FORCE_CHANGE_PASSWORD}, NO_RESET),
    ],
)
def test_who_could_not_set_another_keeps_the_password(changes: dict[str, Any], error: Told) -> None:
    mails = with_ada(**changes)
    before = mails.world.user()
    assert told(reset, mails.world) == error
    assert mails.world.user() == before
    assert mails.sent.messages == []


def test_where_no_code_can_be_sent_nothing_is_changed() -> None:
    mails = with_ada()
    for _ in range(5):
        forgot(mails.world)
    assert told(reset, mails.world) == LIMITED
    assert mails.world.user().status is UserStatus.CONFIRMED
    world = new_world()
    before = world.add_user(attributes=VERIFIED)
    assert told(reset, world) == UNDELIVERED
    assert world.user() == before


def test_an_unknown_user_or_pool_is_refused() -> None:
    mails = with_ada()
    assert told(reset, mails.world, "nobody") == NO_USER
    assert told(reset, mails.world, pool_id="eu-west-1_Nowhere") == NO_POOL


def test_a_user_without_an_address_is_told_before_anything_else() -> None:
    assert told(reset, contended()) == NO_ADDRESS
