"""UpdateUserAttributes: a signed-in user writes their own attributes.

Source: Amazon Cognito API reference, UpdateUserAttributes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from flowengine.accounts.account import Account
from flowengine.accounts.attributes import VERIFIED_MARKS
from flowengine.accounts.evidence import written as attribute_written
from flowengine.accounts.pool import Pool
from flowengine.engine.access_tokens import holder_of
from flowengine.engine.parts import Parts
from flowengine.engine.users import check_account
from flowengine.errors import InvalidParameterError
from flowengine.operations.aliases import change_aliases
from flowengine.operations.codes import (
    CodeDelivery,
    Occasion,
    Purpose,
    Recipient,
    reserve_code,
    send_reserved_code,
)
from flowengine.operations.own_attributes import (
    check_mutable,
    check_own_attributes,
    check_still_required,
    with_attributes,
)
from flowengine.operations.recipients import attribute_recipient
from flowengine.operations.users import made_by, new_stamp

_FACTORS: Final = {"email": "email", "phone_number": "sms"}


@dataclass(frozen=True, slots=True)
class UpdateUserAttributesRequest:
    """What is asked.

    Attributes:
        attributes: An empty value takes an attribute away.
    """

    access_token: str = field(repr=False)
    attributes: Mapping[str, str] = field(repr=False)
    client_metadata: Mapping[str, str] = field(default_factory=dict, repr=False)


async def update_user_attributes(
    parts: Parts, request: UpdateUserAttributesRequest
) -> tuple[CodeDelivery, ...]:
    """Write attributes; sign-ins under way end, and each new address is sent a code.

    A new address is not verified, hence no alias, no factor and no way to reset a password,
    until VerifyUserAttribute has the code. The address of a second factor that is turned on
    stays: to write over it would turn the factor off without saying so.

    Returns:
        Where the codes went; none without a delivery.

    Raises:
        CallerError: The token, or its user, is not good any more; see ``holder_of``.
        NotAuthorizedError: An attribute that only the service writes.
        InvalidParameterError: An attribute that cannot be written, or has to stay.
        AliasExistsError: An address that would name the user is another's.
        LimitExceededError: Too many codes went to this address; nothing was changed.
        TooManyRequestsError: The user was changed by others again and again meanwhile.
    """
    holder = await holder_of(parts, request.access_token)
    pool, given = holder.pool, request.attributes
    check_own_attributes(pool, given)
    now, stamp = parts.clock.now(), new_stamp(parts)

    def written(present: Account) -> Account:
        check_account(present)
        check_mutable(pool, present.attributes, given)
        attributes = with_attributes(present.attributes, given)
        check_still_required(pool, present.attributes, attributes)
        _check_factors(present, attributes)
        changed = [n for n in given if attributes.get(n) != present.attributes.get(n)]
        made = made_by(present, holder, *map(attribute_written, changed))
        return replace(present, stamp=stamp, modified_at=now, attributes=attributes, made_by=made)

    changed = written(holder.account)
    recipients = [] if parts.delivery is None else _to_verify(holder.pool, holder.account, changed)
    for recipient in recipients:
        await reserve_code(parts, recipient)
    await change_aliases(parts, pool, holder.account, written)
    client = parts.clients[holder.client_id]
    occasion = Occasion("UpdateUserAttribute", client, request.client_metadata)
    deliveries = [
        await send_reserved_code(parts, Purpose.VERIFY_ATTRIBUTE, recipient, occasion)
        for recipient in recipients
    ]
    return tuple(deliveries)


def _to_verify(pool: Pool, before: Account, after: Account) -> list[Recipient]:
    """Give the new addresses."""
    new = (a for a in VERIFIED_MARKS if after.attributes.get(a) != before.attributes.get(a))
    found = (attribute_recipient(pool, after, attribute) for attribute in new)
    return [recipient for recipient in found if recipient is not None]


def _check_factors(present: Account, attributes: Mapping[str, str]) -> None:
    has = present.facts().has
    for address, factor in _FACTORS.items():
        if factor in has and attributes.get(address) != present.attributes.get(address):
            raise InvalidParameterError(
                f"{address} cannot be changed while it is used for MFA: disable that first."
            )
