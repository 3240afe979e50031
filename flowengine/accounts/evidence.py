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

ADDRESSES = MappingProxyType({"email": "email", "sms": "phone_number"})
"""The attribute that each of the names of a mailbox or a phone is of."""

ANY_ATTRIBUTE = "*"
"""Stands for attributes that cannot be told apart before anything runs."""


def written(attribute: str) -> str:
    """Name what the ledger enrols where an answer writes an attribute of its user.

    Whoever answers chose the value, so what a flow's own functions send there proves nothing in
    the sign-in; the built-in kinds send to verified addresses alone. No condition can read it.
    """
    return f"{_WRITTEN}{attribute}"


def written_attribute(name: str) -> str | None:
    """Give the attribute of such a name; None for a credential."""
    return name.removeprefix(_WRITTEN) if name.startswith(_WRITTEN) else None


_WRITTEN = "written "
