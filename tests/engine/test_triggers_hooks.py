"""The triggers that no flow names: before and after a sign-in, and for its tokens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flowengine.accounts.user import UserStatus
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest, RespondToAuthChallengeRequest
from flowengine.engine.triggers.registering import PoolTriggers
from flowengine.errors import (
    InvalidLambdaResponseError,
    NotAuthorizedError,
    UserLambdaValidationError,
    UserNotFoundError,
)
from flowengine.operations.get_tokens_from_refresh_token import (
    GetTokensRequest,
    get_tokens_from_refresh_token,
)
from tests import planted
from tests.engine.triggered import Event, Handler, Kept
from tests.operations.refreshing import claims_of
from tests.operations.world import OPEN, PASSWORD, POOL, WEB, World, new_world, run

TOLD = {
    "sub": "00000000-0000-4000-8000-000000000003",
    "cognito:user_status": "CONFIRMED",
    "email": "ada@example.com",
}
METADATA = {"tab": "1"}


def world_with(**triggers: Any) -> World:
    world = new_world(triggers={POOL.id: PoolTriggers(**triggers)})
    world.add_user(attributes={"email": "ada@example.com"}, groups=("staff",))
    return world


def begin(world: World, username: str = "ada", client: Any = WEB, password: str = PASSWORD) -> Any:
    parameters = {"USERNAME": username, "PASSWORD": password}
    request = InitiateAuthRequest(
        client.id, "USER_PASSWORD_AUTH", parameters, client_metadata=METADATA
    )
    return run(world.engine.initiate(request))


def same(event: Event, _context: Any) -> Event:
    return event


def raising(event: Event, _context: Any) -> Event:
    message = f"no {event['userName']} today"
    raise RuntimeError(message)


def test_pre_authentication_is_given_validation_data_and_may_refuse() -> None:
    before = Kept(same)
    world = world_with(pre_authentication=before)
    assert isinstance(begin(world), SuccessReply)
    (event,) = before.events
    assert event["triggerSource"] == "PreAuthentication_Authentication"
    assert event["request"] == {
        "userAttributes": TOLD,
        "validationData": METADATA,
        "userNotFound": False,
    }
    assert event["response"] == {}
    before.handler = raising
    with pytest.raises(UserLambdaValidationError) as refused:
        begin(world)
    assert refused.value.message == "PreAuthentication failed with error no ada today."


def test_pre_authentication_is_called_for_who_is_unknown_unless_that_is_told() -> None:
    before = Kept(same)
    world = world_with(pre_authentication=before)
    with pytest.raises(NotAuthorizedError):
        begin(world, "nobody")
    (event,) = before.events
    assert event["request"]["userNotFound"] is True
    assert event["request"]["userAttributes"] == {}
    with pytest.raises(UserNotFoundError):
        begin(world, "nobody", OPEN)
    assert len(before.events) == 1


def test_post_authentication_is_called_once_everything_was_proved() -> None:
    after = Kept(same)
    world = world_with(post_authentication=after)
    with pytest.raises(NotAuthorizedError):
        begin(world, password=planted.OTHER_PASSWORD)
    assert after.events == []
    assert isinstance(begin(world), SuccessReply)
    (event,) = after.events
    assert event["triggerSource"] == "PostAuthentication_Authentication"
    assert event["request"] == {"userAttributes": TOLD, "newDeviceUsed": False}


def test_post_authentication_that_refuses_leaves_no_sign_in_behind() -> None:
    world = world_with(post_authentication=raising)
    with pytest.raises(UserLambdaValidationError, match="PostAuthentication failed"):
        begin(world)
    grants: Any = world.parts.grants
    assert all(grant.revoked for grant in grants._grants.values())


def changing(details: Any) -> Handler:
    return lambda event, _: {**event, "response": {"claimsOverrideDetails": details}}


def tokens(world: World) -> tuple[dict[str, Any], dict[str, Any]]:
    reply = begin(world)
    assert reply.authentication_result is not None
    result = reply.authentication_result
    return claims_of(result.id_token), claims_of(result.access_token)


def test_pre_token_generation_changes_claims_and_groups() -> None:
    world = world_with(
        pre_token_generation=changing(
            {
                "claimsToAddOrOverride": {"tier": "gold", "email": "x@example.com", "name": "Ada"},
                "claimsToSuppress": ["name"],
                "groupOverrideDetails": {
                    "groupsToOverride": ["a", "b"],
                    "iamRolesToOverride": ["arn:a"],
                    "preferredRole": "arn:a",
                },
            }
        )
    )
    identity, access = tokens(world)
    assert (identity["tier"], identity["email"]) == ("gold", "x@example.com")
    assert "name" not in identity
    assert "tier" not in access
    assert identity["cognito:groups"] == access["cognito:groups"] == ["a", "b"]
    assert identity["cognito:roles"] == ["arn:a"]
    assert identity["cognito:preferred_role"] == "arn:a"


def test_no_claim_of_the_protocol_is_overridden_or_left_out() -> None:
    plain, _ = tokens(world_with())
    own = ("sub", "iss", "aud", "exp", "iat", "auth_time", "token_use", "cognito:username")
    world = world_with(
        pre_token_generation=changing(
            {
                "claimsToAddOrOverride": dict.fromkeys((*own, "acr", "cognito:groups"), "forged"),
                "claimsToSuppress": [*own, "jti", "origin_jti", "event_id"],
            }
        )
    )
    changed, _ = tokens(world)
    assert {name: changed[name] for name in own} == {name: plain[name] for name in own}
    assert changed.keys() == plain.keys()
    assert changed["cognito:groups"] == ["staff"]


@pytest.mark.parametrize(
    ("details", "groups"),
    [
        (None, ["staff"]),
        ({}, ["staff"]),
        ({"claimsToAddOrOverride": None}, ["staff"]),
        ({"groupOverrideDetails": None}, None),
        ({"groupOverrideDetails": {}}, None),
    ],
)
def test_groups_stay_unless_they_are_said_to_be_others(details: Any, groups: Any) -> None:
    identity, access = tokens(world_with(pre_token_generation=changing(details)))
    assert identity.get("cognito:groups") == access.get("cognito:groups") == groups


@pytest.mark.parametrize(
    "details",
    [
        [],
        "all",
        {"claimsToAdd": {}},
        {"claimsToAddOrOverride": {"tier": 1}},
        {"claimsToSuppress": "name"},
        {"claimsToSuppress": [1]},
        {"groupOverrideDetails": {"groups": []}},
        {"groupOverrideDetails": {"groupsToOverride": "a"}},
        {"groupOverrideDetails": {"preferredRole": 1}},
    ],
)
def test_claims_of_another_shape_are_unrecognizable(details: Any) -> None:
    with pytest.raises(InvalidLambdaResponseError, match=r"^Unrecognizable lambda output$"):
        begin(world_with(pre_token_generation=changing(details)))


def test_pre_token_generation_knows_a_first_password_from_a_refresh() -> None:
    claims = Kept(changing({"claimsToAddOrOverride": {"tier": "gold"}}))
    world = new_world(triggers={POOL.id: PoolTriggers(pre_token_generation=claims)})
    world.add_user(status=UserStatus.FORCE_CHANGE_PASSWORD)
    asked = begin(world)
    assert isinstance(asked, ChallengeReply)
    given = {"USERNAME": "ada", "NEW_PASSWORD": planted.OTHER_PASSWORD}
    done: Any = run(
        world.engine.respond(
            RespondToAuthChallengeRequest(
                WEB.id, asked.challenge_name, asked.session, given, client_metadata=METADATA
            )
        )
    )
    token = done.authentication_result.refresh_token
    world.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token)
    request = GetTokensRequest(WEB.id, token, client_metadata=METADATA)
    again: Any = run(get_tokens_from_refresh_token(world.parts, request))
    assert claims_of(again.authentication_result.id_token)["tier"] == "gold"
    assert [
        (event["triggerSource"], event["request"].get("clientMetadata")) for event in claims.events
    ] == [
        ("TokenGeneration_NewPasswordChallenge", METADATA),
        ("TokenGeneration_RefreshTokens", None),
        ("TokenGeneration_RefreshTokens", METADATA),
    ]


def test_the_groups_that_pre_token_generation_is_told_are_the_users() -> None:
    claims = Kept(same)
    begin(world_with(pre_token_generation=claims))
    assert claims.events[0]["request"]["groupConfiguration"] == {
        "groupsToOverride": ["staff"],
        "iamRolesToOverride": [],
        "preferredRole": None,
    }
    assert claims.events[0]["response"] == {"claimsOverrideDetails": None}


def test_claims_of_a_later_version_of_the_event_are_refused_and_not_half_read() -> None:
    def later(event: Event, _context: Any) -> Event:
        return {**event, "response": {"claimsAndScopeOverrideDetails": {}}}

    with pytest.raises(InvalidLambdaResponseError):
        begin(world_with(pre_token_generation=later))


FAILING: tuple[tuple[str, Callable[[World], Any]], ...] = (
    ("pre_authentication", begin),
    ("post_authentication", begin),
    ("pre_token_generation", begin),
)


@pytest.mark.parametrize(("trigger", "doing"), FAILING)
def test_a_hook_that_gives_no_event_back_refuses(
    trigger: str, doing: Callable[[World], Any]
) -> None:
    with pytest.raises(InvalidLambdaResponseError):
        doing(world_with(**{trigger: lambda _event, _context: None}))
