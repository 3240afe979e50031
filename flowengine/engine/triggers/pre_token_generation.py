"""PreTokenGeneration: changes the claims of tokens before they are signed.

Source: Amazon Cognito developer guide, "Pre token generation Lambda trigger", event version 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flowengine.engine.triggers.context import current
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
from flowengine.tokens.claims import NO_CHANGES, ClaimChanges

_DETAILS: Final = "claimsOverrideDetails"
_MEMBERS: Final = frozenset({"claimsToAddOrOverride", "claimsToSuppress", "groupOverrideDetails"})
_GROUPS: Final = frozenset({"groupsToOverride", "iamRolesToOverride", "preferredRole"})


def ask(source: str) -> Event:
    """Make the event.

    Args:
        source: What the tokens are made for: ``Authentication``, ``RefreshTokens``, ….
    """
    context = current()
    request = {
        "userAttributes": user_attributes(context),
        "groupConfiguration": {
            "groupsToOverride": list(context.user.groups),
            "iamRolesToOverride": [],
            "preferredRole": None,
        },
        **client_metadata(context),
    }
    return envelope(context, f"TokenGeneration_{source}", request, {_DETAILS: None})


def read(response: Mapping[str, Any]) -> ClaimChanges:
    """Read the changes; groups stay as they are where nothing is said of them.

    An empty or null ``groupOverrideDetails`` takes them all away, as the guide says.

    Raises:
        InvalidLambdaResponseError: It has another shape.
    """
    details = _object(response.get(_DETAILS), _MEMBERS)
    if details is None:
        return NO_CHANGES
    add, suppress = texts(details, "claimsToAddOrOverride"), _list(details, "claimsToSuppress")
    if "groupOverrideDetails" not in details:
        return ClaimChanges(add, suppress)
    groups = _object(details["groupOverrideDetails"], _GROUPS) or {}
    return ClaimChanges(
        add,
        suppress,
        groups=_list(groups, "groupsToOverride"),
        roles=_list(groups, "iamRolesToOverride"),
        preferred_role=text(groups, "preferredRole"),
    )


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


PRE_TOKEN_GENERATION: Final = Trigger("PreTokenGeneration", ask, read)
