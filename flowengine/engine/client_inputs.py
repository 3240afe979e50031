"""The inputs that a client gives its flows: asked for once, when a sign-in begins."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final, assert_never

from flowengine.accounts.pool import Client, ClientInput, FunctionInput, LiteralInput
from flowengine.accounts.user import UserFacts
from flowengine.engine.parts import Parts
from flowengine.errors import InvalidLambdaResponseError
from flowengine.flow.program import FlowProgram
from flowengine.runtime.facts import RequestFacts

_TIMEOUT: Final = timedelta(seconds=5)
"""What Cognito gives a trigger (developer guide, "Lambda trigger considerations")."""


async def client_inputs(
    parts: Parts,
    client: Client,
    program: FlowProgram,
    user: UserFacts | None,
    request: RequestFacts,
    given: Mapping[str, Any],
) -> Mapping[str, Any]:
    """Give what a flow takes of its client's inputs; what the caller gave goes before it.

    A function is called with the keyword arguments ``request`` and ``user``: the records that
    expressions know by these names, as nested dicts, the time in nanoseconds since 1970. A user
    who does not exist is told to it like any other, as one whose ``exists`` is false.

    Args:
        user: None where nobody is named yet: there is nobody to call a function about.

    Raises:
        CallerError: A function refused, failed, took longer than five seconds, or returned what
            is not of the type that the flow declares.
    """
    values = dict(given)
    for name, declared in program.inputs.items():
        source = client.inputs.get(name)
        if source is None or name in given:
            continue
        values[name] = await _value(parts, source, user, request)
        if not declared.takes(values[name]):
            raise InvalidLambdaResponseError
    return MappingProxyType(values)


async def _value(
    parts: Parts, source: ClientInput, user: UserFacts | None, request: RequestFacts
) -> object:
    match source:
        case LiteralInput(value):
            return value
        case FunctionInput() if user is None:
            raise InvalidLambdaResponseError
        case FunctionInput(function):
            arguments = {"request": request.bindings(), "user": user.bindings()}
            return await parts.functions.call(function, arguments, _TIMEOUT)
        case _:
            assert_never(source)
