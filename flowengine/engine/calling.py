"""Call nodes: what a registered function returned, and the functions that act later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from flowengine.challenges.custom_settings import evaluate
from flowengine.engine.parts import Parts
from flowengine.engine.triggers.calling import call_function
from flowengine.engine.triggers.context import TriggerContext
from flowengine.errors import CallerError, EvaluationError, InvalidLambdaResponseError
from flowengine.flow.machine import FAILED, RETURNED
from flowengine.flow.program import CallNode
from flowengine.runtime.record import SignInRecord


@dataclass(frozen=True, slots=True)
class Acting:
    """A function that changes something, to be called once the step is settled."""

    function: str
    arguments: Mapping[str, Any] = field(repr=False)
    timeout: timedelta


@dataclass(frozen=True, slots=True)
class Called:
    """What became of a call node.

    Attributes:
        outcome: ``returned`` or ``failed``.
        acting: The function that is still to be called.
        error: Why it failed; what a refusal says where ``failed`` leads to nothing else.
    """

    outcome: str
    record: SignInRecord
    acting: Acting | None = None
    error: CallerError | None = None


async def call_node(
    parts: Parts,
    node: CallNode,
    record: SignInRecord,
    facts: Mapping[str, Any],
    context: TriggerContext,
) -> Called:
    """Call a node's function, or keep it for later; whatever goes wrong is ``failed``."""
    try:
        arguments = evaluate(node.call.arguments, facts)
    except EvaluationError:
        return Called(FAILED, record)
    if node.acts:
        acting = Acting(node.call.function, arguments, node.call.timeout)
        return Called(RETURNED, record, acting)
    function, limit = node.call.function, node.call.timeout
    try:
        value = await call_function(parts, context, function, arguments, limit)
    except CallerError as error:
        return Called(FAILED, record, error=error)
    if not node.takes(value):
        return Called(FAILED, record, error=InvalidLambdaResponseError())
    if node.save is None:
        return Called(RETURNED, record)
    saved = MappingProxyType({**record.vars, node.save: value})
    return Called(RETURNED, replace(record, vars=saved))


async def act(parts: Parts, acting: Acting) -> None:
    """Call a function that changes something.

    Raises:
        CallerError: It refused, failed or took too long.
    """
    await parts.functions.call(acting.function, acting.arguments, acting.timeout)
