from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flowengine.accounts.account import Account
from flowengine.accounts.user import UserStatus
from flowengine.operations.confirm_sign_up import ConfirmSignUpRequest, confirm_sign_up
from flowengine.testing.fakes import KeptMessages
from tests.operations.accounts import (
    DISABLED,
    EXPIRED,
    LIMITED,
    MAIL,
    NO_HASH,
    NOBODY,
    PHONE,
    VERIFIED,
    WRONG,
    Mailing,
    Told,
    confirm,
    forgot,
    mailing,
    signs_in,
    told,
    told_by,
    with_ada,
)
from tests.operations.signing_up import confirm_join, join, joined, resend
from tests.operations.world import (
    CONFIDENTIAL,
    OPEN,
    PASSWORD,
    POOL,
    WEB,
    ContendedDirectory,
    Rival,
    new_world,
    run,
)

ALIAS = ("AliasExistsException", "An account with the given address already exists.")


def test_the_code_confirms_the_user_and_verifies_the_address() -> None:
    mails = joined()
    before = mails.world.user()
    later = mails.world.clock.advance(timedelta(minutes=1))
    confirm_join(mails.world, mails.code)
    after = mails.world.user()
    assert after.status is UserStatus.CONFIRMED
    assert after.attributes == VERIFIED
    assert (after.modified_at, after.password) == (later, before.password)
    assert after.stamp != before.stamp
    assert signs_in(mails.world, PASSWORD)
    assert signs_in(mails.world, PASSWORD, MAIL)


def test_only_the_address_that_was_written_to_is_verified() -> None:
    mails = mailing()
    join(mails.world, email=MAIL, phone_number=PHONE)
    confirm_join(mails.world, mails.code)
    assert mails.world.user().attributes["phone_number_verified"] == "false"


def test_a_code_is_good_once() -> None:
    mails = joined()
    confirm_join(mails.world, mails.code)
    confirmed = (
        "NotAuthorizedException",
        "User cannot be confirmed. Current status is CONFIRMED",
    )
    assert told(confirm_join, mails.world, mails.code, client=OPEN) == confirmed
    assert told(confirm_join, mails.world, mails.code) == EXPIRED


def test_two_confirmations_at_once_have_one_winner() -> None:
    mails = joined()

    async def both() -> list[object]:
        request = ConfirmSignUpRequest(WEB.id, "ada", mails.code)
        calls = [confirm_sign_up(mails.world.parts, request) for _ in range(2)]
        return await asyncio.gather(*calls, return_exceptions=True)

    assert run(both()).count(None) == 1
    assert mails.world.user().status is UserStatus.CONFIRMED


def test_a_code_is_good_for_a_day() -> None:
    mails = joined()
    mails.wait(hours=23, minutes=59)
    confirm_join(mails.world, mails.code)
    late = joined()
    late.wait(hours=24)
    assert told(confirm_join, late.world, late.code) == EXPIRED
    resend(late.world)
    confirm_join(late.world, late.code)


def test_the_code_of_another_purpose_or_user_is_wrong() -> None:
    mails = joined()
    mails.world.add_user("grace", attributes={"email": "g@example.com", "email_verified": "true"})
    join(mails.world, "linus", email="l@example.com")
    assert told(confirm_join, mails.world, mails.code) == WRONG
    forgot(mails.world, "grace")
    assert told(confirm_join, mails.world, mails.code) == WRONG
    own = mails.sent.messages[0].code
    assert told(confirm, mails.world, own, username="grace") == WRONG
    assert mails.world.user().status is UserStatus.UNCONFIRMED


def test_a_code_for_a_sign_up_resets_no_password() -> None:
    mails = with_ada()
    forgot(mails.world)
    reset = mails.code
    before = mails.world.user()
    unconfirmed = replace(before, status=UserStatus.UNCONFIRMED, stamp="again")
    assert run(mails.world.directory.save(unconfirmed, before.stamp))
    resend(mails.world)
    assert told(confirm_join, mails.world, reset) == WRONG
    code = mails.code
    confirm_join(mails.world, code)
    assert told(confirm, mails.world, code) == WRONG


def test_guesses_are_limited() -> None:
    mails = joined()
    for _ in range(5):
        assert told(confirm_join, mails.world, mails.wrong()) == WRONG
    assert told(confirm_join, mails.world, mails.code) == LIMITED
    assert mails.world.user().status is UserStatus.UNCONFIRMED
    mails.wait(minutes=2)
    confirm_join(mails.world, mails.code)


