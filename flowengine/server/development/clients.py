"""From the members of CreateUserPoolClient to a client.

Source: Amazon Cognito API reference, CreateUserPoolClient.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from flowengine.accounts.pool import Client, Pool, Rotation, TokenLives
from flowengine.errors import InvalidParameterError
from flowengine.flow.program import FlowProgram
from flowengine.server.development.client_inputs import REFUSED_OF_CLIENTS, UNITS
from flowengine.server.development.refusing import refuse, unsupported

Members = Mapping[str, Any]

SHIPPED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "USER_SRP_AUTH": "password",
        "USER_PASSWORD_AUTH": "password",
        "ADMIN_USER_PASSWORD_AUTH": "password",
        "CUSTOM_AUTH": "lambda-triggers",
        "USER_AUTH": "choice",
    }
)
"""The flow that each auth flow runs."""

_ALLOW: Final = "ALLOW_"
_REFRESH: Final = "REFRESH_TOKEN_AUTH"
_USUAL: Final = ("ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_CUSTOM_AUTH")
_ALWAYS: Final = (_REFRESH, "USER_SRP_AUTH", "CUSTOM_AUTH")
"""What the spellings without ALLOW_ add to."""
_FORMER: Final = {
    "ADMIN_NO_SRP_AUTH": ("ADMIN_USER_PASSWORD_AUTH", *_ALWAYS),
    "USER_PASSWORD_AUTH": ("USER_PASSWORD_AUTH", *_ALWAYS),
    "CUSTOM_AUTH_FLOW_ONLY": (_REFRESH, "CUSTOM_AUTH"),
}
_OF_CHOICE: Final = frozenset({"USER_SRP_AUTH"})
"""What ALLOW_USER_AUTH enables besides (COGNITO.md, B.1)."""
_CHOICE: Final = ("PASSWORD", "EMAIL_OTP", "SMS_OTP")
_SECONDS: Final = dict(zip(UNITS, (1, 60, 3600, 86400), strict=True))
_SHORT: Final = (timedelta(minutes=5), timedelta(days=1))
_LONG: Final = (timedelta(hours=1), timedelta(days=3650))


def read_client(
    members: Members,
    client: Client,
    flows: Mapping[str, FlowProgram],
    factors: frozenset[str],
    pool: Pool,
) -> Client:
    """Give the client that is asked for.

    Args:
        client: Its id, name, pool and secret.
        factors: The first factors that its pool allows.

    Raises:
        InvalidParameterError: A member is not supported, or asks for what is not.
    """
    refuse(members, (*REFUSED_OF_CLIENTS, "ClientSecret"))
    if members.get("EnableTokenRevocation") is False:
        raise unsupported("EnableTokenRevocation false")
    if members.get("SupportedIdentityProviders", ["COGNITO"]) not in (["COGNITO"], []):
        raise unsupported("SupportedIdentityProviders but COGNITO")
    allowed = _allowed(members.get("ExplicitAuthFlows") or _USUAL)
    lives = _lives(members)
    if lives.rotation is not None and _REFRESH in allowed and "ExplicitAuthFlows" in members:
        raise InvalidParameterError(
            "ALLOW_REFRESH_TOKEN_AUTH cannot be enabled with RefreshTokenRotation."
        )
    auth_flows = {name: SHIPPED[name] for name in sorted(allowed - {_REFRESH})}
    for name, flow in auth_flows.items():
        if name == "USER_AUTH":
            check_choice(factors, pool)
        _check_flow(name, flow, flows)
    return Client(
        id=client.id,
        name=client.name,
        label=members.get("ClientName") or client.label,
        pool_id=client.pool_id,
        secret=client.secret,
        prevent_user_existence_errors=members.get("PreventUserExistenceErrors") == "ENABLED",
        session_validity=timedelta(minutes=members.get("AuthSessionValidity", 3)),
        tokens=lives,
        auth_flows=MappingProxyType(auth_flows),
        refreshes=_REFRESH in allowed or lives.rotation is not None,
    )


def _allowed(written: Iterable[str]) -> set[str]:
    """Give the auth flows that are enabled, whichever way they are spelt."""
    names = set(written)
    former = names & _FORMER.keys()
    if former and names - former:
        raise InvalidParameterError(
            "ExplicitAuthFlows cannot have values with and without the prefix ALLOW_."
        )
    if "CUSTOM_AUTH_FLOW_ONLY" in former and len(former) > 1:
        raise unsupported("CUSTOM_AUTH_FLOW_ONLY", " together with others")
    if former:
        return {each for name in former for each in _FORMER[name]}
    allowed = {name.removeprefix(_ALLOW) for name in names}
    return allowed | _OF_CHOICE if "USER_AUTH" in allowed else allowed


def check_choice(factors: frozenset[str], pool: Pool) -> None:
    """Refuse sign-ins by choice in a pool that does not allow all that their flow offers.

    It offers passkeys where the pool has any.

    Raises:
        InvalidParameterError: It does not.
    """
    offered = _CHOICE if pool.passkeys is None else (*_CHOICE, "WEB_AUTHN")
    if not factors.issuperset(offered):
        raise unsupported(
            "ALLOW_USER_AUTH",
            f" unless AllowedFirstAuthFactors of the user pool are {', '.join(offered)}",
        )


def _check_flow(name: str, flow: str, flows: Mapping[str, FlowProgram]) -> None:
    """Refuse a flow that takes less, or more, than is asked for."""
    program = flows.get(flow)
    if program is None or name not in program.doors:
        raise unsupported(f"{_ALLOW}{name}", f": its flow '{flow}' does not take {name}")
    if any(declared.required for declared in program.inputs.values()):
        raise unsupported(f"{_ALLOW}{name}", f": its flow '{flow}' needs inputs")


def _lives(members: Members) -> TokenLives:
    usual, units = TokenLives(), members.get("TokenValidityUnits", {})

    def life(token: str, unit: str, bounds: tuple[timedelta, timedelta]) -> timedelta | None:
        number = members.get(f"{token}Validity")
        if not number:
            return None
        seconds = number * _SECONDS[units.get(token, unit)]
        least, most = bounds
        if not least.total_seconds() <= seconds <= most.total_seconds():
            raise InvalidParameterError(f"Invalid range for token validity: {token}Validity.")
        return timedelta(seconds=seconds)

    return TokenLives(
        access=life("AccessToken", "hours", _SHORT) or usual.access,
        id=life("IdToken", "hours", _SHORT) or usual.id,
        refresh=life("RefreshToken", "days", _LONG) or usual.refresh,
        rotation=_rotation(members.get("RefreshTokenRotation", {})),
    )


def _rotation(written: Members) -> Rotation | None:
    if written.get("Feature") != "ENABLED":
        return None
    return Rotation(timedelta(seconds=written.get("RetryGracePeriodSeconds", 0)))
