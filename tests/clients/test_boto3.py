"""Every challenge that needs no SRP, by boto3, and by a page that has nothing but ``fetch``."""

from __future__ import annotations

import json
from typing import Any

from flowengine.crypto import totp
from tests import planted
from tests.clients import deployed, words
from tests.clients.deployed import WEB
from tests.clients.every import Every
from tests.clients.every_challenge import ENROLLING
from tests.clients.served import PASSWORD, App
from tests.clients.speaking import BOTO3, by_boto3_and_a_page, speaks

pytestmark = by_boto3_and_a_page()


def choose(every: Every, username: str, **parameters: str) -> Any:
    return every.served.initiate("USER_AUTH", USERNAME=username, **parameters)


def tokens(reply: Any) -> Any:
    return reply["AuthenticationResult"]


@speaks("USER_PASSWORD_AUTH", BOTO3)
@speaks("NEW_PASSWORD_REQUIRED", BOTO3)
def test_it_sends_a_password_and_chooses_a_new_one(every: Every) -> None:
    username = every.user(temporary=True)
    asked = every.served.by_password(username)
    assert tokens(every.served.respond(asked, username, NEW_PASSWORD=planted.OTHER_PASSWORD))


@speaks("SELECT_MFA_TYPE", BOTO3)
@speaks("SOFTWARE_TOKEN_MFA", BOTO3)
def test_it_chooses_an_authenticator_app_and_sends_its_code(every: Every) -> None:
    username, app = every.user_with_app()
    every.prefer(username, "EMAIL_OTP", "SOFTWARE_TOKEN_MFA")
    asked = every.served.by_password(username)
    assert asked["ChallengeName"] == "SELECT_MFA_TYPE"
    asked = every.served.respond(asked, username, ANSWER="SOFTWARE_TOKEN_MFA")
    assert tokens(every.served.respond(asked, username, SOFTWARE_TOKEN_MFA_CODE=app.code(1)))


@speaks("SMS_MFA", BOTO3)
def test_it_sends_a_code_of_a_text_message(every: Every) -> None:
    username = every.user_with("SMS_MFA")
    asked = every.served.by_password(username)
    code = every.code_for(username, "sms")
    assert tokens(every.served.respond(asked, username, SMS_MFA_CODE=code))


@speaks("EMAIL_OTP", BOTO3)
def test_a_code_of_a_mail_is_good_once(every: Every) -> None:
    username = every.user_with("EMAIL_OTP")
    asked = every.served.by_password(username)
    code = every.code_for(username, "email")
    assert tokens(every.served.respond(asked, username, EMAIL_OTP_CODE=code))
    with every.served.refuses(words.SPENT):
        every.served.respond(asked, username, EMAIL_OTP_CODE=code)


@speaks("MFA_SETUP", BOTO3)
def test_it_sets_an_authenticator_app_up_as_it_signs_in(every: Every) -> None:
    username, call = every.user(), every.served.call
    who = {"password": PASSWORD, "client_id": ENROLLING}
    answer = every.served.pycognito("srp_answer", username, **who)["answer"]
    asked = call("respond_to_auth_challenge", **answer)
    made = call("associate_software_token", Session=asked["Session"])
    code = App(totp.from_text(made["SecretCode"])).code()
    verified = call("verify_software_token", Session=made["Session"], UserCode=code)
    asked["Session"] = verified["Session"]
    assert tokens(every.served.respond(asked, username, ENROLLING))


@speaks("CUSTOM_AUTH", BOTO3)
@speaks("CUSTOM_CHALLENGE", BOTO3)
def test_it_answers_a_custom_challenge_of_two_rounds(every: Every) -> None:
    username = every.user()
    asked = every.served.initiate("CUSTOM_AUTH", USERNAME=username)
    for _ in range(2):
        answer = deployed.answer_to(asked["ChallengeParameters"]["question"])
        asked = every.served.respond(asked, username, ANSWER=answer)
    assert tokens(asked)


