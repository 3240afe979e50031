from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from flowengine.tokens.claims import Issue, SignInFacts, Subject, access_claims, id_claims

NOW = datetime(2026, 3, 4, 5, 6, 7, 999999, tzinfo=UTC)
SECONDS = 1772600767
SUBJECT = Subject(
    sub="7c3a1f7e-0000-4000-8000-0123456789ab",
    username="anna",
    groups=("staff", "admins"),
    attributes={
        "email": "anna@example.com",
        "email_verified": "false",
        "phone_number": "+4912345",
        "custom:level": "7",
        "sub": "forged",
    },
    email_verified=True,
)
SIGN_IN = SignInFacts(
    issuer="https://issuer.example/eu-west-1_AbCdEfGhI",
    client_id="client-1",
    auth_time=NOW - timedelta(minutes=10),
    origin_jti="origin",
    event_id="event",
)
ISSUE = Issue("jti-1", NOW, timedelta(hours=1))

COMMON = {
    "sub": SUBJECT.sub,
    "iss": SIGN_IN.issuer,
    "cognito:groups": ["staff", "admins"],
    "origin_jti": "origin",
    "event_id": "event",
    "auth_time": SECONDS - 600,
    "exp": SECONDS + 3600,
    "iat": SECONDS,
    "jti": "jti-1",
}


def test_an_id_token_says_who_the_user_is() -> None:
    assert id_claims(SUBJECT, SIGN_IN, ISSUE) == COMMON | {
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
    assert access_claims(SUBJECT, SIGN_IN, ISSUE) == COMMON | {
        "token_use": "access",
        "client_id": "client-1",
        "username": "anna",
        "scope": "aws.cognito.signin.user.admin",
    }


def test_what_there_is_not_is_not_said() -> None:
    bare = Subject(sub="s", username="u", email_verified=True, phone_number_verified=True)
    absent = {
        "cognito:groups", "acr", "amr", "device_key", "email", "email_verified",
        "phone_number_verified",
    }  # fmt: skip
    for claims in (id_claims(bare, SIGN_IN, ISSUE), access_claims(bare, SIGN_IN, ISSUE)):
        assert not absent & set(claims)


def test_the_level_is_in_both_and_the_device_in_the_access_token_only() -> None:
    sign_in = replace(SIGN_IN, acr="urn:cognito:loa:4", amr=("pwd", "otp"), device_key="device")
    identity, access = id_claims(SUBJECT, sign_in, ISSUE), access_claims(SUBJECT, sign_in, ISSUE)
    for claims in (identity, access):
        assert claims["acr"] == "urn:cognito:loa:4"
        assert claims["amr"] == ["pwd", "otp"]
    assert access["device_key"] == "device"
    assert "device_key" not in identity


def test_times_are_the_same_in_any_zone() -> None:
    there = replace(ISSUE, now=NOW.astimezone(timezone(timedelta(hours=9))))
    assert id_claims(SUBJECT, SIGN_IN, there) == id_claims(SUBJECT, SIGN_IN, ISSUE)


protocol_names = st.sampled_from(
    [
        "sub", "iss", "aud", "exp", "iat", "jti", "nbf", "token_use", "auth_time", "event_id",
        "origin_jti", "client_id", "username", "scope", "version", "acr", "amr", "device_key",
        "cognito:username", "cognito:groups", "cognito:roles", "cognito:preferred_role",
        "identities", "nonce", "at_hash", "email_verified", "phone_number_verified",
    ]
)  # fmt: skip


@given(st.dictionaries(protocol_names, st.just("forged")))
def test_no_attribute_can_stand_for_a_claim_of_the_protocol(forged: dict[str, str]) -> None:
    honest = {"email": "anna@example.com"}
    expected = id_claims(replace(SUBJECT, attributes=honest), SIGN_IN, ISSUE)
    assert id_claims(replace(SUBJECT, attributes=honest | forged), SIGN_IN, ISSUE) == expected
    bare = replace(SUBJECT, attributes=forged, groups=())
    assert "forged" not in id_claims(bare, SIGN_IN, ISSUE).values()


def test_neither_attributes_nor_client_are_in_a_repr() -> None:
    shown = repr([SUBJECT, replace(SIGN_IN, device_key="device-1")])
    for hidden in ("anna@example.com", "client-1", "device-1"):
        assert hidden not in shown
