"""A refusal as a row of the reference: where it is named, and what is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

NONE: Final = ""
"""The exception of a row where this server refuses nothing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One refusal.

    Attributes:
        sections: Where the reference names it.
        exception: As the wire has it; ``NONE`` where ours is no refusal.
        differs: What Cognito does, and why this does not; empty where they agree.
    """

    sections: str
    exception: str
    message: str = ""
    differs: str = ""