def test_a_user_who_is_not_there_is_refused_as_one_who_is() -> None:
    mails = mailing()
    assert told(confirm_join, mails.world, "000000") == EXPIRED
    resend(mails.world)
    for _ in range(4):
        assert told(confirm_join, mails.world, "000000") == WRONG
    assert told(confirm_join, mails.world, "000000") == LIMITED
    assert told(confirm_join, mails.world, "000000", client=OPEN) == NOBODY


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"enabled": False}, DISABLED),
        ({"attributes": {}}, EXPIRED),
        (
            {"status": UserStatus.RESET_REQUIRED},
            (
                "NotAuthorizedException",
                "User cannot be confirmed. Current status is RESET_REQUIRED",
            ),
        ),
    ],
)
def test_who_has_nothing_to_confirm_is_told_so_only_by_a_telling_client(
    changes: dict[str, Any], error: Told
) -> None:
    mails = joined()
    before = mails.world.user()
    assert run(mails.world.directory.save(replace(before, **changes, stamp="2"), before.stamp))
    assert told(confirm_join, mails.world, mails.code, client=OPEN) == error
    assert told(confirm_join, mails.world, mails.code) == EXPIRED


def test_an_address_that_another_verified_first_is_theirs() -> None:
    mails = joined()
    mails.world.add_user("grace", attributes=VERIFIED)
    assert told(confirm_join, mails.world, mails.wrong()) == WRONG
    assert told(confirm_join, mails.world, mails.code) == ALIAS
    assert mails.world.user().status is UserStatus.UNCONFIRMED
    forced = ("InvalidParameterException", "ForceAliasCreation is not supported.")
    assert told(confirm_join, mails.world, mails.code, force=True) == forced


def test_without_aliases_two_may_have_one_address() -> None:
    mails = mailing(replace(POOL, aliases=()))
    mails.world.add_user("grace", attributes=VERIFIED)
    join(mails.world, email=MAIL)
    confirm_join(mails.world, mails.code)


def raced(rival: Rival) -> Mailing:
    sent = KeptMessages()
    directory = ContendedDirectory({POOL.id: POOL}, [rival])
    world = replace(new_world(directory=directory, delivery=sent), directory=directory)
    join(world, email=MAIL)
    return Mailing(world, sent)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"enabled": False}, DISABLED),
        ({"attributes": {"email": "x@y.z", "email_verified": "false"}}, EXPIRED),
        (
            {"status": UserStatus.CONFIRMED},
            ("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED"),
        ),
    ],
)
def test_who_changed_while_the_code_was_compared_is_not_confirmed(
    changes: dict[str, Any], error: Told
) -> None:
    def rival(user: Account) -> Account:
        return replace(user, **changes, stamp="theirs")

    mails = raced(rival)
    assert told(confirm_join, mails.world, mails.code) == error
    assert mails.world.user().stamp == "theirs"


def test_an_alias_that_is_taken_between_the_look_and_the_write_is_told() -> None:
    taken: list[ContendedDirectory] = []

    def rival(user: Account) -> Account:
        other = replace(user, username="grace", sub="theirs", attributes=VERIFIED)
        assert run_now(taken[0].add(other))
        return replace(user, stamp="moved")

    sent = KeptMessages()
    directory = ContendedDirectory({POOL.id: POOL}, [rival])
    taken.append(directory)
    world = replace(new_world(directory=directory, delivery=sent), directory=directory)
    join(world, email=MAIL)
    assert told(confirm_join, world, sent.messages[-1].code) == ALIAS


def run_now(coroutine: Any) -> Any:
    """Drive a coroutine that never suspends, inside a running loop."""
    with pytest.raises(StopIteration) as finished:
        coroutine.send(None)
    return finished.value.value


def test_the_client_shows_its_secret() -> None:
    mails = joined()
    request = ConfirmSignUpRequest(CONFIDENTIAL.id, "ada", mails.code)
    assert told_by(confirm_sign_up(mails.world.parts, request)) == NO_HASH
    confirm_join(mails.world, mails.code, client=CONFIDENTIAL)
    assert repr(request) == "ConfirmSignUpRequest(force_alias_creation=False)"
