"""What a kind of challenge is: the interface, and the values that cross it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final, Protocol, runtime_checkable

from flowengine.accounts.account import Account, AccountChanges
from flowengine.accounts.device import Device
from flowengine.accounts.pool import Pool
from flowengine.accounts.user import UserFacts
from flowengine.errors import CallerError


class Standing(StrEnum):
    """What a wrong answer does to the sign-in."""

    RETRY = "retry"
    """An error; the same Session stays good while tries are left."""
    REISSUE = "reissue"
    """A new challenge and a new Session; the old one is spent."""
    OVER = "over"
    """An error; the sign-in has ended."""


class Channel(StrEnum):
    """How a code reaches its user."""

    EMAIL = "email"
    SMS = "sms"


class NamedBy(StrEnum):
    """The key of an answer that names its user, in a sign-in that began with nobody."""

    USERNAME = "USERNAME"
    """Where the node declares it: a name that is claimed, by an answer that proves it."""
    CREDENTIAL = "CREDENTIAL"
    """A discoverable passkey, which belongs to one user."""


@dataclass(frozen=True, slots=True)
class KindFacts:
    """What is known of a kind before anything runs; the compiler and the rules read it.

    Attributes:
        name: Cognito's ChallengeName.
        required: The response keys that an answer must have, besides USERNAME.
        optional: Those that it may have; a trailing ``.*`` names a family.
        proves: The evidence that a right answer is, before what a node declares.
        may_prove: What some right answers are besides: ``passkey_uv``. Nothing is proved of
            a flow by it, but the ledger takes it.
        enrols: The credentials that a right answer, or an operation at its node, may make:
            ``totp``; once it is answered, one of them is made. Never evidence, nor is what they
            prove later in the same sign-in.
        attributes: The family of the response keys by which a right answer writes attributes.
        operations: The operations that are done at its node, inside the sign-in. One that writes
            to the user enrols something.
        writes: The facts that a right answer changes: ``user.status``.
        sets: Those of them that it leaves with one value always: ``user.status``, confirmed.
        carried: Auth-flow parameters that must have come on every path: ``SRP_A``.
        provides: What a right answer carries on to kinds that come later: ``SRP_A``.
        implied: The protocol's own keys that it reads, which no node has to declare.
        answered_by: Parameters that may answer it at once: ``PASSWORD``.
        channel: How it sends what it sends; None where it sends nothing.
        names_user_by: By what its answer can name the user, where nobody is named yet; None
            for a kind that asks nobody but a user.
        factor: The name under which wrong answers count towards the user's lock, or None.
        needs_account: False for a kind that verifies without a user's stored credentials.
        never: The outcomes that it never has, ``denied``; where it has one all the same, the
            sign-in is refused whatever the flow says, and proofs rest on that.
        attempts: Answers taken per node and sign-in unless the node says otherwise.
    """

    name: str
    standing: Standing
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    proves: tuple[str, ...] = ()
    may_prove: tuple[str, ...] = ()
    enrols: tuple[str, ...] = ()
    attributes: str | None = None
    operations: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    sets: tuple[tuple[str, object], ...] = ()
    carried: tuple[str, ...] = ()
    provides: tuple[str, ...] = ()
    implied: tuple[str, ...] = ()
    answered_by: tuple[str, ...] = ()
    names_user_by: NamedBy | None = None
    factor: str | None = None
    channel: Channel | None = None
    needs_account: bool = True
    never: tuple[str, ...] = ()
    attempts: int = 5

    def may_change(self, before: UserFacts, after: UserFacts) -> bool:
        """Say whether what became of a user is nothing but what is declared in ``writes``."""
        old, new = before.bindings(), after.bindings()
        return all(old[name] == new[name] or f"user.{name}" in self.writes for name in new)

    def may_leave(self, before: UserFacts, after: UserFacts) -> bool:
        """Say whether a right answer may leave a user so: as ``writes`` and ``sets`` declare."""
        left = {f"user.{name}": value for name, value in after.bindings().items()}
        return self.may_change(before, after) and all(left[n] == value for n, value in self.sets)


@dataclass(frozen=True, slots=True)
class CallFunction:
    """A kind needs a registered function's result and is entered again with it."""

    name: str
    arguments: Mapping[str, Any] = field(repr=False)
    timeout: timedelta


@dataclass(frozen=True, slots=True)
class Issuing:
    """What a kind may look at when its challenge is made.

    Attributes:
        account: The user's credentials; a decoy's for an unknown user, made the same
            way; None where the engine has no directory.
        settings: What the flow's author wrote for this kind, compiled; None for kinds
            that take nothing.
        carried: What the auth flow brought for kinds and expressions never see: ``SRP_A``.
        facts: The bindings that expressions read at this node.
        token: The raw bytes of the handle that this step is answered with.
        device: The remembered device that the client named when it began; else None.
        decoy_secret: The service's own, constant over restarts: what a user does not have
            and is shown all the same is derived from it.
        named: False where nobody is named yet: there is no user and no account, and whoever
            answers will be named by it.
        called: The result of the function that was asked for, when entered again.
    """

    pool: Pool
    user: UserFacts
    account: Account | None
    settings: Any
    carried: Mapping[str, str] = field(repr=False)
    facts: Mapping[str, Any] = field(repr=False)
    token: bytes = field(repr=False)
    now: datetime
    entropy: Callable[[int], bytes] = field(repr=False)
    decoy_secret: bytes = field(repr=False)
    called: Any = field(default=None, repr=False)
    device: Device | None = None
    named: bool = True


SIGN_IN: Final = "sign-in"
"""The text that carries the codes of the built-in kinds."""


