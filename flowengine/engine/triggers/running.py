"""Turns a Lambda handler into a function as the engine calls them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from flowengine.engine.triggers.context import current
from flowengine.engine.triggers.events import Event, Handler, answer
from flowengine.engine.triggers.lambda_context import LambdaContext
from flowengine.errors import UserLambdaValidationError

Function: TypeAlias = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Trigger:
    """One kind of trigger.

    Attributes:
        name: Cognito's name of it, which messages begin with.
        ask: Makes the event out of the arguments of the call and of the present context.
        read: Gives what the engine goes on with, out of the response.
    """

    name: str
    ask: Callable[..., Event]
    read: Callable[[Mapping[str, Any]], Any]


def as_function(trigger: Trigger, handler: Handler) -> Function:
    """Wrap a handler; a coroutine function becomes one, which only AsyncEngine takes.

    What the handler raises is told to the client in its own words, as Cognito tells it: it is
    how a trigger says why it refuses.
    """
    if inspect.iscoroutinefunction(handler):

        async def awaited(**arguments: Any) -> Any:  # noqa: ANN401 - each trigger has its own
            event = trigger.ask(**arguments)
            try:
                returned = await handler(_handed(event), _context(trigger))
            except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it raised: refused
                raise _failed(trigger, error) from None
            return trigger.read(answer(event, returned))

        return awaited

    def called(**arguments: Any) -> Any:  # noqa: ANN401 - each trigger has its own
        event = trigger.ask(**arguments)
        try:
            returned = handler(_handed(event), _context(trigger))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it raised: refused
            raise _failed(trigger, error) from None
        return trigger.read(answer(event, returned))

    return called


def _handed(event: Event) -> Event:
    """Give the handler an event of its own, so that the one it is compared with stays."""
    return {**event, "request": event["request"], "response": dict(event["response"])}


def _context(trigger: Trigger) -> LambdaContext:
    return LambdaContext(trigger.name, current().event_id)


def _failed(trigger: Trigger, error: BaseException) -> UserLambdaValidationError:
    return UserLambdaValidationError(f"{trigger.name} failed with error {error}.")
