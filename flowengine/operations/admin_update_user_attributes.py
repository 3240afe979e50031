"""AdminUpdateUserAttributes: an administrator writes a user's attributes.

Source: Amazon Cognito API reference, AdminUpdateUserAttributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flowengine.accounts.account import Account
from flowengine.accounts.attributes import VERIFIED_MARKS
from flowengine.engine.parts import Parts
from flowengine.errors import InvalidParameterError
from flowengine.operations.aliases import change_aliases
from flowengine.operations.new_attributes import NEEDS_ADDRESS, check_attributes
from flowengine.operations.own_attributes import (
    check_mutable,
    check_still_required,
    with_attributes,
)
from flowengine.operations.users import account_named, new_stamp, pool_named


@dataclass(frozen=True, slots=True)
class AdminUpdateUserAttributesRequest:
    """What is asked.

    Attributes:
        attributes: An empty value takes an attribute away.
    """

    pool_id: str
    username: str = field(repr=False)
    attributes: Mapping[str, str] = field(repr=False)


async def admin_update_user_attributes(
    parts: Parts, request: AdminUpdateUserAttributesRequest
) -> None:
    """Write attributes; sign-ins under way end.

    An address that changes is not verified, and no code is sent, unless the request marks it as
    verified. A factor whose address goes is not asked for any more.

    Raises:
        ResourceNotFoundError: There is no such pool.
        UserNotFoundError: There is no such user.
        InvalidParameterError: An attribute that cannot be written, or has to stay.
        AliasExistsError: An address that is marked as verified is another user's.
        TooManyRequestsError: The user was changed by others again and again meanwhile.
    """
    pool = pool_named(parts, request.pool_id)
    account = await account_named(parts, pool, request.username)
    given = request.attributes
    check_attributes(pool, given)
    now, stamp = parts.clock.now(), new_stamp(parts)

    def written(present: Account) -> Account:
        check_mutable(pool, present.attributes, given)
        attributes = with_attributes(present.attributes, given)
        check_still_required(pool, present.attributes, attributes)
        for address, mark in VERIFIED_MARKS.items():
            if given.get(mark) and not attributes.get(address):
                raise InvalidParameterError(NEEDS_ADDRESS[address])
        return replace(present, stamp=stamp, modified_at=now, attributes=attributes)

    await change_aliases(parts, pool, account, written)
