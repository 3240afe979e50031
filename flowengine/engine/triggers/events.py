"""The event that every trigger is given, and how what comes back is read.

Source: Amazon Cognito developer guide, "Lambda trigger event"; what the guide leaves open is as
observed (COGNITO.md, C.1 and C.7).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from flowengine.accounts.user import MFA_METHODS, UserFacts
from flowengine.engine.triggers.context import TriggerContext
from flowengine.errors import InvalidLambdaResponseError

Event: TypeAlias = dict[str, Any]
Handler: TypeAlias = Callable[[Event, Any], Any]
"""A Python Lambda handler: ``def handler(event, context)``; AsyncEngine takes coroutines too."""

_VERSION: Final = "1"
_SDK: Final = "aws-sdk-unknown-unknown"
_SAME: Final = ("version", "userPoolId", "userName", "triggerSource")
"""What shows that the event came back, and not something else."""


def envelope(
    context: TriggerContext, source: str, request: Mapping[str, Any], response: Mapping[str, Any]
) -> Event:
    """Put an event together; it shares nothing with what it is made of."""
    event = {
        "version": _VERSION,
        "region": context.pool.region,
        "userPoolId": context.pool.id,
        "userName": context.user.username,
        "callerContext": {"awsSdkVersion": _SDK, "clientId": context.client.id},
        "triggerSource": source,
        "request": request,
        "response": response,
    }
    copied: Event = json.loads(json.dumps(event))
    return copied


def user_attributes(context: TriggerContext) -> dict[str, str]:
    """Give ``request.userAttributes``; nothing of a user who does not exist."""
    user = context.user
    if not user.exists:
        return {}
    return {
        **{name: str(value) for name, value in user.attributes.items()},
        "sub": user.sub,
        "cognito:user_status": user.status.value,
        **_aliases(context, user),
        **({"cognito:mfa_enabled": "true"} if user.has & MFA_METHODS.keys() else {}),
    }


def _aliases(context: TriggerContext, user: UserFacts) -> dict[str, str]:
    """Give the verified addresses that the user may sign in by in place of the name."""
    verified = {"email": user.email_verified, "phone_number": user.phone_verified}
    return {
        f"cognito:{name}_alias": user.attributes[name]
        for name, is_verified in verified.items()
        if is_verified and name in context.pool.aliases and name in user.attributes
    }


def not_found(context: TriggerContext) -> dict[str, bool]:
    """Give ``userNotFound``, which is there where the client plays users that do not exist."""
    if not context.client.prevent_user_existence_errors:
        return {}
    return {"userNotFound": not context.user.exists}


def client_metadata(context: TriggerContext, name: str = "clientMetadata") -> dict[str, Any]:
    """Give ``clientMetadata``, which is there where the client sent some."""
    return {name: dict(context.client_metadata)} if context.client_metadata else {}


def answer(event: Event, returned: object) -> dict[str, Any]:
    """Give the response out of what a handler returned: the event, with its response filled in.

    It is copied as JSON, so that what Lambda cannot carry is refused here as well, and nothing
    that the handler does later changes it.

    Raises:
        InvalidLambdaResponseError: It is not the event, or its response is no object or has
            members that this trigger does not know.
    """
    try:
        # Encoded, since half a character can stand in JSON and in no store.
        copied = json.loads(_written(returned).encode())
    except (TypeError, ValueError, RecursionError):
        raise InvalidLambdaResponseError from None
    if not isinstance(copied, dict) or any(copied.get(k) != event[k] for k in _SAME):
        raise InvalidLambdaResponseError
    response = copied.get("response")
    if not isinstance(response, dict) or not response.keys() <= event["response"].keys():
        raise InvalidLambdaResponseError
    return response


def _written(value: object) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False)


def texts(response: Mapping[str, Any], name: str) -> dict[str, str]:
    """Read a map of texts; what is null or not there is empty.

    Raises:
        InvalidLambdaResponseError: It is no map, or one of its values is no text.
    """
    found = response.get(name)
    if found is None:
        return {}
    if not isinstance(found, dict) or not all(isinstance(each, str) for each in found.values()):
        raise InvalidLambdaResponseError
    return found


def text(response: Mapping[str, Any], name: str) -> str | None:
    """Read a text; None where it is null or not there.

    Raises:
        InvalidLambdaResponseError: It is something else.
    """
    found = response.get(name)
    if found is not None and not isinstance(found, str):
        raise InvalidLambdaResponseError
    return found


def flag(response: Mapping[str, Any], name: str) -> bool | None:
    """Read a truth value; None where it is null or not there.

    Raises:
        InvalidLambdaResponseError: It is something else.
    """
    found = response.get(name)
    if found is not None and not isinstance(found, bool):
        raise InvalidLambdaResponseError
    return found
