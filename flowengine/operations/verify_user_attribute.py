"""VerifyUserAttribute: a signed-in user shows that an address is theirs.

Source: Amazon Cognito API reference, VerifyUserAttribute.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from flowengine.accounts.account import Account
from flowengine.accounts.attributes import VERIFIED_MARKS
from flowengine.engine.access_tokens import holder_of
from flowengine.engine.parts import Parts
from flowengine.engine.users import check_account
from flowengine.errors import ExpiredCodeError
from flowengine.operations.aliases import change_aliases
from flowengine.operations.codes import Purpose, check_code
from flowengine.operations.own_attributes import with_attributes
from flowengine.operations.recipients import address_recipient
from flowengine.operations.users import made_by, new_stamp


@dataclass(frozen=True, slots=True)
class VerifyUserAttributeRequest:
    """What is asked.

    Attributes:
        attribute: ``email`` or ``phone_number``.
    """

    access_token: str = field(repr=False)
    attribute: str
    code: str = field(repr=False)


async def verify_user_attribute(parts: Parts, request: VerifyUserAttributeRequest) -> None:
    """Mark the present address as verified; sign-ins under way end.

    Raises:
        CallerError: The token, or its user, is not good any more; see ``holder_of``.
        InvalidParameterError: Not an address, or the user has none.
        CodeMismatchError: The code is wrong.
        ExpiredCodeError: No code waits for the present address.
        LimitExceededError: Too many wrong codes.
        AliasExistsError: The address is another user's by now; the code is spent.
        TooManyRequestsError: The user was changed by others again and again meanwhile.
    """
    holder = await holder_of(parts, request.access_token)
    recipient = address_recipient(holder.pool, holder.account, request.attribute)
    await check_code(parts, Purpose.VERIFY_ATTRIBUTE, recipient, request.code)
    now, stamp = parts.clock.now(), new_stamp(parts)

    def verified(present: Account) -> Account:
        check_account(present)
        if present.attributes.get(recipient.attribute) != recipient.address:
            raise ExpiredCodeError
        mark = {VERIFIED_MARKS[recipient.attribute]: "true"}
        attributes = with_attributes(present.attributes, mark)
        made = made_by(present, holder, recipient.channel.value)
        return replace(present, stamp=stamp, modified_at=now, attributes=attributes, made_by=made)

    await change_aliases(parts, holder.pool, holder.account, verified)
