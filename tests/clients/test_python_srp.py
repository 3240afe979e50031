"""pycognito and warrant-lite, which sign in by SRP, at a server that asks every challenge."""

from __future__ import annotations

from typing import Any

import pytest

from tests import planted
from tests.clients import deployed, words
from tests.clients.deployed import CONFIDENTIAL, WEB
from tests.clients.every import Every
from tests.clients.processes import RefusedError
from tests.clients.served import PASSWORD, WRONG_PASSWORD, App
from tests.clients.speaking import PYCOGNITO, WARRANT_LITE, speaks

NEW_PASSWORD = planted.OTHER_PASSWORD


def warrant(every: Every, do: str, username: str, **more: Any) -> Any:
    reply = every.served.client.ask(do, **{**every.who(username), **more})
    return reply["AuthenticationResult"]


@speaks("USER_SRP_AUTH", PYCOGNITO)
@speaks("PASSWORD_VERIFIER", PYCOGNITO)
def test_pycognito_signs_in(every: Every) -> None:
    username = every.user()
    signed_in = every.served.pycognito("authenticate", username, password=PASSWORD)
    assert signed_in["access"]["username"] == username


@speaks("NEW_PASSWORD_REQUIRED", PYCOGNITO)
def test_pycognito_chooses_a_new_password(every: Every) -> None:
    username = every.user(temporary=True)
    chosen = {"password": PASSWORD, "chosen": NEW_PASSWORD}
    assert every.served.pycognito("new_password", username, **chosen)["access_token"]


@speaks("SOFTWARE_TOKEN_MFA", PYCOGNITO)
def test_pycognito_sends_a_code_of_an_authenticator_app(every: Every) -> None:
    username, app = every.user_with_app()
    asked = every.served.raises("authenticate", username, password=PASSWORD)
    answer = {"code": app.code(1), "tokens": asked["tokens"]}
    assert every.served.pycognito("answer_totp", username, **answer)["access_token"]


@speaks("SMS_MFA", PYCOGNITO)
def test_pycognito_sends_a_code_of_a_text_message(every: Every) -> None:
    username = every.user_with("SMS_MFA")
    asked = every.served.raises("authenticate", username, password=PASSWORD)
    assert asked["class"] == "SMSMFAChallengeException"
    answer = {"code": every.code_for(username, "sms"), "tokens": asked["tokens"]}
    assert every.served.pycognito("answer_sms", username, **answer)["access_token"]


def by_code(every: Every, username: str, app: App) -> Any:
    """Sign in with a code of an app, as one does on a new device; the reply."""
    asked = every.served.raises("authenticate", username, password=PASSWORD)["tokens"]
    return every.served.respond(asked, username, SOFTWARE_TOKEN_MFA_CODE=app.code(1))


@speaks("ConfirmDevice", PYCOGNITO)
@speaks("UpdateDeviceStatus", PYCOGNITO)
@speaks("ForgetDevice", PYCOGNITO)
@speaks("DEVICE_SRP_AUTH", PYCOGNITO)
@speaks("DEVICE_PASSWORD_VERIFIER", PYCOGNITO)
def test_a_device_of_pycognito_stands_for_the_second_factor_while_it_is_remembered(
    every: Every,
) -> None:
    username, app = every.user_with_app()
    ask, who = every.served.pycognito, {"username": username, "password": PASSWORD}
    confirmed = ask("confirm_device", **who, reply=by_code(every, username, app))
    assert confirmed["reply"] == {"UserConfirmationNecessary": False}
    device = confirmed["device"]
    token = ask("authenticate_device", **who, **device)["AccessToken"]
    about = {**who, "access_token": token, "device_key": device["device_key"]}
    assert ask("remember_device", **about, remembered=False) == 200
    asked = every.served.raises("authenticate_device", **who, **device)
    assert asked["class"] == "SoftwareTokenMFAChallengeException"
    assert ask("remember_device", **about, remembered=True) == 200
    assert ask("authenticate_device", **who, **device)["AccessToken"]
    assert ask("forget_device", **about) == 200
    with every.served.refuses_in_words(words.NO_SUCH_DEVICE):
        ask("authenticate_device", **who, **device)
    assert ask("forget_device", **about) == 400


@speaks("REFRESH_TOKEN_AUTH", PYCOGNITO)
@speaks("GlobalSignOut", PYCOGNITO)
def test_pycognito_renews_and_logs_out_everywhere(every: Every) -> None:
    username, ask = every.user(), every.served.pycognito
    first = ask("authenticate", username, password=PASSWORD)
    renewed = ask("renew", username, refresh_token=first["RefreshToken"])
    assert renewed["access_token"] != first["access_token"]
    ask("log_out", username, access_token=renewed["access_token"])
    with every.served.refuses_in_words(words.REVOKED_ACCESS):
        every.served.call("get_user", AccessToken=renewed["access_token"])


@speaks("USER_SRP_AUTH", WARRANT_LITE)
@speaks("PASSWORD_VERIFIER", WARRANT_LITE)
def test_warrant_lite_signs_in(every: Every) -> None:
    username = every.user()
    token = warrant(every, "warrant", username)["AccessToken"]
    assert every.served.call("get_user", AccessToken=token)["Username"] == username


def test_warrant_lite_signs_in_with_a_secret_hash(every: Every) -> None:
    secret = {"client_id": CONFIDENTIAL, "client_secret": deployed.SECRET}
    assert warrant(every, "warrant", every.user(), **secret)["AccessToken"]


def test_warrant_lite_is_told_of_a_wrong_password(every: Every) -> None:
    with every.served.refuses_in_words(words.INCORRECT):
        warrant(every, "warrant", every.user(), password=WRONG_PASSWORD)


@speaks("NEW_PASSWORD_REQUIRED", WARRANT_LITE)
def test_warrant_lite_chooses_a_new_password(every: Every) -> None:
    username = every.user(temporary=True)
    with pytest.raises(RefusedError, match="Change password"):
        warrant(every, "warrant", username)
    assert warrant(every, "warrant_new_password", username, chosen=NEW_PASSWORD)["AccessToken"]
    assert every.served.by_password(username, NEW_PASSWORD, WEB)["AuthenticationResult"]
