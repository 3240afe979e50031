"""boto3 calls every operation that is served, and what comes is what its model says may come.

botocore takes what it does not know and misses nothing that is not there; so each answer is read
again, as it came.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import pytest
from botocore import xform_name
from pycognito.aws_srp import AWSSRP, generate_hash_device
from soft_webauthn import SoftWebauthnDevice

from flowengine.crypto import totp
from flowengine.engine.system import SystemClock
from flowengine.operations.estate import Estate
from flowengine.server.development.catalog import development_operations
from tests.clients.developing import FLOWS, WEAK, Served, developing, letters_to
from tests.operations.world import new_world
from tests.planted import OTHER_PASSWORD, PASSWORD
from tests.server.wire import as_modelled
from tests.soft_authenticator import soft_create

OPERATIONS: Final = tuple(development_operations(Estate(new_world().engine.parts, {}, "")))
PAGE: Final = "http://localhost:3000"
Members = Mapping[str, Any]


@dataclass(frozen=True)
class People:
    """A pool that has all that operations speak of, a client of it, and its users."""

    served: Served
    cognito: Any
    pool: str
    client: str
    answered: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def address(self) -> str:
        return f"user-{next(self.numbers)}@example.com"

    def new(self, *, temporary: bool = False, verified: bool = True) -> dict[str, str]:
        """Make a user with a mailbox, whose password is ``PASSWORD``; what names them."""
        address = self.address()
        who = {"UserPoolId": self.pool, "Username": address.partition("@")[0]}
        attributes = {"email": address, "email_verified": str(verified).lower()}
        self.cognito.admin_create_user(
            **who,
            TemporaryPassword=PASSWORD,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": n, "Value": v} for n, v in attributes.items()],
        )
        if not temporary:
            self.cognito.admin_set_user_password(**who, Password=PASSWORD, Permanent=True)
        return who

    def began(self, who: Mapping[str, str]) -> Members:
        """Give what begins a user's sign-in by password."""
        parameters = {"USERNAME": who["Username"], "PASSWORD": PASSWORD}
        return {"ClientId": self.client, "AuthParameters": parameters}

    def tokens(self) -> dict[str, Any]:
        """Sign a new user in."""
        reply = self.cognito.initiate_auth(AuthFlow="USER_PASSWORD_AUTH", **self.began(self.new()))
        result: dict[str, Any] = reply["AuthenticationResult"]
        return result

    def token(self) -> dict[str, str]:
        return {"AccessToken": self.tokens()["AccessToken"]}

    def code(self, address: str) -> str:
        """Wait for what was sent to an address last, once something was."""
        return str(letters_to(self.served, address)[-1]["code"])

    def signed_up(self) -> tuple[dict[str, str], str]:
        """Sign a user up; what names them, and their address."""
        address = self.address()
        who = {"ClientId": self.client, "Username": address.partition("@")[0]}
        mailbox = [{"Name": "email", "Value": address}]
        self.cognito.sign_up(**who, Password=PASSWORD, UserAttributes=mailbox)
        return who, address


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    with developing(tmp_path_factory.mktemp("every")) as served:
        cognito = served.client()
        pool = cognito.create_user_pool(PoolName="all", Policies=WEAK, DeviceConfiguration={})
        pool_id = pool["UserPool"]["Id"]
        cognito.set_user_pool_mfa_config(UserPoolId=pool_id, **factors())
        client = cognito.create_user_pool_client(
            UserPoolId=pool_id, ClientName="app", ExplicitAuthFlows=FLOWS
        )
        answered: list[str] = []
        cognito.meta.events.register("after-call.cognito-identity-provider", held(answered))
        yield People(served, cognito, pool_id, client["UserPoolClient"]["ClientId"], answered)


def factors() -> Members:
    return {
        "MfaConfiguration": "OPTIONAL",
        "SoftwareTokenMfaConfiguration": {"Enabled": True},
        "EmailMfaConfiguration": {},
        "WebAuthnConfiguration": {"RelyingPartyId": "localhost"},
    }


def held(answered: list[str]) -> Callable[..., None]:
    """Hold what comes against the model, and enter the operation where it succeeded."""

    def after(http_response: Any, model: Any, **_: Any) -> None:
        answer = httpx.Response(http_response.status_code, content=http_response.content)
        as_modelled(answer, model.name)
        if answer.status_code == httpx.codes.OK:
            answered.append(model.name)

    return after


# What each operation is called with.


def of_pool(**more: Any) -> Callable[[People], Members]:
    return lambda people: {"UserPoolId": people.pool, **more}


