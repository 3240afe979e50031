"""REFRESH_TOKEN_AUTH: whose token it is, how long it is good, and what ends it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.accounts.user import UserStatus
from flowengine.engine.replies import ChallengeReply
from flowengine.engine.requests import InitiateAuthRequest
from flowengine.errors import NotAuthorizedError, SessionError
from flowengine.flow.compiler import compile_condition
from flowengine.operations.admin_set_user_password import (
    AdminSetUserPasswordRequest,
    admin_set_user_password,
)
from flowengine.tokens.refresh import PREFIX, new_token
from tests import planted
from tests.operations.refreshing import (
    EXPIRED,
    INVALID,
    REVOKED,
    TICK,
    by_riddle,
    claims_of,
    confidential,
    get_tokens,
    grants_of,
    hashed,
    opens,
    redeploy,
    refresh,
    refresh_token,
    refused,
    sign_in,
    tokens_of,
    with_other_secret,
    world_of,
)
from tests.operations.world import (
    CONFIDENTIAL,
    OPEN,
    OTHER,
    PASSWORD,
    POOL,
    WEB,
    World,
    programs,
    run,
)

FRESH = planted.OTHER_PASSWORD
SAME = ("origin_jti", "auth_time", "event_id", "sub", "iss", "token_use")
MISSING_HASH = "Client {client_id} is configured with secret but SECRET_HASH was not received"


def set_password(world: World, *, permanent: bool = True) -> Any:
    request = AdminSetUserPasswordRequest(POOL.id, "ada", FRESH, permanent)
    return admin_set_user_password(world.parts, request)


def change(world: World, **changes: Any) -> None:
    account = world.user()
    changed = replace(account, **{"stamp": account.stamp + "+", **changes})
    assert run(world.directory.save(changed, account.stamp))


@pytest.mark.parametrize("auth_flow", ["REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"])
@pytest.mark.parametrize("admin", [False, True])
def test_a_refresh_gives_tokens_of_the_same_sign_in_and_no_refresh_token(
    auth_flow: str,
    admin: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    world = world_of()
    first = sign_in(world)
    world.clock.advance(timedelta(minutes=59))
    request = InitiateAuthRequest(WEB.id, auth_flow, {"REFRESH_TOKEN": refresh_token(first)})
    second = tokens_of(run(world.engine.initiate(request, admin=admin)))
    assert second.refresh_token is None
    assert (second.expires_in, second.token_type) == (3600, "Bearer")
    for before, after in (
        (first.access_token, second.access_token),
        (first.id_token, second.id_token),
    ):
        old, new = claims_of(before), claims_of(after)
        assert {name: new[name] for name in SAME} == {name: old[name] for name in SAME}
        assert new["jti"] != old["jti"]
        assert (new["iat"] - old["iat"], new["exp"] - old["exp"]) == (59 * 60, 59 * 60)
    world.clock.advance(timedelta(minutes=59))
    assert opens(world, second)


def test_tokens_say_what_the_user_is_now() -> None:
    world = world_of(attributes={"name": "Ada"}, groups=("readers",))
    token = refresh_token(sign_in(world))
    change(world, attributes={"name": "Countess"}, groups=("writers",))
    claims = claims_of(refresh(world, token).id_token)
    assert (claims["name"], claims["cognito:groups"]) == ("Countess", ["writers"])


def test_a_refresh_token_is_good_until_its_expiry_and_using_it_prolongs_nothing() -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    for _ in range(2):
        world.clock.advance(timedelta(days=15) - TICK)
        refresh(world, token)
    world.clock.advance(2 * TICK)
    assert refused(refresh, world, token) == EXPIRED
    assert refused(get_tokens, world, token) == EXPIRED


@pytest.mark.parametrize("thief", [OPEN, OTHER])
def test_another_clients_token_is_no_token(thief: Any) -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    assert refused(refresh, world, token, thief) == INVALID
    assert refused(get_tokens, world, token, thief) == INVALID
    refresh(world, token)


def test_a_missing_token_is_told_before_anything_else() -> None:
    world = world_of()
    for client in (WEB, CONFIDENTIAL):
        for parameters in ({}, {"REFRESH_TOKEN": ""}):
            assert refused(world.initiate, "REFRESH_TOKEN_AUTH", client, **parameters) == (
                "InvalidParameterException",
                "Missing required parameter REFRESH_TOKEN",
            )


@given(
    st.one_of(
        st.text(min_size=1, max_size=200),
        st.text("ABab01-_=.", min_size=1, max_size=70).map(lambda text: PREFIX + text),
        st.integers(1, 20_000).map("A".__mul__),
        st.integers(1, 20_000).map(lambda size: PREFIX + "A" * size),
        st.binary(min_size=48, max_size=48).map(lambda drawn: new_token(lambda _: drawn)),
    )
)
def test_what_is_no_token_is_refused_whatever_its_size(text: str) -> None:
    assert refused(refresh, WORLD, text) == INVALID
    assert refused(get_tokens, WORLD, text) == INVALID


def test_a_token_that_was_never_given_out_is_refused_and_changes_nothing() -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    assert refused(refresh, world, with_other_secret(token)) == INVALID
    assert refused(get_tokens, world, with_other_secret(token)) == INVALID
    refresh(world, token)


def test_an_access_token_does_not_refresh() -> None:
    world = world_of()
    result = sign_in(world)
    assert refused(refresh, world, result.access_token) == INVALID
    assert refused(refresh, world, result.id_token) == INVALID


def test_an_unknown_client_is_told() -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    stranger = replace(WEB, id="9unknown")
    unknown = ("ResourceNotFoundException", "User pool client {client_id} does not exist.")
    assert refused(refresh, world, token, stranger) == unknown
    assert refused(get_tokens, world, token, stranger) == unknown


def test_a_disabled_user_is_refused_until_enabled_again() -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    change(world, enabled=False)
    assert refused(refresh, world, token) == ("NotAuthorizedException", "User is disabled.")
    change(world, enabled=True)
    refresh(world, token)


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        (UserStatus.UNCONFIRMED, ("UserNotConfirmedException", "User is not confirmed.")),
        (
            UserStatus.RESET_REQUIRED,
            ("PasswordResetRequiredException", "Password reset required for the user"),
        ),
    ],
)
def test_an_account_that_may_not_sign_in_may_not_refresh(
    status: UserStatus, refusal: tuple[str, str]
) -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    change(world, status=status)
    assert refused(refresh, world, token) == refusal


def test_a_removed_user_is_not_found_even_when_the_name_was_given_anew() -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    assert run(world.directory.remove(POOL.id, "ada"))
    gone = ("UserNotFoundException", "User does not exist.")
    assert refused(refresh, world, token) == gone
    world.add_user(sub="00000000-0000-4000-8000-00000000ffff")
    assert refused(refresh, world, token) == gone


@pytest.mark.parametrize("permanent", [False, True])
def test_a_password_that_an_administrator_sets_ends_all_sign_ins(
    permanent: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    world = world_of()
    signed_in = [sign_in(world), by_riddle(world)]
    run(set_password(world, permanent=permanent))
    for result in signed_in:
        assert refused(refresh, world, refresh_token(result)) == REVOKED
        assert not opens(world, result)


def test_a_password_chosen_in_a_sign_in_ends_the_others_and_not_this_one() -> None:
    world = world_of(status=UserStatus.FORCE_CHANGE_PASSWORD)
    before = by_riddle(world)
    asked = world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD)
    assert isinstance(asked, ChallengeReply)
    refresh(world, refresh_token(before))
    after = tokens_of(world.respond(asked, USERNAME="ada", NEW_PASSWORD=FRESH))
    assert refused(refresh, world, refresh_token(before)) == REVOKED
    assert not opens(world, before)
    refresh(world, refresh_token(after))
    assert opens(world, after)


@pytest.mark.parametrize("when", ["before_add", "after_add"])
def test_a_password_set_while_tokens_are_issued_leaves_none_that_are_good(when: str) -> None:
    world = world_of()
    grants = grants_of(world)
    setattr(grants, when, set_password(world))
    with pytest.raises(SessionError):
        sign_in(world)
    assert all(grant.revoked for grant in grants._grants.values())


def test_a_sign_in_that_is_refused_at_issuance_leaves_nothing_good() -> None:
    world = world_of()
    demanding = {(WEB.name, "riddles"): (compile_condition(programs()[1], "proved.password"),)}
    redeploy(world, client_require=demanding)
    with pytest.raises(NotAuthorizedError):
        by_riddle(world)
    assert all(grant.revoked for grant in grants_of(world)._grants.values())


def test_a_secret_hash_is_over_the_user_name_or_sub_and_never_an_alias() -> None:
    world = world_of(attributes={"email": "ada@example.com", "email_verified": "true"})
    token = confidential(world)
    for name in ("ada", world.user().sub):
        refresh(world, token, CONFIDENTIAL, SECRET_HASH=hashed(name))
    mismatch = ("NotAuthorizedException", "SecretHash does not match for the client: {client_id}")
    for wrong in (hashed("ada@example.com"), hashed("ada", "x"), hashed("Ada"), "", "é"):
        assert refused(refresh, world, token, CONFIDENTIAL, SECRET_HASH=wrong) == mismatch
    assert refused(refresh, world, token, CONFIDENTIAL) == ("NotAuthorizedException", MISSING_HASH)
    refresh(world, token, CONFIDENTIAL, SECRET_HASH=hashed("ada"))


def test_a_secret_hash_of_a_client_without_a_secret_is_refused() -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    assert refused(refresh, world, token, SECRET_HASH=hashed("ada")) == (
        "NotAuthorizedException",
        "Unable to verify secret hash for client {client_id}",
    )


def test_a_locked_password_neither_stops_a_refresh_nor_is_unlocked_by_it() -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    wrong = {"USERNAME": "ada", "PASSWORD": FRESH}
    for _ in range(5):
        refused(world.initiate, "USER_PASSWORD_AUTH", **wrong)
    locked = ("NotAuthorizedException", "Password attempts exceeded")
    assert refused(world.initiate, "USER_PASSWORD_AUTH", **wrong) == locked
    refresh(world, token)
    assert refused(world.initiate, "USER_PASSWORD_AUTH", **wrong) == locked


def test_an_engine_that_keeps_no_grants_refreshes_nothing() -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    redeploy(world, grants=None)
    assert refused(refresh, world, token) == INVALID


WORLD = world_of()
