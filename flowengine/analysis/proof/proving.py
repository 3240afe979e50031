"""Proves or refutes what a flow promises."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flowengine.analysis.proof.bdd import OverBudgetError
from flowengine.analysis.proof.branches import Branch, Overlap, branches, overlaps
from flowengine.analysis.proof.facts import Form
from flowengine.analysis.proof.reaching import explore
from flowengine.analysis.proof.replaying import Replay
from flowengine.analysis.proof.system import System, build
from flowengine.analysis.proof.verdict import Counterexample, Proved, Refuted, Unproven, Verdict
from flowengine.analysis.proof.witness import counterexample
from flowengine.flow.program import Condition, EndNode, FlowProgram

_TOO_MUCH = "it would take more than {limit:,} nodes of decision diagrams, the limit"


@dataclass(frozen=True, slots=True)
class Promise:
    """A condition that was proved, refuted, or neither.

    Attributes:
        node: The node that it must hold at; None for every success.
    """

    condition: Condition
    verdict: Verdict
    node: str | None = None


@dataclass
class FlowProof:
    """What can be proved of one flow; each part is worked out when it is asked for.

    Attributes:
        doors: The auth flows that may start it; all of its own, and a backend, unless given.
        known: Variables whose values are settled: ``pool`` and ``client`` of a deployment.
        added: Conditions beside the flow's own: a client's ``require``.
        limit: How many nodes the diagrams may have.
    """

    program: FlowProgram
    doors: tuple[str, ...] | None = None
    known: Mapping[str, Any] = field(default_factory=dict)
    added: tuple[Condition, ...] = ()
    limit: int = 1_000_000

    @cached_property
    def system(self) -> System:
        """The flow as a transition system."""
        return build(self.program, self.added, doors=self.doors, known=self.known, limit=self.limit)

    @cached_property
    def require(self) -> tuple[Promise, ...]:
        """The flow's own ``require``, and what was added."""
        return tuple(
            Promise(each, self.at_success(each)) for each in (*self.program.require, *self.added)
        )

    @cached_property
    def needs(self) -> tuple[Promise, ...]:
        """The ``needs`` of every node; those of a flow without auth flows are its users'."""
        return tuple(self._needs()) if self.program.doors else ()

    @cached_property
    def levels(self) -> tuple[Promise, ...]:
        """The ``level`` of each success."""
        return tuple(self._levels())

    @cached_property
    def branches(self) -> tuple[Branch, ...]:
        """What the branches of each edge leave to each other; nothing past the limit."""
        try:
            return tuple(branches(self.program, self.system))
        except (OverBudgetError, RecursionError):
            return ()

    @cached_property
    def overlaps(self) -> tuple[Overlap, ...]:
        """The branches of each edge of which the order matters: no mistake, so no finding."""
        try:
            return tuple(overlaps(self.program, self.system))
        except (OverBudgetError, RecursionError):
            return ()

    def at_success(self, condition: Condition) -> Verdict:
        """Prove that a condition is true at every success."""
        return self._decided(condition, self._successes())

    def at_entry(self, condition: Condition, nodes: Iterable[str]) -> Verdict:
        """Prove that a condition is true wherever one of some nodes is come to."""
        return self._decided(condition, nodes, entering=True)

    def _successes(self) -> tuple[str, ...]:
        nodes = self.program.nodes.items()
        return tuple(name for name, node in nodes if isinstance(node, EndNode) and node.success)

    def _needs(self) -> Iterator[Promise]:
        for name, node in self.program.nodes.items():
            for condition in node.needs:
                verdict = self._decided(condition, (name,), entering=True)
                yield Promise(condition, verdict, name)

    def _levels(self) -> Iterator[Promise]:
        for name in self._successes():
            node = self.program.nodes[name]
            if isinstance(node, EndNode) and node.level is not None:
                yield Promise(node.level, self._decided(node.level, (name,)), name)

    def _decided(
        self, condition: Condition, nodes: Iterable[str], *, entering: bool = False
    ) -> Verdict:
        try:
            return self._explored(condition, nodes, entering=entering)
        except (OverBudgetError, RecursionError):
            return Unproven(_TOO_MUCH.format(limit=self.limit))

    def _explored(self, condition: Condition, nodes: Iterable[str], *, entering: bool) -> Verdict:
        system = self.system
        wrong = system.bdd.negated(system.condition(condition).true)
        bad = {
            name: wrong if entering else system.bdd.both(wrong, system.needs[name])
            for name in nodes
        }
        reached = explore(system, bad)
        system.bdd.forget()
        if reached.door is None:
            return Proved(tuple(fact.text for fact in reached.tracked), reached.states)
        end = reached.edges[-1].target if reached.edges else reached.door.node
        example = counterexample(system, reached, end)
        return self._replayed(example, condition, entering=entering)

    def _replayed(
        self, example: Counterexample, condition: Condition, *, entering: bool
    ) -> Verdict:
        replay = Replay(self.program, example, self.known)
        real = replay.refused_at(example.end) if entering else replay.breaks(condition)
        return Refuted(example) if real else Unproven(_why_not(example), example)


def _why_not(example: Counterexample) -> str:
    """Name what a path depends on that nobody looked into."""
    read = [*example.final, *(each for step in example.steps for each in step.telling)]
    opaque = [each for each in read if each.form is Form.OPAQUE]
    if opaque:
        each = opaque[0]
        said = {True: "true", False: "false", None: "an error"}[each.value]
        return f"it depends on `{each.text}` being {said}"
    kept = [each.text for each in read if each.fresh and each.path[:1] in (("session",), ("age",))]
    if kept:
        return f"it depends on `{kept[0]}`, which the engine counts"
    return "the path that was found is none that the engine takes"
