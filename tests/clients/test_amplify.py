"""aws-amplify 6, with nothing changed but its endpoint."""

from __future__ import annotations

from typing import Any

import pytest

from flowengine.crypto import totp
from tests import planted
from tests.clients import deployed, words
from tests.clients.every import Every
from tests.clients.every_challenge import AFTER_PASSWORD, ENROLLING
from tests.clients.processes import RefusedError
from tests.clients.served import PASSWORD, WRONG_PASSWORD, App
from tests.clients.speaking import AMPLIFY, in_node_and_chromium, speaks

pytestmark = in_node_and_chromium()

NEW_PASSWORD = planted.OTHER_PASSWORD


def sign_in(every: Every, auth_flow: str, who: dict[str, str], **more: str) -> Any:
    """Sign in from a browser that has never been here."""
    every.amplify("open", pool=who["pool"], client_id=who["client_id"])
    given = {"username": who["username"], "password": who["password"], **more}
    if auth_flow in ("CUSTOM_WITHOUT_SRP", "USER_AUTH") and "preferred" not in more:
        del given["password"]
    return every.amplify("sign_in", auth_flow=auth_flow, **given)


def confirm(every: Every, answer: str) -> Any:
    return every.amplify("confirm", answer=answer)


def refused(every: Every, do: str, **more: Any) -> tuple[str, str]:
    with pytest.raises(RefusedError) as caught:
        every.amplify(do, **more)
    return caught.value.told["class"], caught.value.told["message"]


def custom_answer(asked: Any) -> str:
    return deployed.answer_to(asked["next"]["additionalInfo"]["question"])


@speaks("USER_SRP_AUTH", AMPLIFY)
@speaks("PASSWORD_VERIFIER", AMPLIFY)
@speaks("ConfirmDevice", AMPLIFY)
def test_it_signs_in_by_srp_and_confirms_its_device(every: Every) -> None:
    username = every.user()
    assert sign_in(every, "USER_SRP_AUTH", every.who(username))["done"]
    session = every.amplify("session")
    assert session["access"]["username"] == username
    assert session["id"]["cognito:username"] == username
    assert every.amplify("attributes")["name"] == "Fay"
    (device,) = every.amplify("devices")
    assert device["id"] == session["access"]["device_key"]


def test_it_is_told_of_a_wrong_password(every: Every) -> None:
    who = {**every.who(every.user()), "password": WRONG_PASSWORD}
    for auth_flow in ("USER_SRP_AUTH", "USER_PASSWORD_AUTH"):
        with pytest.raises(RefusedError) as caught:
            sign_in(every, auth_flow, who)
        told = caught.value.told
        assert (told["class"], told["message"]) == words.INCORRECT


@speaks("USER_PASSWORD_AUTH", AMPLIFY)
@speaks("NEW_PASSWORD_REQUIRED", AMPLIFY)
def test_it_sends_a_password_and_chooses_a_new_one(every: Every) -> None:
    who = every.who(every.user(temporary=True))
    asked = sign_in(every, "USER_PASSWORD_AUTH", who)
    assert asked["step"] == "CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED"
    assert confirm(every, NEW_PASSWORD)["done"]
    assert sign_in(every, "USER_SRP_AUTH", {**who, "password": NEW_PASSWORD})["done"]


def test_it_asks_for_the_attributes_that_are_required_beside_a_new_password(every: Every) -> None:
    username = every.served.new_user(temporary=True)
    asked = sign_in(every, "USER_SRP_AUTH", every.who(username))
    assert asked["next"]["missingAttributes"] == ["name"]
    given = {"userAttributes": {"name": "Fay"}}
    assert every.amplify("confirm", answer=NEW_PASSWORD, options=given)["done"]
    assert every.amplify("attributes")["name"] == "Fay"


@speaks("SOFTWARE_TOKEN_MFA", AMPLIFY)
def test_it_sends_a_code_of_an_authenticator_app_after_a_wrong_one(every: Every) -> None:
    username, app = every.user_with_app()
    asked = sign_in(every, "USER_SRP_AUTH", every.who(username))
    assert asked["step"] == "CONFIRM_SIGN_IN_WITH_TOTP_CODE"
    assert refused(every, "confirm", answer=app.wrong_code()) == words.WRONG_CODE
    assert confirm(every, app.code(1))["done"]


@speaks("SELECT_MFA_TYPE", AMPLIFY)
@speaks("SMS_MFA", AMPLIFY)
def test_it_chooses_a_text_message_and_sends_its_code(every: Every) -> None:
    username = every.user_with("SMS_MFA", "EMAIL_OTP")
    asked = sign_in(every, "USER_SRP_AUTH", every.who(username))
    assert asked["step"] == "CONTINUE_SIGN_IN_WITH_MFA_SELECTION"
    assert sorted(asked["next"]["allowedMFATypes"]) == ["EMAIL", "SMS"]
    assert confirm(every, "SMS")["step"] == "CONFIRM_SIGN_IN_WITH_SMS_CODE"
    assert confirm(every, every.code_for(username, "sms"))["done"]


@speaks("EMAIL_OTP", AMPLIFY)
def test_it_sends_a_code_of_a_mail_as_second_factor(every: Every) -> None:
    username = every.user_with("EMAIL_OTP")
    asked = sign_in(every, "USER_SRP_AUTH", every.who(username))
    assert asked["step"] == "CONFIRM_SIGN_IN_WITH_EMAIL_CODE"
    assert confirm(every, every.code_for(username, "email"))["done"]


