"""RevokeToken, GlobalSignOut, AdminUserGlobalSignOut, and what else ends sign-ins."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flowengine.accounts.pool import Client
from flowengine.operations.admin_delete_user import admin_delete_user
from flowengine.operations.admin_user_global_sign_out import admin_user_global_sign_out
from flowengine.operations.associate_software_token import (
    AssociateSoftwareTokenRequest,
    associate_software_token,
)
from flowengine.operations.get_user import get_user
from flowengine.operations.global_sign_out import global_sign_out
from flowengine.operations.revoke_token import RevokeTokenRequest, revoke_token
from tests import planted
from tests.operations.refreshing import (
    NO_ACCESS,
    REVOKED,
    ROTATING,
    TICK,
    claims_of,
    confidential,
    get_tokens,
    grants_of,
    opens,
    redeploy,
    refresh,
    refresh_token,
    refused,
    rotate,
    sign_in,
    tokens_of,
    with_other_secret,
    world_of,
)
from tests.operations.world import (
    CONFIDENTIAL,
    OPEN,
    OTHER,
    OTHER_POOL,
    PASSWORD,
    POOL,
    WEB,
    World,
    run,
)

UNAUTHORIZED = ("UnauthorizedException", "Unauthorized")
UNSUPPORTED = ("UnsupportedTokenTypeException", "Unsupported token type")
NO_USER = ("UserNotFoundException", "User does not exist.")


def revoke(world: World, token: str, client: Client = WEB, secret: str | None = None) -> None:
    run(revoke_token(world.parts, RevokeTokenRequest(client.id, token, secret)))


def sign_out(world: World, access_token: str) -> None:
    run(global_sign_out(world.parts, access_token))


def sign_out_by_admin(world: World, username: str = "ada", pool_id: str = POOL.id) -> None:
    run(admin_user_global_sign_out(world.parts, pool_id, username))


def test_a_revoked_token_ends_its_sign_in_and_no_other() -> None:
    world = world_of()
    first, other = sign_in(world), sign_in(world)
    second = refresh(world, refresh_token(first))
    revoke(world, refresh_token(first))
    for _ in range(2):
        assert refused(refresh, world, refresh_token(first)) == REVOKED
        assert refused(get_tokens, world, refresh_token(first)) == REVOKED
        assert not opens(world, first)
        assert not opens(world, second)
        revoke(world, refresh_token(first))
    assert opens(world, other)
    refresh(world, refresh_token(other))


def test_a_replaced_token_ends_its_sign_in_too() -> None:
    world = world_of(ROTATING)
    token = refresh_token(sign_in(world))
    new = rotate(world, token)
    world.clock.advance(timedelta(days=1))
    revoke(world, token)
    assert refused(get_tokens, world, new) == REVOKED


def test_a_token_that_is_not_known_is_no_error_and_changes_nothing() -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    elsewhere = world_of()
    revoke(elsewhere, token)
    revoke(world, with_other_secret(token))
    refresh(world, token)
    world.clock.advance(timedelta(days=30))
    revoke(world, token)


@pytest.mark.parametrize("thief", [OPEN, OTHER])
def test_another_client_cannot_revoke_a_token(thief: Client) -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    assert refused(revoke, world, token, thief) == UNAUTHORIZED
    refresh(world, token)


def test_a_client_with_a_secret_revokes_by_it_alone() -> None:
    world = world_of()
    token = confidential(world)
    for wrong in (None, "", "x" * 24, planted.CLIENT_SECRET + "x", "é"):
        assert refused(revoke, world, token, CONFIDENTIAL, wrong) == UNAUTHORIZED
    assert refused(revoke, world, refresh_token(sign_in(world)), WEB, "x" * 24) == UNAUTHORIZED
    assert not any(grant.revoked for grant in grants_of(world)._grants.values())
    revoke(world, token, CONFIDENTIAL, planted.CLIENT_SECRET)
    assert [grant.revoked for grant in grants_of(world)._grants.values()] == [True, False]


def test_only_refresh_tokens_are_revoked() -> None:
    world = world_of()
    result = sign_in(world)
    token = refresh_token(result)
    for other in (
        result.access_token,
        result.id_token,
        token[:-1],
        token + "A",
        "A",
        "é",
        "A" * 9000,
    ):
        assert refused(revoke, world, other) == UNSUPPORTED
    assert opens(world, result)


def test_an_unknown_client_revokes_nothing() -> None:
    world = world_of()
    stranger = Client(id="9unknown", name="x", pool_id=POOL.id)
    token = refresh_token(sign_in(world))
    assert refused(revoke, world, token, stranger) == UNAUTHORIZED
    refresh(world, token)


@pytest.mark.parametrize("by_admin", [False, True])
def test_signing_out_ends_all_sign_ins_of_the_user_and_of_nobody_else(
    by_admin: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    world = world_of()
    world.add_user("grace")
    world.add_user(pool=OTHER_POOL)
    mine = [sign_in(world), sign_in(world), sign_in(world, OPEN)]
    others = [(sign_in(world, WEB, "grace"), WEB), (sign_in(world, OTHER), OTHER)]
    if by_admin:
        sign_out_by_admin(world)
    else:
        sign_out(world, mine[1].access_token)
    for result, client in zip(mine, (WEB, WEB, OPEN), strict=True):
        assert refused(refresh, world, refresh_token(result), client) == REVOKED
        assert not opens(world, result)
    for result, client in others:
        refresh(world, refresh_token(result), client)
        assert opens(world, result)
    again = sign_in(world)
    assert opens(world, again)
    refresh(world, refresh_token(again))


def test_a_revoked_access_token_opens_no_operation() -> None:
    world = world_of()
    token = sign_in(world).access_token
    sign_out(world, token)
    assert refused(sign_out, world, token) == NO_ACCESS
    request = AssociateSoftwareTokenRequest(access_token=token)
    assert refused(run, associate_software_token(world.parts, request)) == NO_ACCESS
    assert refused(run, get_user(world.parts, token)) == NO_ACCESS


def test_an_alias_signs_the_same_user_out() -> None:
    world = world_of(attributes={"email": "ada@example.com", "email_verified": "true"})
    result = sign_in(world, WEB, "ada@example.com")
    sign_out_by_admin(world, "ada@example.com")
    assert not opens(world, result)


def test_a_user_or_pool_that_is_not_there_cannot_be_signed_out() -> None:
    world = world_of()
    assert refused(sign_out_by_admin, world, "nobody") == NO_USER
    assert refused(sign_out_by_admin, world, "ada", OTHER_POOL.id) == NO_USER
    missing = ("ResourceNotFoundException", "User pool eu-west-1_None does not exist.")
    assert refused(sign_out_by_admin, world, "ada", "eu-west-1_None") == missing
    assert refused(sign_out, world, "no token") == (
        "NotAuthorizedException",
        "Invalid Access Token",
    )


def test_a_removed_user_leaves_nothing_good_behind_for_the_next_of_the_name() -> None:
    world = world_of()
    result = sign_in(world)
    run(admin_delete_user(world.parts, POOL.id, "ada"))
    assert refused(refresh, world, refresh_token(result)) == REVOKED
    assert refused(run, get_user(world.parts, result.access_token)) == NO_USER
    world.add_user(sub="00000000-0000-4000-8000-00000000ffff")
    assert refused(refresh, world, refresh_token(result)) == REVOKED
    assert refused(run, get_user(world.parts, result.access_token)) == NO_USER


def test_an_access_token_outlives_the_refresh_token_that_it_was_made_with() -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    world.clock.advance(timedelta(days=30) - TICK)
    last = refresh(world, token)
    world.clock.advance(timedelta(minutes=59))
    assert opens(world, last)
    sign_out(world, last.access_token)
    assert not opens(world, last)


def test_an_access_token_whose_sign_in_left_no_trace_opens_nothing() -> None:
    world, elsewhere = world_of(), world_of()
    result = sign_in(elsewhere)
    assert claims_of(result.access_token)["sub"] == world.user().sub
    assert not opens(world, result)


def test_an_engine_that_keeps_no_grants_revokes_nothing_and_says_nothing() -> None:
    world = world_of()
    redeploy(world, grants=None)
    result = tokens_of(world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD))
    sign_out(world, result.access_token)
    revoke(world, refresh_token(result))
    assert opens(world, result)
