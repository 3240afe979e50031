"""What a mutant is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mutant:
    """One defect.

    Attributes:
        file: Below ``flowengine``.
        before: What stands there exactly once.
        tests: Below ``tests``; those that must notice it.
    """

    name: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]
