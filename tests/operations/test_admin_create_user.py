from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.accounts.account import SrpCredential
from flowengine.accounts.credentials import check_password
from flowengine.accounts.password_policy import PasswordPolicy
from flowengine.accounts.user import UserStatus
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.errors import (
    CallerError,
    InvalidParameterError,
    InvalidPasswordError,
    NotAuthorizedError,
    ResourceNotFoundError,
    StoreError,
    UsernameExistsError,
)
from flowengine.operations.admin_create_user import AdminCreateUserRequest, admin_create_user
from flowengine.operations.new_passwords import unknown_password
from flowengine.operations.users import UserProfile
from flowengine.testing.fakes import ScriptedEntropy
from tests.operations.world import NOW, POOL, World, new_world, run

TEMPORARY = "temporary-secret-1"
STRICT = PasswordPolicy(
    min_length=12,
    require_lowercase=True,
    require_uppercase=True,
    require_numbers=True,
    require_symbols=True,
)


def created(world: World, **members: Any) -> UserProfile:
    request = AdminCreateUserRequest(
        **{
            "pool_id": POOL.id,
            "username": "grace",
            "temporary_password": TEMPORARY,
            **members,
        }
    )
    return run(admin_create_user(world.parts, request))


def refusal(world: World, **members: Any) -> CallerError:
    with pytest.raises(CallerError) as caught:
        created(world, **members)
    return caught.value


def test_the_new_user_must_change_the_password() -> None:
    world = new_world()
    profile = created(world, attributes={"email": "g@example.com", "email_verified": "true"})
    account = world.user("grace")
    assert account.status is UserStatus.FORCE_CHANGE_PASSWORD
    assert account.temporary_until == NOW + timedelta(days=7)
    assert profile.attributes == {
        "sub": account.sub,
        "email": "g@example.com",
        "email_verified": "true",
    }
    assert (profile.username, profile.enabled, profile.status) == (
        "grace",
        True,
        UserStatus.FORCE_CHANGE_PASSWORD,
    )
    assert (profile.created_at, profile.modified_at) == (NOW, NOW)


def test_the_temporary_password_leads_to_a_new_one_and_then_in() -> None:
    world = new_world()
    created(world)
    asked = world.initiate("USER_PASSWORD_AUTH", USERNAME="grace", PASSWORD=TEMPORARY)
    assert isinstance(asked, ChallengeReply)
    assert asked.challenge_name == "NEW_PASSWORD_REQUIRED"
    answered = world.respond(asked, USERNAME="grace", NEW_PASSWORD="my very own one")
    assert isinstance(answered, SuccessReply)
    assert world.user("grace").temporary_until is None


def test_a_temporary_password_expires() -> None:
    world = new_world()
    created(world)
    world.clock.advance(timedelta(days=7))
    with pytest.raises(NotAuthorizedError, match="Temporary password has expired"):
        world.initiate("USER_PASSWORD_AUTH", USERNAME="grace", PASSWORD=TEMPORARY)


def test_two_users_share_neither_sub_nor_stamp() -> None:
    world = new_world()
    created(world)
    created(world, username="hedy")
    one, other = world.user("grace"), world.user("hedy")
    assert one.sub != other.sub
    assert one.stamp != other.stamp


@pytest.mark.parametrize("username", ["grace", "g@example.com"])
def test_a_taken_name_or_alias_is_refused(username: str) -> None:
    world = new_world()
    created(world, attributes={"email": "g@example.com", "email_verified": "true"})
    before = world.user("grace")
    assert isinstance(refusal(world, username=username), UsernameExistsError)
    assert world.user("grace") == before


def test_a_verified_address_of_another_user_is_refused() -> None:
    world = new_world()
    mail = {"email": "g@example.com", "email_verified": "true"}
    created(world, attributes=mail)
    assert isinstance(refusal(world, username="hedy", attributes=mail), UsernameExistsError)


def test_an_unknown_pool_is_refused() -> None:
    error = refusal(new_world(), pool_id="eu-west-1_Nowhere")
    assert isinstance(error, ResourceNotFoundError)
    assert error.message == "User pool eu-west-1_Nowhere does not exist."


def test_suppressed_messages_make_a_password_that_nobody_knows() -> None:
    pool = replace(POOL, password_policy=STRICT)
    world = new_world(pool)
    created(world, temporary_password=None, message_action="SUPPRESS")
    created(world, username="hedy", temporary_password=None, message_action="SUPPRESS")
    one, other = world.user("grace").password, world.user("hedy").password
    assert isinstance(one, SrpCredential)
    assert isinstance(other, SrpCredential)
    assert one.verifier != other.verifier
    assert not check_password(pool, "grace", one, TEMPORARY)