@speaks("USER_AUTH", BOTO3)
@speaks("SELECT_CHALLENGE", BOTO3)
@speaks("PASSWORD", BOTO3)
def test_it_chooses_to_send_its_password(every: Every) -> None:
    username = every.user()
    asked = choose(every, username)
    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    reply = every.served.respond(asked, username, ANSWER="PASSWORD", PASSWORD=PASSWORD)
    assert tokens(reply)
    assert tokens(choose(every, username, PREFERRED_CHALLENGE="PASSWORD", PASSWORD=PASSWORD))


@speaks("SMS_OTP", BOTO3)
def test_it_chooses_a_code_by_text_message(every: Every) -> None:
    username = every.user()
    asked = every.served.respond(choose(every, username), username, ANSWER="SMS_OTP")
    code = every.code_for(username, "sms")
    assert tokens(every.served.respond(asked, username, SMS_OTP_CODE=code))


@speaks("WEB_AUTHN", BOTO3)
def test_it_chooses_a_passkey(every: Every) -> None:
    username, passkey = every.user_with_passkey()
    asked = every.served.respond(choose(every, username), username, ANSWER="WEB_AUTHN")
    options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    credential = json.dumps(passkey.get(options, every.pages.origin))
    assert tokens(every.served.respond(asked, username, CREDENTIAL=credential))


@speaks("ConfirmDevice", BOTO3)
@speaks("UpdateDeviceStatus", BOTO3)
@speaks("ForgetDevice", BOTO3)
def test_it_confirms_a_device_remembers_it_or_not_and_forgets_it(every: Every) -> None:
    username, app = every.user_with_app()
    asked = every.served.raises("authenticate", username, password=PASSWORD)["tokens"]
    first = tokens(every.served.respond(asked, username, SOFTWARE_TOKEN_MFA_CODE=app.code(1)))
    token, new = first["AccessToken"], first["NewDeviceMetadata"]
    key = new["DeviceKey"]
    names = {"key": key, "group": new["DeviceGroupKey"]}
    made = every.served.client.ask("device_verifier", **names)
    about = {"AccessToken": token, "DeviceKey": key}
    every.served.call("confirm_device", **about, DeviceSecretVerifierConfig=made["verifier"])
    assert every.is_remembered(key)
    for told in ("not_remembered", "remembered"):
        every.served.call("update_device_status", **about, DeviceRememberedStatus=told)
        assert every.is_remembered(key) is (told == "remembered")
    who = {"username": username, "password": PASSWORD, **made["device"]}
    with every.served.refuses_in_words(words.INCORRECT):
        every.served.pycognito("authenticate_device", **{**who, "device_password": PASSWORD})
    assert every.served.pycognito("authenticate_device", **who)["AccessToken"]
    every.served.call("forget_device", **about)
    assert every.is_remembered(key) is None


@speaks("REFRESH_TOKEN_AUTH", BOTO3)
@speaks("GetTokensFromRefreshToken", BOTO3)
@speaks("RevokeToken", BOTO3)
@speaks("GlobalSignOut", BOTO3)
def test_it_refreshes_revokes_and_signs_out_everywhere(every: Every) -> None:
    username, call = every.user(), every.served.call
    first, other = (tokens(every.served.by_password(username)) for _ in range(2))
    token = first["RefreshToken"]
    assert tokens(every.served.initiate("REFRESH_TOKEN_AUTH", REFRESH_TOKEN=token))
    assert tokens(call("get_tokens_from_refresh_token", RefreshToken=token, ClientId=WEB))
    call("revoke_token", Token=token, ClientId=WEB)
    with every.served.refuses(words.REVOKED_REFRESH):
        call("get_tokens_from_refresh_token", RefreshToken=token, ClientId=WEB)
    call("global_sign_out", AccessToken=other["AccessToken"])
    with every.served.refuses(words.REVOKED_ACCESS):
        call("get_user", AccessToken=other["AccessToken"])
