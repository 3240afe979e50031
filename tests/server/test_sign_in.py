from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from flowengine.accounts.account import TotpFactor
from flowengine.accounts.user import UserFacts, UserStatus
from flowengine.crypto import secret_hash, srp_client, totp
from flowengine.crypto.srp_client import ServerHalf
from flowengine.engine.replies import SuccessReply
from flowengine.server.app import App
from flowengine.server.replies import sign_in_body
from tests.operations.world import (
    CONFIDENTIAL,
    OPEN,
    OTHER,
    OTHER_POOL,
    PASSWORD,
    POOL,
    TOTP_SECRET,
    WEB,
    World,
    new_world,
)
from tests.planted import CLIENT_SECRET, CODE
from tests.server.wire import admin, app_of, error_of, post, succeeded

DENIED = (400, "NotAuthorizedException", "Incorrect username or password.")


def by_password(app: App, client: str = WEB.id, /, **changes: str | None) -> Any:
    members = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": client,
        "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD, **changes},
    }
    return post(app, "InitiateAuth", members)


def respond(app: App, name: str, session: str | None, responses: Mapping[str, str | None]) -> Any:
    members = {
        "ClientId": WEB.id,
        "ChallengeName": name,
        "Session": session,
        "ChallengeResponses": {"USERNAME": "ada", **responses},
    }
    return post(app, "RespondToAuthChallenge", members)


def served(**user: Any) -> tuple[World, App]:
    world = new_world()
    world.add_user(**user)
    return world, app_of(world)


def code_now(world: World) -> str:
    return totp.code(TOTP_SECRET, totp.counter_at(world.clock.now()))


def test_a_password_gives_tokens_and_an_empty_map_and_nothing_else() -> None:
    _, app = served()
    body = succeeded(by_password(app), "InitiateAuth")
    assert body.keys() == {"AuthenticationResult", "ChallengeParameters"}
    assert body["ChallengeParameters"] == {}
    result = body["AuthenticationResult"]
    assert result.keys() == {"AccessToken", "ExpiresIn", "TokenType", "RefreshToken", "IdToken"}
    assert (result["ExpiresIn"], result["TokenType"]) == (3600, "Bearer")


def test_srp_signs_in_by_the_secret_block_alone() -> None:
    world, app = served()
    ephemeral = srp_client.begin(world.entropy.draw)
    members = {
        "AuthFlow": "USER_SRP_AUTH",
        "ClientId": WEB.id,
        "AuthParameters": {"USERNAME": "ada", "SRP_A": ephemeral.srp_a, "CHALLENGE_NAME": "SRP_A"},
    }
    asked = succeeded(post(app, "InitiateAuth", members), "InitiateAuth")
    assert asked.keys() == {"ChallengeName", "ChallengeParameters"}
    sent = asked["ChallengeParameters"]
    half = ServerHalf(sent["SALT"], sent["SRP_B"], sent["SECRET_BLOCK"])
    claim = srp_client.answer(
        ephemeral, POOL.srp_name, sent["USER_ID_FOR_SRP"], PASSWORD, half, world.clock.now()
    )
    answered = respond(app, "PASSWORD_VERIFIER", None, {**claim.responses(), "DEVICE_KEY": None})
    assert "AuthenticationResult" in succeeded(answered, "RespondToAuthChallenge")
    again = respond(app, "PASSWORD_VERIFIER", None, dict(claim.responses()))
    assert error_of(again) == DENIED


def test_a_second_factor_is_asked_for_and_keeps_its_session_when_wrong() -> None:
    world, app = served(totp=TotpFactor(TOTP_SECRET, name="phone"))
    asked = succeeded(by_password(app), "InitiateAuth")
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    assert asked["ChallengeParameters"]["FRIENDLY_DEVICE_NAME"] == "phone"
    session, right = asked["Session"], code_now(world)
    wrong = {"SOFTWARE_TOKEN_MFA_CODE": "000000" if right != "000000" else "000001"}
    mismatch = respond(app, "SOFTWARE_TOKEN_MFA", session, wrong)
    assert error_of(mismatch) == (400, "CodeMismatchException", "Invalid code received for user")
    answer = {"SOFTWARE_TOKEN_MFA_CODE": right, "SMS_MFA_CODE": right}
    answered = respond(app, "SOFTWARE_TOKEN_MFA", session, answer)
    assert "AuthenticationResult" in succeeded(answered, "RespondToAuthChallenge")
    spent = "Invalid session for the user, session can only be used once."
    again = respond(app, "SOFTWARE_TOKEN_MFA", session, answer)
    assert error_of(again) == (400, "NotAuthorizedException", spent)


