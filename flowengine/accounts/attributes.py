"""Which attributes a user may write, and what their values must look like.

Source: Amazon Cognito developer guide, "Working with user attributes".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

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

LONGEST_ADDRESS = 2048
"""Bytes of UTF-8 in an e-mail address, as written and folded: users are found by it, and the index
of a database takes no more than PostgreSQL's 2,704 bytes. RFC 5321, 4.5.3.1.3, has 256."""

CUSTOM: Final = "custom:"
"""What the names of a pool's own attributes begin with."""

_RESERVED = frozenset({"sub", "identities", *VERIFIED_MARKS.values()})
_RESERVED_PREFIXES = ("cognito:", "dev:")
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_PHONE = re.compile(r"\+[0-9]{1,15}")
_NUMBER = re.compile(r"-?[0-9]{1,38}")
ADDRESS_FORMS: Final = MappingProxyType({"email": _EMAIL, "phone_number": _PHONE})
"""What a user name looks like that is one of these addresses."""


class AttributeType(StrEnum):
    """What the values of an attribute are; all are kept as text."""

    STRING = "String"
    NUMBER = "Number"
    DATE_TIME = "DateTime"
    BOOLEAN = "Boolean"


@dataclass(frozen=True, slots=True)
class AttributeRule:
    """What a pool demands of an attribute (API reference, SchemaAttributeType).

    Attributes:
        mutable: Whether it may be written once the user is there.
        least: Of a String in characters, of a Number its value; None for no limit.
        most: The same, included.
    """

    type: AttributeType = AttributeType.STRING
    mutable: bool = True
    least: int | None = None
    most: int | None = None

    def objection(self, name: str, value: str) -> str | None:
        """Say what is wrong with a value, or None; never repeats any of it."""
        match self.type:
            case AttributeType.STRING:
                return self._range_objection(name, len(value), "Value must have {} characters")
            case AttributeType.NUMBER if _NUMBER.fullmatch(value):
                return self._range_objection(name, int(value), "Value must be {}")
            case AttributeType.DATE_TIME if _is_time(value):
                return None
            case AttributeType.BOOLEAN if value in ("true", "false"):
                return None
            case _:
                return _nonconforming(name, f"Value is not a {self.type.value}")

    def _range_objection(self, name: str, found: int, words: str) -> str | None:
        if self.least is not None and found < self.least:
            return _nonconforming(name, words.format(f"at least {self.least}"))
        if self.most is not None and found > self.most:
            return _nonconforming(name, words.format(f"at most {self.most}"))
        return None


def is_reserved(name: str) -> bool:
    """Say whether only the service, or an administrator, writes this attribute."""
    return name in _RESERVED or name.startswith(_RESERVED_PREFIXES)


def value_objection(name: str, value: str) -> str | None:
    """Say in Cognito's words what is wrong with a value, or None; never repeats any of it."""
    if len(value) > LONGEST_VALUE or (name == "email" and _is_beyond_index(value)):
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
    if value.isascii():  # as almost all are: no text takes longer for being longer
        return "\0" not in value
    return not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in value)


def _is_beyond_index(address: str) -> bool:
    """Say whether an address, at most ``LONGEST_VALUE`` characters, has too many bytes."""
    if address.isascii():
        return False
    forms = (address, address.casefold())
    return any(len(form.encode(errors="surrogatepass")) > LONGEST_ADDRESS for form in forms)


def _nonconforming(name: str, said: str) -> str:
    return f"Attributes did not conform to the schema: {name}: {said}"


def _is_time(value: str) -> bool:
    """Say whether a text is a date or an instant of ISO 8601."""
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
