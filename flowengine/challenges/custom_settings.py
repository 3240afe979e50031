"""What an author wrote for a CUSTOM_CHALLENGE, compiled, and what its functions hand back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from flowengine.challenges.kind import Channel
from flowengine.expr import Program

Term = Program | bool | int | float | str | Sequence[Any] | Mapping[str, Any] | None
"""An expression, or a JSON value that is taken as it is."""


@dataclass(frozen=True, slots=True)
class CustomCall:
    """A registered function and its arguments.

    Attributes:
        timeout: Five seconds unless written, which is what Cognito gives a trigger
            (developer guide, "Lambda trigger considerations").
    """

    function: str
    arguments: Mapping[str, Term] = field(default_factory=dict, repr=False)
    timeout: timedelta = timedelta(seconds=5)


def evaluate(terms: Mapping[str, Term], facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the values of terms.

    Raises:
        EvaluationError: An expression has no value for these facts.
    """
    values = {
        name: term.counted(facts) if isinstance(term, Program) else term
        for name, term in terms.items()
    }
    return MappingProxyType(values)


@dataclass(frozen=True, slots=True)
class Equality:
    """``responses.X == private.Y``, by the two names."""

    response: str
    private: str


@dataclass(frozen=True, slots=True)
class EqualsLiteral:
    """``responses.X == "…"``; the compiler lets it stand only where it proves nothing."""

    response: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Deliver:
    """Sends the private value ``code`` to the user's verified address.

    Attributes:
        purpose: The name of the text that carries it.
    """

    channel: Channel
    purpose: str


@dataclass(frozen=True, slots=True)
class CustomSettings:
    """The author's keys of one node.

    Attributes:
        create: Makes the parameters; None where ``parameters`` are all there is.
        parameters: What the client is told, by key; what ``create`` returns goes before it.
        evidence: What a right answer proves, or None for nothing.
        deliver: How ``private.code`` is sent; None where the author's function sends.
        polls: Whether the function under ``verify`` may say that nothing is decided yet.
    """

    verify: Equality | EqualsLiteral | CustomCall
    create: CustomCall | None = None
    parameters: Mapping[str, Term] = field(default_factory=dict, repr=False)
    evidence: str | None = None
    deliver: Deliver | None = None
    polls: bool = False


@dataclass(frozen=True, slots=True)
class ChallengeParameters:
    """What a function under ``create`` returns.

    Attributes:
        public: What the client is told.
        private: What only ``verify`` will see.
        metadata: A word for ``session.history``, as Cognito's ``challengeMetadata``.
    """

    public: Mapping[str, str] = field(default_factory=dict, repr=False)
    private: Mapping[str, str] = field(default_factory=dict, repr=False)
    metadata: str | None = field(default=None, repr=False)


class Judgement(StrEnum):
    """What a function under ``verify`` returns; the bare strings do as well."""

    PROVED = "proved"
    WRONG = "wrong"
    DENIED = "denied"
    PENDING = "pending"
    """Not decided yet; only where the node has ``poll``."""
    PASSED = "passed"
    """Right, and proves nothing; only for a user who does not exist, whose sign-in then has the
    same shape as another's."""
