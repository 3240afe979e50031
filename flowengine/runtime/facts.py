"""The bindings that expressions read, put together from one snapshot of the world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from flowengine.accounts.pool import Client, Pool
from flowengine.expr import BudgetedBindings
from flowengine.flow.program import FlowProgram
from flowengine.runtime.ledger import nanoseconds
from flowengine.runtime.record import SignInRecord

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What is known of a request. Read once, used for the whole of it, issuance included.

    Attributes:
        ip: The peer's address, or the forwarded one where a trusted proxy says so.
        context_ip: UserContextData.IpAddress; untrusted.
        context_data: UserContextData.EncodedData; untrusted. A condition that reads more than
            16,384 characters of it, or more than 1,024 of ``user_agent``, has no value.
        metadata: The ClientMetadata that the flow declares; untrusted.
        shared_ip: Whether ``ip`` is a backend's, from which all its users come.
    """

    time: datetime
    ip: str = field(default="", repr=False)
    user_agent: str = field(default="", repr=False)
    context_ip: str = field(default="", repr=False)
    context_data: str = field(default="", repr=False)
    metadata: Mapping[str, str] = field(default_factory=dict, repr=False)
    shared_ip: bool = False

    @property
    def counted_ip(self) -> str:
        """The address that wrong answers count by; "" where it says nothing of the user."""
        return "" if self.shared_ip else self.ip

    def bindings(self) -> dict[str, Any]:
        """Give the record that expressions know as ``request``."""
        return {
            "ip": self.ip,
            "user_agent": self.user_agent,
            "time": nanoseconds(self.time - _EPOCH),
            "metadata": dict(self.metadata),
            "context": {"ip": self.context_ip, "data": self.context_data},
        }


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything outside the record that one request's expressions may read.

    Attributes:
        attempts: Answers taken at the node that is being answered, this one included.
        responses: The declared keys of the answer; empty where there is none.
        client_metadata: ClientMetadata as it came with the answer, for triggers and never for
            expressions; empty for the request that begins a sign-in, whose own does not reach
            the triggers that come later (COGNITO.md, C.1).
    """

    pool: Pool
    client: Client
    request: RequestFacts
    attempts: int = 0
    responses: Mapping[str, str] = field(default_factory=dict, repr=False)
    client_metadata: Mapping[str, str] = field(default_factory=dict, repr=False)

    def bindings(self, program: FlowProgram, record: SignInRecord) -> BudgetedBindings:
        """Put the bindings of a record together, with one budget for all that reads them."""
        return BudgetedBindings(self._bindings(program, record))

    def _bindings(self, program: FlowProgram, record: SignInRecord) -> dict[str, Any]:
        now = self.request.time
        return {
            **record.ledger.bindings(program.evidence, now),
            **(_of_user(record) if record.named else {}),
            "pool": self.pool.bindings(),
            "client": self.client.bindings(),
            "auth_flow": _of_auth_flow(program, record),
            "request": self.request.bindings(),
            "responses": dict(self.responses),
            "session": {
                "attempts": self.attempts,
                "steps": record.steps,
                "age": nanoseconds(now - record.started_at),
                "history": [
                    {"challenge": h.challenge, "result": h.result, "metadata": h.metadata}
                    for h in record.history
                ],
            },
            **_saved(program, record),
            **program.constants,
            **record.inputs,
        }


def _of_auth_flow(program: FlowProgram, record: SignInRecord) -> dict[str, Any]:
    return {
        "name": record.auth_flow,
        "parameters": dict(record.parameters),
        "target": {level: level in record.target_levels for level in program.levels},
    }


def _of_user(record: SignInRecord) -> dict[str, Any]:
    """Give the records of a user; of nobody there are none, and reading them is an error."""
    return {
        "user": record.user.bindings(),
        "device": {
            "claimed": bool(record.device_key) or "DEVICE_KEY" in record.parameters,
            "remembered": record.device_remembered,
        },
    }


def _saved(program: FlowProgram, record: SignInRecord) -> dict[str, dict[str, Any]]:
    """Give what calls saved, that of each step apart."""
    groups: dict[str, dict[str, Any]] = {group: {} for group in program.saves}
    for key, value in record.vars.items():
        site, _, name = key.rpartition("/")
        groups[f"{site}/vars" if site else "vars"][name] = value
    return groups