@given(st.integers(6, 256), st.tuples(*[st.booleans()] * 4), st.text(max_size=8))
def test_a_password_that_nobody_knows_fits_every_policy(
    min_length: int, demands: tuple[bool, ...], seed: str
) -> None:
    policy = PasswordPolicy(min_length, *demands)
    password = unknown_password(policy, ScriptedEntropy(seed).draw)
    assert policy.objection(password) is None
    assert len(password) >= 32


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("short", "Password not long enough"),
        ("alllowercase1!", "Password must have uppercase characters"),
        ("NoSymbolsHere1", "Password must have symbol characters"),
        ("Aa1!" + "x" * 253, "Password is too long"),
        ("Aa1!Aa1!Aa1!\0", "Password is not valid text"),
        ("Aa1!Aa1!Aa1!\ud800", "Password is not valid text"),
    ],
)
def test_a_password_against_the_policy_is_refused(password: str, reason: str) -> None:
    world = new_world(replace(POOL, password_policy=STRICT))
    error = refusal(world, temporary_password=password)
    assert isinstance(error, InvalidPasswordError)
    assert error.message == f"Password did not conform with policy: {reason}"
    assert run(world.directory.find(POOL.id, "grace")) is None


@pytest.mark.parametrize(
    ("attributes", "message"),
    [
        ({"sub": "me"}, "Cannot modify the non-mutable attribute sub"),
        ({"cognito:mfa_enabled": "true"}, "Attribute does not exist in the schema"),
        ({"identities": "[]"}, "Attribute does not exist in the schema"),
        ({"custom:secret": "planted"}, "Attribute does not exist in the schema"),
        ({"email": "planted"}, "Invalid email address format."),
        ({"phone_number": "planted"}, "Invalid phone number format."),
        ({"name": "planted\0"}, "Invalid attributes given, name is not valid text"),
        ({"email": "a@b", "email_verified": "planted"}, "email_verified is bad"),
        ({"email_verified": "true"}, "Email is required to verify/un-verify an email"),
        (
            {"phone_number_verified": "true"},
            "Phone Number is required to verify/un-verify a phone number",
        ),
    ],
)
def test_attributes_that_may_not_be_written_are_refused(
    attributes: dict[str, str], message: str
) -> None:
    error = refusal(new_world(), attributes=attributes)
    assert isinstance(error, InvalidParameterError)
    assert message in error.message
    assert "planted" not in error.message


def test_a_required_attribute_may_have_a_name_of_the_pools_own() -> None:
    world = new_world(replace(POOL, required_attributes=("custom:team",)))
    profile = created(world, attributes={"custom:team": "blue", "name": ""})
    assert profile.attributes["custom:team"] == "blue"
    assert "name" not in profile.attributes


def test_not_even_a_required_attribute_may_have_a_reserved_name() -> None:
    world = new_world(replace(POOL, required_attributes=("cognito:team",)))
    error = refusal(world, attributes={"cognito:team": "blue"})
    assert isinstance(error, InvalidParameterError)


@pytest.mark.parametrize("username", ["", "two words", "x" * 129, "nul\0", "line\n", "\ud800"])
def test_what_is_no_user_name_is_refused(username: str) -> None:
    assert isinstance(refusal(new_world(), username=username), InvalidParameterError)


@pytest.mark.parametrize("members", [{"message_action": "SEND"}, {"force_alias_creation": True}])
def test_what_this_version_cannot_do_is_refused(members: dict[str, Any]) -> None:
    assert isinstance(refusal(new_world(), **members), InvalidParameterError)


def test_an_engine_without_a_directory_has_no_users_to_make() -> None:
    world = new_world()
    bare = replace(world.parts, directory=None)
    request = AdminCreateUserRequest(POOL.id, "grace", TEMPORARY)
    with pytest.raises(StoreError):
        run(admin_create_user(bare, request))


@given(st.text(min_size=12, alphabet=st.characters(min_codepoint=33, max_codepoint=126)))
def test_no_repr_shows_the_password_or_an_attribute(secret: str) -> None:
    request = AdminCreateUserRequest(POOL.id, secret, secret, {"name": secret})
    assert secret not in repr(request)