@dataclass(frozen=True, slots=True)
class CodeToSend:
    """A code on its way to a user; sent once its step is settled, and never for a decoy.

    Attributes:
        to: An address out of the directory.
        purpose: Which text carries it: ``sign-in``, or a template's name.
        source: What CustomMessage is told that it is for, in Cognito's words; empty where the
            purpose says it.
    """

    channel: Channel
    to: str = field(repr=False)
    code: str = field(repr=False)
    purpose: str = SIGN_IN
    source: str = ""


@dataclass(frozen=True, slots=True)
class Issued:
    """A challenge that was made.

    Attributes:
        parameters: What the client is told; strings only.
        private: What only ``verify`` will see: JSON values, sealed in the store.
        metadata: What ``session.history`` says of the challenge once it is answered
            (COGNITO.md, C.5: ``challengeMetadata``); not secret.
        send: What goes to the user by another way.
        available: The challenges that the user may choose among, where this is a menu.
    """

    parameters: Mapping[str, str] = field(repr=False)
    private: Mapping[str, Any] = field(default_factory=dict, repr=False)
    metadata: str = field(default="", repr=False)
    send: CodeToSend | None = None
    available: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unavailable:
    """The challenge cannot be made for this user; the node's ``unavailable`` edge is taken."""

    error: CallerError


@dataclass(frozen=True, slots=True)
class Answering:
    """What a kind may look at when an answer is verified.

    Attributes:
        responses: The declared keys that came, without absent ones.
        private: What the kind kept when it issued.
        token: The raw bytes of the handle that came, which is also the SECRET_BLOCK.
        called: The result of the function that was asked for, when entered again.
        named: False where it is this answer that names the user.
    """

    pool: Pool
    user: UserFacts
    account: Account | None
    settings: Any
    responses: Mapping[str, str] = field(repr=False)
    private: Mapping[str, Any] = field(repr=False)
    facts: Mapping[str, Any] = field(repr=False)
    token: bytes = field(repr=False)
    now: datetime
    entropy: Callable[[int], bytes] = field(repr=False)
    called: Any = field(default=None, repr=False)
    device: Device | None = None
    named: bool = True


@dataclass(frozen=True, slots=True)
class Spend:
    """Something that is good once, to be spent before the answer is believed.

    Attributes:
        key: What is spent, unique within the user: ``totp:58012345``.
        until: From this instant on it could not be used anyway.
        used: What the client is told when it was spent before.
        also: Keys burnt with it, whose own state does not matter.
    """

    key: str = field(repr=False)
    until: datetime
    used: CallerError
    also: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class PasskeyCount:
    """A passkey's counter that moved on, swapped before the answer is believed."""

    credential_id: bytes = field(repr=False)
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Proved:
    """The answer is right.

    Attributes:
        evidence: The names that the ledger gains.
        counts: The counter that must still be where it was; the answer is wrong if not.
        changes: What the answer writes to its user, or None.
        chooses: The challenge that was chosen, where this is a menu.
        enrols: The credentials that were made and verified; the ledger takes them as such.
        carries: What kinds that come later are given: ``SRP_A``.
        credential: Which of several credentials answered, as ``Account.made_by`` names it.
    """

    evidence: tuple[str, ...]
    spend: Spend | None = None
    counts: PasskeyCount | None = None
    changes: AccountChanges | None = None
    chooses: str | None = None
    enrols: tuple[str, ...] = ()
    carries: Mapping[str, str] = field(default_factory=dict, repr=False)
    credential: str = ""


@dataclass(frozen=True, slots=True)
class Wrong:
    """The answer was compared and is wrong; the error is what a refusal says."""

    error: CallerError


@dataclass(frozen=True, slots=True)
class Malformed:
    """Nothing was compared: the answer does not have the form of one. The try comes back."""

    error: CallerError


@dataclass(frozen=True, slots=True)
class Denied:
    """The answer was right or not, and the sign-in must not go on by it."""

    error: CallerError


@dataclass(frozen=True, slots=True)
class Pending:
    """Nothing is decided yet: the try comes back, and the same Session may ask again."""


@dataclass(frozen=True, slots=True)
class AsksMore:
    """The answer leads to another question, asked and judged by the same kind at the same node.

    Attributes:
        challenge: The name under which it is asked: ``EMAIL_OTP``.
    """

    challenge: str
    issued: Issued


Verdict = Proved | Wrong | Malformed | Denied | Pending | AsksMore


@dataclass(frozen=True, slots=True)
class Advanced:
    """An operation inside a sign-in was done; it waits at the same node, under a new Session.

    Attributes:
        result: What the caller is told.
        private: What the kind keeps, in place of what it kept before.
        enrols: The credentials that were made and verified; the ledger takes them as such.
        changes: What it writes to its user, or None.
    """

    result: Mapping[str, str] = field(repr=False)
    private: Mapping[str, Any] = field(repr=False)
    enrols: tuple[str, ...] = ()
    spend: Spend | None = None
    changes: AccountChanges | None = None


class ChallengeKind(Protocol):
    """One ChallengeName. Pure: no clock, no randomness and no I/O but what is passed in."""

    @property
    def facts(self) -> KindFacts:
        """What is known before anything runs."""

    def issue(self, issuing: Issuing) -> Issued | Unavailable | CallFunction:
        """Make the challenge."""

    def verify(self, answering: Answering) -> Verdict | CallFunction:
        """Judge an answer in which every declared key has come."""


@runtime_checkable
class OperatedKind(ChallengeKind, Protocol):
    """A kind at whose node operations are done before it is answered: ``facts.operations``."""

    def operate(
        self, operation: str, operating: Answering
    ) -> Advanced | Wrong | Malformed | Denied:
        """Do one; its arguments stand in ``operating.responses``."""
