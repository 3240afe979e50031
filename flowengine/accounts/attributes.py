"""Which attributes a user may write, and what their values must look like.

Source: Amazon Cognito developer guide, "Working with user attributes".
"""

from __future__ import annotations

import re
from types import MappingProxyType

STANDARD_ATTRIBUTES = frozenset(
    {
        "address",
        "birthdate",
        "email",
        "family_name",
        "gender",
        "given_name",
        "locale",
        "middle_name",
        "name",
        "nickname",
        "phone_number",
        "picture",
        "preferred_username",
        "profile",
        "updated_at",
        "website",
        "zoneinfo",
    }
)
"""OpenID Connect's, as every pool has them; ``sub`` and the marks of verification apart."""

VERIFIED_MARKS = MappingProxyType(
    {"email": "email_verified", "phone_number": "phone_number_verified"}
)
"""The mark that falls to "false" when its address is written."""

LONGEST_VALUE = 2048
"""Characters in a value (API model, ``AttributeValueType``)."""

_RESERVED = frozenset({"sub", "identities", *VERIFIED_MARKS.values()})
_RESERVED_PREFIXES = ("cognito:", "dev:")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_PHONE = re.compile(r"\+[0-9]{1,15}")


def is_reserved(name: str) -> bool:
    """Say whether only the service, or an administrator, writes this attribute."""
    return name in _RESERVED or name.startswith(_RESERVED_PREFIXES)


def value_objection(name: str, value: str) -> str | None:
    """Say in Cognito's words what is wrong with a value, or None; never repeats any of it."""
    if len(value) > LONGEST_VALUE:
        return f"Invalid attributes given, {name} is too long"
    if name == "email" and not (value.isprintable() and _EMAIL.fullmatch(value)):
        return "Invalid email address format."
    if name == "phone_number" and not _PHONE.fullmatch(value):
        return "Invalid phone number format."
    if not is_storable(value):
        return f"Invalid attributes given, {name} is not valid text"
    return None


def is_storable(value: str) -> bool:
    """Say whether every store can keep a text: no NUL, no half of a surrogate pair."""
    return not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value)
