"""amazon-cognito-identity-js, with nothing changed but its endpoint."""

from __future__ import annotations

from typing import Any

import pytest

from flowengine.crypto import totp
from tests import planted
from tests.clients import deployed, words
from tests.clients.every import Every
from tests.clients.every_challenge import AFTER_PASSWORD, ENROLLING
from tests.clients.processes import RefusedError
from tests.clients.served import WRONG_PASSWORD, App
from tests.clients.speaking import IDENTITY_JS, speaks
from tests.clients.words import Told

NEW_PASSWORD = planted.OTHER_PASSWORD


def refused(every: Every, do: str, **more: Any) -> Told:
    with pytest.raises(RefusedError) as caught:
        every.identity(do, **more)
    return Told(caught.value.told["code"], caught.value.told["message"])


@speaks("USER_SRP_AUTH", IDENTITY_JS)
@speaks("PASSWORD_VERIFIER", IDENTITY_JS)
def test_it_signs_in_by_srp(every: Every) -> None:
    username = every.user()
    signed_in = every.identity("sign_in", **every.who(username))
    assert signed_in["access"]["username"] == username
    assert signed_in["id"]["cognito:username"] == username
    kept = every.identity("attributes")
    assert {"Name": "name", "Value": "Fay"} in kept


def test_it_is_told_of_a_wrong_password(every: Every) -> None:
    who = {**every.who(every.user()), "password": WRONG_PASSWORD}
    assert refused(every, "sign_in", **who) == words.INCORRECT


@speaks("USER_PASSWORD_AUTH", IDENTITY_JS)
def test_it_signs_in_with_a_password_that_is_sent(every: Every) -> None:
    who = every.who(every.user())
    assert every.identity("sign_in", **who, auth_flow="USER_PASSWORD_AUTH")["AccessToken"]


@speaks("NEW_PASSWORD_REQUIRED", IDENTITY_JS)
def test_it_chooses_a_new_password(every: Every) -> None:
    who = every.who(every.user(temporary=True))
    asked = every.identity("sign_in", **who)
    assert asked["asked"] == "NEW_PASSWORD_REQUIRED"
    assert asked["parameters"]["given"]["email"].endswith("@example.com")
    assert every.identity("new_password", chosen=NEW_PASSWORD)["AccessToken"]
    assert every.identity("sign_in", **{**who, "password": NEW_PASSWORD})["AccessToken"]


def test_it_asks_for_the_attributes_that_are_required_beside_a_new_password(every: Every) -> None:
    username = every.served.new_user(temporary=True)
    asked = every.identity("sign_in", **every.who(username))
    assert asked["parameters"] == {"given": {}, "required": ["name"]}
    given = {"attributes": {"name": "Fay"}}
    assert every.identity("new_password", chosen=NEW_PASSWORD, **given)["id"]["name"] == "Fay"


@speaks("SOFTWARE_TOKEN_MFA", IDENTITY_JS)
def test_it_sends_a_code_of_an_authenticator_app_after_a_wrong_one(every: Every) -> None:
    username, app = every.user_with_app()
    assert every.identity("sign_in", **every.who(username))["asked"] == "SOFTWARE_TOKEN_MFA"
    given = {"type": "SOFTWARE_TOKEN_MFA"}
    assert refused(every, "send_code", code=app.wrong_code(), **given) == words.WRONG_CODE
    assert every.identity("send_code", code=app.code(1), **given)["AccessToken"]


@speaks("SMS_MFA", IDENTITY_JS)
def test_it_sends_a_code_of_a_text_message(every: Every) -> None:
    username = every.user_with("SMS_MFA")
    asked = every.identity("sign_in", **every.who(username))
    assert asked["asked"] == "SMS_MFA"
    assert asked["parameters"]["CODE_DELIVERY_DELIVERY_MEDIUM"] == "SMS"
    code = every.code_for(username, "sms")
    assert every.identity("send_code", code=code, type="SMS_MFA")["AccessToken"]


@speaks("SELECT_MFA_TYPE", IDENTITY_JS)
def test_it_chooses_between_second_factors(every: Every) -> None:
    username, app = every.user_with_app()
    every.prefer(username, "SMS_MFA", "SOFTWARE_TOKEN_MFA")
    asked = every.identity("sign_in", **every.who(username))
    assert asked["asked"] == "SELECT_MFA_TYPE"
    assert every.identity("choose", type="SOFTWARE_TOKEN_MFA")["asked"] == "SOFTWARE_TOKEN_MFA"
    code = app.code(1)
    assert every.identity("send_code", code=code, type="SOFTWARE_TOKEN_MFA")["AccessToken"]


@speaks("MFA_SETUP", IDENTITY_JS)
def test_it_sets_an_authenticator_app_up_as_it_signs_in(every: Every) -> None:
    username = every.user()
    who = every.who(username, ENROLLING)
    assert every.identity("sign_in", **who)["asked"] == "MFA_SETUP"
    app = App(totp.from_text(every.identity("set_up_totp")["SecretCode"]))
    assert every.identity("verify_totp", code=app.code())["AccessToken"]
    assert every.identity("sign_in", **who)["asked"] == "SOFTWARE_TOKEN_MFA"


@speaks("CUSTOM_AUTH", IDENTITY_JS)
@speaks("CUSTOM_CHALLENGE", IDENTITY_JS)
def test_it_answers_a_custom_challenge_of_two_rounds(every: Every) -> None:
    username = every.user()
    asked = every.identity("start_custom", **every.who(username))
    assert every.identity("answer", answer="wrong")["asked"] == "CUSTOM_CHALLENGE"
    answer = deployed.answer_to(asked["parameters"]["question"])
    asked = every.identity("answer", answer=answer)
    answer = deployed.answer_to(asked["parameters"]["question"])
    assert every.identity("answer", answer=answer)["access"]["username"] == username


