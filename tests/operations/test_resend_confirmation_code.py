from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from flowengine.accounts.user import UserStatus
from flowengine.operations.resend_confirmation_code import (
    ResendConfirmationCodeRequest,
    resend_confirmation_code,
)
from tests.operations.accounts import (
    DISABLED,
    LIMITED,
    MAIL,
    NO_HASH,
    NOBODY,
    UNDELIVERED,
    WRONG,
    Told,
    mailing,
    told,
    told_by,
)
from tests.operations.signing_up import confirm_join, join, joined, resend
from tests.operations.world import CONFIDENTIAL, OPEN, WEB, new_world, run


def test_another_code_takes_the_place_of_the_one_before() -> None:
    mails = joined()
    answer = resend(mails.world)
    assert (answer.destination, answer.medium) == ("a***@e***", "EMAIL")
    first, second = (message.code for message in mails.sent.messages)
    assert mails.last.purpose == "sign-up"
    assert told(confirm_join, mails.world, first) == WRONG
    confirm_join(mails.world, second)


def test_codes_to_one_address_are_limited() -> None:
    mails = joined()
    for _ in range(4):
        resend(mails.world)
    assert told(resend, mails.world) == LIMITED
    confirm_join(mails.world, mails.code)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"enabled": False}, DISABLED),
        (
            {"status": UserStatus.CONFIRMED},
            ("InvalidParameterException", "User is already confirmed."),
        ),
        (
            {"attributes": {}},
            (
                "InvalidParameterException",
                "Cannot resend codes. Auto verification not turned on.",
            ),
        ),
    ],
)
def test_who_needs_none_is_told_so_only_by_a_telling_client(
    changes: dict[str, Any], error: Told
) -> None:
    mails = joined()
    before = mails.world.user()
    assert run(mails.world.directory.save(replace(before, **changes, stamp="2"), before.stamp))
    assert told(resend, mails.world, client=OPEN) == error
    assert resend(mails.world) == resend(mailing().world)
    assert len(mails.sent.messages) == 1


def test_an_unknown_user_is_answered_as_a_known_one_is() -> None:
    mails = mailing()
    assert told(resend, mails.world, client=OPEN) == NOBODY
    answer = resend(mails.world, MAIL)
    assert (answer.destination, answer.medium, answer.attribute) == ("a***@e***", "EMAIL", "email")
    assert mails.sent.messages == []


def test_without_a_delivery_no_code_is_promised() -> None:
    world = new_world()
    join(world, email=MAIL)
    assert told(resend, world) == UNDELIVERED


def test_the_client_shows_its_secret() -> None:
    mails = joined()
    request = ResendConfirmationCodeRequest(CONFIDENTIAL.id, "ada")
    assert told_by(resend_confirmation_code(mails.world.parts, request)) == NO_HASH
    resend(mails.world, client=CONFIDENTIAL)
    assert repr(ResendConfirmationCodeRequest(WEB.id, "ada", "h")) == (
        "ResendConfirmationCodeRequest()"
    )
