"""Lambda handlers that fail, and what the client is told (COGNITO.md, C.7)."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import pytest

from flowengine.engine.replies import ChallengeReply
from flowengine.engine.triggers import running
from flowengine.errors import (
    CallerError,
    InvalidLambdaResponseError,
    NotAuthorizedError,
    SessionError,
    UnexpectedLambdaError,
    UserLambdaValidationError,
)
from tests import planted
from tests.engine.triggered import (
    Event,
    Handler,
    Triggered,
    create_passwordless,
    define_passwordless,
    verify_passwordless,
)

TRIGGERS = ("define", "create", "verify")


def world_with(**handlers: Handler) -> Triggered:
    world = Triggered(**handlers)  # type: ignore[arg-type]
    world.add_alice()
    return world


def refusal(which: str, handler: Handler) -> CallerError:
    """Sign in where one of the three handlers is another one."""
    world = world_with(**{which: handler})
    with pytest.raises(CallerError) as refused:
        world.say(world.begin())
    return refused.value


NAMES = {
    "define": "DefineAuthChallenge",
    "create": "CreateAuthChallenge",
    "verify": "VerifyAuthChallengeResponse",
}


@pytest.mark.parametrize("which", TRIGGERS)
def test_what_a_handler_raises_is_told_in_its_own_words(which: str) -> None:
    def handler(event: Event, _context: Any) -> Event:
        return event["challengeMetaData"]  # type: ignore[no-any-return]

    error = refusal(which, handler)
    assert type(error) is UserLambdaValidationError
    assert error.message == f"{NAMES[which]} failed with error 'challengeMetaData'."


@pytest.mark.parametrize("which", TRIGGERS)
def test_a_handler_that_exits_has_failed(which: str) -> None:
    error = refusal(which, lambda _event, _context: sys.exit("no such user"))
    assert error.message == f"{NAMES[which]} failed with error no such user."


@pytest.mark.parametrize("which", TRIGGERS)
def test_a_handler_that_does_not_answer_is_given_up(
    which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = threading.Event()

    def handler(event: Event, _context: Any) -> Event:
        waiting.wait(60)
        return event

    world = world_with(**{which: handler})
    functions: Any = world.engine.parts.functions
    call = functions.call

    async def impatient(name: str, arguments: Any, limit: Any) -> object:
        assert limit.total_seconds() == 5
        return await call(name, arguments, limit / 50)

    monkeypatch.setattr(functions, "call", impatient)
    with pytest.raises(UnexpectedLambdaError) as refused:
        world.say(world.begin())
    waiting.set()
    assert refused.value.message == (f"{NAMES[which]} invocation failed due to error TimeoutError.")


def _without(key: str) -> Handler:
    return lambda event, _: {name: value for name, value in event.items() if name != key}


def _with(**members: Any) -> Handler:
    return lambda event, _: {**event, **members}


def _recursive(event: Event, _context: Any) -> Event:
    event["response"]["itself"] = event
    return event


NOT_THE_EVENT: dict[str, Handler] = {
    "nothing": lambda _event, _context: None,
    "an empty object": lambda _event, _context: {},
    "the response alone": lambda event, _: event["response"],
    "a text": lambda _event, _context: "ok",
    "a list": lambda event, _: [event],
    "no response": _without("response"),
    "no version": _without("version"),
    "a response that is none": _with(response=None),
    "a response that is a list": _with(response=[]),
    "another user": _with(userName="bob"),
    "another pool": _with(userPoolId="eu-west-1_Another"),
    "another trigger": _with(triggerSource="PreSignUp_SignUp"),
    "a member that it does not know": _with(response={"challengeResult": True}),
    "what is no JSON": _with(more={1, 2}),
    "what is no number": _with(more=float("nan")),
    "half a character": _with(more="\ud800"),
    "bytes": _with(more=b"x"),
    "itself": _recursive,
}


@pytest.mark.parametrize("which", TRIGGERS)
@pytest.mark.parametrize("what", NOT_THE_EVENT)
def test_what_is_not_the_event_is_unrecognizable(which: str, what: str) -> None:
    error = refusal(which, NOT_THE_EVENT[what])
    assert type(error) is InvalidLambdaResponseError
    assert error.message == "Unrecognizable lambda output"


def _responding(**response: Any) -> Handler:
    return lambda event, _: {**event, "response": response}


MISSHAPEN: list[tuple[str, Handler]] = [
    ("define", _responding()),
    ("define", _responding(challengeName=None, issueTokens=None, failAuthentication=None)),
    ("define", _responding(challengeName="", issueTokens=False, failAuthentication=False)),
    ("define", _responding(issueTokens="true")),
    ("define", _responding(issueTokens=1)),
    ("define", _responding(issueTokens=True, failAuthentication="false")),
    ("define", _responding(challengeName=["CUSTOM_CHALLENGE"])),
    ("define", _responding(challengeName="SOFTWARE_TOKEN_MFA")),
    ("define", _responding(challengeName="CUSTOM_CHALLENGE", challengeMetadata="X")),
    ("create", _responding(privateChallengeParameters={"code": 1234})),
    ("create", _responding(privateChallengeParameters="code")),
    ("create", _responding(privateChallengeParameters={"code": "1"}, challengeMetadata=1)),
    (
        "create",
        _responding(
            privateChallengeParameters={"code": "1"}, publicChallengeParameters={"n": None}
        ),
    ),
    ("verify", _responding()),
    ("verify", _responding(answerCorrect=None)),
    ("verify", _responding(answerCorrect="true")),
    ("verify", _responding(answerCorrect=1)),
]


@pytest.mark.parametrize(("which", "handler"), MISSHAPEN)
def test_a_response_of_the_wrong_types_is_unrecognizable(which: str, handler: Handler) -> None:
    error = refusal(which, handler)
    assert (error.code, error.message) == (
        "InvalidLambdaResponseException",
        "Unrecognizable lambda output",
    )


@pytest.mark.parametrize("private", [{}, None])
def test_a_challenge_without_private_parameters_is_refused_as_cognito_does(private: Any) -> None:
    error = refusal("create", _responding(privateChallengeParameters=private))
    assert type(error) is NotAuthorizedError
    assert error.message == "Incorrect username or password."


@pytest.mark.parametrize("which", TRIGGERS)
def test_the_session_is_spent_where_a_handler_failed_for_an_answer(which: str) -> None:
    world = world_with()
    asked = world.begin()
    kept = getattr(world, which)
    good, kept.handler = kept.handler, _without("response")
    with pytest.raises(InvalidLambdaResponseError):
        world.say(asked, "no")
    kept.handler = good
    with pytest.raises(SessionError):
        world.say(asked)


def test_what_a_handler_does_to_its_event_later_changes_nothing() -> None:
    kept: list[Event] = []

    def create(event: Event, context: Any) -> Event:
        kept.append(event)
        return create_passwordless(event, context)

    world = world_with(create=create)
    asked = world.begin()
    kept[0]["response"]["privateChallengeParameters"]["secretLoginCode"] = "guessed"
    again = world.say(asked, "guessed")
    assert isinstance(again, ChallengeReply)
    assert again.challenge_name == "CUSTOM_CHALLENGE"


def test_a_handler_may_change_its_request_and_nobody_sees_it() -> None:
    def spoiling(handler: Handler) -> Handler:
        def spoilt(event: Event, context: Any) -> Any:
            done = handler(event, context)
            event["request"].clear()
            return done

        return spoilt

    world = world_with(
        define=spoiling(define_passwordless),
        create=spoiling(create_passwordless),
        verify=spoiling(verify_passwordless),
    )
    world.say(world.begin(), "no")
    assert world.define.events[1]["request"]["userAttributes"]["sub"] == "sub-of-alice"


def test_only_private_parameters_of_this_very_round_reach_verify() -> None:
    world = world_with()
    world.say(world.begin(), "no")
    assert set(world.verify.events[0]["request"]) == {
        "userAttributes",
        "privateChallengeParameters",
        "challengeAnswer",
        "userNotFound",
    }


def test_no_handlers_code_or_answer_is_noted() -> None:
    world = world_with()
    world.say(world.begin())
    assert planted.CODE not in repr(world.notes.events)


def test_a_trigger_outside_of_a_sign_in_is_refused() -> None:
    function: Callable[..., Any] = running.as_function(
        running.Trigger("X", dict, lambda _: None), lambda event, _: event
    )
    with pytest.raises(CallerError):
        function()
