"""Attributes that users write: their own, and never a mark that an address was verified."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from flowengine.accounts.attributes import VERIFIED_MARKS, is_reserved
from flowengine.accounts.pool import Pool
from flowengine.errors import CallerError, InvalidParameterError, NotAuthorizedError

UNKNOWN_ATTRIBUTE = (
    "Attributes did not conform to the schema: Attribute does not exist in the schema."
)
SUB_IS_FIXED = "Cannot modify the non-mutable attribute sub"


def check_own_attributes(pool: Pool, given: Mapping[str, str]) -> None:
    """Hold what a user writes against the pool's attributes; an empty value is none.

    Raises:
        NotAuthorizedError: An attribute that only the service writes.
        InvalidParameterError: One that the pool does not have, or a value that does not fit.
            Neither is repeated in the message unless the name is one of the protocol's own.
    """
    for name, value in given.items():
        objection = _objection(pool, name, value)
        if objection is not None:
            raise objection


def check_required(pool: Pool, attributes: Mapping[str, str]) -> None:
    """Demand a value of every attribute that the pool requires.

    Raises:
        InvalidParameterError: One has none; the message names it.
    """
    for name in pool.required_attributes:
        if not attributes.get(name):
            raise InvalidParameterError(
                f"Attributes did not conform to the schema: {name}: The attribute is required"
            )


def check_still_required(pool: Pool, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    """Refuse to take an attribute away that the pool requires; one that was missing may be.

    Nor may the last address go that a user is named by.

    Raises:
        InvalidParameterError: The message names it.
    """
    for name in pool.required_attributes:
        if before.get(name) and not after.get(name):
            raise InvalidParameterError(f"Invalid user attributes: {name} is required")
    named = [name for name in pool.named_by if before.get(name)]
    if named and not any(after.get(name) for name in pool.named_by):
        raise InvalidParameterError(f"Invalid user attributes: {named[0]} is required")


def check_mutable(pool: Pool, before: Mapping[str, str], given: Mapping[str, str]) -> None:
    """Refuse to change an attribute that is written when a user is made, and never again.

    Raises:
        InvalidParameterError: The message names it.
    """
    for name, value in given.items():
        rule = pool.attribute_rules.get(name)
        if rule is not None and not rule.mutable and value != before.get(name, ""):
            raise InvalidParameterError(f"user.{name}: Attribute cannot be updated.")


def with_attributes(
    present: Mapping[str, str], given: Mapping[str, str]
) -> MappingProxyType[str, str]:
    """Write attributes over those that are there; an empty value takes one away.

    An address that changes is nobody's yet: its mark falls unless ``given`` has it.
    """
    written = {**present, **given}
    for address, mark in VERIFIED_MARKS.items():
        if written.get(address) != present.get(address) and mark not in given:
            written[mark] = "false" if written.get(address) else ""
        if not written.get(address):
            written[mark] = ""
    return MappingProxyType({name: value for name, value in written.items() if value})


def _objection(pool: Pool, name: str, value: str) -> CallerError | None:
    if name == "sub":
        return InvalidParameterError(SUB_IS_FIXED)
    if is_reserved(name):
        return NotAuthorizedError("A client attempted to write unauthorized attribute")
    if name not in pool.attributes:
        return InvalidParameterError(UNKNOWN_ATTRIBUTE)
    objection = pool.value_objection(name, value) if value else None
    return None if objection is None else InvalidParameterError(objection)
