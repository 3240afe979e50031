"""SignUp: somebody makes a user for themselves.

Source: Amazon Cognito API reference, SignUp.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flowengine.accounts.account import Account
from flowengine.accounts.new_names import check_new_username, new_username, with_address
from flowengine.accounts.pool import Pool
from flowengine.accounts.user import UserStatus
from flowengine.engine.parts import Parts
from flowengine.engine.sign_ups import begin_sign_up
from flowengine.errors import InvalidParameterError, NotAuthorizedError, UsernameExistsError
from flowengine.operations.admin_create_user import is_username
from flowengine.operations.codes import (
    CodeDelivery,
    Occasion,
    Purpose,
    reserve_code,
    send_reserved_code,
)
from flowengine.operations.new_passwords import check_policy, kept_password
from flowengine.operations.own_attributes import (
    check_own_attributes,
    check_required,
    with_attributes,
)
from flowengine.operations.recipients import client_of, sign_up_recipient
from flowengine.operations.users import directory_of, new_stamp, new_sub


@dataclass(frozen=True, slots=True)
class SignUpRequest:
    """What is asked.

    Attributes:
        password: Needed here: there are no users without one that sign themselves up.
    """

    client_id: str = field(repr=False)
    username: str = field(repr=False)
    password: str | None = field(repr=False)
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_hash: str | None = field(default=None, repr=False)
    client_metadata: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class SignedUp:
    """The answer.

    Attributes:
        sub: The new user's identifier.
        delivery: Where the code went that confirms the sign-up; None where none was sent, and
            an administrator has to confirm.
        session: For ConfirmSignUp, where a flow of the client signs the user in by it.
    """

    sub: str
    delivery: CodeDelivery | None
    session: str | None = field(default=None, repr=False)


async def sign_up(parts: Parts, request: SignUpRequest) -> SignedUp:
    """Make a user who is not confirmed, and send a code, good for a day, to their address.

    The e-mail address is preferred to the phone number. Neither finds the user before it is
    verified. That a name is taken is said to every client, as Cognito does.

    Raises:
        ResourceNotFoundError: There is no such client.
        NotAuthorizedError: SECRET_HASH is not right, the pool lets nobody sign up, or an attribute
            that only the service writes.
        InvalidParameterError: The name, an attribute, or no password.
        InvalidPasswordError: The password does not fit the policy.
        UsernameExistsError: The name is taken, or is another user's alias.
        LimitExceededError: Too many codes went to this address; nobody was made.
    """
    client, pool = client_of(parts, request.client_id, request.username, request.secret_hash)
    if not pool.sign_up:
        raise NotAuthorizedError("SignUp is not permitted for this user pool")
    if not is_username(request.username):
        raise InvalidParameterError("Invalid value for parameter Username")
    check_new_username(pool, request.username)
    attributes = with_address(pool, request.username, request.attributes)
    request = replace(request, attributes=attributes)
    check_own_attributes(pool, request.attributes)
    check_required(pool, request.attributes)
    if request.password is None:
        raise InvalidParameterError.missing("Password")
    check_policy(pool, request.password)
    if await directory_of(parts).find(pool.id, request.username) is not None:
        raise UsernameExistsError
    account = await _new_account(parts, pool, request, request.password)
    recipient = sign_up_recipient(pool, account) if parts.delivery is not None else None
    if recipient is not None:
        await reserve_code(parts, recipient)
    if not await directory_of(parts).add(account):
        raise UsernameExistsError
    if recipient is None:
        return SignedUp(account.sub, None)
    occasion = Occasion("", client, request.client_metadata)
    delivery = await send_reserved_code(parts, Purpose.SIGN_UP, recipient, occasion)
    return SignedUp(account.sub, delivery, await begin_sign_up(parts, client, account))


async def _new_account(parts: Parts, pool: Pool, request: SignUpRequest, password: str) -> Account:
    sub = new_sub(parts)
    username = new_username(pool, request.username, sub)
    credential = await kept_password(parts, pool, username, password)
    now = parts.clock.now()
    return Account(
        pool_id=pool.id,
        username=username,
        sub=sub,
        stamp=new_stamp(parts),
        created_at=now,
        modified_at=now,
        status=UserStatus.UNCONFIRMED,
        attributes=with_attributes({}, request.attributes),
        password=credential,
    )
