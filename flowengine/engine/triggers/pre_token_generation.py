"""PreTokenGeneration: changes the claims of tokens before they are signed.

Version 1 of the event changes the id token and the groups of both. Versions 2 and 3 change both
tokens and the access token's scopes, and may give claims values that are no texts; they are the
same but for their number, and for tokens of machines, which nobody gets here.

Source: Amazon Cognito developer guide, "Pre token generation Lambda trigger".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from flowengine.accounts.triggers import TokenEvent
from flowengine.engine.triggers.context import TriggerContext, current
from flowengine.engine.triggers.events import (
    Event,
    client_metadata,
    envelope,
    text,
    texts,
    user_attributes,
)
from flowengine.engine.triggers.running import Trigger
from flowengine.errors import InvalidLambdaResponseError
from flowengine.tokens.changes import NO_CHANGES, ClaimChanges, TokenChanges
from flowengine.tokens.claims import SIGN_IN_SCOPE

_NAME: Final = "PreTokenGeneration"
_DETAILS: Final = "claimsOverrideDetails"
_LATER_DETAILS: Final = "claimsAndScopeOverrideDetails"
_ADD: Final = "claimsToAddOrOverride"
_SUPPRESS: Final = "claimsToSuppress"
_OF_GROUPS: Final = "groupOverrideDetails"
_OF_IDENTITY: Final = "idTokenGeneration"
_OF_ACCESS: Final = "accessTokenGeneration"
_SCOPES_TO_ADD: Final = "scopesToAdd"
_SCOPES_TO_SUPPRESS: Final = "scopesToSuppress"

_CLAIMS: Final = frozenset({_ADD, _SUPPRESS})
_GROUPS: Final = frozenset({"groupsToOverride", "iamRolesToOverride", "preferredRole"})
_LATER: Final = frozenset({_OF_IDENTITY, _OF_ACCESS, _OF_GROUPS})
_SCOPES: Final = frozenset({_SCOPES_TO_ADD, _SCOPES_TO_SUPPRESS})
_NEVER_COMPLEX: Final = ("phone_number_verified", "email_verified", "updated_at", "address")
_SCOPE_TOKEN: Final = re.compile(r"[\x21\x23-\x5B\x5D-\x7E]+")  # RFC 6749, section 3.3
_AUDIENCE: Final = "aud"


def ask(source: str) -> Event:
    """Make the event of version 1.

    Args:
        source: What the tokens are made for: ``Authentication``, ``RefreshTokens``, ….
    """
    return _event(current(), source, {}, _DETAILS)


def _asking(version: str) -> Callable[[str], Event]:
    """Give what makes the event of a later version, which tells the scopes too."""

    def ask_later(source: str) -> Event:
        event = _event(current(), source, {"scopes": [SIGN_IN_SCOPE]}, _LATER_DETAILS)
        return {**event, "version": version}

    return ask_later


def _event(context: TriggerContext, source: str, more: Mapping[str, Any], details: str) -> Event:
    request = {
        "userAttributes": user_attributes(context),
        "groupConfiguration": {
            "groupsToOverride": list(context.user.groups),
            "iamRolesToOverride": [],
            "preferredRole": None,
        },
        **more,
        **client_metadata(context),
    }
    return envelope(context, f"TokenGeneration_{source}", request, {details: None})


def read(response: Mapping[str, Any]) -> ClaimChanges:
    """Read the changes of version 1; groups stay as they are where nothing is said of them.

    An empty or null ``groupOverrideDetails`` takes them all away, as the guide says.

    Raises:
        InvalidLambdaResponseError: It has another shape.
    """
    details = _object(response.get(_DETAILS), _CLAIMS | {_OF_GROUPS})
    if details is None:
        return NO_CHANGES
    identity = TokenChanges(texts(details, _ADD), _list(details, _SUPPRESS))
    return ClaimChanges(identity, **_groups(details))


def read_later(response: Mapping[str, Any]) -> ClaimChanges:
    """Read the changes of versions 2 and 3.

    Raises:
        InvalidLambdaResponseError: It has another shape; a scope is none (RFC 6749, section 3.3);
            or the access token is to be for another than the client.
    """
    details = _object(response.get(_LATER_DETAILS), _LATER)
    if details is None:
        return NO_CHANGES
    identity = _object(details.get(_OF_IDENTITY), _CLAIMS) or {}
    access = _object(details.get(_OF_ACCESS), _CLAIMS | _SCOPES) or {}
    added = _values(access)
    if added.get(_AUDIENCE, current().client.id) != current().client.id:
        raise InvalidLambdaResponseError
    return ClaimChanges(
        TokenChanges(_values(identity, never_complex=_NEVER_COMPLEX), _list(identity, _SUPPRESS)),
        TokenChanges(added, _list(access, _SUPPRESS)),
        scopes_to_add=_scopes(access, _SCOPES_TO_ADD),
        scopes_to_suppress=_list(access, _SCOPES_TO_SUPPRESS),
        for_client=_AUDIENCE in added,
        **_groups(details),
    )


def _groups(details: Mapping[str, Any]) -> dict[str, Any]:
    if _OF_GROUPS not in details:
        return {}
    groups = _object(details[_OF_GROUPS], _GROUPS) or {}
    return {
        "groups": _list(groups, "groupsToOverride"),
        "roles": _list(groups, "iamRolesToOverride"),
        "preferred_role": text(groups, "preferredRole"),
    }


def _object(found: object, members: frozenset[str]) -> dict[str, Any] | None:
    if found is None:
        return None
    if not isinstance(found, dict) or not found.keys() <= members:
        raise InvalidLambdaResponseError
    return found


def _list(details: Mapping[str, Any], name: str) -> tuple[str, ...]:
    found = details.get(name)
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise InvalidLambdaResponseError
    return tuple(found)


def _scopes(details: Mapping[str, Any], name: str) -> tuple[str, ...]:
    scopes = _list(details, name)
    if not all(_SCOPE_TOKEN.fullmatch(scope) for scope in scopes):
        raise InvalidLambdaResponseError
    return scopes


def _values(details: Mapping[str, Any], never_complex: tuple[str, ...] = ()) -> dict[str, Any]:
    """Read claims whose values are texts, numbers, truth values, lists of these, or objects."""
    found = details.get(_ADD)
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise InvalidLambdaResponseError
    for name, value in found.items():
        is_list = isinstance(value, list) and all(map(_is_scalar, value))
        is_complex = isinstance(value, dict) or is_list
        if not _is_scalar(value) and (not is_complex or name in never_complex):
            raise InvalidLambdaResponseError
    return found


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float)  # a bool is an int


PRE_TOKEN_GENERATION: Final = Trigger(_NAME, ask, read)
PRE_TOKEN_GENERATIONS: Final[Mapping[TokenEvent, Trigger]] = MappingProxyType(
    {
        TokenEvent.V1_0: PRE_TOKEN_GENERATION,
        TokenEvent.V2_0: Trigger(_NAME, _asking("2"), read_later),
        TokenEvent.V3_0: Trigger(_NAME, _asking("3"), read_later),
    }
)
"""The trigger by the version of its event."""
