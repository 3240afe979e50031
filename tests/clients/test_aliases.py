"""Clients sign in by an address, and go on with the name that they are told.

A client that proves a password signs the name in USER_ID_FOR_SRP, sends it as USERNAME from then
on, and hashes it into SECRET_HASH; its tokens and its device are for that name.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.clients import deployed
from tests.clients.deployed import CONFIDENTIAL
from tests.clients.every import Every
from tests.clients.served import PASSWORD

BY_ADDRESS = pytest.mark.parametrize("attribute", ["email", "phone_number"])


@BY_ADDRESS
@pytest.mark.parametrize("secret", [{}, {"client_secret": deployed.SECRET}], ids=["open", "secret"])
def test_pycognito_signs_in_by_an_address(
    every: Every, attribute: str, secret: dict[str, str]
) -> None:
    username = every.user()
    address = every.address_of(username, attribute)
    where = {"client_id": CONFIDENTIAL} if secret else {}
    signed_in = every.served.pycognito(
        "authenticate", address, password=PASSWORD, **where, **secret
    )
    assert signed_in["access"]["username"] == username
    assert signed_in["id"]["cognito:username"] == username


def test_a_device_of_pycognito_is_known_where_an_address_is_typed(every: Every) -> None:
    username, app = every.user_with_app()
    who = {"username": every.address_of(username), "password": PASSWORD}
    asked = every.served.raises("authenticate", **who)["tokens"]
    reply = every.served.respond(asked, username, SOFTWARE_TOKEN_MFA_CODE=app.code(1))
    device = every.served.pycognito("confirm_device", **who, reply=reply)["device"]
    assert every.served.pycognito("authenticate_device", **who, **device)["AccessToken"]


def test_warrant_lite_signs_in_by_an_address(every: Every) -> None:
    username = every.user()
    who = every.who(every.address_of(username))
    token = every.served.client.ask("warrant", **who)["AuthenticationResult"]["AccessToken"]
    assert every.served.call("get_user", AccessToken=token)["Username"] == username


def identity_sign_in(every: Every, address: str) -> Any:
    return every.identity("sign_in", **every.who(address))


def test_identity_js_signs_in_by_an_address_and_its_device_is_known(every: Every) -> None:
    username = every.user_with("SMS_MFA")
    address = every.address_of(username)
    assert identity_sign_in(every, address)["asked"] == "SMS_MFA"
    code = every.code_for(username, "sms")
    first = every.identity("send_code", code=code, type="SMS_MFA")
    assert first["access"]["username"] == username
    again = identity_sign_in(every, address)
    assert again["access"]["device_key"] == first["access"]["device_key"]


@BY_ADDRESS
def test_a_code_that_is_asked_for_is_answered_by_name_and_by_address(
    every: Every, attribute: str
) -> None:
    username = every.user_with("SMS_MFA")
    address = every.address_of(username, attribute)
    for named in (username, address):
        asked = every.served.by_password(address)
        assert asked["ChallengeParameters"]["USER_ID_FOR_SRP"] == username
        code = every.code_for(username, "sms")
        assert every.served.respond(asked, named, SMS_MFA_CODE=code)["AuthenticationResult"]
