"""Attributes that an administrator writes: the user's own, and the marks of verification."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flowengine.accounts.attributes import VERIFIED_MARKS, is_reserved
from flowengine.accounts.pool import Pool
from flowengine.errors import InvalidParameterError

_MARKS = frozenset(VERIFIED_MARKS.values())
_UNKNOWN = "Attributes did not conform to the schema: Attribute does not exist in the schema."
NEEDS_ADDRESS = MappingProxyType(
    {
        "email": "Email is required to verify/un-verify an email",
        "phone_number": "Phone Number is required to verify/un-verify a phone number",
    }
)


def read_attributes(pool: Pool, given: Mapping[str, str]) -> Mapping[str, str]:
    """Give the attributes to keep; one with an empty value was not given.

    Raises:
        InvalidParameterError: A name that the pool does not have or that only the service
            writes, or a value that does not fit. Neither is repeated in the message unless
            the name is one of the protocol's own.
    """
    written = {name: value for name, value in given.items() if value}
    check_attributes(pool, written)
    for address, mark in VERIFIED_MARKS.items():
        if mark in written and address not in written:
            raise InvalidParameterError(NEEDS_ADDRESS[address])
    return MappingProxyType(written)


def check_attributes(pool: Pool, given: Mapping[str, str]) -> None:
    """Hold what an administrator writes against the pool's attributes; an empty value is none.

    Raises:
        InvalidParameterError: As above.
    """
    for name, value in given.items():
        objection = _objection(pool, name, value)
        if objection is not None:
            raise InvalidParameterError(objection)


def _objection(pool: Pool, name: str, value: str) -> str | None:
    if name in _MARKS:
        return (
            None if value in ("true", "false", "") else f"Invalid attributes given, {name} is bad"
        )
    if name == "sub":
        return "Cannot modify the non-mutable attribute sub"
    if is_reserved(name) or name not in pool.attributes:
        return _UNKNOWN
    return pool.value_objection(name, value) if value else None
