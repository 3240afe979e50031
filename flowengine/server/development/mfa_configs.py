"""GetUserPoolMfaConfig and SetUserPoolMfaConfig: which second factors a pool has.

Source: Amazon Cognito API reference, SetUserPoolMfaConfig.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from flowengine.accounts.pool import Mfa, Pool
from flowengine.engine.engine import AsyncEngine
from flowengine.engine.requests import RequestOrigin
from flowengine.errors import InvalidParameterError
from flowengine.operations.estate import Estate
from flowengine.operations.users import pool_named
from flowengine.server.descriptions import mfa_body
from flowengine.server.development.pools import MFA
from flowengine.server.development.refusing import unsupported

Members = Mapping[str, Any]
Body = dict[str, Any]

_TEXTS: Final[tuple[str, ...]] = ("SmsMfaConfiguration", "EmailMfaConfiguration")
"""Described as they were written: how messages are worded, which nothing here uses."""


async def set_user_pool_mfa_config(
    estate: Estate, _: AsyncEngine, members: Members, __: RequestOrigin
) -> Body:
    """SetUserPoolMfaConfig: a factor that is not sent is off; MfaConfiguration may stay."""
    if members.get("WebAuthnConfiguration"):
        raise unsupported(
            "WebAuthnConfiguration",
            ": it names no origins; pools of a deployment have `passkeys`",
        )
    known, made = estate.own(members["UserPoolId"])
    mfa = MFA[members["MfaConfiguration"]] if "MfaConfiguration" in members else known.mfa
    pool = replace(known, mfa=mfa, mfa_methods=tuple(_methods(members)))
    check_factors(pool)
    if mfa is Mfa.NONE and pool.mfa_methods:
        raise InvalidParameterError(
            "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
        )
    changed = replace(made, mfa=members, changed_at=estate.parts.clock.now())
    estate.change_pool(pool, changed)
    return _described(estate, pool)


async def get_user_pool_mfa_config(
    estate: Estate, _: AsyncEngine, members: Members, __: RequestOrigin
) -> Body:
    """GetUserPoolMfaConfig."""
    return _described(estate, pool_named(estate.parts, members["UserPoolId"]))


def check_factors(pool: Pool) -> None:
    """Refuse a pool that asks for a second factor and has none.

    Raises:
        InvalidParameterError: It does.
    """
    if pool.mfa is not Mfa.NONE and not pool.mfa_methods:
        raise InvalidParameterError(
            "Invalid MFA configuration given, can't disable all MFAs with a required or optional "
            "configuration."
        )


def _methods(members: Members) -> Iterator[str]:
    if members.get("SoftwareTokenMfaConfiguration", {}).get("Enabled"):
        yield "SOFTWARE_TOKEN_MFA"
    if "SmsMfaConfiguration" in members:
        yield "SMS_MFA"
    if "EmailMfaConfiguration" in members:
        yield "EMAIL_OTP"


def _described(estate: Estate, pool: Pool) -> Body:
    body, made = mfa_body(pool), estate.made(pool.id)
    written: Members = {} if made is None or made.mfa is None else made.mfa
    told = {name: written[name] for name in _TEXTS if name in body and name in written}
    return {**body, **told}
