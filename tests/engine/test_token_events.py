"""PreTokenGeneration by versions 2 and 3 of its event: both tokens, values of any type, scopes.

The handlers are those of the developer guide, in Python.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from flowengine.accounts.triggers import TokenEvent
from flowengine.engine.triggers.registering import PoolTriggers
from flowengine.errors import (
    InvalidLambdaResponseError,
    NotAuthorizedError,
    UserLambdaValidationError,
)
from flowengine.operations.get_tokens_from_refresh_token import (
    GetTokensRequest,
    get_tokens_from_refresh_token,
)
from flowengine.operations.get_user import get_user
from flowengine.tokens.claims import SIGN_IN_SCOPE
from tests.engine.triggered import Event, Handler, Kept
from tests.operations.refreshing import claims_of
from tests.operations.world import OTHER_POOL, PASSWORD, POOL, WEB, World, new_world, run

LATER: Final = (TokenEvent.V2_0, TokenEvent.V3_0)
DETAILS: Final = "claimsAndScopeOverrideDetails"
BIG: Final = 9223372036854775807
COMPLEX: Final = {
    "booleanTest": False,
    "longTest": BIG,
    "exponentTest": 1.7976931348623157e308,
    "ArrayTest": ["test", BIG, 1.7976931348623157e308, True],
    "longStringTest": '{"first_json_block": {"key_A": "value_A"}}',
    "jsonTest": {
        "first_json_block": {"key_A": "value_A"},
        "second_json_block": {"key_C": {"subkey_D": ["value_D", "value_E"]}, "key_G": None},
    },
}


def guides_first(event: Event, _context: Any) -> Event:
    """The guide's example "Add and suppress claims, scopes, and groups"."""
    event["response"] = {
        DETAILS: {
            "idTokenGeneration": {
                "claimsToAddOrOverride": {"family_name": "Doe"},
                "claimsToSuppress": ["email", "phone_number"],
            },
            "accessTokenGeneration": {
                "scopesToAdd": ["openid", "email", "solar-system-data/asteroids.add"],
                "scopesToSuppress": ["phone_number", "aws.cognito.signin.user.admin"],
            },
            "groupOverrideDetails": {
                "groupsToOverride": ["new-group-A", "new-group-B", "new-group-C"],
                "iamRolesToOverride": [
                    "arn:aws:iam::123456789012:role/new_roleA",
                    "arn:aws:iam::123456789012:role/new_roleB",
                ],
                "preferredRole": "arn:aws:iam::123456789012:role/new_role",
            },
        }
    }
    return event


def guides_second(event: Event, _context: Any) -> Event:
    """The guide's example "Add claims with complex objects"."""
    claims = {"aud": event["callerContext"]["clientId"], **COMPLEX}
    event["response"] = {
        DETAILS: {
            "idTokenGeneration": {
                "claimsToAddOrOverride": claims,
                "claimsToSuppress": ["email"],
            },
            "accessTokenGeneration": {
                "claimsToAddOrOverride": claims,
                "claimsToSuppress": ["email"],
                "scopesToAdd": ["MyAPI.read", "MyAPI.write", "MyAPI.admin"],
                "scopesToSuppress": ["aws.cognito.signin.user.admin"],
            },
        }
    }
    return event


def changing(details: Any) -> Handler:
    return lambda event, _: {**event, "response": {DETAILS: details}}


def world_with(handler: Handler, event: TokenEvent = TokenEvent.V2_0, **engine: Any) -> World:
    triggers = PoolTriggers(pre_token_generation=handler, token_event=event)
    world = new_world(triggers={POOL.id: triggers}, **engine)
    world.add_user(
        attributes={"email": "ada@example.com", "email_verified": "true", "family_name": "Zoe"},
        groups=("staff",),
    )
    return world


def begin(world: World) -> Any:
    reply: Any = world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD)
    return reply.authentication_result


def tokens(world: World) -> tuple[dict[str, Any], dict[str, Any]]:
    result = begin(world)
    return claims_of(result.id_token), claims_of(result.access_token)


