"""What a counter-example claims, for somebody who plays it before it is believed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flowengine.analysis.proof.verdict import Counterexample
from flowengine.flow.program import Condition, FlowProgram


@dataclass(frozen=True, slots=True)
class Claim:
    """A condition that is said to be untrue where a sign-in comes to.

    Attributes:
        rule: The rule that tells it: ``require-not-proved``.
        condition: At a success it is demanded of the tokens.
        entered: Whether the sign-in is refused by the ``needs`` of the node that it comes to;
            else it succeeds there.
        known: Variables whose values are settled: ``pool`` and ``client`` of a deployment.
    """

    rule: str
    condition: Condition
    entered: bool = False
    known: Mapping[str, Any] = field(default_factory=dict, repr=False)


Replayer = Callable[[FlowProgram, Counterexample, Claim], str | None]
"""Plays a counter-example; gives None where it comes as claimed, else what came instead."""
