"""Tools that make what they need, against ``flowengine serve --dev`` in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from pycognito.aws_srp import AWSSRP
from pycognito.exceptions import SoftwareTokenMFAChallengeException

from flowengine.crypto import totp
from flowengine.engine.system import SystemClock
from tests.cli.commanding import deploy
from tests.clients.developing import OUTBOX, WEAK, Served, code_to, developing, made
from tests.clients.processes import NODE, node_program
from tests.planted import OTHER_PASSWORD, PASSWORD


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with developing(tmp_path_factory.mktemp("empty")) as server:
        yield server


def test_boto3_makes_a_pool_a_client_and_a_user_who_signs_in_each_way(served: Served) -> None:
    cognito = served.client()
    pool, client = made(cognito)
    temporary = {"TemporaryPassword": PASSWORD, "MessageAction": "SUPPRESS"}
    cognito.admin_create_user(UserPoolId=pool, Username="alice", **temporary)
    parameters = {"USERNAME": "alice", "PASSWORD": PASSWORD}
    first = cognito.initiate_auth(
        ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
    )
    assert first["ChallengeName"] == "NEW_PASSWORD_REQUIRED"
    chosen = cognito.respond_to_auth_challenge(
        ClientId=client,
        ChallengeName="NEW_PASSWORD_REQUIRED",
        Session=first["Session"],
        ChallengeResponses={"USERNAME": "alice", "NEW_PASSWORD": OTHER_PASSWORD},
    )["AuthenticationResult"]
    assert cognito.get_user(AccessToken=chosen["AccessToken"])["Username"] == "alice"
    by_srp = AWSSRP("alice", OTHER_PASSWORD, pool, client, client=cognito).authenticate_user()
    assert by_srp["AuthenticationResult"]["IdToken"]
    by_backend = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "alice", "PASSWORD": OTHER_PASSWORD},
    )
    token = by_backend["AuthenticationResult"]["RefreshToken"]
    refreshed = cognito.initiate_auth(
        ClientId=client,
        AuthFlow="REFRESH_TOKEN_AUTH",
        AuthParameters={"REFRESH_TOKEN": token},
    )
    assert refreshed["AuthenticationResult"]["AccessToken"]
    with pytest.raises(ClientError, match="NotAuthorizedException"):
        AWSSRP("alice", PASSWORD, pool, client, client=cognito).authenticate_user()


def test_a_user_signs_up_with_a_code_out_of_the_outbox(served: Served) -> None:
    cognito = served.client()
    _, client = made(cognito)
    address = [{"Name": "email", "Value": "bob@example.com"}]
    who = {"ClientId": client, "Username": "bob"}
    cognito.sign_up(**who, Password=PASSWORD, UserAttributes=address)
    cognito.confirm_sign_up(**who, ConfirmationCode=code_to(served, "bob@example.com"))
    parameters = {"USERNAME": "bob", "PASSWORD": PASSWORD}
    signed_in = cognito.initiate_auth(
        ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
    )
    assert signed_in["AuthenticationResult"]["IdToken"]


def by_address(cognito: Any) -> tuple[str, str]:
    """Make a pool whose users are named by mail addresses, and have a tier; and a client of it."""
    tier = {
        "Name": "tier",
        "AttributeDataType": "String",
        "StringAttributeConstraints": {"MinLength": "1", "MaxLength": "8"},
    }
    return made(cognito, UsernameAttributes=["email"], Schema=[tier])


def app_of(cognito: Any, access_token: str) -> bytes:
    """Enrol an authenticator app and turn it on; its secret."""
    text = cognito.associate_software_token(AccessToken=access_token)["SecretCode"]
    secret = totp.from_text(text)
    verified = cognito.verify_software_token(
        AccessToken=access_token, UserCode=code_of(secret, periods=-1)
    )
    assert verified["Status"] == "SUCCESS"
    settings = {"Enabled": True, "PreferredMfa": True}
    cognito.set_user_mfa_preference(AccessToken=access_token, SoftwareTokenMfaSettings=settings)
    return secret


def code_of(secret: bytes, periods: int = 0) -> str:
    return totp.code(secret, totp.counter_at(SystemClock().now()) + periods)


def test_a_user_named_by_an_address_signs_in_by_srp_and_then_with_an_app(served: Served) -> None:
    cognito, address = served.client(), "ada@example.com"
    pool, client = by_address(cognito)
    sub = cognito.sign_up(
        ClientId=client,
        Username=address,
        Password=PASSWORD,
        UserAttributes=[{"Name": "custom:tier", "Value": "gold"}],
    )["UserSub"]
    code = code_to(served, address)
    cognito.confirm_sign_up(ClientId=client, Username=address, ConfirmationCode=code)
    srp = AWSSRP(address, PASSWORD, pool, client, client=cognito)
    token = srp.authenticate_user()["AuthenticationResult"]["AccessToken"]
    user = cognito.get_user(AccessToken=token)
    told = {each["Name"]: each["Value"] for each in user["UserAttributes"]}
    assert (user["Username"], told["email"], told["email_verified"]) == (sub, address, "true")
    assert told["custom:tier"] == "gold"
    set_up = {"SoftwareTokenMfaConfiguration": {"Enabled": True}, "MfaConfiguration": "OPTIONAL"}
    cognito.set_user_pool_mfa_config(UserPoolId=pool, **set_up)
    found = cognito.get_user_pool_mfa_config(UserPoolId=pool)
    assert {name: found[name] for name in set_up} == set_up
    secret = app_of(cognito, token)
    with pytest.raises(SoftwareTokenMFAChallengeException) as asked:
        AWSSRP(address, PASSWORD, pool, client, client=cognito).authenticate_user()
    done = cognito.respond_to_auth_challenge(
        ClientId=client,
        ChallengeName="SOFTWARE_TOKEN_MFA",
        Session=asked.value.get_tokens()["Session"],
        ChallengeResponses={"USERNAME": address, "SOFTWARE_TOKEN_MFA_CODE": code_of(secret)},
    )
    assert done["AuthenticationResult"]["IdToken"]


def test_a_pool_is_changed_and_its_users_stay(served: Served) -> None:
    cognito = served.client()
    pool, client = by_address(cognito)
    members = {"UserPoolId": pool, "Username": "bob@example.com", "MessageAction": "SUPPRESS"}
    cognito.admin_create_user(**members, TemporaryPassword=PASSWORD)
    attributes = [{"Name": "seats", "AttributeDataType": "Number"}]
    cognito.add_custom_attributes(UserPoolId=pool, CustomAttributes=attributes)
    creating = {"AllowAdminCreateUserOnly": True}
    cognito.update_user_pool(UserPoolId=pool, Policies=WEAK, AdminCreateUserConfig=creating)
    told = cognito.describe_user_pool(UserPoolId=pool)["UserPool"]
    assert told["UsernameAttributes"] == ["email"]
    names = {each["Name"] for each in told["SchemaAttributes"]}
    assert names >= {"custom:tier", "custom:seats"}
    assert told["CreationDate"].tzinfo is not None
    with pytest.raises(ClientError, match="SignUp is not permitted"):
        cognito.sign_up(ClientId=client, Username="eve@example.com", Password=PASSWORD)
    parameters = {"USERNAME": "bob@example.com", "PASSWORD": PASSWORD}
    first = cognito.initiate_auth(
        ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters
    )
    assert first["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_the_keys_of_a_pool_that_was_made_are_published(served: Served) -> None:
    cognito = served.client()
    pool, _ = made(cognito)
    document = f"{served.url}/{pool}/.well-known/jwks.json"
    assert len(httpx.get(document).json()["keys"]) == 2
    cognito.delete_user_pool(UserPoolId=pool)
    assert httpx.get(document).status_code == 404


def test_the_sdk_for_javascript_makes_a_pool_and_signs_in(served: Served) -> None:
    done = subprocess.run(
        (node_program(), str(NODE / "creating.mjs")),
        env={
            "PATH": os.environ["PATH"],
            "AWS_REGION": "eu-west-1",
            "PASSWORD": PASSWORD,
            **served.settings,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["signedIn"] is True
    assert told["pool"].startswith("eu-west-1_")


def test_only_the_key_of_the_banner_administers(served: Served) -> None:
    for settings in ({"AWS_SECRET_ACCESS_KEY": "x" * 40}, {"AWS_ACCESS_KEY_ID": "AKIDOTHER"}):
        other = Served(served.folder, served.banner, {**served.settings, **settings})
        with pytest.raises(ClientError, match=r"InvalidSignature|AccessDenied"):
            other.client().create_user_pool(PoolName="made")


def test_a_name_of_another_host_or_a_page_of_another_machine_is_turned_away(
    served: Served,
) -> None:
    for headers in ({"Host": "rebound.example"}, {"Origin": "https://page.example"}):
        assert httpx.post(served.url, headers=headers).status_code == 403
        assert httpx.options(served.url, headers=headers).status_code == 403
    port = served.url.rpartition(":")[2]
    assert httpx.options(served.url, headers={"Host": f"localhost:{port}"}).status_code == 204


def test_the_banner_says_what_is_open(served: Served) -> None:
    assert served.banner.startswith(f"listening at {served.url}\n  --dev: NOT FOR PRODUCTION.")
    assert f"codes by email and sms go to {OUTBOX}\n" in served.banner
    assert set(served.settings) == {
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    }


def test_a_deployments_pools_are_served_from_memory_and_stay_as_they_are(tmp_path: Path) -> None:
    deploy(tmp_path)
    with developing(tmp_path) as served:
        cognito = served.client()
        own = next(one for one in cognito.list_user_pools(MaxResults=60)["UserPools"])
        assert own == {"Id": "eu-west-1_Example01", "Name": "main"}
        with pytest.raises(ClientError, match="the deployment's own"):
            cognito.delete_user_pool(UserPoolId=own["Id"])
        with pytest.raises(ClientError, match="the deployment's own"):
            cognito.create_user_pool_client(UserPoolId=own["Id"], ClientName="app")
        cognito.admin_create_user(UserPoolId=own["Id"], Username="alice", MessageAction="SUPPRESS")
        pool, _ = made(cognito)
        assert {one["Id"] for one in cognito.list_user_pools(MaxResults=60)["UserPools"]} == {
            own["Id"],
            pool,
        }
    assert not (tmp_path / "flowengine.db").exists()
    assert not (tmp_path / ".flowengine").exists()
