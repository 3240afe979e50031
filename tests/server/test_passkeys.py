"""Passkeys on the wire, from their making to signing in and their end."""

from __future__ import annotations

from typing import Any, Final

import httpx
import pytest
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from soft_webauthn import SoftWebauthnDevice

from flowengine.crypto.passkeys import user_handle
from flowengine.engine.replies import SuccessReply
from flowengine.errors import NotAuthorizedError, SessionError, SpentSessionError
from tests.authenticator import ORIGIN, RELYING_PARTY, Authenticator, raw
from tests.operations.registering import (
    BROWSER,
    a_passkey,
    answer,
    ask,
    give,
    passkey_world,
)
from tests.operations.world import NOW, POOL, World, new_world
from tests.server.wire import app_of, error_of, post, service_model, succeeded
from tests.soft_authenticator import soft_create, soft_get

START: Final = "StartWebAuthnRegistration"
COMPLETE: Final = "CompleteWebAuthnRegistration"
LIST: Final = "ListWebAuthnCredentials"
DELETE: Final = "DeleteWebAuthnCredential"


def call(world: World, operation: str, token: str, **members: Any) -> httpx.Response:
    return post(app_of(world), operation, {"AccessToken": token, **members})


def options_of(world: World, token: str) -> dict[str, Any]:
    body = succeeded(call(world, START, token), START)
    options: dict[str, Any] = body["CredentialCreationOptions"]
    return options


def register(world: World, device: SoftWebauthnDevice, username: str = "ada") -> str:
    """Have a user make a passkey; the access token."""
    token = world.access_token(username, BROWSER)
    credential = soft_create(device, options_of(world, token), ORIGIN)
    assert succeeded(call(world, COMPLETE, token, Credential=credential), COMPLETE) == {}
    return token


def test_a_passkey_made_over_the_wire_signs_in_and_counts() -> None:
    world, device = passkey_world(), SoftWebauthnDevice()
    register(world, device)
    counts = [world.user().passkeys[0].sign_count]
    for _ in range(2):
        reply, options = ask(world)
        done = answer(world, reply, soft_get(device, options, ORIGIN))
        assert isinstance(done, SuccessReply)
        assert set(done.proved) == {"passkey"}
        assert done.user.sub == world.user().sub
        counts.append(world.user().passkeys[0].sign_count)
    assert counts == [0, 1, 2]


def by_sdk(world: World, operation: str, **members: Any) -> dict[str, Any]:
    """Call an operation with the bytes that boto3 writes, and read the answer as it does."""
    model = service_model().operation_model(operation)
    body: bytes = create_serializer("json").serialize_to_request(members, model)["body"]
    came = post(app_of(world), operation, body)
    response = {
        "status_code": came.status_code,
        "headers": dict(came.headers),
        "body": came.content,
    }
    parser: Any = create_parser("json")
    parsed: dict[str, Any] = parser.parse(response, model.output_shape)
    return parsed


def test_an_sdk_makes_lists_and_removes_a_passkey() -> None:
    world, device = passkey_world(), SoftWebauthnDevice()
    token = world.access_token(client=BROWSER)
    begun = by_sdk(world, START, AccessToken=token)["CredentialCreationOptions"]
    assert begun["excludeCredentials"] == []
    assert begun["authenticatorSelection"]["requireResidentKey"] is True
    by_sdk(world, COMPLETE, AccessToken=token, Credential=soft_create(device, begun, ORIGIN))
    (listed,) = by_sdk(world, LIST, AccessToken=token, MaxResults=20)["Credentials"]
    assert listed["CreatedAt"] == NOW
    assert listed["FriendlyCredentialName"] == "Passkey"
    again = by_sdk(
        world, COMPLETE, AccessToken=token, Credential=soft_create(device, begun, ORIGIN)
    )
    assert again["Error"]["Code"] == "WebAuthnChallengeNotFoundException"
    by_sdk(world, DELETE, AccessToken=token, CredentialId=listed["CredentialId"])
    assert by_sdk(world, LIST, AccessToken=token)["Credentials"] == []


def test_an_assertion_is_never_good_again() -> None:
    world, device = passkey_world(), SoftWebauthnDevice()
    register(world, device)
    reply, options = ask(world)
    credential = soft_get(device, options, ORIGIN)
    assert isinstance(answer(world, reply, credential), SuccessReply)
    with pytest.raises(SpentSessionError):
        answer(world, reply, credential)
    with pytest.raises(NotAuthorizedError):
        answer(world, ask(world)[0], credential)


def test_a_removed_passkey_signs_nobody_in() -> None:
    world, device = passkey_world(), SoftWebauthnDevice()
    token = register(world, device)
    reply, options = ask(world)
    listed = succeeded(call(world, LIST, token), LIST)["Credentials"]
    named = {"CredentialId": listed[0]["CredentialId"]}
    assert succeeded(call(world, DELETE, token, **named), DELETE) == {}
    with pytest.raises(SessionError):
        answer(world, reply, soft_get(device, options, ORIGIN))
    reply, options = ask(world)
    # Another one is asked for, that nobody has; the device signs with the removed one.
    assert named["CredentialId"] not in [each["id"] for each in options["allowCredentials"]]
    with pytest.raises(NotAuthorizedError, match="Incorrect username or password"):
        answer(world, reply, soft_get(device, options, ORIGIN))
    again = call(world, DELETE, token, **named)
    assert error_of(again) == (400, "ResourceNotFoundException", "Passkey does not exist.")