def of_user(**more: Any) -> Callable[[People], Members]:
    return lambda people: {**people.new(), **more}


def by_token(**more: Any) -> Callable[[People], Members]:
    return lambda people: {**people.token(), **more}


def another_pool(**more: Any) -> Callable[[People], Members]:
    def made(people: People) -> Members:
        pool = people.cognito.create_user_pool(PoolName="another")
        return {"UserPoolId": pool["UserPool"]["Id"], **more}

    return made


def another_client(**more: Any) -> Callable[[People], Members]:
    def made(people: People) -> Members:
        client = people.cognito.create_user_pool_client(UserPoolId=people.pool, ClientName="more")
        return {
            "UserPoolId": people.pool,
            "ClientId": client["UserPoolClient"]["ClientId"],
            **more,
        }

    return made


def asked(people: People, operation: str, who: Members, **more: Any) -> Members:
    """Have a new password demanded by a sign-in; the answer to that."""
    reply = getattr(people.cognito, operation)(**people.began({**who}), **more)
    answer = {"USERNAME": who["Username"], "NEW_PASSWORD": OTHER_PASSWORD}
    return {
        "ClientId": people.client,
        "ChallengeName": reply["ChallengeName"],
        "Session": reply["Session"],
        "ChallengeResponses": answer,
    }


def answering(people: People) -> Members:
    who = people.new(temporary=True)
    return asked(people, "initiate_auth", who, AuthFlow="USER_PASSWORD_AUTH")


def answering_for(people: People) -> Members:
    who, flow = people.new(temporary=True), {"AuthFlow": "ADMIN_USER_PASSWORD_AUTH"}
    pool = {"UserPoolId": people.pool}
    return {**asked(people, "admin_initiate_auth", who, **flow, **pool), **pool}


def signing_up(people: People) -> Members:
    return {"ClientId": people.client, "Username": "carol", "Password": PASSWORD}


def confirming(people: People) -> Members:
    who, address = people.signed_up()
    return {**who, "ConfirmationCode": people.code(address)}


def confirmed_by_administrator(people: People) -> Members:
    return {"UserPoolId": people.pool, "Username": people.signed_up()[0]["Username"]}


def forgetting(people: People) -> Members:
    return {"ClientId": people.client, "Username": people.new()["Username"]}


def remembering(people: People) -> Members:
    who = forgetting(people)
    people.cognito.forgot_password(**who)
    code = people.code(f"{who['Username']}@example.com")
    return {**who, "ConfirmationCode": code, "Password": OTHER_PASSWORD}


def verifying(people: People) -> Members:
    who = people.new(verified=False)
    reply = people.cognito.initiate_auth(AuthFlow="USER_PASSWORD_AUTH", **people.began(who))
    token = {"AccessToken": reply["AuthenticationResult"]["AccessToken"]}
    people.cognito.get_user_attribute_verification_code(**token, AttributeName="email")
    code = people.code(f"{who['Username']}@example.com")
    return {**token, "AttributeName": "email", "Code": code}


def with_app(people: People) -> Members:
    token = people.token()
    secret = totp.from_text(people.cognito.associate_software_token(**token)["SecretCode"])
    return {**token, "UserCode": totp.code(secret, totp.counter_at(SystemClock().now()))}


def with_credential(people: People) -> Members:
    token = people.token()
    options = people.cognito.start_web_authn_registration(**token)["CredentialCreationOptions"]
    return {**token, "Credential": soft_create(SoftWebauthnDevice(), options, PAGE)}


def with_passkey(people: People) -> Members:
    members = with_credential(people)
    people.cognito.complete_web_authn_registration(**members)
    return {"AccessToken": members["AccessToken"]}


def without_passkey(people: People) -> Members:
    token = with_passkey(people)
    (listed,) = people.cognito.list_web_authn_credentials(**token)["Credentials"]
    return {**token, "CredentialId": listed["CredentialId"]}


def new_device(people: People) -> Members:
    who = people.new()["Username"], PASSWORD, people.pool, people.client
    srp = AWSSRP(*who, client=people.cognito)
    result = srp.authenticate_user()["AuthenticationResult"]
    metadata = result["NewDeviceMetadata"]
    _, verifier = generate_hash_device(metadata["DeviceGroupKey"], metadata["DeviceKey"])
    return {
        "AccessToken": result["AccessToken"],
        "DeviceKey": metadata["DeviceKey"],
        "DeviceSecretVerifierConfig": verifier,
    }


def device(*names: str, **more: Any) -> Callable[[People], Members]:
    def kept(people: People) -> Members:
        members = new_device(people)
        people.cognito.confirm_device(**members)
        return {**{name: members[name] for name in ("AccessToken", *names)}, **more}

    return kept


