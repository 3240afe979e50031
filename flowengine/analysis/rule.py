"""What a rule is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from flowengine.flow.program import FlowProgram
from flowengine.source import Diagnostic


class Rule(Protocol):
    """A module of this package with these two members."""

    @property
    def NAME(self) -> str:  # noqa: N802 - modules are rules, and theirs is a constant
        """The name that findings carry in brackets."""

    def check(self, program: FlowProgram) -> Iterator[Diagnostic]:
        """Find what is wrong with a flow that compiles."""
