from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.tokens.claims import SignInFacts, access_claims, id_claims

NOW = datetime(2026, 3, 4, 5, 6, 7, 999999, tzinfo=UTC)
SECONDS = 1772600767
FACTS = SignInFacts(
    issuer="https://issuer.example/eu-west-1_AbCdEfGhI",
    client_id="client-1",
    sub="7c3a1f7e-0000-4000-8000-0123456789ab",
    username="anna",
    groups=("staff", "admins"),
    attributes={
        "email": "anna@example.com",
        "email_verified": "true",
        "phone_number": "+4912345",
        "custom:level": "7",
        "sub": "forged",
    },
    auth_time=NOW - timedelta(minutes=10),
    origin_jti="origin",
    event_id="event",
)
HOUR = timedelta(hours=1)

COMMON = {
    "sub": FACTS.sub,
    "iss": FACTS.issuer,
    "cognito:groups": ["staff", "admins"],
    "origin_jti": "origin",
    "event_id": "event",
    "auth_time": SECONDS - 600,
    "exp": SECONDS + 3600,
    "iat": SECONDS,
    "jti": "jti-1",
}


def test_an_id_token_says_who_the_user_is() -> None:
    assert id_claims(FACTS, "jti-1", NOW, HOUR) == COMMON | {
        "token_use": "id",
        "aud": "client-1",
        "cognito:username": "anna",
        "email": "anna@example.com",
        "email_verified": True,
        "phone_number": "+4912345",
        "phone_number_verified": False,
        "custom:level": "7",
    }


def test_an_access_token_says_what_may_be_done_and_no_attribute() -> None:
    assert access_claims(FACTS, "jti-1", NOW, HOUR) == COMMON | {
        "token_use": "access",
        "client_id": "client-1",
        "username": "anna",
        "scope": "aws.cognito.signin.user.admin",
    }


def test_what_there_is_not_is_not_said() -> None:
    bare = replace(FACTS, groups=(), attributes={"email_verified": "true"})
    for make in (id_claims, access_claims):
        absent = {"cognito:groups", "acr", "amr", "device_key", "email", "email_verified"}
        assert not absent & set(make(bare, "jti-1", NOW, HOUR))


@pytest.mark.parametrize("written", ["false", "True", "1", "yes", ""])
def test_only_the_word_true_says_that_an_address_is_verified(written: str) -> None:
    attributes = {"email": "anna@example.com", "email_verified": written}
    claims = id_claims(replace(FACTS, attributes=attributes), "jti-1", NOW, HOUR)
    assert claims["email_verified"] is False


def test_the_level_is_in_both_and_the_device_in_the_access_token_only() -> None:
    facts = replace(FACTS, acr="urn:cognito:loa:4", amr=("pwd", "otp"), device_key="device")
    identity, access = (make(facts, "jti", NOW, HOUR) for make in (id_claims, access_claims))
    for claims in (identity, access):
        assert claims["acr"] == "urn:cognito:loa:4"
        assert claims["amr"] == ["pwd", "otp"]
    assert access["device_key"] == "device"
    assert "device_key" not in identity


def test_times_are_the_same_in_any_zone() -> None:
    there = NOW.astimezone(timezone(timedelta(hours=9)))
    assert id_claims(FACTS, "jti-1", there, HOUR) == id_claims(FACTS, "jti-1", NOW, HOUR)


protocol_names = st.sampled_from(
    [
        "sub", "iss", "aud", "exp", "iat", "jti", "nbf", "token_use", "auth_time", "event_id",
        "origin_jti", "client_id", "username", "scope", "version", "acr", "amr", "device_key",
        "cognito:username", "cognito:groups", "cognito:roles", "cognito:preferred_role",
        "identities", "nonce", "at_hash", "email_verified", "phone_number_verified",
    ]
)  # fmt: skip


@given(st.dictionaries(protocol_names, st.just("forged")))
@settings(deadline=None)
def test_no_attribute_can_stand_for_a_claim_of_the_protocol(forged: dict[str, str]) -> None:
    honest = {"email": "anna@example.com"}
    expected = id_claims(replace(FACTS, attributes=honest), "jti-1", NOW, HOUR)
    mixed = replace(FACTS, attributes=honest | forged)
    assert id_claims(mixed, "jti-1", NOW, HOUR) == expected
    bare = replace(FACTS, attributes=forged, groups=())
    assert "forged" not in id_claims(bare, "jti-1", NOW, HOUR).values()


def test_neither_attributes_nor_client_are_in_a_repr() -> None:
    shown = repr(replace(FACTS, device_key="device-1"))
    for hidden in ("anna@example.com", "client-1", "device-1"):
        assert hidden not in shown
