"""What the author of a flow wrote, with the place of everything: rules and reports read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from flowengine.source import Excerpt, SourceText, Span

LONGEST_RESPONSE = 131_072
"""Characters; the longest value that Cognito's model lets a response have."""


@dataclass(frozen=True, slots=True)
class Name:
    """A word of the author's and where it stands."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Acceptance:
    """Why a finding of one rule is accepted at a node.

    Attributes:
        span: Of the rule's name under ``accept``.
    """

    reason: str
    span: Span


@dataclass(frozen=True, slots=True)
class BranchDefinition:
    """One way out: taken when its condition is true, always where there is none.

    Attributes:
        when: None for ``else`` and for a bare target.
    """

    when: Excerpt | None
    goto: Name


@dataclass(frozen=True, slots=True)
class EdgeDefinition:
    """Where one outcome leads: branches in the order of writing.

    Attributes:
        span: Of the key that the author wrote it under.
    """

    branches: tuple[BranchDefinition, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class ResponseRule:
    """A ``ChallengeResponses`` key that a node declares, and what its value must look like.

    Attributes:
        key: The key; for a family its prefix with the dot: ``userAttributes.``.
        family: Whether every key that begins so belongs to it.
        pattern: RE2, which the whole value must match.
        pattern_span: Where the pattern stands; None where there is none.
        form: The name of a form that the value must have (``format``), or None.
    """

    key: str
    span: Span
    family: bool = False
    optional: bool = False
    pattern: str | None = None
    pattern_span: Span | None = None
    form: Name | None = None
    min_length: int = 0
    max_length: int = LONGEST_RESPONSE
    enum: tuple[str, ...] = ()
    sensitive: bool = False


@dataclass(frozen=True, slots=True)
class CallDefinition:
    """``{call: name, with: {…}}``: a registered function and its arguments.

    Attributes:
        arguments: An expression's text, or for ``{value: …}`` the literal.
        places: Where the name of each argument stands.
    """

    function: Name
    arguments: Mapping[str, Excerpt | Literal]
    timeout: timedelta = timedelta(seconds=5)
    places: Mapping[str, Span] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Literal:
    """``{value: …}``: a JSON value, never an expression."""

    value: Any


@dataclass(frozen=True, slots=True)
class ResendDefinition:
    """How a new code is asked for at the same node.

    Attributes:
        every: The least time between two codes.
    """

    key: Name
    times: int
    every: timedelta


@dataclass(frozen=True, slots=True)
class SwitchDefinition:
    """Another way for the user: the value of ``key`` is the challenge's name of a node."""

    key: Name
    to: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class PollDefinition:
    """How often, and for how long, a client may ask whether a pending answer was decided."""

    every: timedelta
    lasting: timedelta
    span: Span


@dataclass(frozen=True, slots=True)
class DeliverDefinition:
    """Sends ``private.code`` over a channel; the recipient is the directory's."""

    channel: Name
    template: str | None = None


