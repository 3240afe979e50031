"""Devices: offered at a sign-in by SRP, confirmed, looked at, remembered or not, forgotten."""

from __future__ import annotations

import base64
from collections.abc import Coroutine
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flowengine.accounts.device import DeviceSettings, RememberDevices
from flowengine.crypto import srp, srp_client
from flowengine.engine.access_tokens import holder_of
from flowengine.engine.devices import group_key
from flowengine.engine.replies import AuthenticationResult, ChallengeReply, SuccessReply
from flowengine.errors import (
    CallerError,
    DeviceKeyExistsError,
    InvalidParameterError,
    NotAuthorizedError,
    ResourceNotFoundError,
)
from flowengine.operations.confirm_device import ConfirmDeviceRequest, confirm_device
from flowengine.operations.forget_device import forget_device
from flowengine.operations.get_device import get_device
from flowengine.operations.list_devices import list_devices
from flowengine.operations.update_device_status import update_device_status
from flowengine.stores.memory_devices import MemoryDevices
from tests import planted
from tests.operations.accounts import VERIFIED
from tests.operations.world import PASSWORD, POOL, WEB, World, new_world, run

TRACKING = replace(POOL, devices=DeviceSettings())
SALT = 0x00ABCDEF
UNKNOWN = "eu-west-1_00000000-0000-4000-8000-000000000000"


def tracked(settings: DeviceSettings | None = None) -> World:
    pool = replace(POOL, devices=settings or DeviceSettings())
    world = new_world(pool, devices=MemoryDevices())
    world.add_user()
    return world


def sign_in(world: World, username: str = "ada", **more: str) -> AuthenticationResult:
    """Sign in by SRP."""
    ephemeral = srp_client.begin(world.entropy.draw)
    asked = world.initiate("USER_SRP_AUTH", WEB, USERNAME=username, SRP_A=ephemeral.srp_a, **more)
    assert isinstance(asked, ChallengeReply)
    told = asked.challenge_parameters
    server = srp_client.ServerHalf(told["SALT"], told["SRP_B"], told["SECRET_BLOCK"])
    claim = srp_client.answer(
        ephemeral, POOL.srp_name, username, PASSWORD, server, world.clock.now()
    )
    done = world.respond(asked, WEB, USERNAME=username, **claim.responses())
    assert isinstance(done, SuccessReply)
    assert done.authentication_result is not None
    return done.authentication_result


def request_of(result: AuthenticationResult, **changes: Any) -> ConfirmDeviceRequest:
    assert result.new_device is not None
    device = result.new_device
    value = srp.verifier(device.group_key, device.key, planted.OTHER_PASSWORD, SALT)
    request = ConfirmDeviceRequest(
        access_token=result.access_token,
        device_key=device.key,
        verifier=base64.b64encode(srp.pad(value)).decode(),
        salt=base64.b64encode(srp.pad(SALT)).decode(),
        name="my phone",
    )
    return replace(request, **changes)


def confirmed(world: World) -> tuple[str, str]:
    """Confirm a new device; the access token and the device's key."""
    result = sign_in(world)
    assert run(confirm_device(world.parts, request_of(result))) is False
    assert result.new_device is not None
    return result.access_token, result.new_device.key


def refusal(call: Coroutine[Any, Any, Any]) -> CallerError:
    with pytest.raises(CallerError) as error:
        run(call)
    return error.value


def test_a_sign_in_by_srp_offers_a_device_and_its_token_names_it() -> None:
    world = tracked()
    result = sign_in(world)
    assert result.new_device is not None
    assert result.new_device.key.startswith("eu-west-1_")
    assert result.new_device.group_key.startswith("-")
    holder = run(holder_of(world.parts, result.access_token))
    assert holder.device_key == result.new_device.key
    again = sign_in(world).new_device
    assert again is not None
    assert again.key != result.new_device.key
    assert again.group_key == result.new_device.group_key


def test_no_device_is_offered_without_srp_or_where_the_pool_knows_none() -> None:
    world = tracked()
    reply = world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD)
    assert isinstance(reply, SuccessReply)
    assert reply.authentication_result is not None
    assert reply.authentication_result.new_device is None
    plain = new_world(devices=MemoryDevices())
    plain.add_user()
    assert sign_in(plain).new_device is None


def test_a_device_is_confirmed_and_described() -> None:
    world = tracked()
    token, key = confirmed(world)
    device = run(get_device(world.parts, token, key))
    assert (device.key, device.name, device.remembered) == (key, "my phone", True)
    assert device.credential.salt == srp.to_hex(SALT)
    assert device.group_key == group_key(world.parts, TRACKING, device.sub)
    assert device.created_at == device.seen_at == world.clock.now()


