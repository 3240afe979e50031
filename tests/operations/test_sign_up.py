from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from flowengine.accounts.user import UserStatus
from flowengine.operations.codes import CodeDelivery
from flowengine.operations.sign_up import SignUpRequest, sign_up
from tests.operations.accounts import (
    LIMITED,
    MAIL,
    NO_CLIENT,
    NO_HASH,
    PHONE,
    TOO_SHORT,
    VERIFIED,
    Told,
    mailing,
    signs_in,
    told,
    told_by,
)
from tests.operations.signing_up import join
from tests.operations.world import CONFIDENTIAL, NOW, PASSWORD, POOL, WEB, new_world, run

EXISTS = ("UsernameExistsException", "User account already exists")
UNAUTHORIZED = ("NotAuthorizedException", "A client attempted to write unauthorized attribute")
PHONE_LIKE = (
    "Username cannot be of phone number format, "
    "since user pool is configured for phone number alias."
)
SCHEMA = "Attributes did not conform to the schema: "


def test_who_signs_up_is_not_confirmed_and_is_sent_a_code() -> None:
    mails = mailing()
    answer = join(mails.world, email=MAIL, name="Ada", locale="en-GB", nickname="")
    account = mails.world.user()
    assert answer.sub == account.sub
    assert answer.delivery == CodeDelivery("a***@e***", "EMAIL", "email")
    assert (account.status, account.enabled) == (UserStatus.UNCONFIRMED, True)
    assert (account.created_at, account.modified_at) == (NOW, NOW)
    kept = {"email": MAIL, "email_verified": "false", "name": "Ada", "locale": "en-GB"}
    assert account.attributes == kept
    message = mails.last
    assert (message.to, message.purpose, message.username) == (MAIL, "sign-up", "ada")
    assert (message.name, message.locale, len(message.code)) == ("Ada", "en-GB", 6)
    start = {"USERNAME": "ada", "PASSWORD": PASSWORD}
    refused = ("UserNotConfirmedException", "User is not confirmed.")
    assert told(mails.world.initiate, "USER_PASSWORD_AUTH", **start) == refused


def test_a_mailbox_is_preferred_to_a_phone() -> None:
    mails = mailing()
    join(mails.world, email=MAIL, phone_number=PHONE)
    assert mails.last.channel == "email"
    assert mails.world.user().attributes["phone_number_verified"] == "false"
    answer = join(mails.world, "grace", phone_number=PHONE)
    assert answer.delivery == CodeDelivery("+****0100", "SMS", "phone_number")
    assert (mails.last.channel, mails.last.to) == ("sms", PHONE)


def test_without_an_address_or_a_delivery_there_is_no_code() -> None:
    mails = mailing()
    assert join(mails.world).delivery is None
    assert mails.sent.messages == []
    world = new_world()
    assert join(world, email=MAIL).delivery is None
    assert world.user().status is UserStatus.UNCONFIRMED


def test_a_name_is_taken_once() -> None:
    mails = mailing(replace(POOL, aliases=("preferred_username",)))
    join(mails.world)
    before = mails.world.user()
    assert told(join, mails.world, email=MAIL) == EXISTS
    assert mails.world.user() == before
    assert mails.sent.messages == []


def test_two_at_once_get_one_name() -> None:
    mails = mailing()

    async def both() -> list[object]:
        request = SignUpRequest(WEB.id, "ada", PASSWORD, {"email": MAIL})
        calls = [sign_up(mails.world.parts, request) for _ in range(2)]
        return await asyncio.gather(*calls, return_exceptions=True)

    results = run(both())
    refused = [one for one in results if isinstance(one, Exception)]
    assert [type(error).__name__ for error in refused] == ["UsernameExistsError"]
    assert len(mails.sent.messages) == 1


def test_an_address_that_another_has_verified_can_be_given_and_finds_its_owner() -> None:
    mails = mailing()
    owner = mails.world.add_user("grace", attributes=VERIFIED)
    join(mails.world, email=MAIL)
    assert mails.world.user(MAIL) == owner


