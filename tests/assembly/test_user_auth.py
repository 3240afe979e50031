"""USER_AUTH over the wire, by a deployment's application: menus, inline answers, sent codes."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from flowengine.accounts.account import SrpCredential
from flowengine.assembly.assembling import assemble
from flowengine.crypto import srp_client
from flowengine.engine.system import SystemClock, SystemEntropy
from flowengine.server.app import App, make_app
from flowengine.server.settings import ServerSettings
from tests import planted
from tests.assembly.deployed import CLIENT, POOL, add_user, set_up
from tests.server.wire import error_of, post, succeeded

CHOICE: Final = """flow: sign-in
version: 1
auth_flows:
  USER_AUTH:
    start: choice
    inline: [PASSWORD, SRP_A]
    parameters: ['PREFERRED_CHALLENGE?', 'PASSWORD?', 'SRP_A?']
require: [proved.password || proved.email]
start: choice
nodes:
  choice:
    offer: [srp, plain, mail]
    challenge: SELECT_CHALLENGE
    prefer: auth_flow.parameters.PREFERRED_CHALLENGE
    inline: [PASSWORD, SRP_A]
    none: refused
  srp: {challenge: PASSWORD_SRP, responses: [SRP_A], next: verifier}
  verifier:
    challenge: PASSWORD_VERIFIER
    responses: [PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]
    next: done
  plain: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  mail: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}
  done: {end: success}
"""
OUTBOX: Final = "outbox.jsonl"
MAIL: Final = f"delivery: {{email: 'outbox:{OUTBOX}'}}"
ADDRESS: Final = "ada@example.com"
MAILBOX: Final = {"email": ADDRESS, "email_verified": "true"}
WAIT_S: Final = 10.0


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    deployment = set_up(tmp_path, more=MAIL, flow=CHOICE, keys="auth_flows: {USER_AUTH: sign-in}")
    assembled = assemble(deployment)
    try:
        asyncio.run(add_user(assembled.engine.parts, attributes=MAILBOX))
        yield make_app(ServerSettings(assembled.engine))
    finally:
        asyncio.run(assembled.close())


def _begin(app: App, username: str = "ada", **parameters: str) -> Any:
    members = {
        "AuthFlow": "USER_AUTH",
        "ClientId": CLIENT,
        "AuthParameters": {"USERNAME": username, **parameters},
    }
    return post(app, "InitiateAuth", members)


def _answer(app: App, asked: dict[str, Any], **responses: str) -> Any:
    members = {
        "ClientId": CLIENT,
        "ChallengeName": asked["ChallengeName"],
        "Session": asked["Session"],
        "ChallengeResponses": {"USERNAME": "ada", **responses},
    }
    return post(app, "RespondToAuthChallenge", members)


def _asked(response: Any, operation: str = "InitiateAuth") -> dict[str, Any]:
    body = succeeded(response, operation)
    assert "AuthenticationResult" not in body
    return body


def _letter(folder: Path) -> dict[str, str]:
    """Wait for the one letter in the outbox."""
    outbox, deadline = folder / OUTBOX, time.monotonic() + WAIT_S
    while not outbox.exists() or not outbox.read_text().endswith("\n"):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    letter: dict[str, str] = json.loads(outbox.read_text())
    return letter


def test_without_a_preference_the_available_challenges_are_told(app: App) -> None:
    asked = _asked(_begin(app))
    assert asked["ChallengeName"] == "SELECT_CHALLENGE"
    assert asked["AvailableChallenges"] == ["PASSWORD_SRP", "PASSWORD", "EMAIL_OTP"]
    chosen = _asked(_answer(app, asked, ANSWER="PASSWORD"), "RespondToAuthChallenge")
    assert chosen["ChallengeName"] == "PASSWORD"
    done = _answer(app, chosen, PASSWORD=planted.PASSWORD)
    assert "AuthenticationResult" in succeeded(done, "RespondToAuthChallenge")


def test_a_preferred_password_that_comes_along_signs_in_at_once(app: App) -> None:
    inline = {"PREFERRED_CHALLENGE": "PASSWORD", "PASSWORD": planted.PASSWORD}
    assert "AuthenticationResult" in succeeded(_begin(app, **inline), "InitiateAuth")
    wrong = {**inline, "PASSWORD": planted.OTHER_PASSWORD}
    assert error_of(_begin(app, **wrong)) == (
        400,
        "NotAuthorizedException",
        "Incorrect username or password.",
    )


def test_a_password_may_come_with_the_choice(app: App) -> None:
    asked = _asked(_begin(app))
    done = _answer(app, asked, ANSWER="PASSWORD", PASSWORD=planted.PASSWORD)
    assert "AuthenticationResult" in succeeded(done, "RespondToAuthChallenge")


def test_a_code_that_was_sent_to_the_outbox_signs_in_once(app: App, tmp_path: Path) -> None:
    asked = _asked(_begin(app, PREFERRED_CHALLENGE="EMAIL_OTP"))
    assert asked["ChallengeName"] == "EMAIL_OTP"
    assert asked["ChallengeParameters"]["CODE_DELIVERY_DELIVERY_MEDIUM"] == "EMAIL"
    letter = _letter(tmp_path)
    assert (letter["channel"], letter["to"], letter["username"]) == ("email", ADDRESS, "ada")
    assert letter["purpose"] == "sign-in"
    wrong = "9" * 8 if letter["code"] != "9" * 8 else "8" * 8
    refused = error_of(_answer(app, asked, EMAIL_OTP_CODE=wrong))
    assert refused[:2] == (400, "CodeMismatchException")
    done = succeeded(_answer(app, asked, EMAIL_OTP_CODE=letter["code"]), "RespondToAuthChallenge")
    assert "AuthenticationResult" in done
    again = error_of(_answer(app, asked, EMAIL_OTP_CODE=letter["code"]))
    assert again[:2] == (400, "NotAuthorizedException")


def test_nothing_is_sent_for_a_user_who_does_not_exist(app: App, tmp_path: Path) -> None:
    for name in ("nobody", "ada"):
        _begin(app, name, PREFERRED_CHALLENGE="EMAIL_OTP")
    assert _letter(tmp_path)["username"] == "ada"


def test_a_password_is_proved_by_srp_where_no_client_has_user_srp_auth(app: App) -> None:
    ephemeral = srp_client.begin(SystemEntropy().draw)
    asked = _asked(_begin(app, PREFERRED_CHALLENGE="PASSWORD_SRP", SRP_A=ephemeral.srp_a))
    assert asked["ChallengeName"] == "PASSWORD_VERIFIER"
    told = asked["ChallengeParameters"]
    server = srp_client.ServerHalf(told["SALT"], told["SRP_B"], told["SECRET_BLOCK"])
    name, now = POOL.partition("_")[2], SystemClock().now()
    claim = srp_client.answer(ephemeral, name, "ada", planted.PASSWORD, server, now)
    done = _answer(app, asked, **claim.responses())
    assert "AuthenticationResult" in succeeded(done, "RespondToAuthChallenge")


def test_passwords_are_kept_for_srp_where_a_flow_asks_for_it(app: App) -> None:
    parts = app._settings.engine.parts
    assert parts.directory is not None
    account = asyncio.run(parts.directory.find(POOL, "ada"))
    assert account is not None
    assert isinstance(account.password, SrpCredential)
