"""The AWS SDK for JavaScript, with cognito-srp-helper, and nothing changed but its endpoint."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowengine.crypto import totp
from tests import planted
from tests.clients import deployed, words
from tests.clients.deployed import CONFIDENTIAL, POOL, ROTATING, WEB
from tests.clients.every import Every
from tests.clients.every_challenge import AFTER_PASSWORD, ENROLLING
from tests.clients.processes import RefusedError
from tests.clients.served import PASSWORD, WRONG_PASSWORD, App
from tests.clients.speaking import AWS_SDK_JS, speaks


def call(every: Every, operation: str, **arguments: Any) -> Any:
    return every.sdk("call", operation=operation, arguments=arguments)


def begin(every: Every, auth_flow: str, username: str, **parameters: str) -> Any:
    about = {"USERNAME": username, **parameters}
    return call(every, "InitiateAuth", ClientId=WEB, AuthFlow=auth_flow, AuthParameters=about)


def respond(
    every: Every, asked: Any, username: str, client_id: str = WEB, /, **responses: str
) -> Any:
    return call(
        every,
        "RespondToAuthChallenge",
        ClientId=client_id,
        ChallengeName=asked["ChallengeName"],
        ChallengeResponses={"USERNAME": username, **responses},
        Session=asked["Session"],
    )


def tokens(reply: Any) -> Any:
    return reply["AuthenticationResult"]


@speaks("USER_SRP_AUTH", AWS_SDK_JS)
@speaks("PASSWORD_VERIFIER", AWS_SDK_JS)
def test_it_signs_in_by_srp(every: Every) -> None:
    username = every.user()
    token = tokens(every.sdk("sign_in", **every.who(username)))["AccessToken"]
    assert call(every, "GetUser", AccessToken=token)["Username"] == username


def test_it_is_told_of_a_wrong_password(every: Every) -> None:
    who = {**every.who(every.user()), "password": WRONG_PASSWORD}
    with pytest.raises(RefusedError) as caught:
        every.sdk("sign_in", **who)
    told = caught.value.told
    assert (told["class"], told["message"]) == words.INCORRECT
    assert told["status"] == 400


def test_it_signs_in_by_srp_with_a_secret_hash(every: Every) -> None:
    who = {**every.who(every.user(), CONFIDENTIAL), "secret": deployed.SECRET}
    assert tokens(every.sdk("sign_in", **who))
    with pytest.raises(RefusedError):
        every.sdk("sign_in", **{**who, "secret": "x"})


@speaks("USER_PASSWORD_AUTH", AWS_SDK_JS)
@speaks("NEW_PASSWORD_REQUIRED", AWS_SDK_JS)
def test_it_sends_a_password_and_chooses_a_new_one(every: Every) -> None:
    username = every.user(temporary=True)
    asked = begin(every, "USER_PASSWORD_AUTH", username, PASSWORD=PASSWORD)
    assert asked["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    assert tokens(respond(every, asked, username, NEW_PASSWORD=planted.OTHER_PASSWORD))


@speaks("ADMIN_USER_PASSWORD_AUTH", AWS_SDK_JS)
def test_it_signs_a_user_in_as_an_administrator(every: Every) -> None:
    username = every.user()
    about = {"USERNAME": username, "PASSWORD": PASSWORD}
    reply = call(
        every,
        "AdminInitiateAuth",
        UserPoolId=POOL,
        ClientId=WEB,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters=about,
    )
    assert tokens(reply)


@speaks("SELECT_MFA_TYPE", AWS_SDK_JS)
@speaks("SOFTWARE_TOKEN_MFA", AWS_SDK_JS)
def test_it_chooses_an_authenticator_app_and_sends_its_code(every: Every) -> None:
    username, app = every.user_with_app()
    every.prefer(username, "SMS_MFA", "SOFTWARE_TOKEN_MFA")
    asked = every.sdk("sign_in", **every.who(username))
    assert asked["ChallengeName"] == "SELECT_MFA_TYPE"
    offered = json.loads(asked["ChallengeParameters"]["MFAS_CAN_CHOOSE"])
    assert sorted(offered) == ["SMS_MFA", "SOFTWARE_TOKEN_MFA"]
    asked = respond(every, asked, username, ANSWER="SOFTWARE_TOKEN_MFA")
    assert tokens(respond(every, asked, username, SOFTWARE_TOKEN_MFA_CODE=app.code(1)))


@speaks("SMS_MFA", AWS_SDK_JS)
def test_it_sends_a_code_of_a_text_message(every: Every) -> None:
    username = every.user_with("SMS_MFA")
    asked = every.sdk("sign_in", **every.who(username))
    code = every.code_for(username, "sms")
    assert tokens(respond(every, asked, username, SMS_MFA_CODE=code))


@speaks("EMAIL_OTP", AWS_SDK_JS)
def test_it_sends_a_code_of_a_mail_as_second_factor(every: Every) -> None:
    username = every.user_with("EMAIL_OTP")
    asked = every.sdk("sign_in", **every.who(username))
    assert asked["ChallengeName"] == "EMAIL_OTP"
    code = every.code_for(username, "email")
    assert tokens(respond(every, asked, username, EMAIL_OTP_CODE=code))


@speaks("MFA_SETUP", AWS_SDK_JS)
def test_it_sets_an_authenticator_app_up_as_it_signs_in(every: Every) -> None:
    username = every.user()
    asked = every.sdk("sign_in", **every.who(username, ENROLLING))
    made = call(every, "AssociateSoftwareToken", Session=asked["Session"])
    code = App(totp.from_text(made["SecretCode"])).code()
    verified = call(every, "VerifySoftwareToken", Session=made["Session"], UserCode=code)
    assert verified["Status"] == "SUCCESS"
    asked["Session"] = verified["Session"]
    assert tokens(respond(every, asked, username, ENROLLING))


@speaks("CUSTOM_AUTH", AWS_SDK_JS)
@speaks("CUSTOM_CHALLENGE", AWS_SDK_JS)
def test_it_answers_a_custom_challenge_of_two_rounds(every: Every) -> None:
    username = every.user()
    asked = begin(every, "CUSTOM_AUTH", username)
    for _ in range(2):
        answer = deployed.answer_to(asked["ChallengeParameters"]["question"])
        asked = respond(every, asked, username, ANSWER=answer)
    assert tokens(asked)


@speaks("CUSTOM_AUTH with SRP_A", AWS_SDK_JS)
def test_it_proves_the_password_before_a_custom_challenge(every: Every) -> None:
    username = every.user()
    who = every.who(username, AFTER_PASSWORD)
    asked = every.sdk(
        "sign_in", **who, auth_flow="CUSTOM_AUTH", parameters={"CHALLENGE_NAME": "SRP_A"}
    )
    answer = deployed.answer_to(asked["ChallengeParameters"]["question"])
    assert tokens(respond(every, asked, username, AFTER_PASSWORD, ANSWER=answer))


@speaks("USER_AUTH", AWS_SDK_JS)
@speaks("SELECT_CHALLENGE", AWS_SDK_JS)
@speaks("PASSWORD", AWS_SDK_JS)
def test_it_chooses_to_send_its_password(every: Every) -> None:
    username = every.user()
    asked = begin(every, "USER_AUTH", username)
    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    assert {"PASSWORD", "PASSWORD_SRP", "EMAIL_OTP", "SMS_OTP"} == set(asked["AvailableChallenges"])
    asked = respond(every, asked, username, ANSWER="PASSWORD")
    assert asked["ChallengeName"] == "PASSWORD"
    assert tokens(respond(every, asked, username, PASSWORD=PASSWORD))


@speaks("PASSWORD_SRP", AWS_SDK_JS)
def test_it_chooses_to_prove_its_password(every: Every) -> None:
    who = every.who(every.user())
    asked = begin(every, "USER_AUTH", who["username"])
    given = {"ANSWER": "PASSWORD_SRP"}
    assert tokens(every.sdk("answer_srp", **who, asked=asked, responses=given))
    preferred = {"PREFERRED_CHALLENGE": "PASSWORD_SRP"}
    assert tokens(every.sdk("sign_in", **who, auth_flow="USER_AUTH", parameters=preferred))
    asked = begin(every, "USER_AUTH", who["username"], **preferred)
    assert asked["ChallengeName"] == "PASSWORD_SRP"
    assert tokens(every.sdk("answer_srp", **who, asked=asked))


@speaks("SMS_OTP", AWS_SDK_JS)
def test_it_prefers_a_code_by_text_message(every: Every) -> None:
    username = every.user()
    asked = begin(every, "USER_AUTH", username, PREFERRED_CHALLENGE="SMS_OTP")
    assert asked["ChallengeName"] == "SMS_OTP"
    code = every.code_for(username, "sms")
    assert tokens(respond(every, asked, username, SMS_OTP_CODE=code))


@speaks("WEB_AUTHN", AWS_SDK_JS)
def test_it_signs_in_with_a_passkey(every: Every) -> None:
    username, passkey = every.user_with_passkey()
    asked = begin(every, "USER_AUTH", username, PREFERRED_CHALLENGE="WEB_AUTHN")
    options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    credential = json.dumps(passkey.get(options, every.pages.origin))
    assert tokens(respond(every, asked, username, CREDENTIAL=credential))


@speaks("CompleteWebAuthnRegistration", AWS_SDK_JS)
@speaks("DeleteWebAuthnCredential", AWS_SDK_JS)
def test_it_registers_a_passkey_and_deletes_it(every: Every) -> None:
    about = {"AccessToken": every.token(every.user())}
    options = call(every, "StartWebAuthnRegistration", **about)["CredentialCreationOptions"]
    made = every.new_passkey().create(options, every.pages.origin)
    assert call(every, "CompleteWebAuthnRegistration", **about, Credential=made) == {}
    (kept,) = call(every, "ListWebAuthnCredentials", **about)["Credentials"]
    credential_id = kept["CredentialId"]
    assert call(every, "DeleteWebAuthnCredential", **about, CredentialId=credential_id) == {}
    assert call(every, "ListWebAuthnCredentials", **about)["Credentials"] == []


@speaks("ConfirmDevice", AWS_SDK_JS)
@speaks("DEVICE_SRP_AUTH", AWS_SDK_JS)
@speaks("DEVICE_PASSWORD_VERIFIER", AWS_SDK_JS)
@speaks("UpdateDeviceStatus", AWS_SDK_JS)
@speaks("ForgetDevice", AWS_SDK_JS)
def test_its_device_stands_for_the_second_factor(every: Every) -> None:
    username, app = every.user_with_app()
    who = every.who(username)
    asked = every.sdk("sign_in", **who)
    first = tokens(respond(every, asked, username, SOFTWARE_TOKEN_MFA_CODE=app.code(1)))
    device = first["NewDeviceMetadata"]
    every.sdk("confirm_device", access_token=first["AccessToken"], device=device)
    again = tokens(every.sdk("sign_in", **who, device_key=device["DeviceKey"]))
    assert again["AccessToken"]
    assert "NewDeviceMetadata" not in again
    about = {"AccessToken": again["AccessToken"], "DeviceKey": device["DeviceKey"]}
    call(every, "UpdateDeviceStatus", **about, DeviceRememberedStatus="not_remembered")
    asked = every.sdk("sign_in", **who, device_key=device["DeviceKey"])
    assert asked["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    call(every, "ForgetDevice", **about)
    assert every.is_remembered(device["DeviceKey"]) is None


@speaks("REFRESH_TOKEN_AUTH", AWS_SDK_JS)
@speaks("GetTokensFromRefreshToken", AWS_SDK_JS)
@speaks("RevokeToken", AWS_SDK_JS)
@speaks("GlobalSignOut", AWS_SDK_JS)
def test_it_refreshes_revokes_and_signs_out_everywhere(every: Every) -> None:
    who = every.who(every.user())
    first, other = (tokens(every.sdk("sign_in", **who)) for _ in range(2))
    token = first["RefreshToken"]
    about = {"REFRESH_TOKEN": token}
    refresh = {"AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": about}
    assert tokens(call(every, "InitiateAuth", ClientId=WEB, **refresh))
    assert tokens(call(every, "GetTokensFromRefreshToken", ClientId=WEB, RefreshToken=token))
    assert call(every, "RevokeToken", ClientId=WEB, Token=token) == {}
    with pytest.raises(RefusedError, match=words.REVOKED_REFRESH.message):
        call(every, "GetTokensFromRefreshToken", ClientId=WEB, RefreshToken=token)
    assert call(every, "GlobalSignOut", AccessToken=other["AccessToken"]) == {}
    with pytest.raises(RefusedError, match=words.REVOKED_ACCESS.message):
        call(every, "GetUser", AccessToken=other["AccessToken"])


def test_its_refresh_token_rotates(every: Every) -> None:
    first = tokens(every.sdk("sign_in", **every.who(every.user(), ROTATING)))["RefreshToken"]
    operation = "GetTokensFromRefreshToken"
    second = tokens(call(every, operation, ClientId=ROTATING, RefreshToken=first))
    assert second["RefreshToken"] != first
