"""How a pool's users are named, what is demanded of their attributes, and how they recover."""

from __future__ import annotations

import pytest

from flowengine.accounts.attributes import AttributeRule, AttributeType
from flowengine.accounts.pool import Pool, Recovery
from tests.deployment.deployments import SMALL, findings, pool, read, rules, spanned
from tests.deployment.test_reading import EVERYTHING


def read_pool(text: str) -> Pool:
    return read(text).pools[0].pool


def test_a_pool_that_says_nothing_has_cognitos_defaults() -> None:
    small = read_pool(SMALL)
    assert (small.named_by, dict(small.attribute_rules)) == ((), {})
    assert small.account_recovery == (Recovery.EMAIL, Recovery.PHONE)


def test_users_are_named_by_addresses_where_the_pool_says_so() -> None:
    found = read_pool(pool("usernames: {attributes: [phone_number, email]}"))
    assert (found.named_by, found.aliases) == (("phone_number", "email"), ())


def test_attributes_are_read_with_their_types_and_limits() -> None:
    found = read_pool(EVERYTHING)
    assert found.attribute_rules == {
        "custom:tier": AttributeRule(least=1, most=8),
        "custom:seats": AttributeRule(AttributeType.NUMBER, mutable=False, least=-1, most=9),
        "custom:since": AttributeRule(AttributeType.DATE_TIME),
        "email": AttributeRule(mutable=False),
    }
    assert found.attributes > {"custom:tier", "custom:seats", "custom:since", "email"}


def test_where_only_an_administrator_sets_passwords_no_code_does() -> None:
    assert read_pool(pool("account_recovery: [admin_only]")).account_recovery == ()


ATTRIBUTE = "attributes: {%s: {type: %s}}"
BY_MAIL = "mfa_methods: [EMAIL_OTP]\n    account_recovery: [verified_email]"
BOTH = "usernames: {aliases: [phone_number], attributes: [email]}"
TOO_LONG = "custom:" + "x" * 21
CROSSED = "string, min_length: 5, max_length: 4"
ADMIN_TOO = "account_recovery: [admin_only, verified_email]"
WRONG = {
    "both": (BOTH, "usernames-contradict", "email"),
    "misspelt": (ATTRIBUTE % ("emial", "string"), "unknown-attribute", "emial"),
    "reserved": (ATTRIBUTE % ("sub", "string"), "unknown-attribute", "sub"),
    "a mark": (ATTRIBUTE % ("email_verified", "boolean"), "unknown-attribute", "email_verified"),
    "no name": (ATTRIBUTE % ("'custom:'", "string"), "unknown-attribute", "'custom:'"),
    "a long name": (ATTRIBUTE % (TOO_LONG, "string"), "unknown-attribute", TOO_LONG),
    "a dev's": (ATTRIBUTE % ("'dev:custom:x'", "string"), "unknown-attribute", "'dev:custom:x'"),
    "a number": (ATTRIBUTE % ("email", "number"), "attribute-rule", "number"),
    "a time": (ATTRIBUTE % ("updated_at", "datetime"), "attribute-rule", "datetime"),
    "lengths": (ATTRIBUTE % ("name", CROSSED), "attribute-rule", "max_length"),
    "numbers": (ATTRIBUTE % ("custom:x", "number, min: 0, max: -1"), "attribute-rule", "max"),
    "of a string": (ATTRIBUTE % ("name", "string, max: 4"), "attribute-rule", "max"),
    "of a boolean": (ATTRIBUTE % ("custom:x", "boolean, min: 0"), "attribute-rule", "min"),
    "a required one": (
        ATTRIBUTE % ("custom:tier", "string") + "\n    required_attributes: ['custom:teir']",
        "unknown-attribute", "'custom:teir'",
    ),
    "admin and mail": (ADMIN_TOO, "account-recovery", "admin_only"),
    "mail twice": (f"mfa: required\n    {BY_MAIL}", "account-recovery", "verified_email"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_contradicts_itself_is_refused_at_its_place(what: str) -> None:
    text, rule, place = WRONG[what]
    assert rules(pool(text)) == [(rule, place)]


@pytest.mark.parametrize(
    "text",
    [
        ATTRIBUTE % ("updated_at", "number"),
        "attributes: {custom:x: {}}",
        ATTRIBUTE % ("custom:" + "x" * 20, "string"),
        ATTRIBUTE % ("custom:x", "string, min_length: 4, max_length: 4"),
        "required_attributes: ['custom:tier']",
        f"mfa: optional\n    {BY_MAIL}",
        f"mfa: required\n    {BY_MAIL}".replace("EMAIL_OTP", "EMAIL_OTP, SOFTWARE_TOKEN_MFA"),
        "mfa: required\n    mfa_methods: [EMAIL_OTP]",
        "mfa: required\n    mfa_methods: [EMAIL_OTP]\n    account_recovery: [admin_only]",
    ],
)
def test_what_does_not_is_not(text: str) -> None:
    assert rules(pool(text)) == []


@pytest.mark.parametrize(
    ("text", "rule", "place"),
    [
        ("usernames: {attributes: [name]}", "schema-value", "name"),
        ("usernames: {attributes: []}", "schema-value", "attributes"),
        ("attributes: {}", "schema-value", "attributes"),
        ("attributes: {email: {mutabel: false}}", "schema-unknown-key", "mutabel"),
        ("attributes: {email: {type: text}}", "schema-value", "text"),
        ("attributes: {email: {type: string, min_length: -1}}", "schema-value", "-1"),
        ("attributes: {email: {type: string, max_length: 2049}}", "schema-value", "2049"),
        ("attributes: {email: {type: string, mutable: no}}", "schema-type", "no"),
        ("account_recovery: []", "schema-value", "account_recovery"),
        ("account_recovery: [verified_mail]", "schema-value", "verified_mail"),
        ("account_recovery: [verified_email, verified_email]", "schema-value", "verified_email"),
    ],
)
def test_what_the_schema_does_not_allow_is_found_at_its_place(
    text: str, rule: str, place: str
) -> None:
    assert rules(pool(text)) == [(rule, place)]


def test_a_name_that_no_attribute_has_is_told_with_those_that_there_can_be() -> None:
    (found,) = findings(pool(ATTRIBUTE % ("tier", "string")))
    assert spanned(found) == "tier"
    assert found.hint is not None
    assert "custom:NAME" in found.hint
