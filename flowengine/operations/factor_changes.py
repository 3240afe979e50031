"""Whose access token may change the second factors of its user.

A password alone may be enough for a sign-in, at a low level or by some client. Were its token
enough to make a second factor in the place of the user's, or to turn that off, whoever has stolen
the password would come to every level (Keycloak CVE-2023-3597 and CVE-2026-3429).
"""

from __future__ import annotations

from typing import Final

from flowengine.accounts.account import Account
from flowengine.engine.access_tokens import Holder
from flowengine.engine.parts import Parts
from flowengine.engine.second_factors import TURNED_ON, has_shown
from flowengine.errors import NotAuthorizedError
from flowengine.operations.users import turned_on
from flowengine.runtime.record import SignInRecord

NOT_PROVED: Final = "Access Token is of a sign-in without the second factor of the user"


def check_second_factor(parts: Parts, holder: Holder, present: Account) -> None:
    """Demand that who changes factors has shown a second one, where the user has turned one on.

    One that was made in the same sign-in, or made or turned on with its token, is nobody else's.
    A passkey is a first factor besides: who has one and signs in by password may have lost it.

    Args:
        present: The user as they are when the change is made.

    Raises:
        NotAuthorizedError: The sign-in that the token is of did without.
    """
    has = present.facts().has & TURNED_ON
    record = None if holder.grant is None else SignInRecord.from_json(holder.grant.record)
    by_it = {name for name, line in present.made_by.items() if line and line == holder.line}
    made = by_it if record is None else by_it | record.ledger.enrolled
    others = {name for name in has if not {name, turned_on(name)} & made}
    if others and (record is None or not has_shown(parts, record, has)):
        raise NotAuthorizedError(NOT_PROVED)
