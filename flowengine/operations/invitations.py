"""Invitations: messages that carry a temporary password, to addresses out of the directory.

Source: Amazon Cognito API reference, AdminCreateUser (MessageAction, DesiredDeliveryMediums).
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field

from flowengine.accounts.account import Account
from flowengine.accounts.pool import Pool
from flowengine.challenges.kind import Channel, CodeToSend
from flowengine.engine.delivering import reserve_sending
from flowengine.engine.parts import Parts
from flowengine.engine.triggers.hooks import message_of
from flowengine.engine.users import Identified
from flowengine.errors import CodeDeliveryFailureError, InvalidParameterError, TooManyRequestsError
from flowengine.operations.codes import Occasion, attribute_of
from flowengine.operations.independence import counted_channels
from flowengine.runtime.messages import INVITATION, Message

NO_ADDRESS = "The user has no email or phone_number that the invitation could be sent to."
COUNTED = (
    "A temporary password is not sent to where sign-ins of this pool send the code that they ask "
    "for beside it."
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """Who is invited, how, and with which password.

    Attributes:
        mediums: ``SMS``, ``EMAIL`` or both; empty for the phone number where the user has one,
            and else the mailbox.
        needed: Whether nobody but the message will tell the password.
    """

    pool: Pool
    account: Account
    password: str = field(repr=False)
    mediums: tuple[str, ...] = ()
    client_metadata: Mapping[str, str] = field(default_factory=dict, repr=False)
    needed: bool = True


async def prepare(parts: Parts, invitation: Invitation) -> tuple[Message, ...]:
    """Put the messages together, one a medium; nothing is sent yet.

    None where the administrator knows the password and there is no way to send one.

    Raises:
        CodeDeliveryFailureError: The engine has no delivery.
        InvalidParameterError: The user has no address of a medium; or sign-ins count that medium
            beside the password, so that whoever reads it would have both.
        TooManyRequestsError: Too many messages went to an address; AdminCreateUser has no
            LimitExceededException.
        CallerError: The pool's trigger that words messages refused or failed.
    """
    counted = await counted_channels(parts, invitation.pool)
    channels = _channels(invitation, counted)
    asked = invitation.needed or bool(invitation.mediums)
    if not channels and asked:
        raise InvalidParameterError(COUNTED if _channels(invitation) else NO_ADDRESS)
    if parts.delivery is None:
        if asked:
            raise CodeDeliveryFailureError
        return ()
    sends = [_to_send(invitation, channel) for channel in channels]
    for send in sends:
        if await reserve_sending(parts, invitation.pool, send) is not None:
            raise TooManyRequestsError
    return tuple([await _worded(parts, invitation, send) for send in sends])


async def send(parts: Parts, messages: tuple[Message, ...]) -> None:
    """Hand messages to the delivery, which queues them: no reply ever waits for it."""
    for message in messages:
        if parts.delivery is not None:
            await parts.delivery.send(message)


def _channels(invitation: Invitation, counted: Container[Channel] = ()) -> tuple[Channel, ...]:
    """Give how the invitation goes out; nothing where a wanted medium cannot carry it."""
    attributes = invitation.account.attributes
    having = [
        each
        for each in (Channel.SMS, Channel.EMAIL)
        if attributes.get(attribute_of(each)) and each not in counted
    ]
    if not invitation.mediums:
        return tuple(having[:1])
    wanted = tuple(each for each in Channel if each.name in invitation.mediums)
    return wanted if set(wanted) <= set(having) else ()


def _to_send(invitation: Invitation, channel: Channel) -> CodeToSend:
    address = invitation.account.attributes[attribute_of(channel)]
    return CodeToSend(channel, address, invitation.password, INVITATION)


async def _worded(parts: Parts, invitation: Invitation, send: CodeToSend) -> Message:
    user = Identified(invitation.account.facts(), invitation.account, decoy=False)
    occasion = Occasion(client_metadata=invitation.client_metadata)
    return await message_of(parts, user, send, occasion.context(invitation.pool, user.facts))
