from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.challenges import ChallengeParameters, Judgement
from flowengine.challenges.custom_challenge import CustomChallenge, functions_of
from flowengine.challenges.custom_settings import (
    CustomCall,
    CustomSettings,
    Equality,
    EqualsLiteral,
)
from flowengine.challenges.kind import (
    CallFunction,
    Denied,
    Malformed,
    Proved,
    Standing,
    Unavailable,
    Wrong,
)
from flowengine.errors import (
    InvalidLambdaResponseError,
    InvalidParameterError,
    NotAuthorizedError,
)
from flowengine.expr import Environment
from tests.challenges.builders import answering, issued, issuing, said

KIND = CustomChallenge()
ENVIRONMENT = Environment(
    {
        "limit": "int",
        "word": "string",
        "words": "map(string, string)",
        "responses": "map(string, string)",
        "private": "map(string, string)",
    }
)
QUIZ = CustomSettings(
    verify=Equality("ANSWER", "code"), create=CustomCall("make_quiz"), evidence="quiz"
)
UNRECOGNIZABLE = (InvalidLambdaResponseError, "Unrecognizable lambda output")
REFUSED = (NotAuthorizedError, "Incorrect username or password.")
NOT_PARAMETERS: list[Any] = [
    "text",
    ["public", "private"],
    {"public": {}},
    {"private": {"code": "1"}},
    {"public": {}, "private": {"code": "1"}, "extra": {}},
    {"public": {}, "private": {"code": 1}},
    {"public": {"n": 1}, "private": {"code": "1"}},
    {"public": {1: "n"}, "private": {"code": "1"}},
    {"public": None, "private": {"code": "1"}},
    {"public": {}, "private": None},
    ChallengeParameters({}, {"code": None}),  # type: ignore[dict-item]  # what a user may do
    ChallengeParameters({}, {"code": "1"}, metadata=3),  # type: ignore[arg-type]  # the same
    False,
]


def settings_calling(**arguments: Any) -> CustomSettings:
    return CustomSettings(verify=CustomCall("judge", arguments), evidence="quiz")


def test_a_wrong_answer_asks_anew() -> None:
    assert KIND.facts.standing is Standing.REISSUE
    assert KIND.facts.factor is None
    assert not KIND.facts.needs_account


def test_create_is_asked_for_with_its_evaluated_arguments_and_its_time_limit() -> None:
    call = CustomCall(
        "make", {"n": ENVIRONMENT.compile("limit + 1"), "text": "limit", "list": [1]}, timedelta(2)
    )
    settings = CustomSettings(verify=Equality("ANSWER", "code"), create=call)
    asked = KIND.issue(issuing(settings=settings, facts={"limit": 3}))
    assert asked == CallFunction("make", {"n": 4, "text": "limit", "list": [1]}, timedelta(2))


def test_a_function_has_five_seconds_unless_written() -> None:
    assert CustomCall("make").timeout == timedelta(seconds=5)


@pytest.mark.parametrize(
    "returned",
    [
        ChallengeParameters({"question": "6 x 7"}, {"code": "42"}),
        {"public": {"question": "6 x 7"}, "private": {"code": "42"}},
    ],
)
def test_what_create_returns_is_told_beside_the_user_name_and_kept(returned: object) -> None:
    made = issued(KIND.issue(issuing(settings=QUIZ, called=returned)))
    assert made.parameters == {
        "question": "6 x 7",
        "USERNAME": "7c3a1f7e-0000-4000-8000-0123456789ab",
    }
    assert made.private == {"code": "42"}


def test_the_metadata_of_a_challenge_is_kept_for_the_history() -> None:
    returned = ChallengeParameters({}, {"code": "42"}, metadata="ROUND_1")
    made = issued(KIND.issue(issuing(settings=QUIZ, called=returned)))
    assert made.private == {"code": "42"}
    assert made.metadata == "ROUND_1"


def test_a_function_cannot_name_another_user() -> None:
    returned = {"public": {"USERNAME": "someone-else"}, "private": {"code": "42"}}
    made = issued(KIND.issue(issuing(settings=QUIZ, called=returned)))
    assert made.parameters["USERNAME"] == "7c3a1f7e-0000-4000-8000-0123456789ab"


@pytest.mark.parametrize("returned", NOT_PARAMETERS)
def test_what_is_not_exactly_two_maps_of_strings_is_unrecognizable(returned: object) -> None:
    refused = KIND.issue(issuing(settings=QUIZ, called=returned))
    assert said(refused) == (Unavailable, *UNRECOGNIZABLE)


def test_an_equality_without_any_private_value_refuses_the_sign_in() -> None:
    refused = KIND.issue(issuing(settings=QUIZ, called={"public": {"q": "?"}, "private": {}}))
    assert said(refused) == (Unavailable, *REFUSED)


def test_private_values_may_be_none_where_a_function_judges() -> None:
    settings = CustomSettings(verify=CustomCall("judge"), create=CustomCall("make"))
    made = issued(KIND.issue(issuing(settings=settings, called={"public": {}, "private": {}})))
    assert made.private == {}


def test_literal_parameters_are_told_without_a_function() -> None:
    settings = CustomSettings(
        verify=EqualsLiteral("ANSWER", "ready"),
        parameters={"hint": "say ready", "word": ENVIRONMENT.compile("word")},
    )
    made = issued(KIND.issue(issuing(settings=settings, facts={"word": "now"})))
    assert made.parameters == {
        "hint": "say ready",
        "word": "now",
        "USERNAME": "7c3a1f7e-0000-4000-8000-0123456789ab",
    }


