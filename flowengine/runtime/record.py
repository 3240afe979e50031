"""Where one sign-in stands, as versioned JSON: never a pickle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from flowengine.accounts.user import UserFacts, UserStatus
from flowengine.runtime.ledger import Ledger

RECORD_VERSION = 1


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One answered challenge, as custom-auth functions know it (COGNITO.md, C.5)."""

    challenge: str
    result: bool
    metadata: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SignInRecord:
    """Where one sign-in stands. Nothing in it is secret: operators may read it.

    Attributes:
        digest: Of the program it was begun under; another program does not continue it.
        client: The client's name in the deployment; its id is a secret of sorts.
        parameters: The auth-flow parameters that expressions may read.
        node: The node that waits for an answer.
        issued_at: UTC; when what the node sent was sent.
        stamp: The user's security stamp when it was pinned; "" without a directory.
        steps: Answers that moved the sign-in.
        event_id: Names the sign-in in tokens and in the audit.
        resends: How often a new code was asked for, by node.
        metadata: What the history will say of the challenge that waits.
        vars: What calls saved, by name.
        device_key: The first device named by the client that the user has, or "".
        device_remembered: Whether it was remembered when it was named.
        asking: The challenge that is asked, where it is not the one that the node names.
        continues: The ``origin_jti`` of the sign-in that it continues, or "".
        line: The ``origin_jti`` of the first of the sign-ins that it and those before it continue,
            or "".
        named: False until an answer names the user of a sign-in that began with nobody.
        offered_device: The key that its tokens name for a device that may be confirmed, or "".
        target_levels: The levels that the client asks for, the most wanted first.
    """

    flow: str
    digest: str
    pool: str
    client: str
    auth_flow: str
    user: UserFacts
    stamp: str = field(repr=False)
    ledger: Ledger
    started_at: datetime
    issued_at: datetime
    event_id: str
    node: str = ""
    steps: int = 0
    parameters: Mapping[str, str] = field(default_factory=dict, repr=False)
    inputs: Mapping[str, Any] = field(default_factory=dict, repr=False)
    history: tuple[HistoryEntry, ...] = ()
    metadata: str = field(default="", repr=False)
    resends: Mapping[str, int] = field(default_factory=dict)
    vars: Mapping[str, Any] = field(default_factory=dict, repr=False)
    device_key: str = field(default="", repr=False)
    device_remembered: bool = False
    offered_device: str = field(default="", repr=False)
    asking: str = ""
    continues: str = ""
    line: str = ""
    named: bool = True
    target_levels: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Write the record."""
        return json.dumps(
            {
                "record": RECORD_VERSION,
                "flow": self.flow,
                "digest": self.digest,
                "pool": self.pool,
                "client": self.client,
                "auth_flow": self.auth_flow,
                "user": _user_to_plain(self.user),
                "stamp": self.stamp,
                "ledger": ledger_to_plain(self.ledger),
                "started_at": self.started_at.isoformat(),
                "issued_at": self.issued_at.isoformat(),
                "event_id": self.event_id,
                "node": self.node,
                "steps": self.steps,
                "parameters": dict(self.parameters),
                "inputs": dict(self.inputs),
                "history": [[h.challenge, h.result, h.metadata] for h in self.history],
                "metadata": self.metadata,
                "resends": dict(self.resends),
                "vars": dict(self.vars),
                "device_key": self.device_key,
                "device_remembered": self.device_remembered,
                "offered_device": self.offered_device,
                "asking": self.asking,
                "continues": self.continues,
                "line": self.line,
                "named": self.named,
                "target_levels": self.target_levels,
            },
            separators=(",", ":"),
            ensure_ascii=False,
        )

    @classmethod
    def from_json(cls, text: str) -> SignInRecord | None:
        """Read a record; None for one of another version, which cannot be continued."""
        plain = json.loads(text)
        if plain.pop("record", None) != RECORD_VERSION:
            return None
        return cls(
            **{
                **plain,
                "user": _user_from_plain(plain["user"]),
                "ledger": ledger_from_plain(plain["ledger"]),
                "started_at": _time(plain["started_at"]),
                "issued_at": _time(plain["issued_at"]),
                "history": tuple(HistoryEntry(*entry) for entry in plain["history"]),
                "target_levels": tuple(plain.get("target_levels", ())),
            }
        )


def ledger_to_plain(ledger: Ledger) -> dict[str, Any]:
    """Give a ledger as JSON values."""
    return {
        "decoy": ledger.decoy,
        "proved": {name: at.isoformat() for name, at in ledger.proved.items()},
        "enrolled": sorted(ledger.enrolled),
        "earlier": {name: at.isoformat() for name, at in ledger.earlier.items()},
    }


def ledger_from_plain(plain: Mapping[str, Any]) -> Ledger:
    """Read a ledger from JSON values."""
    proved, earlier = (
        MappingProxyType({name: _time(at) for name, at in plain.get(key, {}).items()})
        for key in ("proved", "earlier")
    )
    return Ledger(bool(plain["decoy"]), proved, frozenset(plain["enrolled"]), earlier)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _user_to_plain(user: UserFacts) -> dict[str, Any]:
    return {
        "username": user.username,
        "sub": user.sub,
        "status": user.status.value,
        "enabled": user.enabled,
        "exists": user.exists,
        "groups": list(user.groups),
        "has": sorted(user.has),
        "prefers": user.prefers,
        "email_verified": user.email_verified,
        "phone_verified": user.phone_verified,
        "attributes": dict(user.attributes),
    }


def _user_from_plain(plain: Mapping[str, Any]) -> UserFacts:
    return UserFacts(
        **{
            **plain,
            "status": UserStatus(plain["status"]),
            "groups": tuple(plain["groups"]),
            "has": frozenset(plain["has"]),
        }
    )
