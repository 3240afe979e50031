from __future__ import annotations

from typing import Any

import pytest

from flowengine.delivery.function import FunctionSender
from flowengine.errors import UnavailableError
from tests.delivery.letters import ADDRESS, letter
from tests.planted import CODE, MARK


def test_a_function_is_given_everything_by_name() -> None:
    called: list[dict[str, str]] = []
    FunctionSender("backend:send", lambda **given: called.append(given)).send(letter(locale="pt"))
    assert called == [
        {
            "channel": "email",
            "to": ADDRESS,
            "subject": "Your code",
            "text": f"It is {CODE}\n",
            "username": f"ann-{MARK}",
            "code": CODE,
            "purpose": "sign-in",
            "locale": "pt",
        }
    ]


def test_what_it_raises_is_the_queues_to_see() -> None:
    def send(**_: str) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        FunctionSender("backend:send", send).send(letter())


def test_a_function_that_cannot_take_the_arguments_is_refused_before_any_message() -> None:
    def send(to: str, code: str) -> None: ...

    with pytest.raises(UnavailableError, match=r"backend:send does not take .*\(to: 'str'"):
        FunctionSender("backend:send", send)


class Sends:
    async def __call__(self, **_: str) -> None: ...


async def sends(**_: str) -> None: ...


@pytest.mark.parametrize("function", [sends, Sends()])
def test_an_asynchronous_function_is_refused(function: Any) -> None:
    with pytest.raises(UnavailableError, match="asynchronous"):
        FunctionSender("backend:send", function)


def test_what_is_no_function_is_refused() -> None:
    nothing: Any = "send"
    with pytest.raises(UnavailableError, match="no function"):
        FunctionSender("backend:send", nothing)
