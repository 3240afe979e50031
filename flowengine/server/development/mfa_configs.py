"""GetUserPoolMfaConfig and SetUserPoolMfaConfig: which second factors and passkeys a pool has.

Source: Amazon Cognito API reference, SetUserPoolMfaConfig.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from flowengine.accounts.pool import Mfa, PasskeySettings, Pool, UserVerification
from flowengine.crypto.passkey_origins import is_domain
from flowengine.engine.engine import AsyncEngine
from flowengine.engine.requests import RequestOrigin
from flowengine.errors import InvalidParameterError
from flowengine.operations.estate import Estate
from flowengine.operations.users import pool_named
from flowengine.server.descriptions import mfa_body
from flowengine.server.development.clients import check_choice
from flowengine.server.development.pools import MFA
from flowengine.server.development.refusing import unsupported

Members = Mapping[str, Any]
Body = dict[str, Any]

_SINGLE: Final = "SINGLE_FACTOR"
_TEXTS: Final[tuple[str, ...]] = (
    "SmsMfaConfiguration",
    "EmailMfaConfiguration",
    "WebAuthnConfiguration",
)
"""Described with all that was written: how messages are worded, which nothing here uses."""


async def set_user_pool_mfa_config(
    estate: Estate, _: AsyncEngine, members: Members, __: RequestOrigin
) -> Body:
    """SetUserPoolMfaConfig: a factor that is not sent is off; MfaConfiguration may stay."""
    known, made = estate.own(members["UserPoolId"])
    mfa = MFA[members["MfaConfiguration"]] if "MfaConfiguration" in members else known.mfa
    passkeys = _passkeys(members.get("WebAuthnConfiguration"))
    pool = replace(known, mfa=mfa, mfa_methods=tuple(_methods(members)), passkeys=passkeys)
    check_factors(pool)
    if mfa is Mfa.NONE and pool.mfa_methods:
        raise InvalidParameterError(
            "Invalid MFA configuration given, can't turn off MFA and configure an MFA together."
        )
    if any("USER_AUTH" in client.auth_flows for client in estate.clients_of(pool.id)):
        check_choice(made.factors, pool)
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


def _passkeys(written: Members | None) -> PasskeySettings | None:
    """Read for whom passkeys are made.

    The API names no origins: they are used on every page at the relying party's domain or below
    it, which is as far as browsers let them.
    """
    if written is None:
        return None
    if written.get("FactorConfiguration", _SINGLE) != _SINGLE:
        raise unsupported(
            "WebAuthnConfiguration.FactorConfiguration but SINGLE_FACTOR",
            ": what a verified passkey is worth a flow says, by proved.passkey_uv",
        )
    relying_party = written.get("RelyingPartyId", "")
    if not is_domain(relying_party):
        raise InvalidParameterError(
            "WebAuthnConfiguration.RelyingPartyId must be a domain in lower case, such as "
            "example.com, or localhost: this server's pools have no domain of their own."
        )
    verification = UserVerification(written.get("UserVerification", UserVerification.PREFERRED))
    return PasskeySettings(relying_party, None, verification)


def _described(estate: Estate, pool: Pool) -> Body:
    body, made = mfa_body(pool), estate.made(pool.id)
    written: Members = {} if made is None or made.mfa is None else made.mfa
    told = {
        name: {**body[name], **written[name]} for name in _TEXTS if name in body and name in written
    }
    return {**body, **told}
