"""CUSTOM_CHALLENGE: what the author's own functions and values ask and compare.

Source: Amazon Cognito developer guide, "Custom authentication challenge Lambda triggers".
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, assert_never

from flowengine.challenges.custom_settings import (
    ChallengeParameters,
    CustomCall,
    CustomSettings,
    Deliver,
    Equality,
    EqualsLiteral,
    Judgement,
    evaluate,
)
from flowengine.challenges.delivered_codes import address_of
from flowengine.challenges.kind import (
    Answering,
    CallFunction,
    CodeToSend,
    Denied,
    Issued,
    Issuing,
    KindFacts,
    Malformed,
    Pending,
    Proved,
    Standing,
    Unavailable,
    Verdict,
    Wrong,
)
from flowengine.crypto.text import octets
from flowengine.errors import (
    EvaluationError,
    InvalidLambdaResponseError,
    InvalidParameterError,
    MFAMethodNotFoundError,
    NotAuthorizedError,
)

_FACTS = KindFacts(
    name="CUSTOM_CHALLENGE",
    standing=Standing.REISSUE,
    required=(),
    optional=("*",),  # the family of every key: which ones are asked for is the author's to say
    needs_account=False,
)
_MEMBERS = frozenset({"public", "private"})


class CustomChallenge:
    """The kind whose public and private parameters, and whose judgement, an author supplies.

    A wrong answer asks anew: it is Cognito's "answerCorrect: false", not an error.
    """

    facts = _FACTS

    def issue(self, issuing: Issuing) -> Issued | Unavailable | CallFunction:
        """Tell the literal parameters and what the function under ``create`` returned."""
        settings: CustomSettings = issuing.settings
        try:
            if settings.create is not None and issuing.called is None:
                return _call(settings.create, issuing.facts)
            told = evaluate(settings.parameters, issuing.facts)
        except EvaluationError:
            return Unavailable(NotAuthorizedError())
        created = ChallengeParameters()
        if settings.create is not None:
            read = _read_parameters(issuing.called)
            if read is None:
                return Unavailable(InvalidLambdaResponseError())
            created = read
        if not _all_strings(told) or _nothing_to_compare(settings, created):
            return Unavailable(NotAuthorizedError())
        # USERNAME comes last, so that no function can make the client answer for another user.
        public = {**told, **created.public, "USERNAME": issuing.user.username}
        private = MappingProxyType(dict(created.private))
        issued = Issued(MappingProxyType(public), private, created.metadata or "")
        return issued if settings.deliver is None else _sent(settings.deliver, issuing, issued)

    def verify(self, answering: Answering) -> Verdict | CallFunction:
        """Compare as the author said, or let the function under ``verify`` judge."""
        settings: CustomSettings = answering.settings
        match settings.verify:
            case Equality(response, private):
                expected = answering.private.get(private)
                return _compare(settings, answering, response, expected)
            case EqualsLiteral(response, value):
                return _compare(settings, answering, response, value)
            case CustomCall() as call if answering.called is None:
                return _ask(call, answering)
            case CustomCall():
                return _judged(settings, answering.called)
            case _:
                assert_never(settings.verify)


def deliver_of(settings: object) -> Deliver | None:
    """Give how a node's settings send a code; None for those of other kinds."""
    return settings.deliver if isinstance(settings, CustomSettings) else None


def functions_of(settings: object) -> tuple[str, ...]:
    """Name the registered functions that a node's settings call; those of other kinds, none."""
    if not isinstance(settings, CustomSettings):
        return ()
    calls = (settings.create, settings.verify)
    return tuple(call.function for call in calls if isinstance(call, CustomCall))


def _sent(deliver: Deliver, issuing: Issuing, issued: Issued) -> Issued | Unavailable:
    """Send ``private.code`` along; without a code or a verified address there is no challenge."""
    address, code = address_of(issuing.user, deliver.channel), issued.private.get("code")
    if address is None:
        return Unavailable(MFAMethodNotFoundError())
    if not code:
        return Unavailable(InvalidLambdaResponseError())
    return replace(issued, send=CodeToSend(deliver.channel, address, code, deliver.purpose))


def _proved(settings: CustomSettings) -> Proved:
    return Proved((settings.evidence,) if settings.evidence is not None else ())


def _compare(
    settings: CustomSettings, answering: Answering, response: str, expected: str | None
) -> Verdict:
    """Compare in constant time; what is absent or empty equals nothing."""
    given = answering.responses.get(response)
    if given is None:
        return Malformed(InvalidParameterError.missing(response))
    same = hmac.compare_digest(octets(given), octets(expected or ""))
    return _proved(settings) if same and expected else Wrong(NotAuthorizedError())


def _ask(call: CustomCall, answering: Answering) -> CallFunction | Denied:
    facts = {
        **answering.facts,
        "responses": dict(answering.responses),
        "private": dict(answering.private),
    }
    try:
        return _call(call, facts)
    except EvaluationError:
        return Denied(NotAuthorizedError())


def _judged(settings: CustomSettings, result: object) -> Verdict:
    """Read a function's judgement; only exactly one of the words, or exactly a bool, counts."""
    if isinstance(result, bool):
        result = Judgement.PROVED if result else Judgement.WRONG
    try:
        judgement = Judgement(result) if isinstance(result, str) else None
    except ValueError:
        judgement = None
    match judgement:
        case Judgement.PROVED:
            return _proved(settings)
        case Judgement.WRONG:
            return Wrong(NotAuthorizedError())
        case Judgement.DENIED:
            return Denied(NotAuthorizedError())
        case Judgement.PASSED:
            return Proved(())
        case Judgement.PENDING if settings.polls:
            return Pending()
        case Judgement.PENDING | None:
            return Denied(InvalidLambdaResponseError())
        case _:
            assert_never(judgement)


def _call(call: CustomCall, facts: Mapping[str, Any]) -> CallFunction:
    return CallFunction(call.function, evaluate(call.arguments, facts), call.timeout)


def _read_parameters(returned: object) -> ChallengeParameters | None:
    """Read what ``create`` returned; None unless it is of exactly the right shape."""
    if isinstance(returned, Mapping) and returned.keys() == _MEMBERS:
        returned = ChallengeParameters(returned["public"], returned["private"])
    if not isinstance(returned, ChallengeParameters):
        return None
    if not (_all_strings(returned.public) and _all_strings(returned.private)):
        return None
    metadata: object = returned.metadata
    return returned if metadata is None or isinstance(metadata, str) else None


def _all_strings(values: object) -> bool:
    return isinstance(values, Mapping) and all(
        isinstance(key, str) and isinstance(value, str) for key, value in values.items()
    )


def _nothing_to_compare(settings: CustomSettings, created: ChallengeParameters) -> bool:
    """Whether an equality has no private value at all, which Cognito refuses too."""
    return isinstance(settings.verify, Equality) and not created.private
