"""The operations on devices over the wire, and what a sign-in says of a new one."""

from __future__ import annotations

from typing import Any

import pytest

from flowengine.accounts.device import DeviceSettings, RememberDevices
from flowengine.crypto import srp_client
from tests.operations.test_devices import UNKNOWN, request_of, sign_in, tracked
from tests.operations.world import PASSWORD, POOL, WEB, World
from tests.server.wire import app_of, error_of, post, succeeded


def members_of(world: World, **changes: Any) -> dict[str, Any]:
    """Give the members of a right ConfirmDevice."""
    request = request_of(sign_in(world))
    config = {"PasswordVerifier": request.verifier, "Salt": request.salt}
    members = {
        "AccessToken": request.access_token,
        "DeviceKey": request.device_key,
        "DeviceSecretVerifierConfig": config,
        "DeviceName": "my phone",
    }
    return {**members, **changes}


def test_a_sign_in_by_srp_tells_of_a_new_device() -> None:
    world = tracked()
    app = app_of(world)
    ephemeral = srp_client.begin(world.entropy.draw)
    parameters = {"USERNAME": "ada", "SRP_A": ephemeral.srp_a}
    begun = {"ClientId": WEB.id, "AuthFlow": "USER_SRP_AUTH", "AuthParameters": parameters}
    told = succeeded(post(app, "InitiateAuth", begun), "InitiateAuth")["ChallengeParameters"]
    server = srp_client.ServerHalf(told["SALT"], told["SRP_B"], told["SECRET_BLOCK"])
    now = world.clock.now()
    claim = srp_client.answer(ephemeral, POOL.srp_name, "ada", PASSWORD, server, now)
    answer = {
        "ClientId": WEB.id,
        "ChallengeName": "PASSWORD_VERIFIER",
        "ChallengeResponses": {"USERNAME": "ada", **claim.responses()},
    }
    done = succeeded(post(app, "RespondToAuthChallenge", answer), "RespondToAuthChallenge")
    device = done["AuthenticationResult"]["NewDeviceMetadata"]
    assert set(device) == {"DeviceKey", "DeviceGroupKey"}


def test_a_device_is_confirmed_described_listed_changed_and_forgotten() -> None:
    world = tracked(DeviceSettings(RememberDevices.ON_REQUEST))
    app, members = app_of(world), members_of(world)
    done = succeeded(post(app, "ConfirmDevice", members), "ConfirmDevice")
    assert done == {"UserConfirmationNecessary": True}
    named = {key: members[key] for key in ("AccessToken", "DeviceKey")}
    device = succeeded(post(app, "GetDevice", named), "GetDevice")["Device"]
    assert device["DeviceAttributes"] == [
        {"Name": "device_status", "Value": "valid"},
        {"Name": "device_name", "Value": "my phone"},
        {"Name": "dev:device_remembered_status", "Value": "not_remembered"},
    ]
    status = {**named, "DeviceRememberedStatus": "remembered"}
    assert succeeded(post(app, "UpdateDeviceStatus", status), "UpdateDeviceStatus") == {}
    listed = succeeded(
        post(app, "ListDevices", {"AccessToken": members["AccessToken"]}), "ListDevices"
    )
    assert [each["DeviceKey"] for each in listed["Devices"]] == [members["DeviceKey"]]
    assert listed["Devices"][0]["DeviceAttributes"][-1]["Value"] == "remembered"
    assert post(app, "ForgetDevice", named).status_code == 200
    gone = error_of(post(app, "GetDevice", named))
    assert gone == (400, "ResourceNotFoundException", "Device does not exist.")


def test_devices_are_listed_in_pages() -> None:
    world = tracked()
    app = app_of(world)
    confirmed = [members_of(world) for _ in range(3)]
    for members in confirmed:
        succeeded(post(app, "ConfirmDevice", members), "ConfirmDevice")
    ask = {"AccessToken": confirmed[0]["AccessToken"], "Limit": 2}
    first = succeeded(post(app, "ListDevices", ask), "ListDevices")
    more = {**ask, "PaginationToken": first["PaginationToken"]}
    second = succeeded(post(app, "ListDevices", more), "ListDevices")
    keys = [d["DeviceKey"] for page in (first, second) for d in page["Devices"]]
    assert keys == sorted(each["DeviceKey"] for each in confirmed)
    assert "PaginationToken" not in second


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"DeviceKey": UNKNOWN}, "InvalidParameterException", "Invalid device key given."),
        (
            {"DeviceSecretVerifierConfig": None},
            "InvalidParameterException",
            "Missing required parameter PasswordVerifier",
        ),
        (
            {"DeviceSecretVerifierConfig": {"PasswordVerifier": "AQ=="}},
            "InvalidParameterException",
            "Missing required parameter Salt",
        ),
        ({"AccessToken": "x"}, "NotAuthorizedException", "Invalid Access Token"),
    ],
)
def test_a_device_that_cannot_be_confirmed(
    changes: dict[str, Any], code: str, message: str
) -> None:
    world = tracked()
    assert error_of(post(app_of(world), "ConfirmDevice", members_of(world, **changes))) == (
        400,
        code,
        message,
    )


def test_a_device_is_confirmed_once() -> None:
    world = tracked()
    app, members = app_of(world), members_of(world)
    succeeded(post(app, "ConfirmDevice", members), "ConfirmDevice")
    again = error_of(post(app, "ConfirmDevice", members))
    assert again == (400, "DeviceKeyExistsException", "Device already exists.")


@pytest.mark.parametrize("operation", ["GetDevice", "ForgetDevice"])
def test_without_a_token_there_is_nobody_whose_device_it_is(operation: str) -> None:
    error = error_of(post(app_of(tracked()), operation, {"DeviceKey": UNKNOWN}))
    assert error == (400, "NotAuthorizedException", "Invalid Access Token")
