"""Devices that aws-amplify 6 confirms, has remembered, proves and forgets.

It names its device with PASSWORD_VERIFIER and with every code, in InitiateAuth only beside a
password that is sent in the clear, and as DeviceKey as it refreshes. Where it is told that the
device does not exist it forgets what it kept of it, and sends the same answer once more.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from flowengine.engine.system import SystemClock
from tests.clients import deployed, words
from tests.clients.every import Every
from tests.clients.every_challenge import AFTER_PASSWORD
from tests.clients.processes import RefusedError
from tests.clients.served import PASSWORD, WRONG_PASSWORD
from tests.clients.speaking import AMPLIFY, in_node_and_chromium, speaks

pytestmark = in_node_and_chromium()

CODE_IS_ASKED = "CONFIRM_SIGN_IN_WITH_EMAIL_CODE"
WAYS = {
    "USER_SRP_AUTH": {"auth_flow": "USER_SRP_AUTH"},
    "USER_PASSWORD_AUTH": {"auth_flow": "USER_PASSWORD_AUTH"},
    "USER_AUTH": {"auth_flow": "USER_AUTH", "preferred": "PASSWORD_SRP"},
}


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> dict[str, str]:
    """Give each way to sign in by which the library names its device."""
    return WAYS[request.param]


@pytest.fixture
def username(every: Every) -> str:
    """Make a user with a second factor, at a browser that has never been here."""
    username = every.user_with("EMAIL_OTP")
    open_a_browser(every, username)
    return username


def open_a_browser(every: Every, username: str) -> None:
    who = every.who(username)
    every.amplify("open", pool=who["pool"], client_id=who["client_id"])


def sign_in(every: Every, username: str, auth_flow: str = "USER_SRP_AUTH", **more: str) -> Any:
    """Begin to sign in at the browser that is open; what comes next."""
    given = {"username": username, "password": PASSWORD, "auth_flow": auth_flow, **more}
    return every.amplify("sign_in", **given)


def sign_in_by_code(every: Every, username: str) -> str:
    """Sign in where no device stands for the second factor; the device's key."""
    assert sign_in(every, username)["step"] == CODE_IS_ASKED
    assert every.amplify("confirm", answer=every.code_for(username, "email"))["done"]
    return device_in_use(every)


def device_in_use(every: Every) -> str:
    """Read which device the tokens are for."""
    return str(every.amplify("session")["access"]["device_key"])


def token_elsewhere(every: Every, username: str) -> str:
    """Sign in by boto3, which has no device."""
    asked = every.served.by_password(username)
    code = every.code_for(username, "email")
    done = every.served.respond(asked, username, EMAIL_OTP_CODE=code)
    return str(done["AuthenticationResult"]["AccessToken"])


def forget_elsewhere(every: Every, username: str, device_key: str) -> None:
    token = token_elsewhere(every, username)
    every.served.call("forget_device", AccessToken=token, DeviceKey=device_key)


@speaks("ConfirmDevice", AMPLIFY)
@speaks("DEVICE_SRP_AUTH", AMPLIFY)
@speaks("DEVICE_PASSWORD_VERIFIER", AMPLIFY)
def test_its_device_stands_for_the_second_factor_and_no_other_does(
    every: Every, username: str, way: dict[str, str]
) -> None:
    key = sign_in_by_code(every, username)
    every.amplify("sign_out")
    assert sign_in(every, username, **way)["done"]
    assert device_in_use(every) == key
    open_a_browser(every, username)
    assert sign_in(every, username, **way)["step"] == CODE_IS_ASKED


def test_its_device_is_known_where_an_address_is_typed(every: Every, username: str) -> None:
    address = every.address_of(username)
    assert sign_in(every, address)["step"] == CODE_IS_ASKED
    assert every.amplify("confirm", answer=every.code_for(username, "email"))["done"]
    key = device_in_use(every)
    every.amplify("sign_out")
    assert sign_in(every, address)["done"]
    assert device_in_use(every) == key


