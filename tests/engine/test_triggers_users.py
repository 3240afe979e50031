"""UserMigration and CustomMessage: users from elsewhere, and the words that codes are sent in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowengine.accounts.pool import Pool
from flowengine.accounts.user import UserStatus
from flowengine.delivery.texts import Texts
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest
from flowengine.engine.triggers.registering import PoolTriggers
from flowengine.errors import (
    CallerError,
    InvalidLambdaResponseError,
    NotAuthorizedError,
    PasswordResetRequiredError,
    UserLambdaValidationError,
    UserNotFoundError,
)
from flowengine.flow.loading import load_source
from flowengine.operations.forgot_password import ForgotPasswordRequest, forgot_password
from flowengine.source import SourceText
from flowengine.testing.fakes import KeptMessages
from tests import planted
from tests.engine.triggered import ADDRESSES, Event, Handler, Kept
from tests.operations.world import OPEN, PASSWORD, POOL, WEB, World, new_world, run

BY_MAIL = """
flow: by-mail
version: 1
auth_flows: [USER_AUTH]
require: [proved.email]
start: mail
nodes:
  mail: {challenge: EMAIL_OTP, responses: [EMAIL_OTP_CODE], next: done}
  done: {end: success}
"""


def migrate(event: Event, _context: Any) -> Event:
    """Know one user, as a directory elsewhere does."""
    given = event["request"].get("password", PASSWORD)
    if event["userName"] not in ("grace", "ada@example.com") or given != PASSWORD:
        raise ValueError("Bad password")
    event["response"]["userAttributes"] = {
        "email": "grace@example.com",
        "email_verified": "true",
    }
    event["response"]["finalUserStatus"] = "CONFIRMED"
    event["response"]["messageAction"] = "SUPPRESS"
    return event


def moving(**response: Any) -> Handler:
    return lambda event, _: {**event, "response": response}


def world_with(handler: Handler = migrate, pool: Pool = POOL) -> tuple[World, Kept]:
    kept = Kept(handler)
    delivery = KeptMessages()
    triggers = {POOL.id: PoolTriggers(user_migration=kept)}
    world = new_world(pool, triggers=triggers, delivery=delivery)
    world.add_user()
    return world, kept


def sign_in(
    world: World, username: str = "grace", password: str = PASSWORD, client: Any = WEB
) -> Any:
    request = InitiateAuthRequest(
        client.id,
        "USER_PASSWORD_AUTH",
        {"USERNAME": username, "PASSWORD": password},
        client_metadata={"tab": "1"},
    )
    return run(world.engine.initiate(request))


def test_a_user_from_elsewhere_whom_an_address_names_is_called_by_the_sub() -> None:
    by_address = replace(POOL, aliases=(), named_by=("email",))
    for attributes, is_kept in (
        ({"name": "Grace"}, True),
        ({"email": "grace@example.com", "email_verified": "true"}, True),
        ({"email": "other@example.com"}, False),
    ):
        handler = moving(userAttributes=attributes, finalUserStatus="CONFIRMED")
        world, _ = world_with(handler, by_address)
        if not is_kept:
            with pytest.raises(NotAuthorizedError):
                sign_in(world, "grace@example.com")
            continue
        assert isinstance(sign_in(world, "grace@example.com"), SuccessReply)
        moved = world.user("grace@example.com")
        assert moved.username == moved.sub
        assert moved.attributes["email"] == "grace@example.com"


def test_a_user_from_elsewhere_is_kept_with_the_password_that_was_right() -> None:
    world, kept = world_with()
    assert isinstance(sign_in(world), SuccessReply)
    (event,) = kept.events
    assert (event["triggerSource"], event["userName"]) == ("UserMigration_Authentication", "grace")
    assert event["request"] == {"password": PASSWORD, "validationData": {"tab": "1"}}
    assert event["response"] == dict.fromkeys(
        (
            "userAttributes",
            "finalUserStatus",
            "messageAction",
            "desiredDeliveryMediums",
            "forceAliasCreation",
            "enableSMSMFA",
        )
    )
    moved = world.user("grace")
    assert moved.status is UserStatus.CONFIRMED
    assert dict(moved.attributes) == {"email": "grace@example.com", "email_verified": "true"}
    assert isinstance(sign_in(world), SuccessReply)
    sign_in(world, "ada")
    assert len(kept.events) == 1


def test_who_is_unknown_elsewhere_too_is_refused_as_anybody_is() -> None:
    world, _ = world_with()
    for username, password in (("nobody", PASSWORD), ("grace", planted.OTHER_PASSWORD)):
        with pytest.raises(NotAuthorizedError, match=r"^Incorrect username or password\.$"):
            sign_in(world, username, password)
        with pytest.raises(UserNotFoundError):
            sign_in(world, username, password, OPEN)
    assert run(world.directory.find(POOL.id, "grace")) is None


def test_a_user_without_a_final_status_must_reset_the_password() -> None:
    attributes = {"email": "grace@example.com", "email_verified": "true"}
    world, _ = world_with(moving(userAttributes=attributes))
    with pytest.raises(PasswordResetRequiredError):
        sign_in(world)
    assert world.user("grace").status is UserStatus.RESET_REQUIRED


def test_a_user_may_have_another_name_elsewhere() -> None:
    attributes = {"username": "gh", "email": "grace@example.com", "email_verified": "true"}
    world, _ = world_with(moving(userAttributes=attributes, finalUserStatus="CONFIRMED"))
    reply = sign_in(world, "grace@example.com")
    assert isinstance(reply, SuccessReply)
    assert reply.user.username == "gh"


@pytest.mark.parametrize(
    "response",
    [
        {},
        {"userAttributes": None},
        {"userAttributes": {}},
        {"userAttributes": {"email": 1}},
        {"userAttributes": {"email": "no address"}},
        {"userAttributes": {"unheard": "of"}},
        {"userAttributes": {"sub": "mine"}},
        {"userAttributes": {"email_verified": "true"}},
        {"userAttributes": {"name": "G"}, "finalUserStatus": "FORCE_CHANGE_PASSWORD"},
        {"userAttributes": {"name": "G"}, "messageAction": "RESEND"},
        {"userAttributes": {"name": "G"}, "desiredDeliveryMediums": ["PIGEON"]},
        {"userAttributes": {"name": "G"}, "forceAliasCreation": "yes"},
        {"userAttributes": {"name": "G", "username": "a b"}},
    ],
)
def test_a_user_who_cannot_be_taken_over_stays_unknown(response: dict[str, Any]) -> None:
    world, _ = world_with(moving(**response))
    with pytest.raises(NotAuthorizedError, match=r"^Incorrect username or password\.$"):
        sign_in(world)
    assert run(world.directory.find(POOL.id, "grace")) is None


def test_guesses_at_a_name_from_elsewhere_are_locked_out() -> None:
    world, kept = world_with()
    for _ in range(5):
        with pytest.raises(NotAuthorizedError, match="Incorrect"):
            sign_in(world, password=planted.OTHER_PASSWORD)
    with pytest.raises(NotAuthorizedError, match="Password attempts exceeded"):
        sign_in(world)
    assert len(kept.events) == 5


def test_a_forgotten_password_brings_the_user_over_without_one() -> None:
    world, kept = world_with()
    sent = run(forgot_password(world.parts, ForgotPasswordRequest(WEB.id, "grace")))
    assert sent.medium == "EMAIL"
    (event,) = kept.events
    assert event["triggerSource"] == "UserMigration_ForgotPassword"
    assert event["request"] == {}
    assert world.user("grace").password is None
    delivery: Any = world.parts.delivery
    assert [message.to for message in delivery.messages] == ["grace@example.com"]


def wording(**response: Any) -> Handler:
    return lambda event, _: {**event, "response": response}


def mailing(handler: Handler) -> tuple[World, Kept, KeptMessages]:
    kept, delivery = Kept(handler), KeptMessages()
    flow, found = load_source(SourceText("by-mail.flow.yaml", BY_MAIL))
    assert flow is not None, found
    clients = (replace(WEB, auth_flows={"USER_AUTH": "by-mail"}),)
    triggers = {POOL.id: PoolTriggers(custom_message=kept)}
    world = new_world(POOL, flow, triggers=triggers, delivery=delivery, clients=clients)
    world.add_user(attributes=ADDRESSES)
    return world, kept, delivery


def ask(world: World, username: str = "ada") -> Any:
    request = InitiateAuthRequest(WEB.id, "USER_AUTH", {"USERNAME": username})
    return run(world.engine.initiate(request))


def test_a_code_is_sent_in_the_triggers_words() -> None:
    world, kept, delivery = mailing(
        wording(emailMessage="{username}: {####} {####}", emailSubject="Hello {username}")
    )
    assert isinstance(ask(world), ChallengeReply)
    (event,) = kept.events
    assert event["triggerSource"] == "CustomMessage_Authentication"
    assert event["request"]["codeParameter"] == "{####}"
    assert event["request"]["usernameParameter"] is None
    assert event["request"]["userAttributes"]["email"] == ADDRESSES["email"]
    assert event["response"] == dict.fromkeys(("smsMessage", "emailMessage", "emailSubject"))
    (message,) = delivery.messages
    assert message.code not in repr(event)
    written = Texts().write(message)
    assert written.subject == "Hello ada"
    assert written.text == f"ada: {message.code} {message.code}"
    assert message.code not in repr(message)


def test_what_the_trigger_leaves_open_is_the_text_of_the_purpose() -> None:
    world, _, delivery = mailing(wording(emailMessage="Your code: {####}", smsMessage=None))
    ask(world)
    written = Texts().write(delivery.messages[0])
    assert written.subject == "Your sign-in code"
    assert written.text == f"Your code: {delivery.messages[0].code}"
    world, _, delivery = mailing(wording())
    ask(world)
    assert "Never tell it to anybody" in Texts().write(delivery.messages[0]).text


@pytest.mark.parametrize(
    "response",
    [
        {"emailMessage": "no code"},
        {"emailMessage": 1},
        {"smsMessage": "no code"},
        {"emailMessage": "{####}", "emailSubject": "two\nlines"},
        {"emailMessage": "{####}", "more": "x"},
    ],
)
def test_words_without_a_place_for_the_code_are_unrecognizable(response: dict[str, Any]) -> None:
    world, _, delivery = mailing(wording(**response))
    with pytest.raises(InvalidLambdaResponseError, match=r"^Unrecognizable lambda output$"):
        ask(world)
    assert delivery.messages == []


def test_an_unknown_users_message_is_worded_and_fails_alike_and_is_not_sent() -> None:
    world, kept, delivery = mailing(wording(emailMessage="{####}"))
    assert isinstance(ask(world, "nobody"), ChallengeReply)
    assert delivery.messages == []
    assert kept.events[0]["request"]["userAttributes"]["email"]

    def raising(_event: Event, _context: Any) -> Event:
        raise RuntimeError("no words")

    world, _, _ = mailing(raising)
    told: list[CallerError] = []
    for username in ("ada", "nobody"):
        with pytest.raises(UserLambdaValidationError) as refused:
            ask(world, username)
        told.append(refused.value)
    assert {error.message for error in told} == {"CustomMessage failed with error no words."}


def test_the_code_of_an_operation_is_worded_too() -> None:
    kept, delivery = Kept(wording(emailMessage="{####}!")), KeptMessages()
    world = new_world(triggers={POOL.id: PoolTriggers(custom_message=kept)}, delivery=delivery)
    world.add_user(attributes=ADDRESSES)
    run(forgot_password(world.parts, ForgotPasswordRequest(WEB.id, "ada")))
    assert kept.events[0]["triggerSource"] == "CustomMessage_ForgotPassword"
    assert delivery.messages[0].text == f"{delivery.messages[0].code}!"
