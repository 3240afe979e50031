"""Sign-ins that begin in other ways than by a name, on the wire."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from flowengine import resources
from flowengine.accounts.account import Account, Passkey, TotpFactor
from flowengine.accounts.lockout import AddressLockout
from flowengine.accounts.pool import Mfa, PasskeySettings
from flowengine.crypto import totp
from flowengine.crypto.passkeys import user_handle
from flowengine.flow.loading import FlowFiles, load_source
from flowengine.flow.program import FlowProgram
from flowengine.source import SourceText
from flowengine.testing.fakes import KeptMessages
from tests.authenticator import ORIGIN, RELYING_PARTY, Authenticator, cose_of
from tests.operations.accounts import MAIL, mailing
from tests.operations.world import (
    FLOWS,
    NOW,
    PASSWORD,
    POOL,
    TOTP_SECRET,
    WEB,
    World,
    new_world,
    run,
)
from tests.planted import CLIENT_ID, OTHER_PASSWORD
from tests.server.wire import admin, app_of, error_of, post, succeeded

PASSKEYS: Final = replace(POOL, passkeys=PasskeySettings(RELYING_PARTY, (ORIGIN,)))
BOB: Final = "robert"


def shipped(name: str) -> FlowProgram:
    text = (resources.flows() / f"{name}.flow.yaml").read_text()
    library = FlowFiles(sorted(resources.flows().glob("*.flow.yaml")))
    program, found = load_source(SourceText(name, text), library=library)
    assert program is not None, [each.message for each in found]
    return program


def running(flow: str) -> dict[str, Any]:
    """Give what lets the client run a flow that ships by USER_AUTH."""
    client = replace(WEB, auth_flows={**FLOWS, "USER_AUTH": flow})
    return {"clients": [client], "delivery": KeptMessages()}


def call(world: World, operation: str, **members: Any) -> dict[str, Any]:
    sent = {"ClientId": CLIENT_ID, **members}
    return succeeded(post(app_of(world), operation, sent), operation)


def refused(world: World, operation: str, **members: Any) -> tuple[int, str, str]:
    return error_of(post(app_of(world), operation, {"ClientId": CLIENT_ID, **members}))


def phone_of(account: Account) -> tuple[Authenticator, Passkey]:
    handle = user_handle(account.pool_id, account.sub)
    made = Authenticator(credential_id=account.username.encode(), handle=handle)
    passkey = Passkey(made.credential_id, cose_of(made.key), 0, RELYING_PARTY, NOW)
    return made, passkey


def test_a_passkey_signs_in_without_a_name() -> None:
    world = new_world(PASSKEYS, shipped("passkey-first"), **running("passkey-first"))
    sub = f"00000000-0000-4000-8000-{len('ada'):012d}"
    phone, passkey = phone_of(Account(POOL.id, "ada", sub, "", NOW, NOW))
    world.add_user(passkeys=(passkey,))
    begun = call(world, "InitiateAuth", AuthFlow="USER_AUTH")
    assert begun["ChallengeName"] == "WEB_AUTHN"
    options = json.loads(begun["ChallengeParameters"]["CREDENTIAL_REQUEST_OPTIONS"])
    answer = {"CREDENTIAL": json.dumps(phone.get(options))}
    done = call(
        world,
        "RespondToAuthChallenge",
        ChallengeName="WEB_AUTHN",
        Session=begun["Session"],
        ChallengeResponses=answer,
    )
    assert done["AuthenticationResult"]["TokenType"] == "Bearer"


def test_a_name_is_asked_for_where_the_answer_gives_it() -> None:
    world = new_world(POOL, shipped("passkey-first"), **running("passkey-first"))
    world.add_user()
    begun = call(world, "InitiateAuth", AuthFlow="USER_AUTH")
    assert begun["ChallengeName"] == "PASSWORD_SRP"
    sent = {"ChallengeName": "PASSWORD_SRP", "Session": begun["Session"]}
    missing = (400, "InvalidParameterException", "Missing required parameter USERNAME")
    assert refused(world, "RespondToAuthChallenge", **sent, ChallengeResponses={}) == missing


def initiate(world: World, **parameters: str) -> dict[str, Any]:
    return call(world, "InitiateAuth", AuthFlow="USER_AUTH", AuthParameters=parameters)


def test_an_access_token_is_stepped_up() -> None:
    world = new_world(PASSKEYS, shipped("step-up"), **running("step-up"))
    account = world.add_user()
    token = world.access_token()
    app = replace(account, stamp="with an app", totp=TotpFactor(TOTP_SECRET))
    assert run(world.directory.save(app, account.stamp))
    begun = initiate(world, ACCESS_TOKEN=token, TARGET_ACR_VALUES="fresh")
    assert begun["ChallengeName"] == "SOFTWARE_TOKEN_MFA"
    code = totp.code(TOTP_SECRET, int(world.clock.now().timestamp()) // 30)
    done = call(
        world,
        "RespondToAuthChallenge",
        ChallengeName="SOFTWARE_TOKEN_MFA",
        Session=begun["Session"],
        ChallengeResponses={"USERNAME": "ada", "SOFTWARE_TOKEN_MFA_CODE": code},
    )
    assert done["AuthenticationResult"]["AccessToken"] != token
    world.clock.advance(timedelta(hours=1))
    expired = (400, "NotAuthorizedException", "Access Token has expired")
    parameters = {"AuthParameters": {"ACCESS_TOKEN": token, "TARGET_ACR_VALUES": "fresh"}}
    assert refused(world, "InitiateAuth", AuthFlow="USER_AUTH", **parameters) == expired


@pytest.mark.parametrize("mfa", [Mfa.OPTIONAL, Mfa.REQUIRED])
def test_a_sign_up_goes_on_into_a_sign_in_where_one_factor_is_enough(mfa: Mfa) -> None:
    mails = mailing(replace(PASSKEYS, mfa=mfa))
    engine = mails.world.engine
    flows = {**engine.parts.flows, "choice": shipped("choice")}
    (client,) = running("choice")["clients"]
    engine._parts = replace(engine.parts, flows=flows, clients={client.id: client})
    named = {"Username": "ada"}
    attributes = [{"Name": "email", "Value": MAIL}]
    made = call(mails.world, "SignUp", **named, Password=PASSWORD, UserAttributes=attributes)
    confirmed = call(
        mails.world,
        "ConfirmSignUp",
        **named,
        ConfirmationCode=mails.code,
        Session=made["Session"],
    )
    parameters = {"AuthParameters": {"USERNAME": "ada"}, "Session": confirmed["Session"]}
    done = call(mails.world, "InitiateAuth", AuthFlow="USER_AUTH", **parameters)
    assert ("AuthenticationResult" in done) == (mfa is Mfa.OPTIONAL)
    assert done.get("ChallengeName") == (None if mfa is Mfa.OPTIONAL else "SELECT_CHALLENGE")
    spent = refused(mails.world, "InitiateAuth", AuthFlow="USER_AUTH", **parameters)
    assert spent[2] == "Invalid session for the user, session can only be used once."


PER_ADDRESS: Final = replace(POOL, lockout=AddressLockout())
WRONG: Final = {"USERNAME": "ada", "PASSWORD": OTHER_PASSWORD}
EXCEEDED: Final = (400, "NotAuthorizedException", "Password attempts exceeded")


def told_at(world: World, forwarded: str, peer: str) -> Any:
    app = app_of(world, proxies=("10.0.0.0/8",))
    sent = {"ClientId": CLIENT_ID, "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": WRONG}
    headers = {"x-forwarded-for": forwarded}
    return error_of(post(app, "InitiateAuth", sent, headers=headers, peer=peer))


def test_an_address_is_forwarded_by_trusted_proxies_alone() -> None:
    world = new_world(PER_ADDRESS)
    world.add_user()
    for number in range(5):
        assert told_at(world, f"198.51.100.{number}", "192.0.2.9") != EXCEEDED
    assert told_at(world, "198.51.100.99", "192.0.2.9") == EXCEEDED, "the peer itself counts"
    for number in range(5):
        assert told_at(world, f"198.51.100.{number}", "10.0.0.1") != EXCEEDED
    for _ in range(4):
        assert told_at(world, "198.51.100.0", "10.0.0.1") != EXCEEDED
    assert told_at(world, "198.51.100.0", "10.0.0.1") == EXCEEDED


def test_what_a_backend_sends_for_its_users_counts_per_user() -> None:
    world = new_world(PER_ADDRESS)
    world.add_user()
    world.add_user(BOB)
    sent = {
        "UserPoolId": POOL.id,
        "ClientId": CLIENT_ID,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": WRONG,
    }
    told = [error_of(admin(world, "AdminInitiateAuth", sent)) for _ in range(6)]
    assert told[5] == EXCEEDED
    right = {"USERNAME": BOB, "PASSWORD": PASSWORD}
    done = admin(world, "AdminInitiateAuth", {**sent, "AuthParameters": right})
    assert "AuthenticationResult" in succeeded(done, "AdminInitiateAuth")
