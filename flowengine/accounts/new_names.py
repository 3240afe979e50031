"""What a new user is called: the name that came, or, where addresses name users, their ``sub``.

Source: Amazon Cognito API reference, CreateUserPool, "UsernameAttributes".
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from flowengine.accounts.attributes import ADDRESS_FORMS
from flowengine.accounts.pool import Pool
from flowengine.errors import InvalidParameterError

_KINDS: Final = {"email": "an email", "phone_number": "a phone number"}
_ALIASES: Final = {
    "email": "email format, since user pool is configured for email alias",
    "phone_number": "phone number format, since user pool is configured for phone number alias",
}


def new_username(pool: Pool, written: str, sub: str) -> str:
    """Give the user name of a new user.

    Folded where the pool ignores case: sign-ins tell the name, and who typed another case would
    learn from what came back that there is such a user.
    """
    return sub if pool.named_by else pool.fold(written)


def check_new_username(pool: Pool, written: str) -> None:
    """Refuse what would be another's alias once that is verified.

    Raises:
        InvalidParameterError: The name has the form of an alias.
    """
    for alias in pool.aliases:
        if alias in ADDRESS_FORMS and ADDRESS_FORMS[alias].fullmatch(written):
            raise InvalidParameterError(f"Username cannot be of {_ALIASES[alias]}.")


def with_address(pool: Pool, written: str, attributes: Mapping[str, str]) -> Mapping[str, str]:
    """Give the attributes of a new user, among them the address that the user is named by.

    Raises:
        InvalidParameterError: The name is not an address of the pool, or another one than among
            the attributes.
    """
    if not pool.named_by:
        return attributes
    attribute = next((a for a in pool.named_by if ADDRESS_FORMS[a].fullmatch(written)), None)
    if attribute is None:
        kinds = " or ".join(_KINDS[each] for each in pool.named_by)
        both = "either " if len(pool.named_by) > 1 else ""
        raise InvalidParameterError(f"Username should be {both}{kinds}.")
    if attributes.get(attribute, written) != written:
        raise InvalidParameterError(f"Username and the attribute {attribute} are not the same.")
    return MappingProxyType({**attributes, attribute: written})
