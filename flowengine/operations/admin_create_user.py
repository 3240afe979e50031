"""AdminCreateUser: an administrator makes a user with a temporary password.

Source: Amazon Cognito API reference, AdminCreateUser.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from flowengine.accounts.account import Account
from flowengine.accounts.new_names import check_new_username, new_username, with_address
from flowengine.accounts.pool import Pool
from flowengine.accounts.user import UserStatus
from flowengine.engine.parts import Parts
from flowengine.engine.signing_out import sign_out_by
from flowengine.errors import (
    InvalidParameterError,
    TooManyRequestsError,
    UnsupportedUserStateError,
    UsernameExistsError,
)
from flowengine.operations.invitations import Invitation, prepare, send
from flowengine.operations.new_attributes import read_attributes
from flowengine.operations.new_passwords import check_policy, kept_password, temporary_password
from flowengine.operations.users import (
    UserProfile,
    account_named,
    change,
    directory_of,
    new_stamp,
    new_sub,
    pool_named,
    profile_of,
)

LONGEST_USERNAME = 128


@dataclass(frozen=True, slots=True)
class AdminCreateUserRequest:
    """What is asked.

    Attributes:
        temporary_password: Drawn where it is None.
        message_action: ``SUPPRESS`` sends nothing: a password that was drawn is then known to
            nobody, until AdminSetUserPassword sets another. ``RESEND`` invites a user who is
            there, with another password; None invites a new one.
        mediums: ``SMS``, ``EMAIL`` or both; see ``Invitation``.
        force_alias_creation: Taking an alias away from its owner; refused.
    """

    pool_id: str
    username: str = field(repr=False)
    temporary_password: str | None = field(default=None, repr=False)
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)
    message_action: str | None = None
    force_alias_creation: bool = False
    mediums: tuple[str, ...] = ()
    client_metadata: Mapping[str, str] = field(default_factory=dict, repr=False)


async def admin_create_user(parts: Parts, request: AdminCreateUserRequest) -> UserProfile:
    """Make a user who has to choose a password at the first sign-in, and invite them.

    The temporary password is good for the pool's ``temporary_password_life``. It goes to an
    address that the user has from here on, verified or not, and no reply waits for that. Where an
    administrator gave the password and there is no way to send it, nothing is sent.

    RESEND writes no attributes. It ends sign-ins under way, and the password before it.

    Raises:
        ResourceNotFoundError: There is no such pool.
        InvalidParameterError: A name, an attribute or an action that is not taken here; or no
            address for the invitation, or one that sign-ins count beside the password. Nobody was
            made.
        InvalidPasswordError: The password does not fit the policy.
        UsernameExistsError: The name, or a verified alias, is another user's.
        UserNotFoundError: There is nobody to invite again.
        UnsupportedUserStateError: Whom to invite again has a password of their own.
        CodeDeliveryFailureError: The engine has no delivery, and a message is wanted.
        TooManyRequestsError: Too many messages went to this address, and nothing was changed; or
            the user was changed by others again and again meanwhile.
    """
    pool = pool_named(parts, request.pool_id)
    _check(request)
    if request.message_action == "RESEND":
        return await _invite_again(parts, pool, request)
    attributes = read_attributes(pool, with_address(pool, request.username, request.attributes))
    if await directory_of(parts).find(pool.id, request.username) is not None:
        raise UsernameExistsError
    check_new_username(pool, request.username)
    password = _password(parts, pool, request)
    account = await _new_account(parts, pool, request, password, attributes)
    invitation = _invitation(pool, account, request, password)
    silent = request.message_action == "SUPPRESS"
    messages = () if silent else await prepare(parts, invitation)
    if not await directory_of(parts).add(account):
        raise UsernameExistsError
    await send(parts, messages)
    return profile_of(account)


async def _invite_again(parts: Parts, pool: Pool, request: AdminCreateUserRequest) -> UserProfile:
    account = await account_named(parts, pool, request.username)
    _check_state(account)
    password = _password(parts, pool, request)
    credential = await kept_password(parts, pool, account.username, password)
    messages = await prepare(parts, _invitation(pool, account, request, password))
    now, stamp = parts.clock.now(), new_stamp(parts)

    def invited(present: Account) -> Account:
        _check_state(present)
        if present.attributes != account.attributes:
            # The messages go to addresses that may be another's by now.
            raise TooManyRequestsError
        return replace(
            present,
            stamp=stamp,
            modified_at=now,
            password=credential,
            temporary_until=now + pool.temporary_password_life,
        )

    changed = await sign_out_by(parts, account, lambda: change(parts, account, invited))
    await send(parts, messages)
    return profile_of(changed)


def _check_state(account: Account) -> None:
    if account.status is not UserStatus.FORCE_CHANGE_PASSWORD:
        raise UnsupportedUserStateError(
            "Resend not possible. User status is not FORCE_CHANGE_PASSWORD"
        )


def _password(parts: Parts, pool: Pool, request: AdminCreateUserRequest) -> str:
    given = request.temporary_password
    if given is None:
        return temporary_password(pool.password_policy, parts.entropy.draw)
    check_policy(pool, given)
    return given


def _invitation(
    pool: Pool, account: Account, request: AdminCreateUserRequest, password: str
) -> Invitation:
    needed = request.temporary_password is None or request.message_action == "RESEND"
    told = request.client_metadata
    return Invitation(pool, account, password, request.mediums, told, needed)


def _check(request: AdminCreateUserRequest) -> None:
    if not is_username(request.username):
        raise InvalidParameterError("Invalid value for parameter Username")
    if request.message_action not in (None, "SUPPRESS", "RESEND"):
        raise InvalidParameterError("Invalid value for parameter MessageAction")
    if request.force_alias_creation:
        raise InvalidParameterError("ForceAliasCreation is not supported.")


def is_username(text: str) -> bool:
    r"""Say whether a text can be a user name: ``[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}``."""
    return 0 < len(text) <= LONGEST_USERNAME and all(
        unicodedata.category(character)[0] in "LMSNP" for character in text
    )


async def _new_account(
    parts: Parts,
    pool: Pool,
    request: AdminCreateUserRequest,
    password: str,
    attributes: Mapping[str, str],
) -> Account:
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
        status=UserStatus.FORCE_CHANGE_PASSWORD,
        attributes=attributes,
        password=credential,
        temporary_until=now + pool.temporary_password_life,
    )
