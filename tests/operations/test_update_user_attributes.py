"""UpdateUserAttributes, VerifyUserAttribute, GetUserAttributeVerificationCode and the admin's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flowengine.accounts.account import Account
from flowengine.accounts.evidence import written
from flowengine.accounts.pool import Pool
from flowengine.operations.admin_update_user_attributes import (
    AdminUpdateUserAttributesRequest,
    admin_update_user_attributes,
)
from flowengine.operations.codes import CodeDelivery
from flowengine.operations.get_user_attribute_verification_code import (
    get_user_attribute_verification_code,
)
from flowengine.operations.update_user_attributes import (
    UpdateUserAttributesRequest,
    update_user_attributes,
)
from flowengine.operations.verify_user_attribute import (
    VerifyUserAttributeRequest,
    verify_user_attribute,
)
from flowengine.testing.fakes import KeptMessages
from tests.operations.accounts import (
    BY_PHONE,
    DISABLED,
    EXPIRED,
    LIMITED,
    MAIL,
    NO_POOL,
    NO_USER,
    PHONE,
    UNDELIVERED,
    VERIFIED,
    WRONG,
    Mailing,
    Told,
    changed,
    confirm,
    forgot,
    mailing,
    signs_in,
    told,
)
from tests.operations.refreshing import claims_of
from tests.operations.test_confirm_sign_up import ALIAS
from tests.operations.test_sign_up import SCHEMA, UNAUTHORIZED
from tests.operations.world import PASSWORD, POOL, ContendedDirectory, World, new_world, run

NEW = "ada@new.example"
UNSEEN = {"email": NEW, "email_verified": "false"}
IN_USE = "email cannot be changed while it is used for MFA: disable that first."


def signed_in(pool: Pool = POOL, **changes: Any) -> tuple[Mailing, str]:
    mails = mailing(pool)
    before = mails.world.add_user(pool=pool)
    token = mails.world.access_token()
    verified = replace(before, **{"attributes": VERIFIED, "stamp": "verified", **changes})
    assert run(mails.world.directory.save(verified, before.stamp))
    return mails, token


def update(world: World, token: str, **attributes: str) -> tuple[CodeDelivery, ...]:
    request = UpdateUserAttributesRequest(token, attributes)
    return run(update_user_attributes(world.parts, request))


def by_admin(world: World, attributes: Mapping[str, str], pool_id: str = POOL.id) -> None:
    request = AdminUpdateUserAttributesRequest(pool_id, "ada", attributes)
    run(admin_update_user_attributes(world.parts, request))


def verify(world: World, token: str, code: str, attribute: str = "email") -> None:
    request = VerifyUserAttributeRequest(token, attribute, code)
    run(verify_user_attribute(world.parts, request))


def ask(world: World, token: str, attribute: str = "email") -> CodeDelivery:
    return run(get_user_attribute_verification_code(world.parts, token, attribute))


def test_attributes_are_written_over_those_that_are_there() -> None:
    mails, token = signed_in(attributes={**VERIFIED, "name": "Ada", "locale": "en"})
    before = mails.world.user()
    later = mails.world.clock.advance(timedelta(minutes=1))
    assert update(mails.world, token, name="Ada L.", nickname="al", locale="") == ()
    after = mails.world.user()
    assert after.attributes == {**VERIFIED, "name": "Ada L.", "nickname": "al"}
    line = claims_of(token)["origin_jti"]
    assert after == replace(
        before,
        stamp=after.stamp,
        modified_at=later,
        attributes=after.attributes,
        made_by=dict.fromkeys(map(written, ("name", "nickname", "locale")), line),
    )
    assert changed(mails.world, before)
    assert mails.sent.messages == []


def test_a_new_address_is_nobodys_until_its_code_was_shown() -> None:
    mails, token = signed_in()
    told_of = update(mails.world, token, email=NEW)
    assert told_of == (CodeDelivery("a***@n***", "EMAIL", "email"),)
    assert (mails.last.to, mails.last.purpose) == (NEW, "verify-attribute")
    assert mails.world.user().attributes == UNSEEN
    for name in (MAIL, NEW):
        assert run(mails.world.directory.find(POOL.id, name)) is None
    before = mails.world.user()
    verify(mails.world, token, mails.code)
    assert mails.world.user().attributes == {"email": NEW, "email_verified": "true"}
    assert mails.world.user().made_by == dict.fromkeys(
        ("email", written("email")), claims_of(token)["origin_jti"]
    )
    assert changed(mails.world, before)
    assert signs_in(mails.world, PASSWORD, NEW)
    assert told(verify, mails.world, token, mails.code) == EXPIRED


def test_a_code_for_the_password_does_not_go_to_an_address_that_was_only_written() -> None:
    mails, token = signed_in()
    update(mails.world, token, email=NEW)
    count = len(mails.sent.messages)
    forgot(mails.world)
    assert len(mails.sent.messages) == count
    assert told(confirm, mails.world, mails.code) == WRONG


def test_both_addresses_are_sent_a_code_of_their_own() -> None:
    mails, token = signed_in()
    deliveries = update(mails.world, token, email=NEW, phone_number=PHONE)
    assert [each.medium for each in deliveries] == ["EMAIL", "SMS"]
    mail, phone = (message.code for message in mails.sent.messages)
    assert told(verify, mails.world, token, phone) == WRONG
    verify(mails.world, token, mail)
    verify(mails.world, token, phone, "phone_number")
    marks = (mails.world.user().attributes[f"{a}_verified"] for a in ("email", "phone_number"))
    assert list(marks) == ["true", "true"]


def test_the_same_address_again_stays_verified() -> None:
    mails, token = signed_in()
    assert update(mails.world, token, email=MAIL) == ()
    assert mails.world.user().attributes == VERIFIED


def test_an_address_that_is_taken_away_takes_its_mark_along() -> None:
    mails, token = signed_in(attributes={**VERIFIED, **BY_PHONE})
    assert update(mails.world, token, email="") == ()
    assert mails.world.user().attributes == BY_PHONE


def test_the_address_of_a_factor_stays() -> None:
    mails, token = signed_in(email_mfa=True)
    before = mails.world.user()
    for address in (NEW, ""):
        refused = ("InvalidParameterException", IN_USE)
        assert told(update, mails.world, token, email=address) == refused
    assert mails.world.user() == before
    update(mails.world, token, email=MAIL, name="Ada")
    by_admin(mails.world, {"email": NEW})
    assert "email" not in mails.world.user().facts().has


@pytest.mark.parametrize(
    ("attributes", "error"),
    [
        ({"email_verified": "true"}, UNAUTHORIZED),
        ({"phone_number_verified": ""}, UNAUTHORIZED),
        (
            {"sub": "x"},
            ("InvalidParameterException", "Cannot modify the non-mutable attribute sub"),
        ),
        (
            {"custom:plan": "x"},
            ("InvalidParameterException", f"{SCHEMA}Attribute does not exist in the schema."),
        ),
        ({"email": "nowhere"}, ("InvalidParameterException", "Invalid email address format.")),
    ],
)
def test_what_users_do_not_write_is_refused(attributes: dict[str, Any], error: Told) -> None:
    mails, token = signed_in()
    before = mails.world.user()
    assert told(update, mails.world, token, **attributes) == error
    assert mails.world.user() == before


def test_a_required_attribute_stays() -> None:
    pool = replace(POOL, required_attributes=("name",))
    mails, token = signed_in(pool, attributes={"name": "Ada"})
    error = ("InvalidParameterException", "Invalid user attributes: name is required")
    assert told(update, mails.world, token, name="") == error
    assert told(by_admin, mails.world, {"name": ""}) == error
    update(mails.world, token, name="Ada L.")
    lacking, other = signed_in(pool)
    update(lacking.world, other, nickname="al")


def test_codes_to_one_address_are_limited_and_nothing_is_written_past_the_limit() -> None:
    mails, token = signed_in()
    for n in range(5):
        update(mails.world, token, email=NEW if n % 2 == 0 else f"{n}@example.com")
    for _ in range(2):
        ask(mails.world, token)
    before = mails.world.user()
    update(mails.world, token, email="x@example.com")
    assert told(update, mails.world, token, email=NEW) == LIMITED
    assert mails.world.user().attributes["email"] == "x@example.com"
    assert before.attributes["email"] == NEW


def test_without_a_delivery_nothing_is_sent_and_nothing_verified() -> None:
    world = new_world()
    world.add_user()
    token = world.access_token()
    assert update(world, token, email=NEW) == ()
    assert world.user().attributes == UNSEEN
    assert told(ask, world, token) == UNDELIVERED


def test_another_code_can_be_asked_for_and_the_one_before_is_wrong() -> None:
    mails, token = signed_in()
    update(mails.world, token, email=NEW)
    first = mails.code
    assert ask(mails.world, token) == CodeDelivery("a***@n***", "EMAIL", "email")
    assert told(verify, mails.world, token, first) == WRONG
    verify(mails.world, token, mails.code)


def test_a_code_is_for_the_address_that_it_was_sent_to() -> None:
    mails, token = signed_in()
    update(mails.world, token, email=NEW)
    code = mails.code
    update(mails.world, token, email="other@example.com")
    assert told(verify, mails.world, token, code) == WRONG
    update(mails.world, token, email=MAIL)
    assert mails.world.user().attributes["email_verified"] == "false"
    assert told(verify, mails.world, token, code) == WRONG


def test_a_code_ends_after_a_day_and_guesses_are_limited() -> None:
    mails, token = signed_in()
    update(mails.world, token, email=NEW)
    for _ in range(5):
        assert told(verify, mails.world, token, mails.wrong()) == WRONG
    assert told(verify, mails.world, token, mails.code) == LIMITED
    mails.wait(minutes=59)
    later = mails.world.access_token()
    ask(mails.world, later)
    mails.wait(hours=24)
    assert told(verify, mails.world, mails.world.access_token(), mails.code) == EXPIRED


def test_an_address_that_is_anothers_alias_is_not_verified() -> None:
    mails, token = signed_in()
    update(mails.world, token, email=NEW)
    mails.world.add_user("grace", attributes={"email": NEW, "email_verified": "true"})
    assert told(verify, mails.world, token, mails.code) == ALIAS
    assert mails.world.user().attributes == UNSEEN


@pytest.mark.parametrize("attribute", ["name", "phone_number", "sub", "nonsense"])
def test_only_an_address_that_is_there_is_verified(attribute: str) -> None:
    mails, token = signed_in()
    error = ("InvalidParameterException", "There is no email or phone_number to verify.")
    assert told(ask, mails.world, token, attribute) == error
    assert told(verify, mails.world, token, "000000", attribute) == error


def raced(**changes: Any) -> tuple[Mailing, str]:
    """Put a world together where someone else changes the user just before a code counts."""
    rivals = iter([None, changes])

    def rival(user: Account) -> Account:
        now = next(rivals)
        return replace(user, **(now or {}), stamp=f"{user.stamp}+")

    sent = KeptMessages()
    directory = ContendedDirectory({POOL.id: POOL}, [rival, lambda user: user, rival])
    world = replace(new_world(directory=directory, delivery=sent), directory=directory)
    world.add_user()
    token = world.access_token()
    update(world, token, email=NEW)
    return Mailing(world, sent), token


@pytest.mark.parametrize(
    ("changes", "error"),
    [({"enabled": False}, DISABLED), ({"attributes": {"email": MAIL}}, EXPIRED)],
)
def test_who_changed_while_the_code_was_compared_is_not_verified(
    changes: dict[str, Any], error: Told
) -> None:
    mails, token = raced(**changes)
    assert told(verify, mails.world, token, mails.code) == error
    assert mails.world.user().attributes.get("email_verified") != "true"


def test_an_administrator_writes_marks_too() -> None:
    mails, _ = signed_in()
    before = mails.world.user()
    by_admin(mails.world, {"email": NEW})
    assert mails.world.user().attributes == UNSEEN
    assert changed(mails.world, before)
    by_admin(mails.world, {"email_verified": "true"})
    assert mails.world.user(NEW).username == "ada"
    by_admin(mails.world, {"email": MAIL, "email_verified": "true", "name": "Ada"})
    assert mails.world.user().attributes == {**VERIFIED, "name": "Ada"}
    by_admin(mails.world, {"email_verified": "false", "name": ""})
    assert mails.world.user().attributes == {"email": MAIL, "email_verified": "false"}
    assert mails.sent.messages == []


@pytest.mark.parametrize(
    ("attributes", "text"),
    [
        ({"sub": "x"}, "Cannot modify the non-mutable attribute sub"),
        ({"identities": "x"}, f"{SCHEMA}Attribute does not exist in the schema."),
        ({"custom:plan": "x"}, f"{SCHEMA}Attribute does not exist in the schema."),
        ({"email_verified": "yes"}, "Invalid attributes given, email_verified is bad"),
        (
            {"phone_number_verified": "true"},
            "Phone Number is required to verify/un-verify a phone number",
        ),
        (
            {"email": "", "email_verified": "true"},
            "Email is required to verify/un-verify an email",
        ),
        ({"phone_number": "555"}, "Invalid phone number format."),
    ],
)
def test_what_cannot_be_written_by_anyone_is_refused(attributes: dict[str, str], text: str) -> None:
    mails, _ = signed_in()
    before = mails.world.user()
    assert told(by_admin, mails.world, attributes) == ("InvalidParameterException", text)
    assert mails.world.user() == before


def test_an_administrator_takes_no_alias_away() -> None:
    mails, _ = signed_in()
    mails.world.add_user("grace", attributes={"email": NEW, "email_verified": "true"})
    assert told(by_admin, mails.world, {"email": NEW, "email_verified": "true"}) == ALIAS
    by_admin(mails.world, {"email": NEW})
    assert mails.world.user(NEW).username == "grace"


def test_an_unknown_user_or_pool_is_refused() -> None:
    world = new_world()
    assert told(by_admin, world, {"name": "x"}) == NO_USER
    assert told(by_admin, world, {"name": "x"}, "eu-west-1_Nowhere") == NO_POOL


def test_no_repr_shows_a_value_a_code_or_a_token() -> None:
    shown = repr(UpdateUserAttributesRequest("token", {"email": MAIL}))
    shown += repr(AdminUpdateUserAttributesRequest(POOL.id, "ada", {"email": MAIL}))
    shown += repr(VerifyUserAttributeRequest("token", "email", "424242"))
    for hidden in ("token", MAIL, "424242", "ada"):
        assert hidden not in shown