@pytest.mark.parametrize(
    ("aliases", "username", "error"),
    [
        (
            ("email",),
            MAIL,
            "Username cannot be of email format, since user pool is configured for email alias.",
        ),
        (
            ("phone_number",),
            PHONE,
            PHONE_LIKE,
        ),
    ],
)
def test_a_name_that_could_be_anothers_alias_is_refused(
    aliases: tuple[str, ...], username: str, error: str
) -> None:
    mails = mailing(replace(POOL, aliases=aliases))
    assert told(join, mails.world, username) == ("InvalidParameterException", error)
    free = mailing(replace(POOL, aliases=()))
    join(free.world, username)


@pytest.mark.parametrize("username", ["", "a b", "x" * 129, "nul\0", "\ud800"])
def test_what_is_no_name_is_refused(username: str) -> None:
    error = ("InvalidParameterException", "Invalid value for parameter Username")
    assert told(join, mailing().world, username) == error


@pytest.mark.parametrize(
    ("attributes", "error"),
    [
        ({"email_verified": "true"}, UNAUTHORIZED),
        ({"phone_number_verified": "true"}, UNAUTHORIZED),
        ({"cognito:groups": "admin"}, UNAUTHORIZED),
        ({"identities": "x"}, UNAUTHORIZED),
        (
            {"sub": "x"},
            ("InvalidParameterException", "Cannot modify the non-mutable attribute sub"),
        ),
        (
            {"custom:plan": "x"},
            ("InvalidParameterException", f"{SCHEMA}Attribute does not exist in the schema."),
        ),
        ({"email": "nowhere"}, ("InvalidParameterException", "Invalid email address format.")),
        ({"email": "a@b\n"}, ("InvalidParameterException", "Invalid email address format.")),
        (
            {"phone_number": "555"},
            ("InvalidParameterException", "Invalid phone number format."),
        ),
    ],
)
def test_an_attribute_that_users_do_not_write_is_refused(
    attributes: dict[str, Any], error: Told
) -> None:
    mails = mailing()
    assert told(join, mails.world, **attributes) == error
    assert run(mails.world.directory.find(POOL.id, "ada")) is None


def test_required_attributes_have_to_be_there() -> None:
    mails = mailing(replace(POOL, required_attributes=("name", "custom:plan")))
    error = ("InvalidParameterException", f"{SCHEMA}name: The attribute is required")
    assert told(join, mails.world) == error
    assert told(join, mails.world, name="") == error
    attributes: dict[str, Any] = {"name": "Ada", "custom:plan": "gold"}
    join(mails.world, **attributes)
    assert mails.world.user().attributes == attributes


def test_a_password_is_needed_and_fits_the_policy() -> None:
    mails = mailing()
    assert told(join, mails.world, password="short") == TOO_SHORT
    missing = ("InvalidParameterException", "Missing required parameter Password")
    assert told(join, mails.world, password=None) == missing


def test_codes_to_one_address_are_limited_and_nobody_is_made_past_the_limit() -> None:
    mails = mailing()
    for n in range(5):
        join(mails.world, f"user-{n}", email=MAIL)
    assert told(join, mails.world, email=MAIL) == LIMITED
    assert run(mails.world.directory.find(POOL.id, "ada")) is None
    join(mails.world, email="other@example.com")


def test_another_case_makes_no_other_mailbox_to_send_codes_to() -> None:
    mails = mailing()
    name, _, domain = MAIL.partition("@")
    cased = (
        MAIL,
        MAIL.upper(),
        MAIL.title(),
        f"{name.upper()}@{domain}",
        f"{name}@{domain.upper()}",
    )
    for n, address in enumerate(cased):
        join(mails.world, f"user-{n}", email=address)
    assert told(join, mails.world, email=MAIL.swapcase()) == LIMITED


def test_the_client_shows_its_secret() -> None:
    mails = mailing()
    request = SignUpRequest(CONFIDENTIAL.id, "ada", PASSWORD)
    assert told_by(sign_up(mails.world.parts, request)) == NO_HASH
    unknown = SignUpRequest("nobody", "ada", PASSWORD)
    assert told_by(sign_up(mails.world.parts, unknown)) == NO_CLIENT
    join(mails.world, client=CONFIDENTIAL)
    assert not signs_in(mails.world, PASSWORD)


def test_no_repr_shows_who_signs_up() -> None:
    request = SignUpRequest(WEB.id, "ada", PASSWORD, {"email": MAIL}, "hash")
    assert repr(request) == "SignUpRequest()"