def refreshing(people: People) -> Members:
    return {"ClientId": people.client, "RefreshToken": people.tokens()["RefreshToken"]}


def revoking(people: People) -> Members:
    return {"ClientId": people.client, "Token": people.tokens()["RefreshToken"]}


NAME: Final = [{"Name": "name", "Value": "Ada"}]
BY_MAIL: Final = {"EmailMfaSettings": {"Enabled": True, "PreferredMfa": True}}
ATTRIBUTE: Final = [{"Name": "tier", "AttributeDataType": "String"}]
CALLS: Final[Mapping[str, Callable[[People], Members]]] = {
    "CreateUserPool": lambda _: {"PoolName": "more"},
    "DescribeUserPool": of_pool(),
    "UpdateUserPool": another_pool(Policies=WEAK),
    "AddCustomAttributes": another_pool(CustomAttributes=ATTRIBUTE),
    "SetUserPoolMfaConfig": another_pool(**factors()),
    "GetUserPoolMfaConfig": of_pool(),
    "DeleteUserPool": another_pool(),
    "ListUserPools": lambda _: {"MaxResults": 1},
    "CreateUserPoolClient": of_pool(ClientName="more", GenerateSecret=True),
    "DescribeUserPoolClient": another_client(),
    "UpdateUserPoolClient": another_client(AccessTokenValidity=2),
    "DeleteUserPoolClient": another_client(),
    "ListUserPoolClients": of_pool(MaxResults=1),
    "InitiateAuth": lambda p: {"AuthFlow": "USER_PASSWORD_AUTH", **p.began(p.new())},
    "RespondToAuthChallenge": answering,
    "AdminInitiateAuth": lambda p: {
        "UserPoolId": p.pool, "AuthFlow": "ADMIN_USER_PASSWORD_AUTH", **p.began(p.new()),
    },
    "AdminRespondToAuthChallenge": answering_for,
    "AdminCreateUser": of_pool(Username="grace", UserAttributes=NAME, MessageAction="SUPPRESS"),
    "AdminSetUserPassword": of_user(Password=OTHER_PASSWORD, Permanent=True),
    "AdminGetUser": of_user(),
    "AdminDeleteUser": of_user(),
    "AdminDisableUser": of_user(),
    "AdminEnableUser": of_user(),
    "AdminResetUserPassword": of_user(),
    "AdminConfirmSignUp": confirmed_by_administrator,
    "AdminUpdateUserAttributes": of_user(UserAttributes=NAME),
    "AdminSetUserMFAPreference": of_user(**BY_MAIL),
    "AdminUserGlobalSignOut": of_user(),
    "ListUsers": of_pool(Limit=1),
    "SignUp": signing_up,
    "ConfirmSignUp": confirming,
    "ResendConfirmationCode": lambda people: people.signed_up()[0],
    "ForgotPassword": forgetting,
    "ConfirmForgotPassword": remembering,
    "ChangePassword": by_token(PreviousPassword=PASSWORD, ProposedPassword=OTHER_PASSWORD),
    "GetUser": by_token(),
    "UpdateUserAttributes": by_token(UserAttributes=NAME),
    "GetUserAttributeVerificationCode": by_token(AttributeName="email"),
    "VerifyUserAttribute": verifying,
    "SetUserMFAPreference": by_token(**BY_MAIL),
    "GetUserAuthFactors": by_token(),
    "AssociateSoftwareToken": by_token(),
    "VerifySoftwareToken": with_app,
    "StartWebAuthnRegistration": by_token(),
    "CompleteWebAuthnRegistration": with_credential,
    "ListWebAuthnCredentials": with_passkey,
    "DeleteWebAuthnCredential": without_passkey,
    "ConfirmDevice": new_device,
    "GetDevice": device("DeviceKey"),
    "ListDevices": device(),
    "UpdateDeviceStatus": device("DeviceKey", DeviceRememberedStatus="not_remembered"),
    "ForgetDevice": device("DeviceKey"),
    "GetTokensFromRefreshToken": refreshing,
    "RevokeToken": revoking,
    "GlobalSignOut": by_token(),
}  # fmt: skip


def test_every_operation_that_is_served_is_called_here() -> None:
    assert CALLS.keys() == set(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_boto3_calls_it_and_reads_what_the_model_allows(people: People, operation: str) -> None:
    members = CALLS[operation](people)
    people.answered.clear()
    getattr(people.cognito, xform_name(operation))(**members)
    assert people.answered == [operation]
