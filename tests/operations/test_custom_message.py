"""What CustomMessage is told of each operation that sends a code (COGNITO.md, C and K)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from flowengine.accounts.user import UserStatus
from flowengine.engine.replies import ChallengeReply
from flowengine.engine.requests import RespondToAuthChallengeRequest
from flowengine.engine.triggers.registering import PoolTriggers
from flowengine.operations.admin_reset_user_password import admin_reset_user_password
from flowengine.operations.forgot_password import ForgotPasswordRequest, forgot_password
from flowengine.operations.get_user_attribute_verification_code import (
    get_user_attribute_verification_code,
)
from flowengine.operations.resend_confirmation_code import (
    ResendConfirmationCodeRequest,
    resend_confirmation_code,
)
from flowengine.operations.sign_up import SignUpRequest, sign_up
from flowengine.operations.update_user_attributes import (
    UpdateUserAttributesRequest,
    update_user_attributes,
)
from flowengine.testing.fakes import KeptMessages
from tests.engine.triggered import Event, Kept
from tests.engine.world import program
from tests.operations.accounts import FRESH, MAIL, VERIFIED, mailing
from tests.operations.world import PASSWORD, POOL, WEB, World, new_world, run

METADATA = {"tab": "1"}
BY_MAIL = """
flow: by-mail
version: 1
auth_flows: [USER_AUTH]
require: [proved.password, proved.email]
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: mail}
  mail: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}
  done: {end: success}
"""


def told(event: Event, _context: Any) -> Event:
    return event


def joins(world: World) -> None:
    request = SignUpRequest(WEB.id, "new", FRESH, {"email": MAIL}, client_metadata=METADATA)
    run(sign_up(world.parts, request))


def asks_again(world: World) -> None:
    world.add_user(status=UserStatus.UNCONFIRMED, attributes={"email": MAIL})
    request = ResendConfirmationCodeRequest(WEB.id, "ada", client_metadata=METADATA)
    run(resend_confirmation_code(world.parts, request))


def forgets(world: World) -> None:
    world.add_user(attributes=VERIFIED)
    request = ForgotPasswordRequest(WEB.id, "ada", client_metadata=METADATA)
    run(forgot_password(world.parts, request))


def nobody_forgets(world: World) -> None:
    request = ForgotPasswordRequest(WEB.id, "nobody", client_metadata=METADATA)
    run(forgot_password(world.parts, request))


def is_reset(world: World) -> None:
    world.add_user(attributes=VERIFIED)
    run(admin_reset_user_password(world.parts, POOL.id, "ada", METADATA))


def moves(world: World) -> None:
    world.add_user()
    request = UpdateUserAttributesRequest(world.access_token(), {"email": MAIL}, METADATA)
    run(update_user_attributes(world.parts, request))


def verifies(world: World) -> None:
    world.add_user(attributes={"email": MAIL})
    token = world.access_token()
    run(get_user_attribute_verification_code(world.parts, token, "email", METADATA))


@pytest.mark.parametrize(
    ("does", "source", "client"),
    [
        (joins, "SignUp", WEB.id),
        (asks_again, "ResendCode", WEB.id),
        (forgets, "ForgotPassword", WEB.id),
        (nobody_forgets, "ForgotPassword", WEB.id),
        (is_reset, "ForgotPassword", "CLIENT_ID_NOT_APPLICABLE"),
        (moves, "UpdateUserAttribute", WEB.id),
        (verifies, "VerifyUserAttribute", WEB.id),
    ],
)
def test_the_trigger_is_told_what_a_code_is_for_and_what_the_client_says(
    does: Callable[[World], None], source: str, client: str
) -> None:
    kept = Kept(told)
    mails = mailing(triggers={POOL.id: PoolTriggers(custom_message=kept)})
    does(mails.world)
    (event,) = kept.events
    assert event["triggerSource"] == f"CustomMessage_{source}"
    assert event["callerContext"]["clientId"] == client
    request = event["request"]
    assert request["clientMetadata"] == METADATA
    assert (request["codeParameter"], request["usernameParameter"]) == ("{####}", None)
    assert event["response"] == {"smsMessage": None, "emailMessage": None, "emailSubject": None}
    assert not mails.sent.messages or mails.code not in str(event)


def test_in_a_sign_in_the_trigger_is_not_told_what_the_client_says() -> None:
    kept = Kept(told)
    client = replace(WEB, auth_flows={"USER_AUTH": "by-mail"})
    made = KeptMessages()
    world = new_world(
        POOL,
        program(BY_MAIL),
        triggers={POOL.id: PoolTriggers(custom_message=kept)},
        clients=(client,),
        delivery=made,
    )
    world.add_user(attributes=VERIFIED)
    asked = world.initiate("USER_AUTH", USERNAME="ada")
    assert isinstance(asked, ChallengeReply)
    answer = {"USERNAME": "ada", "PASSWORD": PASSWORD}
    run(
        world.engine.respond(
            RespondToAuthChallengeRequest(
                WEB.id, "PASSWORD", asked.session, answer, client_metadata=METADATA
            )
        )
    )
    (event,) = kept.events
    assert event["triggerSource"] == "CustomMessage_Authentication"
    assert event["callerContext"]["clientId"] == WEB.id
    assert "clientMetadata" not in event["request"]
    assert len(made.messages) == 1


def test_a_user_who_is_asked_for_elsewhere_is_told_of_with_what_the_client_says() -> None:
    kept = Kept(told)
    mails = mailing(triggers={POOL.id: PoolTriggers(user_migration=kept)})
    nobody_forgets(mails.world)
    (event,) = kept.events
    assert event["triggerSource"] == "UserMigration_ForgotPassword"
    assert event["request"] == {"clientMetadata": METADATA}
