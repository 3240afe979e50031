"""The rules that look at a flow's proof, in the order in which they run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from flowengine.analysis.proof.proving import FlowProof
from flowengine.analysis.proved import (
    branch_never_taken,
    branch_shadowed,
    condition_may_fail,
    level_not_proved,
    needs_not_proved,
    require_not_proved,
    require_unproven,
)
from flowengine.source import Diagnostic


class ProofRule(Protocol):
    """A module of this package with these two members."""

    @property
    def NAME(self) -> str:  # noqa: N802 - modules are rules, and theirs is a constant
        """The name that findings carry in brackets."""

    def check(self, proof: FlowProof) -> Iterator[Diagnostic]:
        """Find what a flow's proof says is wrong with it."""


PROOF_RULES: tuple[ProofRule, ...] = (
    require_not_proved,
    require_unproven,
    needs_not_proved,
    level_not_proved,
    branch_never_taken,
    branch_shadowed,
    condition_may_fail,
)