def test_a_known_device_is_offered_no_other_and_stays_in_the_tokens() -> None:
    world = tracked()
    _, key = confirmed(world)
    result = sign_in(world, DEVICE_KEY=key)
    assert result.new_device is None
    assert run(holder_of(world.parts, result.access_token)).device_key == key


def test_who_did_not_show_a_factor_that_is_turned_on_is_offered_no_device() -> None:
    world = tracked()
    ada = world.user()
    shown = sign_in(world)
    assert run(world.directory.save(replace(ada, email_mfa=True, attributes=VERIFIED), ada.stamp))
    assert shown.new_device is not None
    assert sign_in(world).new_device is None


def test_on_request_a_device_is_remembered_when_its_user_says_so() -> None:
    world = tracked(DeviceSettings(RememberDevices.ON_REQUEST))
    result = sign_in(world)
    assert run(confirm_device(world.parts, request_of(result))) is True
    assert result.new_device is not None
    token, key = result.access_token, result.new_device.key
    assert not run(get_device(world.parts, token, key)).remembered
    for remembered in (None, True, None, True, False):
        run(update_device_status(world.parts, token, key, remembered=remembered))
        found = run(get_device(world.parts, token, key)).remembered
        assert found is (remembered if remembered is not None else found)
    assert not run(get_device(world.parts, token, key)).remembered


def test_a_device_is_remembered_no_longer_where_the_clock_is_behind_too() -> None:
    world = tracked()
    token, key = confirmed(world)
    world.clock.advance(timedelta(minutes=-4))
    for remembered in (False, True, False):
        run(update_device_status(world.parts, token, key, remembered=remembered))
        assert run(get_device(world.parts, token, key)).remembered is remembered


def test_a_device_is_confirmed_once() -> None:
    world = tracked()
    request = request_of(sign_in(world))
    assert run(confirm_device(world.parts, request)) is False
    assert isinstance(refusal(confirm_device(world.parts, request)), DeviceKeyExistsError)


def test_only_the_device_of_this_sign_in_can_be_confirmed() -> None:
    world = tracked()
    mine, other = sign_in(world), sign_in(world)
    assert other.new_device is not None
    refused = refusal(
        confirm_device(world.parts, request_of(mine, device_key=other.new_device.key))
    )
    assert (type(refused), refused.message) == (
        InvalidParameterError,
        "Invalid device key given.",
    )
    reply = world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD)
    assert isinstance(reply, SuccessReply)
    assert reply.authentication_result is not None
    by_password = reply.authentication_result.access_token
    for key in ("", UNKNOWN, other.new_device.key):
        request = request_of(mine, access_token=by_password, device_key=key)
        refused = refusal(confirm_device(world.parts, request))
        assert refused.message == "Invalid device key given."


ENCODED = {
    "nothing": None,
    "empty": "",
    "no base64": "***",
    "zero": base64.b64encode(b"\0").decode(),
    "one": base64.b64encode(b"\1").decode(),
    "the prime": base64.b64encode(srp.pad(srp.PRIME)).decode(),
    "less by one": base64.b64encode(srp.pad(srp.PRIME - 1)).decode(),
    "too long": base64.b64encode(b"\0" * 386 + b"\2").decode(),
}


@pytest.mark.parametrize("verifier", ENCODED.values(), ids=ENCODED)
def test_a_verifier_that_proves_nothing_is_refused(verifier: str | None) -> None:
    world = tracked()
    request = request_of(sign_in(world), verifier=verifier)
    assert isinstance(refusal(confirm_device(world.parts, request)), InvalidParameterError)


@pytest.mark.parametrize("salt", [None, "", "***", base64.b64encode(b"x" * 33).decode()])
def test_a_salt_that_is_none_is_refused(salt: str | None) -> None:
    world = tracked()
    request = request_of(sign_in(world), salt=salt)
    assert isinstance(refusal(confirm_device(world.parts, request)), InvalidParameterError)


@pytest.mark.parametrize("name", ["x" * 1025, "nul\0", "\ud800"])
def test_a_name_that_cannot_be_kept_is_refused(name: str) -> None:
    world = tracked()
    request = request_of(sign_in(world), name=name)
    assert isinstance(refusal(confirm_device(world.parts, request)), InvalidParameterError)


def test_devices_are_listed_in_pages() -> None:
    world = tracked()
    keys = sorted(confirmed(world)[1] for _ in range(5))
    token, last = confirmed(world)
    keys = sorted([*keys, last])
    first = run(list_devices(world.parts, token, 4, ""))
    assert [device.key for device in first.devices] == keys[:4]
    assert first.after == keys[3]
    rest = run(list_devices(world.parts, token, 4, first.after))
    assert ([device.key for device in rest.devices], rest.after) == (keys[4:], None)
    everything = run(list_devices(world.parts, token, 0, ""))
    assert ([device.key for device in everything.devices], everything.after) == (keys, None)


