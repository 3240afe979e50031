"""What a pool's own function changes of the claims of its tokens.

Source: Amazon Cognito developer guide, "Pre token generation Lambda trigger", "Claims and scopes
reference".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from flowengine.tokens.claims import PROTOCOLS_OWN, VERIFIED_MARKS, SignInFacts

GROUPS: Final = "cognito:groups"
_ROLES: Final = "cognito:roles"
_PREFERRED_ROLE: Final = "cognito:preferred_role"
_COGNITO: Final = "cognito:"
_DEVELOPER: Final = "dev:"
_SCOPE: Final = "scope"
_AUDIENCE: Final = "aud"


@dataclass(frozen=True, slots=True)
class TokenChanges:
    """What is changed of one token.

    Names of the protocol are passed over, in both: they say what really happened. ``protected``
    tells which those are.

    Attributes:
        add: Claims, in place of those of the same name; values as JSON has them.
        suppress: Names of claims that are left out, whatever ``add`` says.
    """

    add: Mapping[str, Any] = field(default_factory=dict, repr=False)
    suppress: tuple[str, ...] = ()

    def apply(self, claims: Mapping[str, Any]) -> dict[str, Any]:
        """Give the claims as they are after the changes."""
        added = {name: value for name, value in self.add.items() if _may_be_added(name)}
        left_out = {name for name in self.suppress if _may_be_suppressed(name)}
        if GROUPS in left_out:
            left_out |= {_ROLES, _PREFERRED_ROLE}
        return {n: value for n, value in {**claims, **added}.items() if n not in left_out}

    def protected(self) -> Iterator[str]:
        """Name what was to be changed and is not: each name of the protocol, as it is known."""
        kept = [name for name in self.add if not _may_be_added(name)]
        kept += [name for name in self.suppress if not _may_be_suppressed(name)]
        for name in kept:
            yield name if name in PROTOCOLS_OWN else f"{name.partition(':')[0]}:"


_NOTHING: Final = TokenChanges()


@dataclass(frozen=True, slots=True)
class ClaimChanges:
    """What is changed of the tokens of a sign-in.

    Attributes:
        groups: In both tokens, in place of the user's own; None leaves those.
        roles: Of the id token, as ``preferred_role`` is.
        scopes_to_add: Scopes of the access token, beside those of the sign-in.
        scopes_to_suppress: Scopes that it does not have, whatever ``scopes_to_add`` says.
        for_client: Whether the access token says for which client it is as the id token does.
    """

    identity: TokenChanges = _NOTHING
    access: TokenChanges = _NOTHING
    groups: tuple[str, ...] | None = None
    roles: tuple[str, ...] = ()
    preferred_role: str | None = None
    scopes_to_add: tuple[str, ...] = ()
    scopes_to_suppress: tuple[str, ...] = ()
    for_client: bool = False

    def regroup(self, facts: SignInFacts) -> SignInFacts:
        """Give the facts with the groups as they are to be told."""
        return facts if self.groups is None else replace(facts, groups=self.groups)

    def of_identity(self, claims: Mapping[str, Any]) -> dict[str, Any]:
        """Give the claims of an id token as they are after the changes."""
        roles: dict[str, Any] = {_ROLES: list(self.roles)} if self.roles else {}
        if self.preferred_role:
            roles[_PREFERRED_ROLE] = self.preferred_role
        return self.identity.apply({**claims, **roles})

    def of_access(self, claims: Mapping[str, Any]) -> dict[str, Any]:
        """Give the claims of an access token as they are after the changes."""
        changed = self.access.apply(claims)
        scopes = dict.fromkeys((*changed.pop(_SCOPE, "").split(), *self.scopes_to_add))
        left = [scope for scope in scopes if scope not in self.scopes_to_suppress]
        changed |= {_SCOPE: " ".join(left)} if left else {}
        return changed | ({_AUDIENCE: claims["client_id"]} if self.for_client else {})

    def protected(self) -> tuple[str, ...]:
        """Name what was to be changed of either token and is not, each once."""
        audience = {_AUDIENCE} if self.for_client else set()
        named = {*self.identity.protected(), *({*self.access.protected()} - audience)}
        return tuple(sorted(named))


NO_CHANGES: Final = ClaimChanges()


def _may_be_added(name: str) -> bool:
    return name not in PROTOCOLS_OWN and not name.startswith((_COGNITO, _DEVELOPER))


def _may_be_suppressed(name: str) -> bool:
    if name in VERIFIED_MARKS or name == GROUPS:
        return True
    return name not in PROTOCOLS_OWN and not name.startswith(_COGNITO)
