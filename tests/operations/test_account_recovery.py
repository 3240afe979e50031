"""Where the code goes that sets another password, as a pool's account recovery has it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flowengine.accounts.pool import Pool, Recovery
from flowengine.engine.engine import AsyncEngine
from flowengine.operations.admin_reset_user_password import admin_reset_user_password
from tests.operations.accounts import (
    BY_PHONE,
    EXPIRED,
    FRESH,
    MAIL,
    PHONE,
    VERIFIED,
    confirm,
    forgot,
    mailing,
    signs_in,
    told,
    told_by,
    with_ada,
)
from tests.operations.world import OPEN, POOL

BOTH = {**VERIFIED, **BY_PHONE}
BY_MAIL_ALONE = replace(POOL, account_recovery=(Recovery.EMAIL,))
BY_PHONE_ALONE = replace(POOL, account_recovery=(Recovery.PHONE,))
PHONE_FIRST = replace(POOL, account_recovery=(Recovery.PHONE, Recovery.EMAIL))
BY_NOTHING = replace(POOL, account_recovery=())
NO_ADDRESS = (
    "InvalidParameterException",
    "Cannot reset password for the user as there is no registered/verified email or phone_number",
)
NO_RECOVERY = ("NotAuthorizedException", "Contact administrator to reset password.")


@pytest.mark.parametrize(
    ("pool", "to"),
    [(POOL, MAIL), (PHONE_FIRST, PHONE), (BY_MAIL_ALONE, MAIL), (BY_PHONE_ALONE, PHONE)],
)
def test_a_code_goes_to_the_first_address_that_the_pool_names(pool: Pool, to: str) -> None:
    mails = with_ada(pool, attributes=BOTH)
    forgot(mails.world)
    assert mails.last.to == to
    confirm(mails.world, mails.code)
    assert signs_in(mails.world, FRESH)


def test_an_address_that_the_pool_does_not_name_resets_no_password() -> None:
    for pool, attributes in ((BY_MAIL_ALONE, BY_PHONE), (BY_PHONE_ALONE, VERIFIED)):
        mails = with_ada(pool, attributes=attributes)
        assert told(forgot, mails.world, client=OPEN) == NO_ADDRESS
        reset = admin_reset_user_password(mails.world.parts, pool.id, "ada")
        assert told_by(reset) == NO_ADDRESS
        assert mails.sent.messages == []


def test_where_the_first_address_is_a_second_factor_the_other_is_written_to() -> None:
    mails = with_ada(attributes=BOTH, email_mfa=True)
    assert forgot(mails.world).medium == "SMS"
    alone = with_ada(BY_MAIL_ALONE, attributes=BOTH, email_mfa=True)
    assert told(forgot, alone.world, client=OPEN) == NO_ADDRESS


@pytest.mark.parametrize("username", ["ada", "grace"])
def test_where_only_an_administrator_sets_one_everybody_is_told_so(username: str) -> None:
    mails = with_ada(BY_NOTHING, attributes=BOTH)
    assert told(forgot, mails.world, username) == NO_RECOVERY
    assert told(confirm, mails.world, "123456", username=username) == NO_RECOVERY
    reset = admin_reset_user_password(mails.world.parts, BY_NOTHING.id, username)
    assert told_by(reset) == NO_RECOVERY
    assert mails.sent.messages == []


@pytest.mark.parametrize(
    ("pool", "medium", "by_mail", "by_phone"),
    [
        (POOL, "EMAIL", "EMAIL", "SMS"),
        (PHONE_FIRST, "SMS", "EMAIL", "SMS"),
        (BY_MAIL_ALONE, "EMAIL", "EMAIL", "EMAIL"),
        (BY_PHONE_ALONE, "SMS", "SMS", "SMS"),
    ],
)
def test_nobody_is_reached_by_what_reaches_nobody_of_the_pool(
    pool: Pool, medium: str, by_mail: str, by_phone: str
) -> None:
    world = mailing(pool).world
    assert forgot(world, "grace").medium == medium
    assert forgot(world, "grace@example.com").medium == by_mail
    assert forgot(world, "+15550199").medium == by_phone


def test_a_code_from_before_the_pool_was_changed_sets_no_password() -> None:
    mails = with_ada(attributes=BOTH)
    forgot(mails.world)
    parts = replace(mails.world.parts, pools={POOL.id: BY_PHONE_ALONE})
    changed = replace(mails.world, engine=AsyncEngine.over(parts))
    assert told(confirm, changed, mails.code) == EXPIRED