def test_a_forgotten_device_is_gone() -> None:
    world = tracked()
    token, key = confirmed(world)
    run(forget_device(world.parts, token, key))
    for call in (
        get_device(world.parts, token, key),
        forget_device(world.parts, token, key),
        update_device_status(world.parts, token, key, remembered=True),
    ):
        refused = refusal(call)
        assert (type(refused), refused.message) == (ResourceNotFoundError, "Device does not exist.")


def test_another_users_device_is_an_unknown_one() -> None:
    world = tracked()
    _, key = confirmed(world)
    world.add_user("bobby")
    token = sign_in(world, "bobby").access_token
    for call in (
        get_device(world.parts, token, key),
        forget_device(world.parts, token, key),
        update_device_status(world.parts, token, key, remembered=True),
    ):
        assert isinstance(refusal(call), ResourceNotFoundError)
    assert run(list_devices(world.parts, token, 0, "")).devices == ()


def test_where_no_devices_are_known_there_is_nothing_to_ask() -> None:
    world = new_world(devices=MemoryDevices())
    world.add_user()
    token = world.access_token()
    for call in (
        get_device(world.parts, token, UNKNOWN),
        list_devices(world.parts, token, 0, ""),
        forget_device(world.parts, token, UNKNOWN),
        update_device_status(world.parts, token, UNKNOWN, remembered=True),
        confirm_device(world.parts, ConfirmDeviceRequest(token, UNKNOWN)),
    ):
        message = "Device Tracking is not enabled for the user pool."
        assert refusal(call).message == message


def test_an_expired_token_asks_nothing() -> None:
    world = tracked()
    token, key = confirmed(world)
    world.clock.advance(timedelta(hours=2))
    assert isinstance(refusal(get_device(world.parts, token, key)), NotAuthorizedError)


# Refresh


def refreshed(world: World, result: AuthenticationResult, **more: str) -> AuthenticationResult:
    assert result.refresh_token is not None
    reply = world.initiate("REFRESH_TOKEN_AUTH", WEB, REFRESH_TOKEN=result.refresh_token, **more)
    assert isinstance(reply, SuccessReply)
    assert reply.authentication_result is not None
    return reply.authentication_result


def refresh_refusal(world: World, result: AuthenticationResult, **more: str) -> str:
    with pytest.raises(NotAuthorizedError) as error:
        refreshed(world, result, **more)
    return error.value.message


def test_a_device_that_was_never_confirmed_is_not_asked_for() -> None:
    world = tracked()
    assert refreshed(world, sign_in(world)).access_token


def test_a_confirmed_device_is_asked_for_and_named_again() -> None:
    world = tracked()
    result, key = confirmed_first(world)
    assert refresh_refusal(world, result) == "Invalid Refresh Token"
    assert refresh_refusal(world, result, DEVICE_KEY=UNKNOWN) == "Invalid Refresh Token"
    token = refreshed(world, result, DEVICE_KEY=key).access_token
    assert run(holder_of(world.parts, token)).device_key == key


def confirmed_first(world: World) -> tuple[AuthenticationResult, str]:
    """Sign in and confirm the device; what the sign-in gave, and the device's key."""
    result = sign_in(world)
    run(confirm_device(world.parts, request_of(result)))
    assert result.new_device is not None
    return result, result.new_device.key


def test_a_device_that_is_forgotten_elsewhere_ends_the_sign_in_it_was_confirmed_in() -> None:
    world = tracked()
    first, key = confirmed_first(world)
    run(forget_device(world.parts, sign_in(world).access_token, key))
    for named in ({}, {"DEVICE_KEY": key}):
        assert refresh_refusal(world, first, **named) == "Refresh Token has been revoked"
    again = refusal(confirm_device(world.parts, request_of(first)))
    assert again.message == "Access Token has been revoked"


def test_who_forgets_the_device_they_are_on_stays_signed_in() -> None:
    world = tracked()
    first, key = confirmed_first(world)
    run(forget_device(world.parts, first.access_token, key))
    assert refreshed(world, first).access_token


def test_a_forgotten_device_refreshes_nothing() -> None:
    world = tracked()
    token, key = confirmed(world)
    result = sign_in(world, DEVICE_KEY=key)
    assert refreshed(world, result, DEVICE_KEY=key).access_token
    run(forget_device(world.parts, token, key))
    assert refresh_refusal(world, result, DEVICE_KEY=key) == "Invalid Refresh Token"
