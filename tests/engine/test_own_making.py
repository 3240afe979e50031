"""A factor that was made with an access token steps that token up no further than it was."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from flowengine.crypto import srp_client, totp
from flowengine.engine.replies import NewDevice, SuccessReply
from flowengine.operations.confirm_device import confirm_device
from flowengine.stores.memory_devices import MemoryDevices
from tests import planted
from tests.authenticator import Authenticator
from tests.engine.test_continuing import REFUSED, STEP_UP, program, tokens_of, with_totp
from tests.operations.accounts import told
from tests.operations.registering import PASSKEYS, begin, complete
from tests.operations.test_devices import TRACKING, request_of, sign_in
from tests.operations.test_software_tokens import associated, code_now, verify
from tests.operations.world import FLOWS, PASSWORD, WEB, World, new_world, run

SHIPPED: Final = Path("flows/step-up.flow.yaml").read_text(encoding="utf-8")
BY_PASSKEY: Final = (
    STEP_UP.replace("totp", "passkey")
    .replace("challenge: SOFTWARE_TOKEN_MFA", "challenge: WEB_AUTHN")
    .replace("SOFTWARE_TOKEN_MFA_CODE", "CREDENTIAL")
)
BY_DEVICE: Final = """\
flow: step-up
version: 1
auth_flows: {USER_AUTH: {continues: true, parameters: ['DEVICE_KEY?']}}
require: [proved.device]
start: device
nodes:
  device: {challenge: DEVICE_SRP_AUTH, responses: [SRP_A], next: proof}
  proof:
    challenge: DEVICE_PASSWORD_VERIFIER
    responses: [PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]
    next: done
  done: {end: success}
"""
EITHER: Final = (
    STEP_UP.replace("  - proved.totp", "  - proved.totp || !user.has.totp")
    .replace("start: totp", "start: which")
    .replace(
        "nodes:\n",
        "nodes:\n"
        "  which: {choose: [{when: user.has.totp, goto: totp}, {else: password}]}\n"
        "  password: {challenge: PASSWORD, responses: [PASSWORD], next: done}\n",
    )
)


def world(text: str = SHIPPED) -> World:
    client = replace(WEB, auth_flows={**FLOWS, "USER_AUTH": "step-up"})
    there = new_world(PASSKEYS, program(text), clients=[client])
    there.add_user()
    return there


def step_up(there: World, token: str) -> Any:
    levels = there.parts.flows["step-up"].levels
    target = {"TARGET_ACR_VALUES": "fresh"} if levels else {}
    return there.initiate("USER_AUTH", WEB, ACCESS_TOKEN=token, **target)


def make_app(there: World, token: str) -> bytes:
    """Put an app in the place of whatever app there is; its first code is spent."""
    there.clock.advance(totp.PERIOD * 2)
    secret = associated(there, token)
    verify(there, token, code_now(there, secret))
    there.clock.advance(totp.PERIOD * 2)
    return secret


def by_code(there: World, token: str, secret: bytes) -> Any:
    asked = step_up(there, token)
    assert asked.challenge_name == "SOFTWARE_TOKEN_MFA"
    code = code_now(there, secret)
    return there.respond(asked, USERNAME="ada", SOFTWARE_TOKEN_MFA_CODE=code)


def by_password(there: World, token: str) -> Any:
    asked = step_up(there, token)
    assert asked.challenge_name == "PASSWORD"
    return there.respond(asked, USERNAME="ada", PASSWORD=PASSWORD)


def test_a_stolen_token_that_replaces_the_owners_app_steps_nothing_up() -> None:
    there = world()
    with_totp(there)
    asked: Any = there.initiate("USER_PASSWORD_AUTH", WEB, USERNAME="ada", PASSWORD=PASSWORD)
    code = code_now(there, planted.TOTP_SECRET)
    signed_in = there.respond(asked, USERNAME="ada", SOFTWARE_TOKEN_MFA_CODE=code)
    stolen = tokens_of(signed_in).access_token
    secret = make_app(there, stolen)
    assert told(by_code, there, stolen, secret) == REFUSED


def test_no_step_up_in_between_makes_the_app_any_better() -> None:
    there = world(EITHER)
    first = there.access_token()
    second = tokens_of(by_password(there, first)).access_token
    third = tokens_of(by_password(there, second)).access_token
    for maker, user in ((first, third), (third, first), (second, second)):
        secret = make_app(there, maker)
        assert told(by_code, there, user, secret) == REFUSED


def test_who_signs_in_anew_steps_up_by_the_app() -> None:
    there = world()
    first, other = there.access_token(), there.access_token()
    secret = make_app(there, first)
    assert by_code(there, other, secret).level == "fresh"


def test_a_passkey_that_a_token_made_is_none_of_it_and_the_others_are() -> None:
    there = world(BY_PASSKEY)
    first, other = there.access_token(), there.access_token()
    old, new = (Authenticator(credential_id=name) for name in (b"old", b"new"))
    complete(there, other, old.create(begin(there, other)))
    complete(there, first, new.create(begin(there, first)))
    assert told(by_passkey, there, first, new) == REFUSED
    assert isinstance(by_passkey(there, first, old), SuccessReply)
    assert isinstance(by_passkey(there, other, new), SuccessReply)


def by_passkey(there: World, token: str, authenticator: Authenticator) -> Any:
    asked: Any = there.initiate("USER_AUTH", WEB, ACCESS_TOKEN=token)
    options = json.loads(asked.challenge_parameters["CREDENTIAL_REQUEST_OPTIONS"])
    written = json.dumps(authenticator.get(options))
    return there.respond(asked, USERNAME="ada", CREDENTIAL=written)


def test_a_device_that_a_token_confirmed_is_none_of_it() -> None:
    client = replace(WEB, auth_flows={**FLOWS, "USER_AUTH": "step-up"})
    engine = {"clients": [client], "devices": MemoryDevices()}
    there = new_world(TRACKING, program(BY_DEVICE), **engine)
    there.add_user()
    made, other = sign_in(there), sign_in(there)
    run(confirm_device(there.parts, request_of(made)))
    assert made.new_device is not None
    assert told(by_device, there, made.access_token, made.new_device) == REFUSED
    assert isinstance(by_device(there, other.access_token, made.new_device), SuccessReply)


def by_device(there: World, token: str, device: NewDevice) -> Any:
    asked: Any = there.initiate("USER_AUTH", WEB, ACCESS_TOKEN=token, DEVICE_KEY=device.key)
    ephemeral = srp_client.begin(there.entropy.draw)
    named = {"USERNAME": "ada", "DEVICE_KEY": device.key}
    asked = there.respond(asked, WEB, **named, SRP_A=ephemeral.srp_a)
    sent = asked.challenge_parameters
    server = srp_client.ServerHalf(sent["SALT"], sent["SRP_B"], sent["SECRET_BLOCK"])
    now, secret = there.clock.now(), planted.OTHER_PASSWORD
    claim = srp_client.answer(ephemeral, device.group_key, device.key, secret, server, now)
    return there.respond(asked, WEB, **named, **claim.responses())
