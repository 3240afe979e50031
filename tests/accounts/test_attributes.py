from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.accounts.attributes import (
    LONGEST_ADDRESS,
    LONGEST_VALUE,
    STANDARD_ATTRIBUTES,
    VERIFIED_MARKS,
    is_reserved,
    is_storable,
    value_objection,
)


@pytest.mark.parametrize(
    "name",
    [
        "sub",
        "email_verified",
        "phone_number_verified",
        "identities",
        "cognito:user_status",
        "dev:x",
    ],
)
def test_what_only_the_service_writes_is_reserved(name: str) -> None:
    assert is_reserved(name)
    assert name not in STANDARD_ATTRIBUTES


@pytest.mark.parametrize("name", sorted(STANDARD_ATTRIBUTES))
def test_no_standard_attribute_is_reserved(name: str) -> None:
    assert not is_reserved(name)


def test_the_marks_belong_to_standard_attributes() -> None:
    assert set(VERIFIED_MARKS) <= STANDARD_ATTRIBUTES


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("email", "alice@example.com"),
        ("email", "älice@localhost"),
        ("phone_number", "+4915112345678"),
        ("name", "Zoë O'Neil"),
        ("address", "1 High Street\nAnytown"),
        ("name", "x" * LONGEST_VALUE),
        ("name", "\U0001f511" * LONGEST_VALUE),
        ("email", "x" * (LONGEST_VALUE - len("@example.com")) + "@example.com"),
        ("email", "ä" * 1018 + "@example.com"),
    ],
)
def test_an_ordinary_value_is_taken(name: str, value: str) -> None:
    assert value_objection(name, value) is None


@pytest.mark.parametrize(
    "value",
    [
        "alice",
        "@example.com",
        "a@",
        "a@b@c",
        "a b@example.com",
        "a@example.com\r\nBcc: x@y",
        "a\0@b",
    ],
)
def test_what_is_no_email_address_is_refused(value: str) -> None:
    assert value_objection("email", value) == "Invalid email address format."


@pytest.mark.parametrize(
    "value", ["015112345678", "+", "+49 151", "+1234567890123456", "+٣٣", "+1\n"]
)
def test_what_is_no_e164_number_is_refused(value: str) -> None:
    assert value_objection("phone_number", value) == "Invalid phone number format."


def test_a_value_longer_than_the_api_allows_is_refused() -> None:
    expected = "Invalid attributes given, name is too long"
    assert value_objection("name", "x" * (LONGEST_VALUE + 1)) == expected


@pytest.mark.parametrize("letter", ["ä", "ΐ", "\U0001f511", "\ud800"])
def test_an_address_that_no_index_takes_is_refused(letter: str) -> None:
    expected = "Invalid attributes given, email is too long"
    address = letter * (LONGEST_VALUE - 12) + "@example.com"
    assert len(address) == LONGEST_VALUE
    assert value_objection("email", address) == expected


def test_what_folding_makes_of_an_address_has_its_place_in_an_index_too() -> None:
    address = "ΐ" * 1000 + "@example.com"
    assert len(address.encode()) < LONGEST_ADDRESS < len(address.casefold().encode())
    assert value_objection("email", address) == "Invalid attributes given, email is too long"


@pytest.mark.parametrize("value", ["a\0b", "\ud800", "x\udfff"])
def test_what_a_store_cannot_keep_is_refused(value: str) -> None:
    assert value_objection("name", value) == "Invalid attributes given, name is not valid text"


@given(st.text(st.characters()))
def test_what_is_storable_can_be_encoded(value: str) -> None:
    try:
        value.encode()
    except UnicodeEncodeError:
        assert not is_storable(value)
    else:
        assert is_storable(value) is ("\0" not in value)
