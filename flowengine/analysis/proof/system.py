"""A flow's steps as relations between valuations of facts: what the engine does, abstracted.

A state is a node that has just been come to and a value of every fact. One edge is, in the order
in which the engine does it: the node's ``needs``; then, where the edge begins with a request,
new values of what is read once a request; then what the outcome writes and gains; then the
branches, the first true one. Refusals lead nowhere and are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flowengine.analysis.made import made_in, written_at
from flowengine.analysis.proof.abstraction import Abstraction
from flowengine.analysis.proof.answers import at_first, may_rise, on_device
from flowengine.analysis.proof.arrows import Door, Edge, Gain
from flowengine.analysis.proof.bdd import FALSE, TRUE, Bdd
from flowengine.analysis.proof.facts import EARLIER, Fact, Facts, Form, is_saved, saved_path
from flowengine.analysis.proof.naming import begins, naming, still_nobody
from flowengine.analysis.proof.operands import Rails
from flowengine.analysis.proof.written import unverified
from flowengine.challenges.offers import SELECT_MFA_TYPE, Offer, demanded, method_of
from flowengine.flow.doors import USER_AUTH
from flowengine.flow.machine import FAILED, OFFERED, RETURNED, SWITCHED, Row
from flowengine.flow.program import CallNode, ChallengeNode, Condition, FlowProgram, NodeProgram
from flowengine.flow.targets import BUILTIN_TARGETS

AUTOMATIC = frozenset({"decide", "none"})
"""The outcomes that a walk has by itself."""
_MFA_SETUP = "MFA_SETUP"
_PARAMETERS = ("auth_flow", "parameters")
_CONFIRMING = ("email", "sms")  # what a code of ConfirmSignUp proves
_TARGET = ("auth_flow", "target")


@dataclass(slots=True)
class System:
    """A flow as a transition system over ``facts``.

    Attributes:
        needs: Where a node's ``needs`` are all true.
    """

    bdd: Bdd
    facts: Facts
    abstraction: Abstraction
    doors: tuple[Door, ...] = ()
    edges: dict[str, list[Edge]] = field(default_factory=dict)
    needs: dict[str, int] = field(default_factory=dict)

    def condition(self, condition: Condition) -> Rails:
        """Give where a condition is true, and where it is false."""
        return self.abstraction.condition(condition.program)

    def learn(self, always: int) -> None:
        """Add what holds wherever a sign-in is: it is true of every value that facts can have."""
        bdd, about = self.bdd, self.bdd.support(always)
        self.doors = tuple(replace(d, given=bdd.both(d.given, always)) for d in self.doors)
        for edges in self.edges.values():
            edges[:] = [
                replace(each, after=bdd.both(each.after, always)) if about & each.touched else each
                for each in edges
            ]


def build(
    program: FlowProgram,
    conditions: Iterable[Condition] = (),
    *,
    doors: Iterable[str] | None = None,
    known: Mapping[str, Any] | None = None,
    limit: int | None = None,
) -> System:
    """Build the system of a flow.

    Args:
        conditions: What will be asked of it besides the flow's own conditions.
        doors: The auth flows that may start it; all of its own, and a backend, unless given.
        known: Variables whose values are settled: ``pool``.
        limit: How many nodes the diagrams may have.
    """
    bdd = Bdd() if limit is None else Bdd(limit)
    facts = Facts(bdd)
    abstraction = Abstraction(bdd, facts, {**program.constants, **(known or {})})
    builder = _Builder(program, bdd, facts, abstraction)
    asked = (*program.require, *conditions, *_levels(program))
    builder.read(asked, doors)  # what is asked for is only gathered
    facts.close()
    return builder.read(asked, doors)


def _levels(program: FlowProgram) -> Iterator[Condition]:
    levels = (getattr(node, "level", None) for node in program.nodes.values())
    return (level for level in levels if level is not None)


@dataclass(frozen=True, slots=True)
class _Effect:
    """What an outcome does to the facts before its branches are read."""

    request: bool = False
    changed: frozenset[int] = frozenset()
    gains: tuple[Gain, ...] = ()
    given: int = TRUE
    writes: tuple[str, ...] = ()


class _Builder:
    """Builds one system; twice, as what is asked for has to be known first."""

    def __init__(
        self, program: FlowProgram, bdd: Bdd, facts: Facts, abstraction: Abstraction
    ) -> None:
        self._program = program
        self._bdd = bdd
        self._facts = facts
        self._abstraction = abstraction
        self._rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in (r for r in program.machine.table if program.gives(r.source, r.outcome)):
            self._rows[row.source, row.outcome].append(row)
        self._changing: dict[str, frozenset[int]] = {}
        self._made = made_in(program)

    def read(self, asked: Iterable[Condition], doors: Iterable[str] | None) -> System:
        for each in asked:
            self._abstraction.condition(each.program)
        system = self._build(doors)
        self._abstraction.compare_all()
        return system

    def _build(self, doors: Iterable[str] | None) -> System:
        system = System(self._bdd, self._facts, self._abstraction)
        for name, node in self._program.nodes.items():
            rails = [self._abstraction.condition(each.program) for each in node.needs]
            system.needs[name] = self._bdd.all_of(each.true for each in rails)
            system.edges[name] = []
        for (name, outcome), rows in self._rows.items():
            node = self._program.nodes[name]
            system.edges[name] += self._edges(node, outcome, rows, system.needs[name])
        given = at_first(self._facts, stored=self._program.needs_directory)
        found = (Door(d.name, d.node, self._bdd.both(d.given, given)) for d in self._doors(doors))
        system.doors = tuple(found)
        return system

    # ---- edges

    def _edges(
        self, node: NodeProgram, outcome: str, rows: list[Row], needs: int
    ) -> Iterator[Edge]:
        if isinstance(node, ChallengeNode) and isinstance(node.settings, Offer):
            yield from self._offer(node.settings, outcome, rows, needs)
            return
        guard = self._switched(node, outcome)
        event = outcome not in AUTOMATIC
        for effect in self._effects(node, outcome):
            yield from self._arrows(rows, needs, effect, guard, event=event)

    def _arrows(
        self, rows: list[Row], before: int, effect: _Effect, guard: int, *, event: bool
    ) -> Iterator[Edge]:
        bdd, prefix = self._bdd, self._bdd.both(guard, effect.given)
        gains, always = effect.gains, TRUE
        if effect.request:
            gains, always = (*gains, *may_rise(self._facts)), on_device(self._facts)
        for position, row in enumerate(rows):
            true, false = self._guard(row)
            if row.target not in BUILTIN_TARGETS:
                after = bdd.all_of((prefix, true, always))
                yield Edge(
                    row.source, row.target, row.outcome, position, row, event, effect.request,
                    before, effect.changed, gains, after, effect.writes,
                )  # fmt: skip
            prefix = bdd.both(prefix, false)

    def _guard(self, row: Row) -> Rails:
        if row.program is None:
            return Rails(TRUE, FALSE)
        return self._abstraction.condition(row.program)

    def _effects(self, node: NodeProgram, outcome: str) -> Iterator[_Effect]:
        """Give what an outcome may do: by itself, and after operations that enrolled something."""
        operated = isinstance(node, ChallengeNode) and bool(node.kind.facts.operations)
        if operated and outcome not in ("proved", "unavailable"):
            yield _Effect(request=True, changed=self._fresh())
        yield self._effect(node, outcome)

    def _effect(self, node: NodeProgram, outcome: str) -> _Effect:
        if isinstance(node, CallNode):
            return self._called(node, outcome)
        if not isinstance(node, ChallengeNode) or outcome == "unavailable":
            return _Effect()
        facts = node.kind.facts
        changed, given, writes = self._fresh(), TRUE, tuple[str, ...]()
        names = list(facts.enrols) if outcome == "proved" or facts.operations else []
        gains = [
            Gain(self._evidence("enrolled", name), self._enrolling(node, name)) for name in names
        ]
        if outcome == "proved":
            writes = facts.writes
            must = [self._proof(name) for name in node.evidence]
            changed |= {each.variable for each in must if each.where == TRUE and each.variable >= 0}
            gains += [self._proof(name) for name in facts.may_prove]
            gains += [each for each in must if each.where != TRUE]
            given = self._bdd.all_of(self._gained(each) for each in must)
            named, somebody = naming(node, outcome, self._facts)
            changed |= named
            left = (given, somebody, self._enrolled(names), self._set(dict(facts.sets)))
            given = self._bdd.all_of(left)
            written = written_at(node, self._made)
            gains += [Gain(self._evidence("enrolled", name), TRUE) for name in written]
            given = self._bdd.both(given, unverified(self._facts, written, self._made))
        elif names:
            writes, given = facts.writes, self._enrolled(names)  # by an operation at this node
        return _Effect(
            request=True,
            changed=changed | self._written(writes),
            gains=tuple(g for g in gains if g.variable >= 0),
            given=given,
            writes=writes,
        )

    def _called(self, node: CallNode, outcome: str) -> _Effect:
        if node.save is None or outcome not in (RETURNED, FAILED):
            return _Effect()
        path = saved_path(node.save)
        there = self._facts.presence(path)
        given = there if outcome == RETURNED else self._bdd.negated(there)
        writes = (".".join(path),)
        return _Effect(changed=self._written(writes), given=given, writes=writes)

    def _switched(self, node: NodeProgram, outcome: str) -> int:
        if not isinstance(node, ChallengeNode) or not outcome.startswith(SWITCHED):
            return TRUE
        has = self._available(SELECT_MFA_TYPE, outcome.removeprefix(SWITCHED))
        return self._bdd.either(still_nobody(self._program, self._facts), has)

    def _available(self, menu: str, challenge: str) -> int:
        wants = demanded(menu, challenge)
        if wants is None:
            return TRUE
        has = self._abstraction.flag(("user", *wants.fact))
        if not wants.within_methods:
            return has
        return self._bdd.both(has, self._abstraction.has_method(challenge))

    def _offer(self, offer: Offer, outcome: str, rows: list[Row], needs: int) -> Iterator[Edge]:
        bdd = self._bdd
        available = {name: self._available(offer.menu, name) for name in offer.options}
        nothing = bdd.negated(bdd.any_of(available.values()))
        at_once = {name: self._at_once(offer, name, available) for name in available}
        asks = bdd.negated(bdd.any_of((nothing, *at_once.values())))
        fresh = self._fresh()
        if outcome == "none":
            yield from self._arrows(rows, needs, _Effect(), nothing, event=False)
        elif outcome.startswith(OFFERED):
            name = outcome.removeprefix(OFFERED)
            yield from self._arrows(rows, needs, _Effect(), at_once[name], event=False)
            before = bdd.both(needs, asks)
            answered = _Effect(request=True, changed=fresh)
            yield from self._arrows(rows, before, answered, available[name], event=True)
        else:
            request = outcome != "unavailable"
            effect = _Effect(request=request, changed=fresh if request else frozenset())
            yield from self._arrows(rows, bdd.both(needs, asks), effect, TRUE, event=True)

    def _at_once(self, offer: Offer, name: str, available: Mapping[str, int]) -> int:
        """Say when an option is taken without asking: preferred, or the only one."""
        bdd = self._bdd
        others = [each for other, each in available.items() if other != name]
        alone = bdd.negated(bdd.any_of(others))
        chosen = FALSE
        if offer.prefer is not None:
            chosen = self._abstraction.equals(offer.prefer, name).true
            first = [self._abstraction.equals(offer.prefer, o).true for o in available if o != name]
            preferred = zip(first, others, strict=True)
            alone = bdd.both(
                alone, bdd.negated(bdd.any_of(bdd.both(one, has) for one, has in preferred))
            )
        return bdd.both(available[name], bdd.either(chosen, alone))

    # ---- what changes

    def _evidence(self, ledger: str, name: str) -> int:
        """Give the variable of a name of evidence; -1 while it is only gathered."""
        self._facts.flag((ledger, name))
        return self._facts.variable_of((ledger, name)) if self._facts.closed else -1

    def _variable(self, number: int) -> int:
        return self._bdd.variable(number) if number >= 0 else TRUE

    def _proof(self, name: str) -> Gain:
        """Say what a right answer proves: nothing where the factor is of this sign-in's making."""
        made = (self._evidence("enrolled", e) for e in self._program.makers(name) & self._made)
        where = self._bdd.any_of(self._bdd.variable(each) for each in made if each >= 0)
        return Gain(self._evidence("proved", name), self._bdd.negated(where), usual=True)

    def _gained(self, gain: Gain) -> int:
        """Say that what had to be gained is there."""
        return self._bdd.either(self._bdd.negated(gain.where), self._variable(gain.variable))

    def _enrolled(self, names: list[str]) -> int:
        """A node that enrols is answered once something was enrolled at it."""
        if not names or not self._facts.closed:
            return TRUE
        return self._bdd.any_of(self._variable(self._evidence("enrolled", n)) for n in names)

    def _set(self, values: Mapping[str, object]) -> int:
        """Say when facts have the values that a right answer leaves them with."""
        return self._bdd.all_of(
            self._facts.case(fact, values[".".join(fact.path)])
            for fact in self._facts.all
            if fact.form is Form.VALUE and ".".join(fact.path) in values
        )

    def _enrolling(self, node: ChallengeNode, name: str) -> int:
        method = method_of(name)
        if node.kind.facts.name != _MFA_SETUP or method is None:
            return TRUE
        return self._available(SELECT_MFA_TYPE, method)

    def _fresh(self) -> frozenset[int]:
        if "" not in self._changing:
            fresh = frozenset(v for f in self._facts.all if f.fresh for v in f.variables)
            if not self._facts.closed:
                return fresh
            self._changing[""] = fresh
        return self._changing[""]

    def _written(self, paths: Iterable[str]) -> frozenset[int]:
        found: set[int] = set()
        for path in paths:
            if path not in self._changing and self._facts.closed:
                self._changing[path] = frozenset(
                    v for f in self._facts.all if f.changed_by(path) for v in f.variables
                )
            found |= self._changing.get(path, frozenset())
        return frozenset(found)

    # ---- doors

    def _doors(self, names: Iterable[str] | None) -> Iterator[Door]:
        wanted = self._program.doors if names is None else tuple(names)
        for name in wanted:
            door = self._program.doors[name]
            may = {rule.key for rule in door.parameters}
            must = {rule.key for rule in door.parameters if not rule.optional}
            given = self._beginning(name, may, must, continues=door.continues)
            yield Door(name, door.start, self._bdd.both(given, self._proving(())))
            if door.after_sign_up is not None:
                confirmed = self._bdd.any_of(self._proving((each,)) for each in _CONFIRMING)
                yield Door(name, door.after_sign_up, self._bdd.both(given, confirmed))
            if door.step_up is not None:
                given = self._beginning(name, may, must, continues=True)
                yield Door(name, door.step_up, self._bdd.both(given, self._proving(())))
        if names is None:
            # A backend may say what was proved before.
            given = self._beginning("", set(), set(), continues=True)
            yield Door("", self._program.start, self._bdd.both(given, self._proving(())))

    def _proving(self, names: Collection[str]) -> int:
        """Say when just this evidence is there."""
        facts = [f for f in self._facts.all if f.form is Form.VALUE and f.path[0] == "proved"]
        return self._bdd.all_of(self._facts.case(f, value=f.path[1] in names) for f in facts)

    def _beginning(self, name: str, may: set[str], must: set[str], *, continues: bool) -> int:
        """Say how a sign-in begins, whatever it begins with as proved."""
        bdd, given = self._bdd, TRUE
        for fact in self._facts.all:
            if fact.path == ("auth_flow", "name") and fact.form is Form.VALUE:
                given = bdd.both(given, self._facts.case(fact, name))
            if _starts_absent(fact) or (fact.path[:1] == (EARLIER,) and not continues):
                given = bdd.both(given, self._facts.case(fact, value=False))
            if fact.form is Form.PRESENCE and fact.path[:2] == _PARAMETERS:
                key = fact.path[2]
                if key in must or key not in may:
                    given = bdd.both(given, self._facts.case(fact, value=key in must))
        door = self._program.doors.get(name)
        somebody = begins(self._facts, named=door is None or door.names_user)
        return bdd.all_of((given, somebody, self._asked_for(name, continues=continues)))

    def _asked_for(self, name: str, *, continues: bool) -> int:
        """Say which levels may be asked for: of USER_AUTH any, with a token one at least."""
        bdd, facts = self._bdd, self._facts
        asked = {f.path[-1]: facts.flag(f.path) for f in facts.all if f.path[:2] == _TARGET}
        if name != USER_AUTH:
            return bdd.all_of(bdd.negated(each) for each in asked.values())
        if continues and asked and asked.keys() == self._program.levels.keys():
            return bdd.any_of(asked.values())
        return TRUE


def _starts_absent(fact: Fact) -> bool:
    """Say whether nothing is there at first: what is enrolled, and what calls save."""
    if fact.form is Form.VALUE:
        return fact.path[0] == "enrolled"
    return is_saved(fact)