@speaks("MFA_SETUP", AMPLIFY)
def test_it_sets_an_authenticator_app_up_as_it_signs_in(every: Every) -> None:
    who = every.who(every.user(), ENROLLING)
    asked = sign_in(every, "USER_SRP_AUTH", who)
    assert asked["step"] == "CONTINUE_SIGN_IN_WITH_MFA_SETUP_SELECTION"
    assert sorted(asked["next"]["allowedMFATypes"]) == ["EMAIL", "TOTP"]
    asked = confirm(every, "TOTP")
    assert asked["step"] == "CONTINUE_SIGN_IN_WITH_TOTP_SETUP"
    app = App(totp.from_text(asked["SecretCode"]))
    assert confirm(every, app.code())["done"]
    assert sign_in(every, "USER_SRP_AUTH", who)["step"] == "CONFIRM_SIGN_IN_WITH_TOTP_CODE"


@speaks("CUSTOM_AUTH", AMPLIFY)
@speaks("CUSTOM_CHALLENGE", AMPLIFY)
def test_it_answers_a_custom_challenge_of_two_rounds(every: Every) -> None:
    first = sign_in(every, "CUSTOM_WITHOUT_SRP", every.who(every.user()))
    assert first["step"] == "CONFIRM_SIGN_IN_WITH_CUSTOM_CHALLENGE"
    assert confirm(every, "wrong")["next"]["additionalInfo"] == first["next"]["additionalInfo"]
    second = confirm(every, custom_answer(first))
    assert confirm(every, custom_answer(second))["done"]


@speaks("CUSTOM_AUTH with SRP_A", AMPLIFY)
def test_it_proves_the_password_before_a_custom_challenge(every: Every) -> None:
    asked = sign_in(every, "CUSTOM_WITH_SRP", every.who(every.user(), AFTER_PASSWORD))
    assert confirm(every, custom_answer(asked))["done"]


@speaks("USER_AUTH", AMPLIFY)
@speaks("SELECT_CHALLENGE", AMPLIFY)
@speaks("PASSWORD", AMPLIFY)
def test_it_chooses_to_send_its_password(every: Every) -> None:
    who = every.who(every.user())
    asked = sign_in(every, "USER_AUTH", who)
    assert asked["step"] == "CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION"
    assert "PASSWORD" in asked["next"]["availableChallenges"]
    assert confirm(every, "PASSWORD")["step"] == "CONFIRM_SIGN_IN_WITH_PASSWORD"
    assert confirm(every, PASSWORD)["done"]
    assert sign_in(every, "USER_AUTH", who, preferred="PASSWORD")["done"]


@speaks("PASSWORD_SRP", AMPLIFY)
def test_it_chooses_to_prove_its_password(every: Every) -> None:
    who = every.who(every.user())
    sign_in(every, "USER_AUTH", who)
    assert confirm(every, "PASSWORD_SRP")["step"] == "CONFIRM_SIGN_IN_WITH_PASSWORD"
    assert confirm(every, PASSWORD)["done"]
    assert sign_in(every, "USER_AUTH", who, preferred="PASSWORD_SRP")["done"]


@speaks("SMS_OTP", AMPLIFY)
def test_it_chooses_a_code_by_text_message_or_mail(every: Every) -> None:
    who = every.who(every.user())
    sign_in(every, "USER_AUTH", who)
    assert confirm(every, "SMS_OTP")["step"] == "CONFIRM_SIGN_IN_WITH_SMS_CODE"
    assert confirm(every, every.code_for(who["username"], "sms"))["done"]
    asked = sign_in(every, "USER_AUTH", who, preferred="EMAIL_OTP")
    assert asked["step"] == "CONFIRM_SIGN_IN_WITH_EMAIL_CODE"
    assert confirm(every, every.code_for(who["username"], "email"))["done"]


@speaks("DeleteWebAuthnCredential", AMPLIFY)
def test_it_deletes_a_passkey(every: Every) -> None:
    username, _ = every.user_with_passkey()
    sign_in(every, "USER_SRP_AUTH", every.who(username))
    (kept,) = every.amplify("passkeys")["credentials"]
    every.amplify("delete_passkey", id=kept["credentialId"])
    assert every.amplify("passkeys")["credentials"] == []


@speaks("GetTokensFromRefreshToken", AMPLIFY)
def test_it_refreshes(every: Every) -> None:
    sign_in(every, "USER_SRP_AUTH", every.who(every.user()))
    first = every.amplify("session")
    assert every.amplify("session") == first
    second = every.amplify("session", fresh=True)
    assert second["AccessToken"] != first["AccessToken"]
    assert second["access"]["origin_jti"] == first["access"]["origin_jti"]


@speaks("RevokeToken", AMPLIFY)
def test_it_revokes_its_token_as_it_signs_out(every: Every) -> None:
    sign_in(every, "USER_SRP_AUTH", every.who(every.user()))
    token = every.amplify("session")["AccessToken"]
    every.amplify("sign_out")
    assert every.amplify("session") is None
    with every.served.refuses_in_words(words.REVOKED_ACCESS):
        every.served.call("get_user", AccessToken=token)


@speaks("GlobalSignOut", AMPLIFY)
def test_it_signs_out_everywhere(every: Every) -> None:
    username = every.user()
    other = every.served.by_password(username)["AuthenticationResult"]["AccessToken"]
    sign_in(every, "USER_SRP_AUTH", every.who(username))
    every.amplify("sign_out", everywhere=True)
    with every.served.refuses_in_words(words.REVOKED_ACCESS):
        every.served.call("get_user", AccessToken=other)