def test_a_new_password_is_demanded_of_a_temporary_one() -> None:
    _, app = served(status=UserStatus.FORCE_CHANGE_PASSWORD, attributes={"email": "a@b.example"})
    asked = succeeded(by_password(app), "InitiateAuth")
    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert asked["ChallengeParameters"]["userAttributes"] == '{"email":"a@b.example"}'
    short = respond(app, "NEW_PASSWORD_REQUIRED", asked["Session"], {"NEW_PASSWORD": "short"})
    message = "Password did not conform with policy: Password not long enough"
    assert error_of(short) == (400, "InvalidPasswordException", message)
    answer = {"NEW_PASSWORD": "entirely my own", "userAttributes.name": "Ada"}
    answered = respond(app, "NEW_PASSWORD_REQUIRED", asked["Session"], answer)
    assert "AuthenticationResult" in succeeded(answered, "RespondToAuthChallenge")


def test_a_custom_challenge_is_asked_again_when_wrong() -> None:
    _, app = served()
    members = {
        "AuthFlow": "CUSTOM_AUTH",
        "ClientId": WEB.id,
        "AuthParameters": {"USERNAME": "ada"},
    }
    first = succeeded(post(app, "InitiateAuth", members), "InitiateAuth")
    assert first["ChallengeParameters"] == {"USERNAME": "ada", "riddle": "How many?"}
    wrong = respond(app, "CUSTOM_CHALLENGE", first["Session"], {"ANSWER": "41"})
    second = succeeded(wrong, "RespondToAuthChallenge")
    assert second["Session"] != first["Session"]
    right = respond(app, "CUSTOM_CHALLENGE", second["Session"], {"ANSWER": CODE})
    assert "AuthenticationResult" in succeeded(right, "RespondToAuthChallenge")


def test_a_wrong_password_and_an_unknown_user_sound_alike() -> None:
    _, app = served()
    assert error_of(by_password(app, PASSWORD="guess")) == DENIED
    assert error_of(by_password(app, USERNAME="nobody")) == DENIED


def test_a_client_may_let_it_be_said_that_a_user_does_not_exist() -> None:
    _, app = served()
    error = error_of(by_password(app, OPEN.id, USERNAME="nobody"))
    assert error == (400, "UserNotFoundException", "User does not exist.")


def test_a_client_that_does_not_exist_is_named_to_its_caller_only() -> None:
    _, app = served()
    message = "User pool client 9nobody does not exist."
    assert error_of(by_password(app, "9nobody")) == (400, "ResourceNotFoundException", message)


def test_a_client_with_a_secret_demands_its_hash() -> None:
    _, app = served()
    right = secret_hash.compute(CLIENT_SECRET, "ada", CONFIDENTIAL.id)
    succeeded(by_password(app, CONFIDENTIAL.id, SECRET_HASH=right), "InitiateAuth")
    absent = f"Client {CONFIDENTIAL.id} is configured with secret but SECRET_HASH was not received"
    wrong = f"Unable to verify secret hash for client {CONFIDENTIAL.id}"
    for sent, message in ((None, absent), ("AAAA", wrong), ("", wrong)):
        response = by_password(app, CONFIDENTIAL.id, SECRET_HASH=sent)
        assert error_of(response) == (400, "NotAuthorizedException", message)


@pytest.mark.parametrize("missing", ["USERNAME", "PASSWORD"])
def test_a_parameter_that_is_null_is_missing(missing: str) -> None:
    _, app = served()
    message = f"Missing required parameter {missing}"
    error = error_of(by_password(app, **{missing: None}))
    assert error == (400, "InvalidParameterException", message)


def test_an_answer_without_session_or_responses_is_refused() -> None:
    _, app = served()
    absent = respond(app, "SOFTWARE_TOKEN_MFA", None, {"SOFTWARE_TOKEN_MFA_CODE": "1"})
    message = "Missing required parameter Session"
    assert error_of(absent) == (400, "InvalidParameterException", message)
    bare = {"ClientId": WEB.id, "ChallengeName": "SOFTWARE_TOKEN_MFA"}
    message = "Missing required parameter USERNAME"
    error = error_of(post(app, "RespondToAuthChallenge", bare))
    assert error == (400, "InvalidParameterException", message)


