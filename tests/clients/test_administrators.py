"""Clients that sign a user in as an administrator, with keys."""

from __future__ import annotations

from tests.clients.deployed import POOL, WEB
from tests.clients.every import Every
from tests.clients.served import PASSWORD
from tests.clients.speaking import BOTO3, PYCOGNITO, speaks


@speaks("ADMIN_USER_PASSWORD_AUTH", BOTO3)
def test_boto3_signs_a_user_in_as_an_administrator(every: Every) -> None:
    about = {"USERNAME": every.user(), "PASSWORD": PASSWORD}
    arguments = {"UserPoolId": POOL, "ClientId": WEB, "AuthParameters": about}
    flow = "ADMIN_USER_PASSWORD_AUTH"
    reply = every.served.call("admin_initiate_auth", AuthFlow=flow, **arguments)
    assert reply["AuthenticationResult"]


@speaks("ADMIN_USER_PASSWORD_AUTH", PYCOGNITO)
def test_pycognito_signs_a_user_in_as_an_administrator(every: Every) -> None:
    username = every.user()
    signed_in = every.served.pycognito("admin_authenticate", username, password=PASSWORD)
    assert signed_in["access"]["username"] == username