def test_another_users_passkey_is_refused() -> None:
    world, hers, mine = passkey_world(), SoftWebauthnDevice(), SoftWebauthnDevice()
    register(world, hers)
    register(world, mine, "grace")
    reply, options = ask(world)
    with pytest.raises(NotAuthorizedError, match="Incorrect username or password"):
        answer(world, reply, soft_get(mine, options, ORIGIN))


def test_a_passkey_tells_whose_it_is_by_a_handle_and_nothing_else() -> None:
    world, device = passkey_world(), Authenticator()
    token = world.access_token(client=BROWSER)
    options = options_of(world, token)
    succeeded(call(world, COMPLETE, token, Credential=device.create(options)), COMPLETE)
    device.handle, device.count = raw(options["user"]["id"]), 1
    assert device.handle == user_handle(POOL.id, world.user().sub)
    reply, asked = ask(world)
    assert isinstance(answer(world, reply, device.get(asked)), SuccessReply)


def test_passkeys_are_listed_as_the_service_lists_them() -> None:
    world = passkey_world()
    token = world.access_token(client=BROWSER)
    key = a_passkey(2, transports=("usb", "nfc"), name="Security key")
    give(world, [a_passkey(1), key, a_passkey(3, transports=())])
    first = succeeded(call(world, LIST, token, MaxResults=2), LIST)
    assert first["Credentials"] == [
        {
            "CredentialId": "cGFzc2tleSAx",
            "FriendlyCredentialName": "Passkey 1",
            "RelyingPartyId": RELYING_PARTY,
            "AuthenticatorAttachment": "platform",
            "AuthenticatorTransports": ["internal"],
            "CreatedAt": NOW.timestamp(),
        },
        {
            "CredentialId": "cGFzc2tleSAy",
            "FriendlyCredentialName": "Security key",
            "RelyingPartyId": RELYING_PARTY,
            "AuthenticatorAttachment": "cross-platform",
            "AuthenticatorTransports": ["usb", "nfc"],
            "CreatedAt": NOW.timestamp(),
        },
    ]
    last = succeeded(call(world, LIST, token, NextToken=first["NextToken"]), LIST)
    (one,) = last["Credentials"]
    assert one.keys() == first["Credentials"][0].keys() - {"AuthenticatorAttachment"}
    assert last.keys() == {"Credentials"}
    whole = succeeded(call(world, LIST, token, MaxResults=0), LIST)
    assert len(whole["Credentials"]) == 3


def test_no_passkeys_is_an_empty_list() -> None:
    world = passkey_world()
    listed = call(world, LIST, world.access_token(client=BROWSER))
    assert succeeded(listed, LIST) == {"Credentials": []}


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"origin": "https://evil.example"}, "WebAuthnOriginNotAllowedException"),
        ({"relying_party": "evil.example"}, "WebAuthnRelyingPartyMismatchException"),
        ({"said": {"challenge": "AAEC"}}, "WebAuthnChallengeNotFoundException"),
        ({"fmt": "tpm"}, "WebAuthnCredentialNotSupportedException"),
        ({"object": b""}, "InvalidParameterException"),
    ],
)
def test_refusals_have_their_names_on_the_wire(changes: dict[str, Any], told: str) -> None:
    world = passkey_world()
    token = world.access_token(client=BROWSER)
    credential = Authenticator().create(options_of(world, token), **changes)
    error = error_of(call(world, COMPLETE, token, Credential=credential))
    assert error[:2] == (400, told)
    assert error[2]


@pytest.mark.parametrize("operation", [START, COMPLETE])
def test_a_pool_without_passkeys_says_so(operation: str) -> None:
    world = new_world()
    world.add_user()
    error = error_of(call(world, operation, world.access_token(), Credential={}))
    assert error[1] == "WebAuthnNotEnabledException"


@pytest.mark.parametrize("operation", [START, COMPLETE, LIST, DELETE])
def test_what_is_no_token_is_refused(operation: str) -> None:
    answered = call(passkey_world(), operation, "a.b.c", Credential={}, CredentialId="AAEC")
    assert error_of(answered) == (400, "NotAuthorizedException", "Invalid Access Token")


@pytest.mark.parametrize(
    ("operation", "members", "told"),
    [
        (COMPLETE, {}, "InvalidParameterException"),
        (COMPLETE, {"Credential": None}, "InvalidParameterException"),
        (COMPLETE, {"Credential": "text"}, "InvalidParameterException"),
        (COMPLETE, {"Credential": [1]}, "InvalidParameterException"),
        (DELETE, {}, "InvalidParameterException"),
        (LIST, {"MaxResults": 21}, "InvalidParameterException"),
        (LIST, {"NextToken": ""}, "InvalidParameterException"),
        (LIST, {"NextToken": "a b"}, "InvalidParameterException"),
        (LIST, {"MaxResults": "1"}, "SerializationException"),
    ],
)
def test_what_is_sent_is_checked(operation: str, members: dict[str, Any], told: str) -> None:
    world = passkey_world()
    token = world.access_token(client=BROWSER)
    assert error_of(call(world, operation, token, **members))[:2] == (400, told)
