"""Calls registered functions, each pool's own where a flow names a trigger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from flowengine.accounts.triggers import CUSTOM_AUTH_TRIGGERS, pool_function
from flowengine.engine.parts import Parts
from flowengine.engine.triggers.context import TriggerContext, about
from flowengine.engine.triggers.lambda_context import LIMIT
from flowengine.errors import InvalidParameterError

NOT_CONFIGURED: Final = "Custom auth lambda trigger is not configured for the user pool."


async def call_function(
    parts: Parts,
    context: TriggerContext,
    name: str,
    arguments: Mapping[str, Any],
    limit: timedelta,
) -> object:
    """Call a function by the name that a flow has for it.

    Raises:
        CallerError: It refused, failed or took too long; or it is a trigger that neither the
            user's pool has nor the engine.
    """
    own = pool_function(context.pool.id, name)
    if name in CUSTOM_AUTH_TRIGGERS:
        name = own if parts.functions.has(own) else name
        if not parts.functions.has(name):
            raise InvalidParameterError(NOT_CONFIGURED)
    with about(context):
        return await parts.functions.call(name, arguments, limit)


async def call_hook(
    parts: Parts,
    context: TriggerContext,
    trigger: str,
    **arguments: Any,  # noqa: ANN401 - each trigger has its own
) -> object:
    """Call a trigger of the user's pool; None where the pool does not have it.

    Raises:
        CallerError: It refused, failed or took too long.
    """
    name = pool_function(context.pool.id, trigger)
    if not parts.functions.has(name):
        return None
    with about(context):
        return await parts.functions.call(name, arguments, LIMIT)