@speaks("DEVICE_SRP_AUTH", AMPLIFY)
@speaks("DEVICE_PASSWORD_VERIFIER", AMPLIFY)
def test_its_device_is_asked_for_after_a_custom_challenge(every: Every) -> None:
    who = every.who(every.user(), AFTER_PASSWORD)
    every.amplify("open", pool=who["pool"], client_id=who["client_id"])
    keys = set()
    for _ in range(2):
        asked = sign_in(every, who["username"], "CUSTOM_WITH_SRP")
        answer = deployed.answer_to(asked["next"]["additionalInfo"]["question"])
        assert every.amplify("confirm", answer=answer)["done"]
        keys.add(device_in_use(every))
        every.amplify("sign_out")
    assert len(keys) == 1


def test_its_device_stands_for_no_password(every: Every, username: str) -> None:
    sign_in_by_code(every, username)
    every.amplify("sign_out")
    with pytest.raises(RefusedError) as caught:
        sign_in(every, username, password=WRONG_PASSWORD)
    assert (caught.value.told["class"], caught.value.told["message"]) == words.INCORRECT


@speaks("UpdateDeviceStatus", AMPLIFY)
@speaks("DEVICE_SRP_AUTH", AMPLIFY)
def test_its_device_spares_a_code_only_while_it_is_remembered(every: Every, username: str) -> None:
    key = sign_in_by_code(every, username)
    about = {"AccessToken": every.amplify("session")["AccessToken"], "DeviceKey": key}
    every.served.call("update_device_status", **about, DeviceRememberedStatus="not_remembered")
    every.amplify("sign_out")
    assert sign_in_by_code(every, username) == key
    every.amplify("remember_device")
    every.amplify("sign_out")
    assert sign_in(every, username)["done"]


@speaks("ForgetDevice", AMPLIFY)
def test_it_is_another_device_once_it_was_forgotten(every: Every, username: str) -> None:
    key = sign_in_by_code(every, username)
    every.amplify("forget_device")
    every.amplify("sign_out")
    assert sign_in_by_code(every, username) != key
    assert [device["id"] for device in every.amplify("devices")] == [device_in_use(every)]


@speaks("ForgetDevice", AMPLIFY)
def test_it_forgets_a_device_elsewhere_and_keeps_its_own(every: Every, username: str) -> None:
    elsewhere = sign_in_by_code(every, username)
    open_a_browser(every, username)
    own = sign_in_by_code(every, username)
    assert {device["id"] for device in every.amplify("devices")} == {elsewhere, own}
    every.amplify("forget_device", id=elsewhere)
    assert [device["id"] for device in every.amplify("devices")] == [own]
    every.amplify("sign_out")
    assert sign_in(every, username)["done"]


def test_it_reads_when_a_device_was_made_and_used(every: Every, username: str) -> None:
    began = SystemClock().now().replace(microsecond=0)
    key = sign_in_by_code(every, username)
    (device,) = every.amplify("devices")
    assert device["id"] == key
    assert device["name"] == device["attributes"]["device_name"]
    for when in ("createDate", "lastModifiedDate", "lastAuthenticatedDate"):
        assert began <= datetime.fromisoformat(device[when]) <= SystemClock().now(), when


def test_a_device_that_was_forgotten_elsewhere_is_begun_anew(
    every: Every, username: str, way: dict[str, str]
) -> None:
    key = sign_in_by_code(every, username)
    every.amplify("sign_out")
    forget_elsewhere(every, username, key)
    assert sign_in(every, username, **way)["step"] == CODE_IS_ASKED
    assert every.amplify("confirm", answer=every.code_for(username, "email"))["done"]


@pytest.mark.parametrize("signed_in_again", [False, True])
def test_a_device_that_is_forgotten_elsewhere_refreshes_no_more(
    every: Every,
    username: str,
    signed_in_again: bool,  # noqa: FBT001 - pytest gives it
) -> None:
    key = sign_in_by_code(every, username)
    if signed_in_again:
        every.amplify("sign_out")
        assert sign_in(every, username)["done"]
    assert every.amplify("session", fresh=True)["access"]["device_key"] == key
    forget_elsewhere(every, username, key)
    session = every.amplify("session", fresh=True)
    assert session is None
    assert sign_in(every, username)["step"] == CODE_IS_ASKED
