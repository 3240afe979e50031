"""ConfirmSignUp: the code that was sent confirms a sign-up.

Source: Amazon Cognito API reference, ConfirmSignUp.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from flowengine.accounts.account import Account
from flowengine.accounts.attributes import VERIFIED_MARKS
from flowengine.accounts.pool import Pool
from flowengine.accounts.user import UserStatus
from flowengine.engine.parts import Parts
from flowengine.engine.sign_ups import claim_sign_up, confirmed_sign_up, release_sign_up
from flowengine.errors import (
    CallerError,
    CodeMismatchError,
    ExpiredCodeError,
    InvalidParameterError,
    NotAuthorizedError,
)
from flowengine.operations.aliases import change_aliases
from flowengine.operations.codes import WRONG_CODE, Purpose, Recipient, check_code
from flowengine.operations.own_attributes import with_attributes
from flowengine.operations.recipients import (
    client_of,
    recipient_of,
    sign_up_channel,
    sign_up_recipient,
)
from flowengine.operations.users import new_stamp


@dataclass(frozen=True, slots=True)
class ConfirmSignUpRequest:
    """What is asked.

    Attributes:
        code: What SignUp or ResendConfirmationCode sent.
        force_alias_creation: Taking an alias away from its owner; refused.
        session: SignUp's; None where the user shall not be signed in by it.
    """

    client_id: str = field(repr=False)
    username: str = field(repr=False)
    code: str = field(repr=False)
    secret_hash: str | None = field(default=None, repr=False)
    force_alias_creation: bool = False
    session: str | None = field(default=None, repr=False)


async def confirm_sign_up(parts: Parts, request: ConfirmSignUpRequest) -> str | None:
    """Confirm the user, and mark the address that the code was sent to as verified.

    Returns:
        Where SignUp's Session came, the one that signs the user in by USER_AUTH without another
        code, if the flow says so; else None.

    Raises:
        SessionError: The Session is not of this client's sign-up of this user, was used, or is
            expired; nothing was compared.
        ResourceNotFoundError: There is no such client.
        NotAuthorizedError: SECRET_HASH is not right; or, where the client lets it be said, the
            user is disabled or has been confirmed.
        CodeMismatchError: The code is wrong; also for a user who does not exist.
        ExpiredCodeError: No code waits; also for a user who does not exist.
        LimitExceededError: Too many wrong codes.
        UserNotFoundError: No such user, and the client lets that be said.
        AliasExistsError: The address is another user's by now; the code is spent.
        InvalidParameterError: ``force_alias_creation``.
        TooManyRequestsError: The user was changed by others again and again meanwhile.
    """
    client, pool = client_of(parts, request.client_id, request.username, request.secret_hash)
    if request.force_alias_creation:
        raise InvalidParameterError("ForceAliasCreation is not supported.")
    recipient = await recipient_of(parts, client, request.username, _objection, sign_up_recipient)
    if request.session is None:
        await _confirm(parts, pool, recipient, request.code)
        return None
    sub = recipient.user.facts.sub
    token = await claim_sign_up(parts, client, request.session, sub)
    try:
        account = await _confirm(parts, pool, recipient, request.code)
    except BaseException:
        await release_sign_up(parts, token)
        raise
    # Evidence has its channel's name: email, sms.
    return await confirmed_sign_up(parts, client, token, account, recipient.channel.value)


async def _confirm(parts: Parts, pool: Pool, recipient: Recipient, code: str) -> Account:
    """Compare the code, and write the user as confirmed."""
    await check_code(parts, Purpose.SIGN_UP, recipient, code)
    account = recipient.user.account
    if account is None or recipient.user.decoy:
        raise CodeMismatchError(WRONG_CODE)
    now, stamp = parts.clock.now(), new_stamp(parts)

    def confirmed(present: Account) -> Account:
        refusal = _objection(present)
        if refusal is not None:
            raise refusal
        if present.attributes.get(recipient.attribute) != recipient.address:
            raise ExpiredCodeError
        mark = {VERIFIED_MARKS[recipient.attribute]: "true"}
        return replace(
            present,
            stamp=stamp,
            modified_at=now,
            status=UserStatus.CONFIRMED,
            attributes=with_attributes(present.attributes, mark),
        )

    return await change_aliases(parts, pool, account, confirmed)


def _objection(account: Account) -> CallerError | None:
    if not account.enabled:
        return NotAuthorizedError("User is disabled.")
    if sign_up_channel(account) is None:
        return confirmation_objection(account) or ExpiredCodeError()
    return confirmation_objection(account)


def confirmation_objection(account: Account) -> CallerError | None:
    """Say why there is nothing to confirm, or None."""
    if account.status is not UserStatus.UNCONFIRMED:
        status = account.status.value
        return NotAuthorizedError(f"User cannot be confirmed. Current status is {status}")
    return None
