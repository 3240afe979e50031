from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flowengine.accounts.user import UserStatus
from flowengine.operations.codes import CodeDelivery
from flowengine.operations.forgot_password import ForgotPasswordRequest, forgot_password
from tests.operations.accounts import (
    BY_PHONE,
    DISABLED,
    LIMITED,
    MAIL,
    NO_CLIENT,
    NO_HASH,
    NOBODY,
    PHONE,
    UNDELIVERED,
    VERIFIED,
    WRONG_HASH,
    Told,
    forgot,
    mailing,
    told,
    told_by,
    with_ada,
)
from tests.operations.world import CONFIDENTIAL, OPEN, POOL, WEB, new_world

UNVERIFIED = {"email": MAIL, "email_verified": "false"}
NO_ADDRESS = (
    "InvalidParameterException",
    "Cannot reset password for the user as there is no registered/verified email or phone_number",
)
NO_RESET = ("NotAuthorizedException", "User password cannot be reset in the current state.")


def test_a_code_goes_to_the_verified_address_and_nothing_else_changes() -> None:
    mails = with_ada()
    before = mails.world.user()
    answer = forgot(mails.world)
    assert answer == CodeDelivery("a***@e***", "EMAIL", "email")
    message = mails.last
    assert (message.channel, message.to, message.purpose) == ("email", MAIL, "forgot-password")
    assert len(message.code) == 6
    assert message.code.isdecimal()
    assert mails.world.user() == before


def test_a_phone_is_written_to_where_there_is_no_mailbox() -> None:
    mails = with_ada(attributes={**UNVERIFIED, **BY_PHONE})
    answer = forgot(mails.world)
    assert (answer.medium, answer.attribute) == ("SMS", "phone_number")
    assert (mails.last.channel, mails.last.to) == ("sms", PHONE)


def test_what_is_a_second_factor_resets_no_password() -> None:
    mails = with_ada(attributes={**VERIFIED, **BY_PHONE}, email_mfa=True)
    assert forgot(mails.world).medium == "SMS"
    only = with_ada(email_mfa=True)
    assert told(forgot, only.world, client=OPEN) == NO_ADDRESS


def test_an_alias_names_the_user() -> None:
    mails = with_ada()
    assert forgot(mails.world, MAIL) == forgot(mails.world)
    assert {message.username for message in mails.sent.messages} == {"ada"}


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"enabled": False}, DISABLED),
        ({"attributes": UNVERIFIED}, NO_ADDRESS),
        ({"attributes": {}}, NO_ADDRESS),
        ({"status": UserStatus.UNCONFIRMED}, NO_ADDRESS),
        ({"status": UserStatus.FORCE_CHANGE_PASSWORD}, NO_RESET),
    ],
)
def test_who_can_be_sent_nothing_is_told_so_only_by_a_telling_client(
    changes: dict[str, Any], error: Told
) -> None:
    mails = with_ada(**changes)
    assert told(forgot, mails.world, client=OPEN) == error
    assert forgot(mails.world) == forgot(mailing().world)
    assert mails.sent.messages == []


def test_an_unknown_user_is_told_only_by_a_telling_client() -> None:
    mails = mailing()
    assert told(forgot, mails.world, client=OPEN) == NOBODY
    answer = forgot(mails.world, "grace")
    assert (answer.medium, answer.attribute) == ("EMAIL", "email")
    assert answer == forgot(mails.world, "grace")
    assert answer != forgot(mails.world, "linus")
    assert mails.sent.messages == []


def test_an_unknown_address_is_masked_as_a_known_one_is() -> None:
    known, unknown = with_ada(), mailing()
    assert forgot(unknown.world, MAIL) == forgot(known.world, MAIL)
    number = forgot(unknown.world, PHONE)
    by_phone = with_ada(replace(POOL, aliases=("phone_number",)), attributes=BY_PHONE)
    assert number == forgot(by_phone.world, PHONE)


def test_a_pool_of_phones_plays_users_who_have_one() -> None:
    pool = replace(POOL, aliases=("phone_number",))
    assert forgot(mailing(pool).world, "grace").medium == "SMS"


@pytest.mark.parametrize("username", [MAIL, "grace@example.com"])
def test_known_and_unknown_destinations_have_the_same_limit(username: str) -> None:
    mails = with_ada()
    for _ in range(5):
        forgot(mails.world, username)
    assert told(forgot, mails.world, username) == LIMITED
    mails.world.clock.advance(timedelta(seconds=31))
    forgot(mails.world, username)


def test_known_and_unknown_users_make_the_same_writes() -> None:
    rows = []
    for mails in (with_ada(), mailing()):
        forgot(mails.world)
        forgot(mails.world)
        sessions, counters = mails.world.parts.sessions, mails.world.parts.counters
        rows.append((len(sessions._rows), len(counters._counts)))  # type: ignore[attr-defined]
    assert rows[0] == rows[1] == (1, 1)


def test_without_a_delivery_nobody_is_promised_a_code() -> None:
    world = new_world()
    world.add_user(attributes=VERIFIED)
    assert told(forgot, world) == UNDELIVERED
    assert told(forgot, world, "nobody") == UNDELIVERED


def test_the_client_shows_its_secret() -> None:
    mails = with_ada()
    forgot(mails.world, client=CONFIDENTIAL)
    for sent, error in ((None, NO_HASH), ("d3Jvbmc=", WRONG_HASH)):
        request = ForgotPasswordRequest(CONFIDENTIAL.id, "ada", sent)
        assert told_by(forgot_password(mails.world.parts, request)) == error
    stray = ForgotPasswordRequest(WEB.id, "ada", "d3Jvbmc=")
    assert told_by(forgot_password(mails.world.parts, stray)) == WRONG_HASH
    unknown = ForgotPasswordRequest("nobody", "ada")
    assert told_by(forgot_password(mails.world.parts, unknown)) == NO_CLIENT
    assert len(mails.sent.messages) == 1


def test_no_repr_shows_who_asks() -> None:
    shown = repr(ForgotPasswordRequest(WEB.id, "ada", "hash"))
    assert shown == "ForgotPasswordRequest()"