def of_access(**details: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    return tokens(world_with(changing({"accessTokenGeneration": details})))


@pytest.mark.parametrize("version", LATER)
def test_the_event_is_as_the_guide_has_it(version: TokenEvent) -> None:
    kept = Kept(lambda event, _: event)
    world = world_with(kept, version)
    begin(world)
    assert kept.events == [
        {
            "version": version[1],
            "triggerSource": "TokenGeneration_Authentication",
            "region": "eu-west-1",
            "userPoolId": POOL.id,
            "userName": "ada",
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": WEB.id},
            "request": {
                "userAttributes": {
                    "sub": "00000000-0000-4000-8000-000000000003",
                    "cognito:user_status": "CONFIRMED",
                    "email": "ada@example.com",
                    "email_verified": "true",
                    "cognito:email_alias": "ada@example.com",
                    "family_name": "Zoe",
                },
                "scopes": ["aws.cognito.signin.user.admin"],
                "groupConfiguration": {
                    "groupsToOverride": ["staff"],
                    "iamRolesToOverride": [],
                    "preferredRole": None,
                },
            },
            "response": {DETAILS: None},
        }
    ]


@pytest.mark.parametrize("version", LATER)
def test_claims_scopes_and_groups_are_changed(version: TokenEvent) -> None:
    identity, access = tokens(world_with(guides_first, version))
    assert identity["family_name"] == "Doe"
    assert "email" not in identity
    assert access["scope"] == "openid email solar-system-data/asteroids.add"
    groups = ["new-group-A", "new-group-B", "new-group-C"]
    assert identity["cognito:groups"] == access["cognito:groups"] == groups
    assert identity["cognito:roles"][1] == "arn:aws:iam::123456789012:role/new_roleB"
    assert identity["cognito:preferred_role"] == "arn:aws:iam::123456789012:role/new_role"
    assert "cognito:roles" not in access


@pytest.mark.parametrize("version", LATER)
def test_claims_of_both_tokens_are_of_any_type(version: TokenEvent) -> None:
    identity, access = tokens(world_with(guides_second, version))
    for token in (identity, access):
        assert {name: token[name] for name in COMPLEX} == COMPLEX
        assert token["aud"] == WEB.id
        assert "email" not in token
    assert access["scope"] == "MyAPI.read MyAPI.write MyAPI.admin"


def test_a_handler_that_changes_nothing_changes_nothing() -> None:
    plain = tokens(world_with(lambda event, _: event, TokenEvent.V1_0))
    both: Any = {"idTokenGeneration": None, "accessTokenGeneration": {}}
    for handler in map(changing, (None, {}, both)):
        changed = tokens(world_with(handler))
        for before, after in zip(plain, changed, strict=True):
            assert before.keys() == after.keys()
    empty = tokens(world_with(lambda event, _: {**event, "response": {}}))
    assert empty[1]["scope"] == SIGN_IN_SCOPE


def test_a_refresh_changes_the_tokens_as_the_sign_in_did() -> None:
    kept = Kept(guides_second)
    world = world_with(kept)
    token = begin(world).refresh_token
    request = GetTokensRequest(WEB.id, token, client_metadata={"tab": "1"})
    again: Any = run(get_tokens_from_refresh_token(world.parts, request))
    access = claims_of(again.authentication_result.access_token)
    assert access["jsonTest"] == COMPLEX["jsonTest"]
    assert access["scope"] == "MyAPI.read MyAPI.write MyAPI.admin"
    assert kept.events[1]["triggerSource"] == "TokenGeneration_RefreshTokens"
    assert kept.events[1]["request"]["clientMetadata"] == {"tab": "1"}
    assert kept.events[1]["request"]["scopes"] == ["aws.cognito.signin.user.admin"]


def test_an_access_token_without_the_scope_of_the_api_is_none_for_it() -> None:
    result = begin(world_with(guides_first))
    world = world_with(guides_first)
    with pytest.raises(NotAuthorizedError, match="does not have required scopes"):
        run(get_user(world.parts, begin(world).access_token))
    assert claims_of(result.access_token)["username"] == "ada"


def test_a_scope_that_is_added_and_suppressed_is_not_there_and_none_is_there_twice() -> None:
    _, access = of_access(scopesToAdd=["a", SIGN_IN_SCOPE, "b", "a"], scopesToSuppress=["b"])
    assert access["scope"] == f"{SIGN_IN_SCOPE} a"
    _, access = of_access(scopesToSuppress=[SIGN_IN_SCOPE])
    assert "scope" not in access


PROTECTED: Final = (
    *("sub", "iss", "exp", "iat", "nbf", "jti", "origin_jti", "event_id", "auth_time"),
    *("token_use", "client_id", "username", "scope", "version", "device_key", "acr", "amr"),
    *("azp", "nonce", "at_hash", "identities", "cognito:username", "cognito:roles", "cognito:x"),
)


def test_no_claim_of_the_protocol_is_changed_and_that_it_was_tried_is_noted() -> None:
    noted: list[tuple[str, dict[str, str]]] = []

    class Observer:
        def note(self, event: str, fields: Any) -> None:
            noted.append((event, dict(fields)))

    plain = tokens(world_with(changing(None)))
    forged = dict.fromkeys((*PROTECTED, "cognito:groups", "dev:x"), "forged")
    details: Any = {"claimsToAddOrOverride": forged, "claimsToSuppress": [*PROTECTED, "aud"]}
    both = {"idTokenGeneration": details, "accessTokenGeneration": details}
    changed = tokens(world_with(changing(both), observer=Observer()))
    for before, after in zip(plain, changed, strict=True):
        assert before.keys() == after.keys()
        assert "forged" not in after.values()
        changing_by_itself = {"jti", "origin_jti", "event_id"}
        same = before.keys() - changing_by_itself
        assert {name: before[name] for name in same} == {name: after[name] for name in same}
    (fields,) = (each for name, each in noted if name == "claims-protected")
    named = set(PROTECTED) - {"cognito:username", "cognito:roles", "cognito:x"}
    assert set(fields["claims"].split()) == {*named, "aud", "cognito:", "dev:"}


@pytest.mark.parametrize("version", list(TokenEvent))
def test_groups_may_be_suppressed_and_their_roles_with_them(version: TokenEvent) -> None:
    suppress = {"claimsToSuppress": ["cognito:groups"]}
    groups = {"groupOverrideDetails": {"groupsToOverride": ["a"], "preferredRole": "arn:a"}}
    if version is TokenEvent.V1_0:
        details: Any = {"claimsOverrideDetails": {**suppress, **groups}}
    else:
        details = {DETAILS: {"idTokenGeneration": suppress, **groups}}
    identity, access = tokens(world_with(lambda e, _: {**e, "response": details}, version))
    assert not {"cognito:groups", "cognito:preferred_role"} & identity.keys()
    assert access["cognito:groups"] == ["a"]


@pytest.mark.parametrize(
    "details",
    [
        [],
        "all",
        {"claimsToAddOrOverride": {}},
        {"idTokenGeneration": []},
        {"idTokenGeneration": {"scopesToAdd": ["a"]}},
        {"idTokenGeneration": {"claimsToAddOrOverride": ["tier"]}},
        {"idTokenGeneration": {"claimsToAddOrOverride": {"tier": None}}},
        {"idTokenGeneration": {"claimsToAddOrOverride": {"tier": [["a"]]}}},
        {"idTokenGeneration": {"claimsToAddOrOverride": {"tier": [None]}}},
        {"idTokenGeneration": {"claimsToAddOrOverride": {"address": {"country": "GB"}}}},
        {"idTokenGeneration": {"claimsToAddOrOverride": {"updated_at": [1]}}},
        {"accessTokenGeneration": {"claimsToSuppress": "email"}},
        {"accessTokenGeneration": {"claimsToSuppress": [1]}},
        {"accessTokenGeneration": {"scopesToAdd": "openid"}},
        {"accessTokenGeneration": {"scopesToAdd": ["openid email"]}},
        {"accessTokenGeneration": {"scopesToAdd": [""]}},
        {"accessTokenGeneration": {"scopesToAdd": ["a\nb"]}},
        {"accessTokenGeneration": {"scopesToAdd": ['a"b']}},
        {"accessTokenGeneration": {"scopesToSuppress": [None]}},
        {"accessTokenGeneration": {"claimsToAddOrOverride": {"aud": "another"}}},
        {"accessTokenGeneration": {"claimsToAddOrOverride": {"aud": [WEB.id]}}},
        {"groupOverrideDetails": {"groupsToOverride": "a"}},
        {"groupOverrideDetails": {"preferredRole": ["arn:a"]}},
        {"groupOverrideDetails": []},
    ],
)
def test_changes_of_another_shape_are_unrecognizable(details: Any) -> None:
    with pytest.raises(InvalidLambdaResponseError, match=r"^Unrecognizable lambda output$"):
        begin(world_with(changing(details)))


def answering(**changed: Any) -> Handler:
    return lambda event, _: {**event, **changed}


@pytest.mark.parametrize(
    "handler",
    [
        lambda _event, _context: None,
        answering(version="1"),
        answering(response=None),
        answering(response={"claimsOverrideDetails": {}}),
        answering(response={DETAILS: {}, "claimsOverrideDetails": {}}),
        answering(response={DETAILS: {"idTokenGeneration": {"claimsToSuppress": {1, 2}}}}),
        changing({"accessTokenGeneration": {"claimsToAddOrOverride": {"n": float("nan")}}}),
    ],
)
def test_what_is_not_the_event_is_unrecognizable(handler: Handler) -> None:
    with pytest.raises(InvalidLambdaResponseError):
        begin(world_with(handler))


def test_what_a_handler_raises_is_told_in_its_words_and_there_is_no_sign_in() -> None:
    def raising(_event: Event, _context: Any) -> Event:
        raise KeyError("custom:tenant")

    world = world_with(raising)
    with pytest.raises(UserLambdaValidationError) as refused:
        begin(world)
    said = "PreTokenGeneration failed with error 'custom:tenant'."
    assert refused.value.message == said
    grants: Any = world.parts.grants
    assert all(grant.revoked for grant in grants._grants.values())


def test_each_pool_has_its_own_version() -> None:
    first, second = Kept(lambda event, _: event), Kept(lambda event, _: event)
    other = PoolTriggers(pre_token_generation=second, token_event=TokenEvent.V3_0)
    triggers = {POOL.id: PoolTriggers(pre_token_generation=first), OTHER_POOL.id: other}
    world = new_world(triggers=triggers)
    for pool, client in ((POOL, WEB), (OTHER_POOL, replace(WEB, id="4other56789"))):
        world.add_user(pool=pool)
        world.initiate("USER_PASSWORD_AUTH", client, USERNAME="ada", PASSWORD=PASSWORD)
    assert [each["version"] for each in (*first.events, *second.events)] == ["1", "3"]
