"""Scenarios as values: made in code, or read out of a ``*.flowtest.yaml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from flowengine.documents import write
from flowengine.source import SourceText, Span

SUFFIX: Final = ".flowtest.yaml"
BEGINNING: Final = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
"""When scenarios begin that do not say it."""
BACKEND: Final = "backend"
"""What stands for an auth flow where a backend begins a flow, and says who it is."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        does: ``expect``, ``answer``, ``wait``, ``sent``, ``enrol``, ``error``, ``restart``
            or ``request``.
        what: What stands beside it in the file: plain values, as the schema has them.
    """

    does: str
    what: Any = field(repr=False)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One sign-in and the world around it; its members are those of the file.

    The mappings hold plain values, as ``grammars/scenario.schema.json`` describes them; they
    are held against it when the scenario is run.

    Attributes:
        flow: A flow's name or file.
        user: Out of ``users``; None for the first one.
        auth_flow: None for the flow's first one; `BACKEND` where a backend begins it.
        parameters: AuthParameters beside what is worked out.
        device: ``remembered``, ``confirmed``, ``unknown``, or None where no device is named.
        earlier: What was proved in the sign-in that this one continues, and how long ago, as
            durations are written: ``5m``.
        token: Of the access token, where one names the user: ``right``, ``wrong`` or
            ``revoked``; None is right.
        after_sign_up: ``email`` or ``sms``, where it begins with a sign-up's Session.
        clock: When it begins; aware.
        outcome: ``success``, ``refused``, ``locked``, ``waits``, or the mapping of one.
    """

    name: str
    flow: str
    outcome: Any
    steps: tuple[Step, ...] = ()
    users: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    user: str | None = None
    auth_flow: str | None = None
    parameters: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    inputs: Mapping[str, Any] = field(default_factory=dict, repr=False)
    device: str | None = None
    earlier: Mapping[str, str] = field(default_factory=dict)
    token: str | None = None
    after_sign_up: str | None = None
    request: Mapping[str, Any] = field(default_factory=dict, repr=False)
    pool: Mapping[str, Any] = field(default_factory=dict)
    client: Mapping[str, Any] = field(default_factory=dict, repr=False)
    functions: Mapping[str, Any] = field(default_factory=dict, repr=False)
    clock: datetime = BEGINNING
    summary: str | None = None

    @property
    def steps_up(self) -> bool:
        """Whether it brings an access token where one may come."""
        return bool(self.earlier) or self.token is not None

    def to_yaml(self) -> str:
        """Write it as a ``*.flowtest.yaml`` that has it alone."""
        own = {
            "summary": self.summary,
            "user": self.user,
            "auth_flow": self.auth_flow,
            "parameters": self.parameters,
            "inputs": self.inputs,
            "device": self.device,
            "earlier": self.earlier,
            "token": self.token,
            "after_sign_up": self.after_sign_up,
            "request": self.request,
            "steps": [{step.does: step.what} for step in self.steps],
            "outcome": self.outcome,
        }
        around = {
            "flow": self.flow,
            "clock": _instant(self.clock) if self.clock != BEGINNING else None,
            "pool": self.pool,
            "client": self.client,
            "users": self.users,
            "functions": self.functions,
            "scenarios": {self.name: _written(own)},
        }
        return write(_written(around))


def read_instant(text: str) -> datetime:
    """Read ``clock``, whose form the schema has checked.

    Raises:
        ValueError: There is no such day or time.
    """
    return datetime.fromisoformat(text)


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _written(members: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing; an empty text says something."""
    return {name: value for name, value in members.items() if value not in (None, {}, [], ())}


@dataclass(frozen=True, slots=True)
class Placed:
    """A scenario and where each part of it stands in its file.

    Attributes:
        steps: The place of each step.
        facts: The place of ``user``, ``auth_flow`` and the like; the name's where not written.
    """

    scenario: Scenario
    source: SourceText = field(repr=False)
    name: Span
    outcome: Span
    steps: tuple[Span, ...] = ()
    facts: Mapping[str, Span] = field(default_factory=dict, repr=False)

    def place_of(self, fact: str) -> Span:
        """Give where a member of the scenario stands."""
        return self.facts.get(fact, self.name)
