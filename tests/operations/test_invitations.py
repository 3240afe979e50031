"""AdminCreateUser invites: which password, to which address, in which words, and how often."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flowengine.accounts.password_policy import PasswordPolicy
from flowengine.accounts.user import UserStatus
from flowengine.engine.triggers.registering import PoolTriggers
from flowengine.operations.admin_create_user import AdminCreateUserRequest, admin_create_user
from tests.engine.triggered import Kept
from tests.operations.accounts import (
    FRESH,
    MAIL,
    NO_POOL,
    NO_USER,
    PHONE,
    UNDELIVERED,
    Mailing,
    mailing,
    signs_in,
    told,
)
from tests.operations.world import NOW, POOL, new_world, run

BOTH = {"email": MAIL, "phone_number": PHONE}
NO_ADDRESS = (
    "InvalidParameterException",
    "The user has no email or phone_number that the invitation could be sent to.",
)
TAKEN = ("UsernameExistsException", "User account already exists")
NOT_AGAIN = (
    "UnsupportedUserStateException",
    "Resend not possible. User status is not FORCE_CHANGE_PASSWORD",
)


def invite(mails: Mailing, username: str = "ada", **members: Any) -> Any:
    given = {"attributes": {"email": MAIL}, **members}
    request = AdminCreateUserRequest(POOL.id, username, **given)
    return run(admin_create_user(mails.world.parts, request))


def again(mails: Mailing, **members: Any) -> Any:
    return invite(mails, attributes={}, message_action="RESEND", **members)


def asked(mails: Mailing, password: str) -> str:
    reply = mails.world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=password)
    return getattr(reply, "challenge_name", "signed in")


def absent(mails: Mailing, username: str = "ada") -> bool:
    return run(mails.world.directory.find(POOL.id, username)) is None


def test_the_password_that_was_drawn_is_sent_and_leads_to_one_of_the_users_own() -> None:
    mails = mailing()
    invite(mails)
    (message,) = mails.sent.messages
    assert (message.purpose, message.channel, message.to) == ("admin-create-user", "email", MAIL)
    assert (message.username, message.text, message.subject) == ("ada", None, None)
    assert asked(mails, message.code) == "NEW_PASSWORD_REQUIRED"
    assert mails.world.user().temporary_until == NOW + timedelta(days=7)


def test_no_two_passwords_are_alike_and_each_fits_the_policy() -> None:
    policy = PasswordPolicy(min_length=30, require_symbols=True, require_uppercase=True)
    mails = mailing(replace(POOL, password_policy=policy))
    invite(mails)
    invite(mails, "grace")
    drawn = [message.code for message in mails.sent.messages]
    assert len(set(drawn)) == 2
    assert [policy.objection(password) for password in drawn] == [None, None]


def test_a_password_that_was_given_is_sent() -> None:
    mails = mailing()
    invite(mails, temporary_password=FRESH)
    assert mails.code == FRESH
    assert asked(mails, FRESH) == "NEW_PASSWORD_REQUIRED"


@pytest.mark.parametrize(
    ("attributes", "mediums", "to"),
    [
        (BOTH, (), [PHONE]),
        ({"email": MAIL}, (), [MAIL]),
        (BOTH, ("EMAIL",), [MAIL]),
        (BOTH, ("SMS", "EMAIL", "SMS"), [MAIL, PHONE]),
    ],
)
def test_it_goes_to_the_addresses_that_are_asked_for(
    attributes: dict[str, str], mediums: tuple[str, ...], to: list[str]
) -> None:
    mails = mailing()
    invite(mails, attributes=attributes, mediums=mediums)
    assert [message.to for message in mails.sent.messages] == to
    assert len({message.code for message in mails.sent.messages}) == 1


@pytest.mark.parametrize(
    "members",
    [
        {"attributes": {}},
        {"mediums": ("SMS",)},
        {"mediums": ("SMS", "EMAIL")},
        {"mediums": ("SMS",), "temporary_password": FRESH},
    ],
)
def test_where_there_is_no_address_nobody_is_made(members: dict[str, Any]) -> None:
    mails = mailing()
    assert told(invite, mails, **members) == NO_ADDRESS
    assert absent(mails)
    assert mails.sent.messages == []


def test_a_password_that_the_administrator_knows_need_not_be_sent() -> None:
    mails = mailing()
    invite(mails, attributes={}, temporary_password=FRESH)
    without = Mailing(new_world(), mails.sent)
    invite(without, temporary_password=FRESH)
    assert mails.sent.messages == []


def test_suppressed_nothing_is_sent() -> None:
    mails = mailing()
    invite(mails, message_action="SUPPRESS")
    assert mails.sent.messages == []
    assert mails.world.user().status is UserStatus.FORCE_CHANGE_PASSWORD


@pytest.mark.parametrize("members", [{}, {"mediums": ("EMAIL",), "temporary_password": FRESH}])
def test_without_a_delivery_nobody_is_made_who_would_have_to_be_told(
    members: dict[str, Any],
) -> None:
    mails = Mailing(new_world(), mailing().sent)
    assert told(invite, mails, **members) == UNDELIVERED
    assert absent(mails)


def test_invited_again_the_user_has_another_password_and_the_whole_time() -> None:
    mails = mailing()
    invite(mails)
    first, before = mails.code, mails.world.user()
    mails.wait(days=8)
    again(mails)
    assert [message.to for message in mails.sent.messages] == [MAIL, MAIL]
    assert mails.code != first
    assert not signs_in(mails.world, first)
    assert asked(mails, mails.code) == "NEW_PASSWORD_REQUIRED"
    after = mails.world.user()
    assert after.temporary_until == NOW + timedelta(days=15)
    assert (after.sub, after.attributes) == (before.sub, before.attributes)
    assert after.stamp != before.stamp


def test_invited_again_a_password_may_be_given() -> None:
    mails = mailing()
    invite(mails)
    again(mails, temporary_password=FRESH)
    assert mails.code == FRESH


@pytest.mark.parametrize(
    "status", [UserStatus.CONFIRMED, UserStatus.UNCONFIRMED, UserStatus.RESET_REQUIRED]
)
def test_only_who_never_chose_a_password_is_invited_again(status: UserStatus) -> None:
    mails = mailing()
    before = mails.world.add_user(status=status, attributes={"email": MAIL})
    assert told(again, mails) == NOT_AGAIN
    assert mails.world.user() == before
    assert mails.sent.messages == []


def test_nobody_and_no_pool_are_told_as_such() -> None:
    mails = mailing()
    assert told(again, mails) == NO_USER
    request = AdminCreateUserRequest("eu-west-1_Nowhere", "ada")
    assert told(run, admin_create_user(mails.world.parts, request)) == NO_POOL


def test_who_is_there_is_not_made_and_not_written_to() -> None:
    mails = mailing()
    before = mails.world.add_user()
    assert told(invite, mails) == TAKEN
    assert mails.world.user() == before
    assert mails.sent.messages == []


def test_too_many_invitations_to_one_address_change_nothing() -> None:
    mails = mailing()
    invite(mails)
    for _ in range(4):
        again(mails)
    before = mails.world.user()
    assert told(again, mails) == ("TooManyRequestsException", "Too many requests")
    assert mails.world.user() == before
    assert len(mails.sent.messages) == 5


def worded(email: str | None, **texts: str) -> tuple[Mailing, Kept]:
    """Put a world together whose trigger words e-mails."""

    def handler(event: Any, _context: Any) -> Any:
        event["response"].update({"emailMessage": email, **texts})
        return event

    kept = Kept(handler)
    return mailing(triggers={POOL.id: PoolTriggers(custom_message=kept)}), kept


def test_the_trigger_words_the_invitation_and_is_not_told_the_password() -> None:
    mails, kept = worded("Hello {username}, {####}", emailSubject="Welcome")
    invite(mails, client_metadata={"tab": "1"})
    assert mails.last.text == f"Hello ada, {mails.code}"
    assert mails.last.subject == "Welcome"
    (event,) = kept.events
    assert event["triggerSource"] == "CustomMessage_AdminCreateUser"
    assert event["callerContext"]["clientId"] == "CLIENT_ID_NOT_APPLICABLE"
    assert event["request"]["codeParameter"] == "{####}"
    assert event["request"]["usernameParameter"] == "{username}"
    assert event["request"]["clientMetadata"] == {"tab": "1"}
    attributes = event["request"]["userAttributes"]
    assert attributes["cognito:user_status"] == "FORCE_CHANGE_PASSWORD"
    assert attributes["email"] == MAIL
    assert mails.code not in str(event)


@pytest.mark.parametrize("text", ["Hello {####}", "Hello {username}", "Hello"])
def test_an_invitation_without_name_or_password_is_refused_and_makes_nobody(text: str) -> None:
    mails, _ = worded(text)
    assert told(invite, mails)[0] == "InvalidLambdaResponseException"
    assert absent(mails)
    assert mails.sent.messages == []


def test_neither_log_nor_repr_has_the_password(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    mails = mailing()
    profile = invite(mails)
    assert mails.code not in caplog.text + repr((profile, mails.last, mails.world.user()))
