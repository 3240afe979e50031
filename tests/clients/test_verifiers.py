"""Libraries with which backends verify tokens, at the keys that the server publishes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.clients.deployed import POOL, WEB
from tests.clients.every import Every
from tests.clients.every_challenge import BY_AWS, POOL_OF_AWS
from tests.clients.processes import RefusedError
from tests.clients.served import PASSWORD
from tests.clients.speaking import AWS_JWT_VERIFY, PYCOGNITO, PYJWT, speaks

Verify = Callable[..., Any]


def tokens(every: Every, client_id: str = WEB) -> dict[str, str]:
    """Sign in; the tokens by their ``token_use``."""
    username = every.user() if client_id == WEB else every.user_of(POOL_OF_AWS)
    result = every.served.by_password(username, client_id=client_id)["AuthenticationResult"]
    return {"access": result["AccessToken"], "id": result["IdToken"]}


def issuer(every: Every) -> str:
    return f"{every.served.url.rstrip('/')}/{POOL}"


def altered(token: str) -> str:
    """Change the last claim of a token, and not its signature."""
    head, body, signature = token.split(".")
    return ".".join(
        (head, body[:-6] + ("AAAAAA" if body[-6:] != "AAAAAA" else "BBBBBB"), signature)
    )


@speaks("access token", PYCOGNITO)
@speaks("id token", PYCOGNITO)
def test_pycognito_verifies_both_tokens(every: Every) -> None:
    username = every.user()
    signed_in = every.served.pycognito("authenticate", username, password=PASSWORD)
    assert signed_in["access"]["iss"] == signed_in["id"]["iss"] == issuer(every)


@speaks("access token", PYJWT)
@speaks("id token", PYJWT)
def test_pyjwt_verifies_both_tokens(every: Every) -> None:
    signed_in = tokens(every)

    def verify(token: str, issued_by: str, audience: str | None) -> Any:
        about = {"token": token, "issuer": issued_by, "audience": audience}
        return every.served.client.ask("verify_token", **about)

    claims = verify(signed_in["id"], issuer(every), WEB)
    assert (claims["token_use"], claims["aud"]) == ("id", WEB)
    claims = verify(signed_in["access"], issuer(every), None)
    assert (claims["token_use"], claims["client_id"]) == ("access", WEB)
    for wrong in (
        (signed_in["id"], issuer(every), "another"),
        (altered(signed_in["access"]), issuer(every), None),
    ):
        with pytest.raises(RefusedError):
            verify(*wrong)


@speaks("access token", AWS_JWT_VERIFY)
@speaks("id token", AWS_JWT_VERIFY)
def test_aws_jwt_verify_verifies_both_tokens(every: Every) -> None:
    signed_in = tokens(every)
    about = {"issuer": issuer(every), "client_id": WEB}
    for use, token in signed_in.items():
        claims = every.jwt_verify("verify", **about, use=use, token=token)
        assert claims["token_use"] == use
        for wrong in (
            {**about, "use": use, "token": altered(token)},
            {**about, "use": use, "token": token, "client_id": "another"},
            {**about, "use": "id" if use == "access" else "access", "token": token},
        ):
            with pytest.raises(RefusedError):
                every.jwt_verify("verify", **wrong)


def test_aws_jwt_verify_verifies_tokens_under_the_name_of_aws(every: Every) -> None:
    about = {"pool": POOL_OF_AWS, "client_id": BY_AWS}
    for use, token in tokens(every, BY_AWS).items():
        claims = every.jwt_verify("verify_as_aws", **about, use=use, token=token)
        assert claims["iss"] == f"https://cognito-idp.eu-west-1.amazonaws.com/{POOL_OF_AWS}"
        with pytest.raises(RefusedError):
            every.jwt_verify("verify_as_aws", **about, use=use, token=altered(token))
