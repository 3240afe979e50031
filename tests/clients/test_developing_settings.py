"""boto3 sets a pool's passkeys and account recovery, and users live by them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from soft_webauthn import SoftWebauthnDevice

from tests.clients.developing import WEAK, Served, code_to, developing, made
from tests.planted import OTHER_PASSWORD, PASSWORD
from tests.soft_authenticator import soft_create, soft_get

FACTORS = ["PASSWORD", "EMAIL_OTP", "SMS_OTP", "WEB_AUTHN"]
PAGE = "http://localhost:3000"
ELSEWHERE = "https://localhost.example.com"
ADDRESSES = {"email": "grace@example.com", "phone_number": "+15550142"}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with developing(tmp_path_factory.mktemp("empty")) as server:
        yield server


def with_passkeys(cognito: Any, username: str, **passkeys: str) -> str:
    """Make a pool with passkeys for localhost and a user with a password; a client of it."""
    policy = {"AllowedFirstAuthFactors": FACTORS}
    pool = cognito.create_user_pool(PoolName="made", Policies={**WEAK, "SignInPolicy": policy})
    pool_id = pool["UserPool"]["Id"]
    written = {"RelyingPartyId": "localhost", **passkeys}
    told = cognito.set_user_pool_mfa_config(UserPoolId=pool_id, WebAuthnConfiguration=written)
    assert told["WebAuthnConfiguration"].items() >= written.items()
    flows = ["ALLOW_USER_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool_id, ClientName="app", ExplicitAuthFlows=flows
    )
    who = {"UserPoolId": pool_id, "Username": username}
    cognito.admin_create_user(**who, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(**who, Password=PASSWORD, Permanent=True)
    client_id: str = client["UserPoolClient"]["ClientId"]
    return client_id


def chosen(cognito: Any, client: str, username: str, challenge: str, **more: str) -> Any:
    parameters = {"USERNAME": username, "PREFERRED_CHALLENGE": challenge, **more}
    return cognito.initiate_auth(ClientId=client, AuthFlow="USER_AUTH", AuthParameters=parameters)


def token_of(cognito: Any, client: str, username: str) -> str:
    signed_in = chosen(cognito, client, username, "PASSWORD", PASSWORD=PASSWORD)
    token: str = signed_in["AuthenticationResult"]["AccessToken"]
    return token


def register(cognito: Any, token: str, device: SoftWebauthnDevice, page: str) -> None:
    started = cognito.start_web_authn_registration(AccessToken=token)
    credential = soft_create(device, started["CredentialCreationOptions"], page)
    cognito.complete_web_authn_registration(AccessToken=token, Credential=credential)


def by_passkey(
    cognito: Any, client: str, username: str, device: SoftWebauthnDevice, page: str
) -> Any:
    asked = chosen(cognito, client, username, "WEB_AUTHN")
    assert asked["ChallengeName"] == "WEB_AUTHN"
    options = json.loads(asked["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    responses = {"USERNAME": username, "CREDENTIAL": json.dumps(soft_get(device, options, page))}
    return cognito.respond_to_auth_challenge(
        ClientId=client,
        ChallengeName="WEB_AUTHN",
        Session=asked["Session"],
        ChallengeResponses=responses,
    )["AuthenticationResult"]


def test_a_passkey_of_a_page_of_the_relying_party_signs_in(served: Served) -> None:
    cognito, device = served.client(), SoftWebauthnDevice()
    client = with_passkeys(cognito, "alice")
    token = token_of(cognito, client, "alice")
    with pytest.raises(ClientError, match="WebAuthnOriginNotAllowedException"):
        register(cognito, token, device, ELSEWHERE)
    register(cognito, token, device, PAGE)
    signed_in = by_passkey(cognito, client, "alice", device, PAGE)
    assert cognito.get_user(AccessToken=signed_in["AccessToken"])["Username"] == "alice"
    with pytest.raises(ClientError, match="Incorrect username or password"):
        by_passkey(cognito, client, "alice", device, ELSEWHERE)


def test_an_authenticator_that_verifies_nobody_is_refused_where_the_pool_demands_it(
    served: Served,
) -> None:
    cognito = served.client()
    client = with_passkeys(cognito, "alice", UserVerification="required")
    token = token_of(cognito, client, "alice")
    started = cognito.start_web_authn_registration(AccessToken=token)
    selection = started["CredentialCreationOptions"]["authenticatorSelection"]
    assert selection["userVerification"] == "required"
    # soft-webauthn only ever says that a user is there.
    with pytest.raises(ClientError, match="WebAuthnCredentialNotSupportedException"):
        register(cognito, token, SoftWebauthnDevice(), PAGE)


def recovering(*names: str) -> dict[str, Any]:
    mechanisms = [{"Priority": at, "Name": name} for at, name in enumerate(names, start=1)]
    return {"AccountRecoverySetting": {"RecoveryMechanisms": mechanisms}}


def with_addresses(cognito: Any, pool: str, username: str) -> None:
    """Add a user whose mailbox and phone are verified."""
    marks = {f"{name}_verified": "true" for name in ADDRESSES}
    attributes = [{"Name": n, "Value": v} for n, v in {**ADDRESSES, **marks}.items()]
    who = {"UserPoolId": pool, "Username": username}
    cognito.admin_create_user(**who, MessageAction="SUPPRESS", UserAttributes=attributes)
    cognito.admin_set_user_password(**who, Password=PASSWORD, Permanent=True)


def test_a_forgotten_password_is_set_by_the_address_that_the_pool_names(served: Served) -> None:
    cognito = served.client()
    pool, client = made(cognito, **recovering("verified_phone_number"))
    with_addresses(cognito, pool, "grace")
    who = {"ClientId": client, "Username": "grace"}
    sent = cognito.forgot_password(**who)["CodeDeliveryDetails"]
    assert (sent["DeliveryMedium"], sent["AttributeName"]) == ("SMS", "phone_number")
    code = code_to(served, ADDRESSES["phone_number"])
    cognito.confirm_forgot_password(**who, ConfirmationCode=code, Password=OTHER_PASSWORD)
    parameters = {"USERNAME": "grace", "PASSWORD": OTHER_PASSWORD}
    signed_in = cognito.initiate_auth(
        ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
    )
    assert signed_in["AuthenticationResult"]["AccessToken"]


def test_where_only_an_administrator_sets_passwords_nobody_asks_for_a_code(served: Served) -> None:
    cognito = served.client()
    pool, client = made(cognito, **recovering("admin_only"))
    with_addresses(cognito, pool, "grace")
    for username in ("grace", "nobody"):
        with pytest.raises(ClientError, match="Contact administrator to reset password"):
            cognito.forgot_password(ClientId=client, Username=username)
    with pytest.raises(ClientError, match="Contact administrator to reset password"):
        cognito.admin_reset_user_password(UserPoolId=pool, Username="grace")
    cognito.update_user_pool(UserPoolId=pool, Policies=WEAK, **recovering("verified_email"))
    sent = cognito.forgot_password(ClientId=client, Username="grace")["CodeDeliveryDetails"]
    assert sent["AttributeName"] == "email"


def test_a_trigger_by_arn_makes_no_pool(served: Served) -> None:
    cognito = served.client()
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:claims"
    before = cognito.list_user_pools(MaxResults=60)["UserPools"]
    with pytest.raises(ClientError, match=r"triggers: \{pre_token_generation: ") as refused:
        cognito.create_user_pool(PoolName="made", LambdaConfig={"PreTokenGeneration": arn})
    assert arn not in str(refused.value)
    assert cognito.list_user_pools(MaxResults=60)["UserPools"] == before