@speaks("CUSTOM_AUTH with SRP_A", IDENTITY_JS)
def test_it_proves_the_password_before_a_custom_challenge(every: Every) -> None:
    who = every.who(every.user(), AFTER_PASSWORD)
    asked = every.identity("sign_in", **who, auth_flow="CUSTOM_AUTH")
    answer = deployed.answer_to(asked["parameters"]["question"])
    assert every.identity("answer", answer=answer)["AccessToken"]


@speaks("REFRESH_TOKEN_AUTH", IDENTITY_JS)
def test_it_refreshes(every: Every) -> None:
    first = every.identity("sign_in", **every.who(every.user()))
    second = every.identity("refresh", refresh_token=first["RefreshToken"])
    assert second["AccessToken"] != first["AccessToken"]
    assert second["RefreshToken"] == first["RefreshToken"]


def test_it_refreshes_where_it_has_no_device_and_names_it_as_null(every: Every) -> None:
    who = every.who(every.user())
    first = every.identity("sign_in", **who, auth_flow="USER_PASSWORD_AUTH")
    assert "device_key" not in first["access"]
    assert every.identity("refresh", refresh_token=first["RefreshToken"])["AccessToken"]


@speaks("RevokeToken", IDENTITY_JS)
def test_it_revokes_its_token_as_it_signs_out(every: Every) -> None:
    signed_in = every.identity("sign_in", **every.who(every.user()))
    every.identity("sign_out")
    with every.served.refuses_in_words(words.REVOKED_ACCESS):
        every.served.call("get_user", AccessToken=signed_in["AccessToken"])


@speaks("GlobalSignOut", IDENTITY_JS)
def test_it_signs_out_everywhere(every: Every) -> None:
    username = every.user()
    other = every.served.by_password(username)["AuthenticationResult"]
    every.identity("sign_in", **every.who(username))
    assert every.identity("sign_out_everywhere")["answer"] == "SUCCESS"
    with every.served.refuses_in_words(words.REVOKED_ACCESS):
        every.served.call("get_user", AccessToken=other["AccessToken"])


@speaks("ConfirmDevice", IDENTITY_JS)
def test_it_confirms_its_device_by_itself(every: Every) -> None:
    signed_in = every.identity("sign_in", **every.who(every.user()))
    token = signed_in["AccessToken"]
    (device,) = every.served.call("list_devices", AccessToken=token)["Devices"]
    assert signed_in["access"]["device_key"] == device["DeviceKey"]
    assert [each["DeviceKey"] for each in every.identity("list_devices")["Devices"]] == [
        device["DeviceKey"]
    ]


@speaks("UpdateDeviceStatus", IDENTITY_JS)
@speaks("ForgetDevice", IDENTITY_JS)
def test_it_has_its_device_remembered_and_forgets_it(every: Every) -> None:
    signed_in = every.identity("sign_in", **every.who(every.user()))
    key = signed_in["access"]["device_key"]
    about = {"AccessToken": signed_in["AccessToken"], "DeviceKey": key}
    every.served.call("update_device_status", **about, DeviceRememberedStatus="not_remembered")
    assert every.is_remembered(key) is False
    assert every.identity("remember_device")["answer"] == "SUCCESS"
    assert every.is_remembered(key)
    assert every.identity("forget_device")["answer"] == "SUCCESS"
    assert every.is_remembered(key) is None


@speaks("ConfirmDevice", IDENTITY_JS)
@speaks("DEVICE_SRP_AUTH", IDENTITY_JS)
@speaks("DEVICE_PASSWORD_VERIFIER", IDENTITY_JS)
def test_its_device_stands_for_the_second_factor_until_it_is_forgotten(every: Every) -> None:
    username, app = every.user_with_app()
    who = every.who(username)
    assert every.identity("sign_in", **who)["asked"] == "SOFTWARE_TOKEN_MFA"
    given = {"type": "SOFTWARE_TOKEN_MFA"}
    assert every.identity("send_code", code=app.code(1), **given)["AccessToken"]
    assert every.identity("sign_in", **who)["AccessToken"]
    assert every.identity("sign_in", **who, browser="another")["asked"] == "SOFTWARE_TOKEN_MFA"
    every.identity("sign_in", **who)
    assert every.identity("forget_device")["answer"] == "SUCCESS"
    assert every.identity("sign_in", **who)["asked"] == "SOFTWARE_TOKEN_MFA"


def test_a_device_that_is_forgotten_elsewhere_is_no_device_any_more(every: Every) -> None:
    username, app = every.user_with_app()
    who = every.who(username)
    every.identity("sign_in", **who)
    given = {"type": "SOFTWARE_TOKEN_MFA"}
    token = every.identity("send_code", code=app.code(1), **given)["AccessToken"]
    devices = every.served.call("list_devices", AccessToken=token)["Devices"]
    for device in devices:
        key = device["DeviceKey"]
        every.served.call("forget_device", AccessToken=token, DeviceKey=key)
    assert len(devices) == 1
    assert every.identity("sign_in", **who)["asked"] == "SOFTWARE_TOKEN_MFA"


@speaks("DEVICE_SRP_AUTH", IDENTITY_JS)
@speaks("DEVICE_PASSWORD_VERIFIER", IDENTITY_JS)
def test_its_device_is_asked_for_after_a_custom_challenge(every: Every) -> None:
    who = every.who(every.user(), AFTER_PASSWORD)
    keys = set()
    for _ in range(2):
        asked = every.identity("sign_in", **who, auth_flow="CUSTOM_AUTH")
        answer = deployed.answer_to(asked["parameters"]["question"])
        keys.add(every.identity("answer", answer=answer)["access"]["device_key"])
    assert len(keys) == 1
