"""ListUsers: an administrator lists and searches the users of a pool.

Source: Amazon Cognito API reference, ListUsers.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

from flowengine.accounts.attributes import VERIFIED_MARKS
from flowengine.accounts.pool import Pool
from flowengine.crypto.sealing import derive, open_sealed, seal
from flowengine.engine.parts import Parts
from flowengine.errors import InvalidParameterError, KeyringError
from flowengine.operations.user_filters import read_filter
from flowengine.operations.users import UserProfile, directory_of, pool_named, profile_of

MOST_USERS: Final = 60
_LOOKED_THROUGH: Final = 500
"""Users read at once when there is a filter."""
_MOST_READS: Final = 20
"""So often in one request; whoever searches a larger pool goes on with the token."""


@dataclass(frozen=True, slots=True)
class ListUsersRequest:
    """What is asked.

    Attributes:
        attributes: The names of those that are told; None for all.
        limit: The most users, 1 to 60; 0 and None are 60.
        token: Out of the answer before, for the same pool and filter.
        filter: ``email = "a@example.com"``, ``given_name ^= "Jon"``, or the empty text.
    """

    pool_id: str
    attributes: tuple[str, ...] | None = None
    limit: int | None = None
    token: str | None = field(default=None, repr=False)
    filter: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class UserPage:
    """The answer.

    Attributes:
        token: There may be more users: ask for them by this. None at the end.
    """

    users: tuple[UserProfile, ...] = field(repr=False)
    token: str | None = field(repr=False)


async def list_users(parts: Parts, request: ListUsersRequest) -> UserPage:
    """Give users in an order of their names.

    A page may have fewer users than asked for, even none, and yet a token: the pool was not
    looked through to its end.

    Raises:
        ResourceNotFoundError: There is no such pool.
        InvalidParameterError: A limit, a filter, an attribute or a token that is not taken.
    """
    pool = pool_named(parts, request.pool_id)
    limit = _limit(request.limit)
    _check_attributes(pool, request.attributes)
    wanted = read_filter(request.filter)
    after = "" if request.token is None else _open(parts, request, request.token)
    size = limit + 1 if wanted is None else _LOOKED_THROUGH
    found: list[UserProfile] = []
    for _ in range(_MOST_READS):
        accounts = await directory_of(parts).page(pool.id, after, size)
        for account in accounts:
            if len(found) == limit:
                return UserPage(tuple(found), _seal(parts, request, after))
            after = account.username
            if wanted is None or wanted.matches(account):
                found.append(_shown(profile_of(account), request.attributes))
        if len(accounts) < size:
            return UserPage(tuple(found), None)
    return UserPage(tuple(found), _seal(parts, request, after))


def _limit(asked: int | None) -> int:
    if asked is not None and not 0 <= asked <= MOST_USERS:
        raise InvalidParameterError(f"Limit is not between 0 and {MOST_USERS}.")
    return asked or MOST_USERS


def _check_attributes(pool: Pool, names: tuple[str, ...] | None) -> None:
    known = {"sub", *VERIFIED_MARKS.values(), *pool.attributes}
    if not known.issuperset(names or ()):
        raise InvalidParameterError("One or more requested attributes do not exist.")


def _shown(profile: UserProfile, names: tuple[str, ...] | None) -> UserProfile:
    if names is None:
        return profile
    shown = {name: value for name, value in profile.attributes.items() if name in names}
    return replace(profile, attributes=MappingProxyType(shown))


def _seal(parts: Parts, request: ListUsersRequest, after: str) -> str:
    """Write a token: it hides the name that it stands for, and nobody else can make one."""
    place, about = json.dumps(after).encode(), _about(request)
    sealed = seal(_key(parts), place, about, parts.entropy.draw)
    return base64.urlsafe_b64encode(sealed).decode("ascii").rstrip("=")


def _open(parts: Parts, request: ListUsersRequest, token: str) -> str:
    try:
        sealed = base64.b64decode(
            token.encode("ascii") + b"=" * (-len(token) % 4), altchars=b"-_", validate=True
        )
        place = open_sealed(_key(parts), sealed, _about(request))
    except (KeyringError, UnicodeEncodeError, binascii.Error):
        raise InvalidParameterError("Invalid pagination token provided.") from None
    return str(json.loads(place))


def _about(request: ListUsersRequest) -> bytes:
    """Give what a token is bound to: the same place means another one under another filter."""
    return json.dumps(["list-users", request.pool_id, request.filter]).encode()


def _key(parts: Parts) -> bytes:
    return derive(parts.decoy_secret, b"flowengine pagination 1")
