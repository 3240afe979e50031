"""What runs: an immutable program compiled from a flow's definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from flowengine.accounts.evidence import ADDRESSES, ANY_ATTRIBUTE, EvidenceKind, written
from flowengine.challenges.custom_challenge import deliver_of, functions_of
from flowengine.challenges.custom_settings import CustomCall, CustomSettings, Deliver
from flowengine.challenges.kind import SIGN_IN, ChallengeKind, NamedBy, Standing
from flowengine.expr import Environment, Program, Type
from flowengine.flow.bounds import UNBOUNDED, Bounds
from flowengine.flow.definition import FlowDefinition, ResponseRule
from flowengine.flow.machine import FlowMachine
from flowengine.flow.scope import fits

_SENT_TO: Final = {
    EvidenceKind.MAILBOX.value: ADDRESSES["email"],
    EvidenceKind.PHONE.value: ADDRESSES["sms"],
}
"""The attribute that evidence of a kind is sent to, whatever its functions are given."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled condition.

    Attributes:
        text: As written, for reports and for the audit of a branch.
    """

    text: str
    program: Program = field(repr=False)
    because: str | None = None


@dataclass(frozen=True, slots=True)
class Resend:
    """How a new code is asked for at the same node."""

    key: str
    times: int
    every: timedelta


@dataclass(frozen=True, slots=True)
class Switch:
    """Another way for the user: by the challenge's name that comes under ``key``.

    Attributes:
        to: The node of each challenge.
    """

    key: str
    to: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Poll:
    """How often, and for how long from its issue on, a pending answer may be asked about."""

    every: timedelta
    lasting: timedelta


@dataclass(frozen=True, slots=True)
class ChallengeNode:
    """A node that asks; an offer is one whose settings are an ``Offer``.

    Attributes:
        settings: What the kind compiled from the author's keys; None for most kinds.
        evidence: What a right answer adds to the ledger.
        attempts: Answers taken in one sign-in, over all visits.
        expires: The life of what was sent; None for the Session's own.
        written: The outcomes whose edge the author wrote.
    """

    name: str
    kind: ChallengeKind
    responses: tuple[ResponseRule, ...]
    settings: Any
    evidence: tuple[str, ...]
    attempts: int
    expires: timedelta | None
    needs: tuple[Condition, ...]
    written: frozenset[str]
    resend: Resend | None = None
    switch: Switch | None = None
    poll: Poll | None = None

    @property
    def names(self) -> NamedBy | None:
        """By what a right answer names its user, where nobody is named yet; None for no way."""
        by = self.kind.facts.names_user_by
        if by is not NamedBy.USERNAME:
            return by
        declared = any(rule.key == by.value and not rule.optional for rule in self.responses)
        return by if declared else None

    def writes(self, attribute: str) -> bool:
        """Say whether a right answer may write an attribute: by a key that is declared."""
        family = self.kind.facts.attributes
        if family is None:
            return False
        if attribute == ANY_ATTRIBUTE:
            return any(rule.key.startswith(family) for rule in self.responses)
        key = family + attribute
        return any(key.startswith(r.key) if r.family else key == r.key for r in self.responses)

    @property
    def ends_when_wrong(self) -> bool:
        """Whether the only wrong answer is ``wrong``, and not ``exhausted``."""
        once = self.attempts == 1 and "exhausted" not in self.written
        return once and self.kind.facts.standing is Standing.OVER

    def gives(self, outcome: str) -> bool:
        """Say whether it can have an outcome; what it cannot have, the step refuses."""
        match outcome:
            case "expired":
                return self.expires is not None or self.poll is not None
            case "denied" if isinstance(self.settings, CustomSettings):
                return isinstance(self.settings.verify, CustomCall)
            case "wrong" if self.attempts == 1 and not self.ends_when_wrong:
                return False
            case _:
                return outcome not in self.kind.facts.never

    @property
    def deliver(self) -> Deliver | None:
        """How it sends a code, by which channel and text; None where it sends none."""
        channel = self.kind.facts.channel
        return deliver_of(self.settings) if channel is None else Deliver(channel, SIGN_IN)

    @property
    def sends(self) -> bool:
        """Whether it sends a code, and so needs a delivery."""
        return self.deliver is not None


@dataclass(frozen=True, slots=True)
class ChooseNode:
    """A decision."""

    name: str
    needs: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class CallNode:
    """A node that calls a registered function.

    Attributes:
        save: What its result is called in the record's variables; None where it is not kept.
        returns: The type that its result must have; None where nobody reads it.
        acts: Whether the function is called only once its step is settled.
        bounds: The most that its result may be.
    """

    name: str
    call: CustomCall
    save: str | None
    returns: Type | None
    acts: bool
    needs: tuple[Condition, ...] = ()
    bounds: Bounds = UNBOUNDED

    def takes(self, value: Any) -> bool:  # noqa: ANN401 - a JSON value
        """Say whether a result is of the declared type, and no larger than declared."""
        if self.returns is None:
            return True
        return fits(value, self.returns) and self.bounds.admit(value, self.returns)


@dataclass(frozen=True, slots=True)
class EndNode:
    """An end.

    Attributes:
        error: The wire's name of the exception of a failure.
        level: The name that becomes ``acr``, and its condition, recomputed at issuance.
    """

    name: str
    success: bool
    error: str | None
    message: str | None
    level: Condition | None
    level_name: str | None
    grants: bool
    needs: tuple[Condition, ...] = ()


NodeProgram = ChallengeNode | ChooseNode | CallNode | EndNode


@dataclass(frozen=True, slots=True)
class DoorProgram:
    """An auth flow that may start the flow.

    Attributes:
        parameters: The AuthParameters it takes beside USERNAME.
        inline: Keys that may answer the first challenge with the same request.
        names_user: False where nobody is named until an answer names its user.
        continues: Whether an ACCESS_TOKEN names the user.
        after_sign_up: Where a sign-in begins that continues a confirmed sign-up, or None.
        step_up: Where a sign-in begins that continues another one by its ACCESS_TOKEN, or None.
    """

    name: str
    start: str
    parameters: tuple[ResponseRule, ...]
    inline: tuple[str, ...] = ()
    names_user: bool = True
    continues: bool = False
    after_sign_up: str | None = None
    step_up: str | None = None

    @property
    def starts(self) -> tuple[str, ...]:
        """The nodes that its sign-ins begin at."""
        others = (self.after_sign_up, self.step_up)
        return (self.start, *(name for name in others if name is not None))

    @property
    def token_start(self) -> str | None:
        """The node that a sign-in begins at which brings an ACCESS_TOKEN; None for no such."""
        return self.start if self.continues else self.step_up


@dataclass(frozen=True, slots=True)
class InputProgram:
    """A fact that the backend supplies.

    Attributes:
        required: False where ``default`` stands in.
        bounds: The most that it may be.
    """

    name: str
    type: Type
    required: bool
    default: Any = None
    bounds: Bounds = UNBOUNDED

    def takes(self, value: Any) -> bool:  # noqa: ANN401 - a JSON value
        """Say whether a JSON value is of the declared type, and no larger than declared."""
        return fits(value, self.type) and self.bounds.admit(value, self.type)

    def fault(self, value: Any, otherwise: str = "none") -> str:  # noqa: ANN401 - a JSON value
        """Word what is wrong with a value that it does not take; never shows it."""
        return "larger than declared" if fits(value, self.type) else otherwise


@dataclass(frozen=True, slots=True)
class FlowProgram:
    """A compiled flow; shared by all its sign-ins and by all threads.

    Attributes:
        digest: SHA-256 over all that decides how it runs, in hexadecimal. A sign-in that
            was begun under another digest is not continued.
        machine: Its one state machine; no model is ever attached to it.
        environment: What its conditions may speak of, for those that a deployment adds.
        constants: The literal inputs of flows that it uses as steps, by their full names.
        kinds: The kind of each name of evidence that it, or a flow that it uses, declares.
        saves: The names under which expressions read what calls saved: ``vars``, and
            ``site/vars`` for a flow that is a step.
        levels: The levels that its successes come to, each with its condition.
        given: The attributes of the user that functions are given, and that codes are sent to, by
            the evidence that they are of.
    """

    name: str
    version: int
    digest: str
    start: str
    doors: Mapping[str, DoorProgram]
    inputs: Mapping[str, InputProgram]
    metadata: tuple[ResponseRule, ...]
    require: tuple[Condition, ...]
    nodes: Mapping[str, NodeProgram]
    evidence: tuple[str, ...]
    machine: FlowMachine = field(repr=False)
    definition: FlowDefinition = field(repr=False)
    environment: Environment = field(repr=False)
    constants: Mapping[str, Any] = field(default_factory=dict, repr=False)
    kinds: Mapping[str, str] = field(default_factory=dict)
    saves: tuple[str, ...] = ("vars",)
    levels: Mapping[str, Condition] = field(default_factory=dict)
    given: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def functions(self) -> tuple[str, ...]:
        """The registered functions that it calls, as often as it calls them."""
        return tuple(name for node in self.nodes.values() for name in _functions_of(node))

    def makers(self, evidence: str) -> frozenset[str]:
        """Name the credentials that evidence may be of: of one made in this sign-in it is none.

        Two names of one mailbox, or of one phone, are one. An attribute that was written in this
        sign-in counts as made where a function that the evidence comes by is given it, or its code
        is sent there; and so does a mailbox that was set up.
        """
        given = set(self.given.get(evidence, ()))
        given |= {a for kind, a in _SENT_TO.items() if kind == self.kinds.get(evidence)}
        shown = {name for name, a in ADDRESSES.items() if given & {a, ANY_ATTRIBUTE}}
        return frozenset({evidence, *shown, *map(written, given)})

    def gives(self, node: str, outcome: str) -> bool:
        """Say whether a node can have an outcome; decisions and calls have those of their edges."""
        found = self.nodes.get(node)
        return not isinstance(found, ChallengeNode) or found.gives(outcome)

    def stays(self, node: ChallengeNode) -> bool:
        """Say whether an answer can leave the sign-in where it is, with the same Session good."""
        return node.name in self.machine.staying

    @property
    def needs_directory(self) -> bool:
        """Whether some node verifies answers by a user's stored credentials."""
        return any(
            isinstance(node, ChallengeNode) and node.kind.facts.needs_account
            for node in self.nodes.values()
        )


def _functions_of(node: NodeProgram) -> tuple[str, ...]:
    if isinstance(node, CallNode):
        return (node.call.function,)
    return functions_of(node.settings) if isinstance(node, ChallengeNode) else ()
