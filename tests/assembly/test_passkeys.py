"""A sign-in by a passkey of the relying party that a deployment names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest

from flowengine.accounts.account import Passkey
from flowengine.crypto.passkeys import user_handle
from flowengine.engine.engine import Engine
from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest, RespondToAuthChallengeRequest
from flowengine.errors import NotAuthorizedError
from tests.assembly.deployed import CLIENT, NOW, POOL, SQLITE, opened, set_up, sign_up
from tests.authenticator import ORIGIN, RELYING_PARTY, UP, UV, Authenticator, cose_of

FLOW: Final = """flow: sign-in
version: 1
auth_flows: [USER_AUTH]
require: [proved.passkey]
start: passkey
nodes:
  passkey: {challenge: WEB_AUTHN, responses: [CREDENTIAL], next: done}
  done: {end: success}
"""
SUB: Final = "00000000-0000-4000-8000-000000000001"


def _phone(flags: int = UP) -> Authenticator:
    handle = user_handle(POOL, SUB)
    return Authenticator(credential_id=b"phone-of-ada", handle=handle, count=8, flags=flags)


def _answered(engine: Engine, phone: Authenticator) -> Reply:
    kept = Passkey(
        credential_id=phone.credential_id,
        public_key=cose_of(phone.key),
        sign_count=7,
        relying_party=RELYING_PARTY,
        created_at=NOW,
        verifies_user=True,
    )
    sign_up(engine, passkeys=(kept,))
    asked = engine.initiate(InitiateAuthRequest(CLIENT, "USER_AUTH", {"USERNAME": "ada"}))
    assert isinstance(asked, ChallengeReply)
    told = json.loads(asked.challenge_parameters["CREDENTIAL_REQUEST_OPTIONS"])
    credential = json.dumps(phone.get(told))
    responses = {"USERNAME": "ada", "CREDENTIAL": credential}
    request = RespondToAuthChallengeRequest(CLIENT, "WEB_AUTHN", asked.session, responses)
    return engine.respond(request)


def _passkeys(*, more: str = "", origin: str = ORIGIN) -> str:
    return f"passkeys: {{relying_party: {RELYING_PARTY}, origins: ['{origin}']{more}}}"


def test_a_passkey_signs_in_at_an_origin_of_the_pool(tmp_path: Path) -> None:
    keys = "auth_flows: {USER_AUTH: sign-in}"
    deployment = set_up(tmp_path, SQLITE, flow=FLOW, keys=keys, pool_keys=_passkeys())
    with opened(deployment) as engine:
        assert isinstance(_answered(engine, _phone()), SuccessReply)


def test_at_another_origin_below_the_relying_party_it_does_not(tmp_path: Path) -> None:
    keys = "auth_flows: {USER_AUTH: sign-in}"
    pool_keys = _passkeys(origin=f"https://other.{RELYING_PARTY}")
    deployment = set_up(tmp_path, flow=FLOW, keys=keys, pool_keys=pool_keys)
    with opened(deployment) as engine, pytest.raises(NotAuthorizedError):
        _answered(engine, _phone())


def test_verification_of_the_user_is_demanded_where_the_pool_says_so(tmp_path: Path) -> None:
    keys = "auth_flows: {USER_AUTH: sign-in}"
    pool_keys = _passkeys(more=", user_verification: required")
    deployment = set_up(tmp_path, flow=FLOW, keys=keys, pool_keys=pool_keys)
    with opened(deployment) as engine, pytest.raises(NotAuthorizedError):
        _answered(engine, _phone())
    with opened(deployment) as engine:
        assert isinstance(_answered(engine, _phone(UP | UV)), SuccessReply)