def test_a_parameter_that_is_not_a_string_is_never_told() -> None:
    settings = CustomSettings(verify=EqualsLiteral("ANSWER", "x"), parameters={"n": 3})
    assert said(KIND.issue(issuing(settings=settings))) == (Unavailable, *REFUSED)


@pytest.mark.parametrize(
    "settings",
    [
        CustomSettings(
            verify=EqualsLiteral("ANSWER", "x"),
            parameters={"w": ENVIRONMENT.compile('words["absent"]')},
        ),
        CustomSettings(
            verify=CustomCall("judge"),
            create=CustomCall("make", {"w": ENVIRONMENT.compile('words["absent"]')}),
        ),
    ],
)
def test_an_expression_without_a_value_refuses_the_challenge(settings: CustomSettings) -> None:
    refused = KIND.issue(issuing(settings=settings, facts={"words": {}}))
    assert said(refused) == (Unavailable, *REFUSED)


def test_the_functions_of_a_node_are_those_that_it_creates_and_verifies_with() -> None:
    both = CustomSettings(verify=CustomCall("judge"), create=CustomCall("make"))
    assert functions_of(both) == ("make", "judge")
    assert functions_of(QUIZ) == ("make_quiz",)
    assert functions_of(CustomSettings(verify=EqualsLiteral("ANSWER", "x"))) == ()
    assert functions_of(None) == ()


def verify_quiz(answer: str, private: dict[str, str]) -> object:
    return KIND.verify(answering({"ANSWER": answer}, settings=QUIZ, private=private))


@given(st.text(min_size=1))
def test_the_private_value_itself_is_right(value: str) -> None:
    assert verify_quiz(value, {"code": value}) == Proved(("quiz",))


@given(st.text(st.characters()), st.text(st.characters()))
def test_no_other_text_is_right(value: str, answer: str) -> None:
    if value != answer:
        assert said(verify_quiz(answer, {"code": value})) == (Wrong, *REFUSED)


@pytest.mark.parametrize("private", [{}, {"code": ""}, {"other": "42"}])
@pytest.mark.parametrize("answer", ["", "42"])
def test_nothing_equals_a_private_value_that_is_absent_or_empty(
    private: dict[str, str], answer: str
) -> None:
    assert said(verify_quiz(answer, private)) == (Wrong, *REFUSED)


def test_an_answer_without_the_compared_key_was_not_compared() -> None:
    verdict = KIND.verify(answering({}, settings=QUIZ, private={"code": "42"}))
    assert said(verdict) == (
        Malformed,
        InvalidParameterError,
        "Missing required parameter ANSWER",
    )


def test_a_literal_is_compared_and_proves_what_the_node_says() -> None:
    settings = CustomSettings(verify=EqualsLiteral("ANSWER", "ready"))
    right = answering({"ANSWER": "ready"}, settings=settings, private={})
    wrong = answering({"ANSWER": "READY"}, settings=settings, private={})
    assert KIND.verify(right) == Proved(())
    assert said(KIND.verify(wrong)) == (Wrong, *REFUSED)


def test_a_judging_function_is_given_private_values_and_responses() -> None:
    settings = settings_calling(
        given=ENVIRONMENT.compile('responses["ANSWER"]'),
        expected=ENVIRONMENT.compile('private["code"]'),
        strict=True,
    )
    asked = KIND.verify(
        answering(
            {"ANSWER": "41"},
            settings=settings,
            private={"code": "42"},
            facts={"responses": {"ANSWER": "stale"}, "private": {"code": "stale"}},
        )
    )
    arguments = {"given": "41", "expected": "42", "strict": True}
    assert asked == CallFunction("judge", arguments, timedelta(seconds=5))


def test_an_argument_without_a_value_ends_the_sign_in() -> None:
    settings = settings_calling(code=ENVIRONMENT.compile('private["absent"]'))
    verdict = KIND.verify(answering({}, settings=settings, private={}))
    assert said(verdict) == (Denied, *REFUSED)


def judged(result: object) -> object:
    return KIND.verify(
        answering(
            {"ANSWER": "x"},
            settings=settings_calling(),
            private={},
            called=result,
        )
    )


@pytest.mark.parametrize("result", ["proved", Judgement.PROVED, True])
def test_a_function_may_say_that_an_answer_is_right(result: object) -> None:
    assert judged(result) == Proved(("quiz",))


@pytest.mark.parametrize("result", ["wrong", Judgement.WRONG, False])
def test_a_function_may_say_that_an_answer_is_wrong(result: object) -> None:
    assert said(judged(result)) == (Wrong, *REFUSED)


@pytest.mark.parametrize("result", ["denied", Judgement.DENIED])
def test_a_function_may_end_the_sign_in(result: object) -> None:
    assert said(judged(result)) == (Denied, *REFUSED)


@pytest.mark.parametrize(
    "result", ["", "PROVED", "proved ", "true", "pending", 1, 0, 1.0, ["proved"], {"proved": True}]
)
def test_any_other_result_is_unrecognizable_and_ends_the_sign_in(result: object) -> None:
    assert said(judged(result)) == (Denied, *UNRECOGNIZABLE)


@given(st.uuids().map(str))
def test_no_repr_shows_what_is_private_public_or_answered(secret: str) -> None:
    literal = CustomSettings(
        verify=EqualsLiteral("ANSWER", secret),
        create=CustomCall("make", {"seed": secret}),
        parameters={"p": secret},
    )
    parameters = ChallengeParameters({"p": secret}, {"code": secret}, secret)
    made = KIND.issue(issuing(settings=QUIZ, called=parameters))
    asked = KIND.issue(issuing(settings=literal))
    answer = answering({"ANSWER": secret}, settings=literal, private={"c": secret})
    values = (literal, literal.create, literal.verify, parameters, made, asked, answer)
    assert all(secret not in repr(value) for value in values)
