"""ListWebAuthnCredentials: a signed-in user looks at their passkeys.

Source: Amazon Cognito API reference, ListWebAuthnCredentials.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from flowengine.accounts.account import Passkey, in_order
from flowengine.crypto.passkey_forms import from_text, to_text
from flowengine.engine.access_tokens import holder_of
from flowengine.engine.parts import Parts
from flowengine.errors import InvalidParameterError

LARGEST_PAGE: Final = 20

_TIME_BYTES: Final = 8
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ListWebAuthnCredentialsRequest:
    """What is asked.

    Attributes:
        most: Passkeys in the answer, up to ``LARGEST_PAGE``; 0 for as many as that.
        next_token: What the page before gave; None for the first page.
    """

    access_token: str = field(repr=False)
    most: int = 0
    next_token: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class PasskeyPage:
    """Some of a user's passkeys.

    Attributes:
        passkeys: The oldest first.
        next_token: Asks for those that follow; None where none do.
    """

    passkeys: tuple[Passkey, ...]
    next_token: str | None = field(default=None, repr=False)


async def list_web_authn_credentials(
    parts: Parts, request: ListWebAuthnCredentialsRequest
) -> PasskeyPage:
    """Give a page of a user's passkeys, those of former relying parties too.

    A token names the place after the last passkey that was given, so that one which is
    removed or made meanwhile moves no other.

    Raises:
        InvalidParameterError: There is no such page.
        CallerError: The token, or its user, is not good any more; see ``holder_of``.
    """
    account = (await holder_of(parts, request.access_token)).account
    if not 0 <= request.most <= LARGEST_PAGE:
        raise InvalidParameterError(f"MaxResults must be between 0 and {LARGEST_PAGE}")
    passkeys = in_order(account.passkeys)
    if request.next_token is not None:
        after = _read_place(request.next_token)
        passkeys = tuple(each for each in passkeys if _place(each) > after)
    most = request.most or LARGEST_PAGE
    page = passkeys[:most]
    return PasskeyPage(page, _write_place(page[-1]) if len(passkeys) > most else None)


def _place(passkey: Passkey) -> tuple[int, bytes]:
    """Give where a passkey stands: by its time, then its id, as directories order them."""
    return (passkey.created_at - _EPOCH) // _MICROSECOND, passkey.credential_id


def _write_place(passkey: Passkey) -> str:
    micros, credential_id = _place(passkey)
    return to_text(micros.to_bytes(_TIME_BYTES, "big", signed=True) + credential_id)


def _read_place(token: str) -> tuple[int, bytes]:
    written = from_text(token)
    if written is None or len(written) <= _TIME_BYTES:
        raise InvalidParameterError("Invalid value for parameter NextToken")
    micros = int.from_bytes(written[:_TIME_BYTES], "big", signed=True)
    return micros, written[_TIME_BYTES:]