@dataclass(frozen=True, slots=True)
class ChallengeDefinition:
    """A node that asks the client.

    Attributes:
        edges: By outcome: ``next``, ``wrong``, ``exhausted``, ``expired``, ``denied``,
            ``unavailable``.
        attempts: None for the kind's own number.
        expires: The life of what the node sent; None for the Session's own.
    """

    name: Name
    challenge: Name
    responses: tuple[ResponseRule, ...]
    edges: Mapping[str, EdgeDefinition]
    attempts: int | None = None
    expires: timedelta | None = None
    needs: Excerpt | None = None
    create: CallDefinition | None = None
    parameters: Mapping[str, Excerpt | Literal] = field(default_factory=dict)
    verify: Excerpt | CallDefinition | None = None
    evidence: Name | None = None
    deliver: DeliverDefinition | None = None
    resend: ResendDefinition | None = None
    switch: SwitchDefinition | None = None
    poll: PollDefinition | None = None
    accept: Mapping[str, Acceptance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OfferDefinition:
    """Lets the user choose among the nodes that the user has what it takes for.

    Attributes:
        challenge: The menu's; None for SELECT_MFA_TYPE.
        prefer: Gives the name of the challenge that is taken without asking.
        inline: Keys of the chosen node that may come with the choice.
        none: Where the sign-in goes when nothing can be offered.
    """

    name: Name
    offer: tuple[Name, ...]
    challenge: Name | None
    none: EdgeDefinition
    prefer: Excerpt | None = None
    inline: tuple[Name, ...] = ()
    attempts: int | None = None
    needs: Excerpt | None = None
    accept: Mapping[str, Acceptance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChooseDefinition:
    """A decision: nobody is asked anything."""

    name: Name
    edge: EdgeDefinition
    needs: Excerpt | None = None
    accept: Mapping[str, Acceptance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EndDefinition:
    """Where a sign-in ends.

    Attributes:
        error: The exception that a failure answers with, by its name on the wire.
        level: The condition of ``define`` that a success becomes ``acr`` by.
        grants: False for a success that issues no tokens.
    """

    name: Name
    success: bool
    error: Name | None = None
    message: str | None = None
    level: Name | None = None
    grants: bool = True
    needs: Excerpt | None = None
    accept: Mapping[str, Acceptance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallNodeDefinition:
    """A node that calls a registered function.

    Attributes:
        failed: Where the sign-in goes when it raised, took too long or returned something else
            than it declares.
        save: What its result is called: ``vars.NAME``.
    """

    name: Name
    call: CallDefinition
    next: EdgeDefinition
    failed: EdgeDefinition
    save: Name | None = None
    needs: Excerpt | None = None
    accept: Mapping[str, Acceptance] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FlowNodeDefinition:
    """A node that runs another flow as one step.

    Attributes:
        arguments: The other flow's inputs.
        places: Where the name of each stands.
        failed: None for ``refused``.
    """

    name: Name
    flow: Name
    arguments: Mapping[str, Excerpt | Literal]
    next: EdgeDefinition
    failed: EdgeDefinition | None = None
    needs: Excerpt | None = None
    accept: Mapping[str, Acceptance] = field(default_factory=dict)
    places: Mapping[str, Span] = field(default_factory=dict)


NodeDefinition = (
    ChallengeDefinition
    | OfferDefinition
    | ChooseDefinition
    | CallNodeDefinition
    | FlowNodeDefinition
    | EndDefinition
)


@dataclass(frozen=True, slots=True)
class BoundsDefinition:
    """The most that a value may be, as written: ``max_length`` and ``max_items``."""

    max_length: Name | None = None
    max_items: Name | None = None


@dataclass(frozen=True, slots=True)
class TypeDefinition:
    """A type as written: a type's name, or lists and mappings of them."""

    written: Any
    span: Span


@dataclass(frozen=True, slots=True)
class ParameterDefinition:
    """What a registered function takes.

    Attributes:
        role: ``recipient`` or ``identity``: no untrusted fact reaches one that has a role.
    """

    type: TypeDefinition
    role: str | None = None


@dataclass(frozen=True, slots=True)
class FunctionDefinition:
    """The signature of a registered function.

    Attributes:
        parameters: None where none are declared: nothing is held against them.
        returns: None where what it returns is not read.
        acts: Whether it changes something, and so is called only once its step is settled.
        bounds: Of what it returns.
    """

    name: Name
    parameters: Mapping[str, ParameterDefinition] | None
    returns: TypeDefinition | None
    acts: bool = False
    bounds: BoundsDefinition = BoundsDefinition()


@dataclass(frozen=True, slots=True)
class AuthFlowDefinition:
    """A door: an auth flow of Cognito's that may start this flow.

    Attributes:
        start: None for the flow's own start.
        parameters: The AuthParameters it takes beside USERNAME; a trailing ``?`` was cut
            into ``optional``. None for those that Cognito demands.
        inline: Keys of the first challenge's answer that may come with the request.
        names_user: False where no USERNAME comes with the request, and the first right answer
            that can names the user.
        continues: Whether an ACCESS_TOKEN among the parameters names the user.
        after_sign_up: Where a sign-in begins that continues a confirmed sign-up; None for one
            that begins anew.
        step_up: Where a sign-in begins that continues another one by its ACCESS_TOKEN; None where
            a token is not looked at, or all begin with one.
    """

    name: Name
    start: Name | None = None
    parameters: tuple[ResponseRule, ...] | None = None
    inline: tuple[Name, ...] = ()
    names_user: bool = True
    continues: bool = False
    after_sign_up: Name | None = None
    step_up: Name | None = None


@dataclass(frozen=True, slots=True)
class InputDefinition:
    """A typed fact of the backend.

    Attributes:
        type: As written: a type's name, or lists and mappings of them.
        default: None where the backend must supply it.
    """

    name: Name
    type: Any
    type_span: Span
    default: Literal | None = None
    bounds: BoundsDefinition = BoundsDefinition()


@dataclass(frozen=True, slots=True)
class RequireDefinition:
    """A condition that must hold at every success."""

    that: Excerpt
    because: str | None = None


@dataclass(frozen=True, slots=True)
class FlowDefinition:
    """A flow as written.

    Attributes:
        metadata: The ClientMetadata keys that the flow reads.
        evidence: The kind of each custom name of evidence.
        functions: The signatures of registered functions.
        define: Named conditions in the order of writing.
        evidence_places: Where each custom name of evidence stands.
        extents: From where to where each node is written, its name included.
    """

    source: SourceText
    name: Name
    version: int
    summary: str | None
    auth_flows: tuple[AuthFlowDefinition, ...]
    inputs: tuple[InputDefinition, ...]
    metadata: tuple[ResponseRule, ...]
    evidence: Mapping[str, Name]
    functions: tuple[FunctionDefinition, ...]
    define: tuple[tuple[Name, Excerpt], ...]
    require: tuple[RequireDefinition, ...]
    start: Name
    nodes: tuple[NodeDefinition, ...]
    evidence_places: Mapping[str, Span] = field(default_factory=dict)
    extents: Mapping[str, Span] = field(default_factory=dict)
