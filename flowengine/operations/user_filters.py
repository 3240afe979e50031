"""The filter of ListUsers: one attribute, equal to a text or beginning with it.

Source: Amazon Cognito API reference, ListUsers, "Filter".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from flowengine.accounts.account import Account
from flowengine.errors import InvalidParameterError

_FILTER: Final = re.compile(
    r'\s*(?P<name>[A-Za-z0-9_:]+)\s*(?P<how>\^?=)\s*"(?P<value>(?:[^"\\]|\\.)*)"\s*', re.DOTALL
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_ATTRIBUTES: Final = (
    "email",
    "phone_number",
    "name",
    "given_name",
    "family_name",
    "preferred_username",
)
_READERS: Final = MappingProxyType[str, Callable[[Account], str]](
    {
        "username": lambda account: account.username,
        "sub": lambda account: account.sub,
        "cognito:user_status": lambda account: account.status.value.casefold(),
        "status": lambda account: "Enabled" if account.enabled else "Disabled",
    }
)
_FOLDED: Final = "cognito:user_status"


@dataclass(frozen=True, slots=True)
class UserFilter:
    """A filter that was read.

    Attributes:
        prefix: Whether values need only begin with ``value``.
    """

    attribute: str
    value: str = field(repr=False)
    prefix: bool

    def matches(self, account: Account) -> bool:
        """Say whether a user is meant; who lacks the attribute is not."""
        reader = _READERS.get(self.attribute)
        found = reader(account) if reader else account.attributes.get(self.attribute)
        if found is None:
            return False
        return found.startswith(self.value) if self.prefix else found == self.value


def read_filter(text: str) -> UserFilter | None:
    """Read ``family_name = "Reddy"`` or ``given_name ^= "Jon"``; an empty text is no filter.

    Raises:
        InvalidParameterError: It is neither, or the attribute is not one to search by.
    """
    if not text.strip():
        return None
    found = _FILTER.fullmatch(text)
    if found is None:
        raise InvalidParameterError("Error while parsing filter.")
    name, value = found["name"], _ESCAPED.sub(r"\1", found["value"])
    if name not in _ATTRIBUTES and name not in _READERS:
        raise InvalidParameterError("The filter has an attribute that cannot be searched by.")
    return UserFilter(name, value.casefold() if name == _FOLDED else value, found["how"] == "^=")
