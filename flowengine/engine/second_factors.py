"""Whether a sign-in has shown a second factor of its user."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

from flowengine.accounts.evidence import EvidenceKind
from flowengine.accounts.user import MFA_METHODS
from flowengine.engine.parts import Parts
from flowengine.runtime.record import SignInRecord

TURNED_ON: Final = frozenset(MFA_METHODS)
"""The second factors that a user turns on, by their names in ``user.has``."""
_AS_GOOD: Final = frozenset({"passkey", "device", "recovery_code"})
_STRONG: Final = frozenset({EvidenceKind.POSSESSION.value, EvidenceKind.INHERENCE.value})


def has_shown(parts: Parts, record: SignInRecord, has: AbstractSet[str]) -> bool:
    """Say whether a sign-in, or one that it continues, proved one of these, or one as good."""
    program = parts.flows.get(record.flow)
    kinds = {} if program is None else program.kinds
    shown = {*record.ledger.proved, *record.ledger.earlier}
    return bool(shown & (has | _AS_GOOD)) or any(kinds.get(name) in _STRONG for name in shown)
