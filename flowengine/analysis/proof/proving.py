"""Proves or refutes what a flow promises."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flowengine.accounts.user import UserStatus
from flowengine.analysis.proof.bdd import TRUE, OverBudgetError
from flowengine.analysis.proof.branches import Branch, Overlap, branches, overlaps
from flowengine.analysis.proof.budget import EFFORT, Budget
from flowengine.analysis.proof.claims import Claim, Replayer
from flowengine.analysis.proof.facts import Fact, Form
from flowengine.analysis.proof.reaching import explore
from flowengine.analysis.proof.system import System, build
from flowengine.analysis.proof.theory import Theory, UndecidedError
from flowengine.analysis.proof.verdict import Counterexample, Proved, Refuted, Unproven, Verdict
from flowengine.analysis.proof.witness import counterexample
from flowengine.flow.program import Condition, EndNode, FlowProgram

_USUAL = (
    (("user", "enabled"), True),
    (("user", "exists"), True),
    (("user", "status"), UserStatus.CONFIRMED.value),
)
_EXTRA = "; with z3, `pip install 'flowengine[prove]'`, that may be decided"
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
        effort: How many steps a solver may take to answer one question.
        replayer: Has the last word on what is refuted; none: ``runtime.step`` has it.
        rule: The rule that tells what is refuted at a success, but for a level.
    """

    program: FlowProgram
    doors: tuple[str, ...] | None = None
    known: Mapping[str, Any] = field(default_factory=dict, repr=False)
    added: tuple[Condition, ...] = ()
    limit: int = 1_000_000
    effort: int = EFFORT
    replayer: Replayer | None = None
    rule: str = "require-not-proved"

    @cached_property
    def system(self) -> System:
        """The flow as a transition system."""
        return build(self.program, self.added, doors=self.doors, known=self.known, limit=self.limit)

    @cached_property
    def theory(self) -> Theory:
        """What a solver found out about comparisons of several facts."""
        return Theory(self.system)

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
        claim = Claim(self.rule, condition, known=self.known)
        return self._decided(claim, self._successes())

    def at_entry(self, condition: Condition, nodes: Iterable[str]) -> Verdict:
        """Prove that a condition is true wherever one of some nodes is come to."""
        claim = Claim(self.rule, condition, entered=True, known=self.known)
        return self._decided(claim, nodes)

    def _successes(self) -> tuple[str, ...]:
        nodes = self.program.nodes.items()
        return tuple(name for name, node in nodes if isinstance(node, EndNode) and node.success)

    def _needs(self) -> Iterator[Promise]:
        for name, node in self.program.nodes.items():
            for condition in node.needs:
                claim = Claim("needs-not-proved", condition, entered=True, known=self.known)
                verdict = self._decided(claim, (name,))
                yield Promise(condition, verdict, name)

    def _levels(self) -> Iterator[Promise]:
        for name in self._successes():
            node = self.program.nodes[name]
            if isinstance(node, EndNode) and node.level is not None:
                claim = Claim("level-not-proved", node.level, known=self.known)
                yield Promise(node.level, self._decided(claim, (name,)), name)

    def _decided(self, claim: Claim, nodes: Iterable[str]) -> Verdict:
        """Prove that a condition is true at nodes: at an end, or on entering what needs it."""
        try:
            return self._explored(claim, nodes)
        except (OverBudgetError, RecursionError):
            return Unproven(_TOO_MUCH.format(limit=self.limit))

    def _explored(self, claim: Claim, nodes: Iterable[str]) -> Verdict:
        system = self.system
        wrong = system.bdd.negated(system.condition(claim.condition).true)
        bad = {
            name: wrong if claim.entered else system.bdd.both(wrong, system.needs[name])
            for name in nodes
        }
        budget = Budget(self.effort)
        verdict = self._searched(bad, claim, budget)
        if isinstance(verdict, Unproven) and self.replayer is not None:
            for each in self._usual():
                likelier = self._searched(self._within(bad, each), claim, budget)
                if isinstance(likelier, Refuted):
                    return likelier
        return verdict

    def _searched(self, bad: Mapping[str, int], claim: Claim, budget: Budget) -> Verdict:
        reached = explore(self.system, bad)
        while reached.door is not None:
            self.system.bdd.forget()
            try:
                found = self.theory.decide(reached, budget)
            except UndecidedError as error:
                return Unproven(str(error), counterexample(self.system, reached))
            if found is not None:
                example = counterexample(self.system, found.reached, found.values)
                return self._replayed(example, claim, found.unseen)
            reached = explore(self.system, bad, reached.tracked)
        self.system.bdd.forget()
        return Proved(tuple(fact.text for fact in reached.tracked), reached.states)

    def _within(self, states: Mapping[str, int], limit: int) -> dict[str, int]:
        return {name: self.system.bdd.both(each, limit) for name, each in states.items()}

    def _usual(self) -> Iterator[int]:
        """Say how users are whom the engine lets go on, whatever a flow says of them."""
        facts, likely = self.system.facts, TRUE
        for path, value in _USUAL:
            for fact in facts.all:
                if (fact.form, fact.path) == (Form.VALUE, path):
                    likely = self.system.bdd.both(likely, facts.case(fact, value))
                    yield likely

    def _replayed(self, example: Counterexample, claim: Claim, unseen: Collection[Fact]) -> Verdict:
        # What plays a sign-in is slow to import, and most flows are proved.
        from flowengine.analysis.proof.replaying import Replay  # noqa: PLC0415

        replay = Replay(self.program, example, self.known)
        entered, condition = claim.entered, claim.condition
        real = replay.refused_at(example.end, condition) if entered else replay.breaks(condition)
        otherwise = self.replayer(self.program, example, claim) if real and self.replayer else None
        if otherwise is not None:
            return Unproven(otherwise, example, played=True)
        return Refuted(example) if real else Unproven(_why_not(example, unseen), example)


def _why_not(example: Counterexample, unseen: Collection[Fact]) -> str:
    """Name what a path depends on that nobody looked into."""
    read = [*example.final, *(each for step in example.steps for each in step.telling)]
    opaque = [each for each in read if each.form is Form.OPAQUE]
    if opaque:
        each = opaque[0]
        said = {True: "true", False: "false", None: "an error"}[each.value]
        seen = each.text not in {fact.text for fact in unseen}
        return f"it depends on `{each.text}` being {said}{'' if seen else _EXTRA}"
    if unseen:
        return f"it depends on `{min(fact.text for fact in unseen)}`{_EXTRA}"
    kept = [each.text for each in read if each.fresh and each.path[:1] in (("session",), ("age",))]
    if kept:
        return f"it depends on `{kept[0]}`, which the engine counts"
    return "the path that was found is none that the engine takes"
