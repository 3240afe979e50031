"""``module:function``: a function of the backend that sends codes."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Final

from flowengine.delivery.sending import Letter
from flowengine.errors import UnavailableError

ARGUMENTS: Final = (
    "channel",
    "to",
    "subject",
    "text",
    "username",
    "code",
    "purpose",
    "locale",
)


class FunctionSender:
    """Calls a function with the keyword arguments ``ARGUMENTS``, all of them strings.

    It runs in a thread and may be called by several at once. What it returns is ignored; when it
    raises it is called again, unless it raises :class:`UndeliverableError`.
    """

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        """Take a function and the name that errors give it.

        Raises:
            UnavailableError: It is no function, it is asynchronous, or it does not take the
                arguments.
        """
        if not callable(function):
            raise UnavailableError(f"delivery {name} is no function")
        if _is_asynchronous(function):
            raise UnavailableError(
                f"delivery {name} is asynchronous: it is called in a thread of its own, "
                "and must be a plain function"
            )
        _check_signature(name, function)
        self._function = function

    def send(self, letter: Letter) -> None:
        """Call it."""
        message = letter.message
        self._function(
            channel=message.channel,
            to=message.to,
            subject=letter.subject,
            text=letter.text,
            username=message.username,
            code=message.code,
            purpose=message.purpose,
            locale=message.locale,
        )


def _is_asynchronous(function: Callable[..., Any]) -> bool:
    called = getattr(type(function), "__call__", None)  # noqa: B004 - its kind is asked for
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(called)


def _check_signature(name: str, function: Callable[..., Any]) -> None:
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return  # written in C: the first call tells
    try:
        signature.bind(**dict.fromkeys(ARGUMENTS, ""))
    except TypeError:
        raise UnavailableError(
            f"delivery {name} does not take the keyword arguments {', '.join(ARGUMENTS)}: "
            f"it has the signature {signature}"
        ) from None
