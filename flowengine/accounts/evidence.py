"""What a sign-in can prove, and of what kind each proof is."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType


class EvidenceKind(StrEnum):
    """What a proof rests on; two names of one mailbox or phone count once."""

    KNOWLEDGE = "knowledge"
    POSSESSION = "possession"
    INHERENCE = "inherence"
    MAILBOX = "mailbox"
    PHONE = "phone"
    NONE = "none"


BUILTIN_EVIDENCE = MappingProxyType(
    {
        "password": frozenset({EvidenceKind.KNOWLEDGE}),
        "totp": frozenset({EvidenceKind.POSSESSION}),
        "sms": frozenset({EvidenceKind.PHONE}),
        "email": frozenset({EvidenceKind.MAILBOX}),
        "passkey": frozenset({EvidenceKind.POSSESSION}),
        "passkey_uv": frozenset({EvidenceKind.POSSESSION, EvidenceKind.INHERENCE}),
        "device": frozenset({EvidenceKind.POSSESSION}),
        "recovery_code": frozenset({EvidenceKind.POSSESSION}),
    }
)
"""The names that only built-in kinds can prove; a flow cannot declare one of them."""
