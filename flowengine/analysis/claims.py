"""Tells the questions that are answered by what a client says of itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from flowengine.analysis.formulas import Atom, reads

CLAIMED: Final = (
    "device",
    "responses",
    "request.user_agent",
    "request.metadata",
    "request.context",
    "auth_flow.parameters",
)
"""What a client says of itself."""

Claims = Callable[[Atom], bool | None]
"""What a walk lets the client say: an answer, or None for either."""


def either(_atom: Atom) -> bool | None:
    """Let the client say what it likes."""
    return None


@lru_cache(maxsize=4096)
def is_claim(atom: Atom) -> bool:
    """Say whether a question is answered by what the client claims."""
    return any(_below(name, claimed) for name in reads(atom) for claimed in CLAIMED)


def _below(name: str, above: str) -> bool:
    return name == above or name.startswith(f"{above}.")