@pytest.mark.parametrize(
    ("operation", "auth_flow", "message"),
    [
        ("InitiateAuth", "ADMIN_USER_PASSWORD_AUTH", "Initiate Auth method not supported."),
        ("AdminInitiateAuth", "USER_PASSWORD_AUTH", "Initiate Auth method not supported."),
        ("InitiateAuth", "USER_AUTH", "USER_AUTH is not enabled for the client."),
    ],
)
def test_an_auth_flow_that_is_not_for_this_call_is_refused(
    operation: str, auth_flow: str, message: str
) -> None:
    world, app = served()
    members = {"AuthFlow": auth_flow, "ClientId": WEB.id, "AuthParameters": {"USERNAME": "ada"}}
    if operation == "InitiateAuth":
        response = post(app, operation, members)
    else:
        response = admin(world, operation, {**members, "UserPoolId": POOL.id})
    assert error_of(response) == (400, "InvalidParameterException", message)


def test_every_member_of_the_api_is_accepted() -> None:
    _, app = served(totp=TotpFactor(TOTP_SECRET))
    extras = {
        "AnalyticsMetadata": {"AnalyticsEndpointId": "endpoint"},
        "UserContextData": {"IpAddress": "203.0.113.9", "EncodedData": "opaque"},
        "ClientMetadata": {"channel": "app", "absent": None},
        "SomethingNewer": {"nested": [1, 2, {"deep": True}]},
    }
    start = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": WEB.id,
        "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD, "SURPLUS": "x"},
        "Session": None,
    }
    asked = succeeded(post(app, "InitiateAuth", {**start, **extras}), "InitiateAuth")
    answer = {
        "ClientId": WEB.id,
        "ChallengeName": "SOFTWARE_TOKEN_MFA",
        "Session": asked["Session"],
        "ChallengeResponses": {"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": "no code"},
    }
    response = post(app, "RespondToAuthChallenge", {**answer, **extras})
    assert error_of(response)[1] == "CodeMismatchException"


CONTEXT = {
    "IpAddress": "203.0.113.9",
    "ServerName": "www.example.com",
    "ServerPath": "/login",
    "HttpHeaders": [{"headerName": "User-Agent", "headerValue": "Mozilla"}],
    "EncodedData": "opaque",
}


def admin_start(world: World, **changes: Any) -> Any:
    members = {
        "UserPoolId": POOL.id,
        "ClientId": WEB.id,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD},
        "ContextData": CONTEXT,
    }
    return admin(world, "AdminInitiateAuth", {**members, **changes})


def test_an_administrator_signs_a_user_in() -> None:
    world, _ = served(totp=TotpFactor(TOTP_SECRET))
    asked = succeeded(admin_start(world), "AdminInitiateAuth")
    members = {
        "UserPoolId": POOL.id,
        "ClientId": WEB.id,
        "ChallengeName": "SOFTWARE_TOKEN_MFA",
        "Session": asked["Session"],
        "ChallengeResponses": {"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": code_now(world)},
        "ContextData": CONTEXT,
    }
    answered = admin(world, "AdminRespondToAuthChallenge", members)
    assert "AuthenticationResult" in succeeded(answered, "AdminRespondToAuthChallenge")


def test_an_administrator_names_the_pool_of_the_client() -> None:
    world, _ = served()
    foreign = error_of(admin_start(world, ClientId=OTHER.id))
    message = f"User pool client {OTHER.id} does not exist."
    assert foreign == (400, "ResourceNotFoundException", message)
    nowhere = error_of(admin_start(world, UserPoolId="eu-west-1_Nowhere"))
    message = "User pool eu-west-1_Nowhere does not exist."
    assert nowhere == (400, "ResourceNotFoundException", message)
    members = {
        "UserPoolId": POOL.id,
        "ClientId": OTHER.id,
        "ChallengeName": "SOFTWARE_TOKEN_MFA",
    }
    answered = admin(world, "AdminRespondToAuthChallenge", members)
    assert error_of(answered)[1] == "ResourceNotFoundException"


def test_a_flow_that_grants_nothing_answers_without_tokens() -> None:
    reply = SuccessReply(UserFacts("ada"), {}, None, None)
    assert sign_in_body(reply) == {"ChallengeParameters": {}}


def test_a_session_is_of_no_use_to_another_client() -> None:
    world, app = served(totp=TotpFactor(TOTP_SECRET))
    world.add_user(pool=OTHER_POOL)
    asked = succeeded(by_password(app), "InitiateAuth")
    members = {
        "ClientId": OTHER.id,
        "ChallengeName": "SOFTWARE_TOKEN_MFA",
        "Session": asked["Session"],
        "ChallengeResponses": {"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": code_now(world)},
    }
    error = error_of(post(app, "RespondToAuthChallenge", members))
    assert error == (400, "NotAuthorizedException", "Invalid session for the user.")
