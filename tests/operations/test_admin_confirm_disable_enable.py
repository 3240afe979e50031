"""AdminConfirmSignUp, AdminDisableUser and AdminEnableUser."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from flowengine.accounts.account import TotpFactor
from flowengine.accounts.user import UserStatus
from flowengine.engine.parts import Parts
from flowengine.engine.replies import ChallengeReply
from flowengine.operations.admin_confirm_sign_up import admin_confirm_sign_up
from flowengine.operations.admin_disable_user import admin_disable_user
from flowengine.operations.admin_enable_user import admin_enable_user
from flowengine.operations.get_user import get_user
from tests.operations.accounts import (
    DISABLED,
    MAIL,
    NO_POOL,
    NO_USER,
    changed,
    signs_in,
    told,
    told_by,
)
from tests.operations.signing_up import confirm_join, joined
from tests.operations.world import PASSWORD, POOL, TOTP_SECRET, World, contended, new_world, run

Operation = Callable[[Parts, str, str], Coroutine[Any, Any, None]]
ALL: list[Operation] = [admin_confirm_sign_up, admin_disable_user, admin_enable_user]


def do(operation: Operation, world: World, username: str = "ada", pool_id: str = POOL.id) -> None:
    run(operation(world.parts, pool_id, username))


def test_a_confirmed_user_signs_in_and_no_address_is_verified() -> None:
    mails = joined()
    before = mails.world.user()
    do(admin_confirm_sign_up, mails.world)
    after = mails.world.user()
    assert after == replace(before, status=UserStatus.CONFIRMED, stamp=after.stamp)
    assert changed(mails.world, before)
    assert signs_in(mails.world, PASSWORD)
    assert run(mails.world.directory.find(POOL.id, MAIL)) is None
    assert told(confirm_join, mails.world, mails.code)[0] == "ExpiredCodeException"


@pytest.mark.parametrize("status", [s for s in UserStatus if s is not UserStatus.UNCONFIRMED])
def test_who_needs_no_confirmation_gets_none(status: UserStatus) -> None:
    world = new_world()
    before = world.add_user(status=status)
    text = f"User cannot be confirmed. Current status is {status.value}"
    assert told(do, admin_confirm_sign_up, world) == ("NotAuthorizedException", text)
    assert world.user() == before


def test_a_disabled_user_is_out_at_once_and_for_good() -> None:
    world = new_world()
    before = world.add_user()
    token = world.access_token()
    with_app = replace(before, totp=TotpFactor(TOTP_SECRET), stamp="with an app")
    assert run(world.directory.save(with_app, before.stamp))
    waits = world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD)
    assert isinstance(waits, ChallengeReply)
    do(admin_disable_user, world)
    assert not world.user().enabled
    assert changed(world, with_app)
    code = {"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": "000000"}
    assert told(world.respond, waits, **code)[0] == "NotAuthorizedException"
    assert told_by(get_user(world.parts, token)) == DISABLED
    do(admin_enable_user, world)
    revoked = ("NotAuthorizedException", "Access Token has been revoked")
    assert told_by(get_user(world.parts, token)) == revoked
    session = ("NotAuthorizedException", "Invalid session for the user.")
    assert told(world.respond, waits, **code) == session


def test_an_enabled_user_signs_in() -> None:
    world = new_world()
    before = world.add_user(enabled=False)
    assert not signs_in(world, PASSWORD)
    do(admin_enable_user, world)
    after = world.user()
    assert after == replace(before, enabled=True, stamp=after.stamp)
    assert signs_in(world, PASSWORD)


def test_to_do_it_twice_is_no_error() -> None:
    world = new_world()
    world.add_user()
    for operation in (admin_disable_user, admin_disable_user, admin_enable_user, admin_enable_user):
        do(operation, world)
    assert signs_in(world, PASSWORD)


@pytest.mark.parametrize("operation", ALL)
def test_an_unknown_user_or_pool_is_refused(operation: Operation) -> None:
    world = new_world()
    assert told(do, operation, world) == NO_USER
    assert told(do, operation, world, pool_id="eu-west-1_Nowhere") == NO_POOL


@pytest.mark.parametrize("operation", ALL[1:])
def test_a_change_by_someone_else_meanwhile_is_kept(operation: Operation) -> None:
    world = contended(lambda user: replace(user, groups=("theirs",), stamp="theirs"))
    do(operation, world)
    assert world.user().groups == ("theirs",)
    gone = contended(lambda _: None)
    assert told(do, operation, gone) == NO_USER
