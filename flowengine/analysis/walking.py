"""Walks every way through a flow that the facts allow, and tells what each has proved.

Facts are not enumerated: a way begins with nothing known and takes an answer for granted when a
condition asks for it. What a node writes is forgotten there. What cannot be read as logic is open
both ways, and a walk that grows past its limit tells nothing, so that no rule speaks of what was
not seen. The proof of ``require`` does not rest on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

from flowengine.analysis.answers import NOTHING, Answers, Ask, Values, ways
from flowengine.analysis.claims import CLAIMED, Claims, either, is_claim
from flowengine.analysis.formulas import (
    Atom,
    Equal,
    Formula,
    Gained,
    Not,
    Some,
    atoms,
    formula,
    holds,
)
from flowengine.analysis.liveness import live
from flowengine.analysis.made import made_in, makings
from flowengine.analysis.menus import has_challenge
from flowengine.analysis.standing import Memory, Place, Step, TooManyPlacesError
from flowengine.challenges.offers import SELECT_MFA_TYPE, Offer
from flowengine.flow.machine import OFFERED, SWITCHED, Row
from flowengine.flow.program import (
    CallNode,
    ChallengeNode,
    Condition,
    EndNode,
    FlowProgram,
)
from flowengine.flow.scope import AUTH_FLOW_NAMES

LIMIT: Final = 5_000
"""Places, each a node with what is known there, after which a walk is given up."""
LIMIT_OF_NONE: Final = 50_000
"""The same for a walk that knows nothing but what was proved: its places cost little."""

FRESH: Final = ("request", "responses", "session", "age")
"""Facts that are read anew with each request."""
_DEVICE: Final = "device"
_AFTERWARDS: Final[Mapping[str, Equal]] = {
    "NEW_PASSWORD_REQUIRED": Equal("user.status", "CONFIRMED"),
}
"""What is known once a kind has written what it writes."""


class Walker:
    """Walks one program."""

    def __init__(
        self, program: FlowProgram, claims: Claims = either, *, memory: Memory = Memory.WHOLE
    ) -> None:
        """Take a program, what clients may say, and what to keep."""
        self._program = program
        self._claims = claims
        self._memory = memory
        self._makes = made_in(program)
        self._names_users = any(not door.names_user for door in program.doors.values())
        self._formulas: dict[int, Formula] = {}
        self._claiming: dict[int, bool] = {}

    @cached_property
    def _rows(self) -> Mapping[tuple[str, str], list[Row]]:
        rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self._program.machine.table:
            rows[row.source, row.outcome].append(row)
        return rows

    @cached_property
    def _outcomes(self) -> Mapping[str, tuple[str, ...]]:
        """Give what can come of each node; of those that do nothing but lead somewhere, one."""
        outcomes: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
        for (source, outcome), rows in self._rows.items():
            tells = outcome in ("proved", "none") or outcome.startswith((OFFERED, SWITCHED))
            leads = rows[0].program is None and not tells
            key = ("to", rows[0].target) if leads else ("by", outcome)
            outcomes[source].setdefault(key, outcome)
        return {source: tuple(each.values()) for source, each in outcomes.items()}

    @cached_property
    def _live(self) -> Mapping[str, frozenset[Hashable]]:
        table = self._program.machine.table
        asked = {name: list(self._asked(name)) for name in self._program.nodes}
        return live(asked, ((row.source, row.target) for row in table))

    def _asked(self, name: str) -> Iterator[Formula]:
        """Give all that a walk asks at a node."""
        node = self._program.nodes[name]
        yield from (self._formula(each.program) for each in self._demands(name))
        menu = node.settings if isinstance(node, ChallengeNode) else None
        for outcome in self._outcomes.get(name, ()):
            if isinstance(menu, Offer):
                yield from (has_challenge(menu.menu, each) for each in menu.options)
            if outcome.startswith(SWITCHED):
                yield has_challenge(SELECT_MFA_TYPE, outcome.removeprefix(SWITCHED))
            for row in self._rows[name, outcome]:
                if row.program is not None:
                    yield self._formula(row.program)

    def successes(
        self, door: str | None = None, begun: Answers = NOTHING, *, start: str | None = None
    ) -> list[Place]:
        """Give every way that ends in a success at which ``require`` holds.

        Args:
            door: The auth flow that starts it; None for the flow's own start.
            begun: What to take for granted from the beginning.
            start: The node to begin at; None for where the auth flow begins.

        Raises:
            TooManyPlacesError: There are too many.
        """
        return [place for place in self.places(door, begun, start=start) if self._ends_well(place)]

    def places(
        self, door: str | None = None, begun: Answers = NOTHING, *, start: str | None = None
    ) -> list[Place]:
        """Give every place that can be come to, those of successes with ``require`` true."""
        first = self._start(door, begun)
        waiting = [first if start is None else replace(first, node=start)]
        seen: dict[tuple[object, ...], Place] = {}
        most = LIMIT_OF_NONE if self._memory is Memory.NONE else LIMIT
        while waiting:
            for entered in self._entered(self._kept(waiting.pop())):
                key = self._key(entered)
                if key in seen:
                    continue
                seen[key] = entered
                if len(seen) > most:
                    raise TooManyPlacesError
                waiting.extend(self._onward(entered))
        return list(seen.values())

    def _kept(self, place: Place) -> Place:
        if self._memory is not Memory.AHEAD:
            return place
        now = place.now.only(self._live.get(place.node, frozenset()))
        return place if now is place.now else replace(place, now=now)

    def _key(self, place: Place) -> tuple[object, ...]:
        match self._memory:
            case Memory.WHOLE:
                return place.key
            case Memory.AHEAD:
                return (place.node, place.proved, place.enrolled, place.now.key)
            case Memory.NONE:
                return (place.node, place.proved, place.enrolled)

    def _start(self, door: str | None, begun: Answers) -> Place:
        program = self._program
        known = {**begun.known, **_constants(program.constants)}
        answers: Answers | None = Answers(MappingProxyType(known)).forget("auth_flow")
        if door is not None and answers is not None:
            named = Equal("auth_flow.name", door, AUTH_FLOW_NAMES)
            answers = answers.take(named, answer=True)
        start = program.start if door is None else program.doors[door].start
        return Place(start, now=answers or NOTHING, begun=begun)

    def _ends_well(self, place: Place) -> bool:
        node = self._program.nodes.get(place.node)
        return isinstance(node, EndNode) and node.success

    def _entered(self, place: Place) -> Iterator[Place]:
        """Give a place with what its entry demands."""
        if place.node in self._program.nodes:
            yield from self._demanded(place, self._demands(place.node))

    def _demands(self, name: str) -> tuple[Condition, ...]:
        """Give what a node's entry demands: ``needs``, and ``require`` at a success."""
        node = self._program.nodes[name]
        if not isinstance(node, EndNode) or not node.success:
            return node.needs
        return (*node.needs, *self._program.require, *((node.level,) if node.level else ()))

    def _demanded(self, place: Place, conditions: tuple[Condition, ...]) -> Iterator[Place]:
        if not conditions:
            yield place
            return
        whole = self._formula(conditions[0].program)
        for said, after in self._ways(whole, place):
            if said:
                yield from self._demanded(after, conditions[1:])

    def _onward(self, place: Place) -> Iterator[Place]:
        node = self._program.nodes[place.node]
        if isinstance(node, EndNode):
            return
        if isinstance(node, ChallengeNode):
            yield from self._answered(place, node)
        elif isinstance(node, CallNode):
            after = self._changed(place, _saved(node))
            for outcome in self._outcomes.get(place.node, ()):
                yield from self._taken(after, outcome)
        else:
            yield from self._taken(place, "decide")

    def _answered(self, place: Place, node: ChallengeNode) -> Iterator[Place]:
        menu = node.settings if isinstance(node.settings, Offer) else None
        # Until a sign-in is on a device, any answer may name one.
        fresh = replace(place, now=place.now.forget(*FRESH).doubt(_DEVICE))
        for outcome in self._outcomes.get(place.node, ()):
            if menu is not None and outcome in ("none", *(f"{OFFERED}{c}" for c in menu.options)):
                yield from self._offered(place if outcome == "none" else fresh, menu, outcome)
            elif outcome.startswith(SWITCHED):
                yield from self._switched(fresh, outcome)
            else:
                after = self._proved(fresh, node) if outcome == "proved" else fresh
                for left in self._made(after, node, outcome):
                    yield from self._taken(left, outcome)

    def _proved(self, place: Place, node: ChallengeNode) -> Place:
        """Give a place after a right answer."""
        makers, said = self._program.makers, _AFTERWARDS.get(node.kind.facts.name)
        proved = place.proved | {e for e in node.evidence if not makers(e) & place.enrolled}
        after = replace(self._changed(place, node.kind.facts.writes), proved=proved)
        if self._names_users and node.kind.facts.names_user_by is not None:
            after = replace(after, now=after.now.forget("user"))  # of nobody something else is true
        return replace(after, now=(said and after.now.take(said, answer=True)) or after.now)

    def _made(self, place: Place, node: ChallengeNode, outcome: str) -> Iterator[Place]:
        """Give a place for all that may have been made at a node."""
        for made in makings(node, outcome, self._makes):
            after = self._changed(place, node.kind.facts.writes) if made else place
            yield replace(after, enrolled=after.enrolled | made)

    def _offered(self, place: Place, menu: Offer, outcome: str) -> Iterator[Place]:
        options = {name: has_challenge(menu.menu, name) for name in menu.options}
        if outcome == "none":
            whole: Formula = Not(Some(tuple(options.values())))
        else:
            whole = options[outcome.removeprefix(OFFERED)]
        for said, after in self._ways(whole, place):
            if said:
                yield from self._taken(after, outcome)

    def _switched(self, place: Place, outcome: str) -> Iterator[Place]:
        whole = has_challenge(SELECT_MFA_TYPE, outcome.removeprefix(SWITCHED))
        for said, after in self._ways(whole, place):
            if said:
                yield from self._taken(after, outcome)

    def _changed(self, place: Place, names: Iterable[str]) -> Place:
        changed = tuple(names)
        if not changed:
            return place
        return replace(
            place, now=place.now.forget(*changed), written=place.written | frozenset(changed)
        )

    def _taken(self, place: Place, outcome: str, index: int = 0) -> Iterator[Place]:
        """Give the places that an outcome leads to, branch by branch."""
        rows = self._rows.get((place.node, outcome), ())
        if index >= len(rows):
            return
        row = rows[index]
        if row.program is None:
            yield self._moved(place, row)
            return
        whole = self._formula(row.program)
        for said, after in self._ways(whole, place):
            if self._memory is Memory.WHOLE and self._decides(row.program):
                step = Step(row.source, outcome, index)
                after = replace(after, claims=after.claims | {step})  # noqa: PLW2901 - no other name says it
            if said:
                yield self._moved(after, row)
            else:
                yield from self._taken(after, outcome, index + 1)

    def _moved(self, place: Place, row: Row) -> Place:
        return Place(
            row.target, place.proved, place.enrolled, place.now, place.begun, place.written,
            place.claims, (*place.way, row.source),
        )  # fmt: skip

    def _decides(self, program: Any) -> bool:  # noqa: ANN401 - a compiled expression
        """Say whether the client's claims have to do with a condition."""
        found = self._claiming.get(id(program))
        if found is None:
            found = any(is_claim(atom) for atom in atoms(self._formula(program)))
            self._claiming[id(program)] = found
        return found

    def _formula(self, program: Any) -> Formula:  # noqa: ANN401 - a compiled expression
        found = self._formulas.get(id(program))
        if found is None:
            found = self._formulas[id(program)] = formula(program.tree)
        return found

    def _ways(self, whole: Formula, place: Place) -> Iterator[tuple[bool, Place]]:
        found = ways(whole, place.now, lambda answers: self._ask(place, answers))
        if self._memory is Memory.NONE:
            yield from ((said, place) for said in {said for said, _ in found})
            return
        for said, now in found:
            if now is place.now:
                yield said, place
            elif self._memory is Memory.AHEAD:
                yield said, replace(place, now=now)
            else:
                yield said, replace(place, now=now, begun=_begun(place, now))

    def _ask(self, place: Place, answers: Answers) -> Ask:
        def ask(atom: Atom) -> bool | None:
            if isinstance(atom, Gained):
                held = place.proved if atom.ledger == "proved" else place.enrolled
                return atom.name in held
            if self._claims is either:
                return answers.ask(atom)
            claimed = self._claims(atom) if is_claim(atom) else None
            return answers.ask(atom) if claimed is None else claimed

        return ask


def _saved(node: CallNode) -> tuple[str, ...]:
    if node.save is None:
        return ()
    site, _, name = node.save.rpartition("/")
    return (f"{site}/vars.{name}" if site else f"vars.{name}",)


def _begun(place: Place, now: Answers) -> Answers:
    """Add to what is known of the beginning what is known of facts that nobody changed."""
    stable = now.forget(*FRESH, *CLAIMED, "auth_flow", "vars", *place.written)
    return Answers(MappingProxyType({**place.begun.known, **stable.known}))


def _constants(values: Mapping[str, Any]) -> dict[Any, Any]:
    """Give the literal inputs of steps as what is known."""
    known: dict[Any, Any] = {}
    for name, value in values.items():
        match value:
            case bool():
                known[holds(name)] = value
            case int():
                known["range", name] = (value, value + 1)
            case str():
                known["value", name] = Values(True, value)  # noqa: FBT003 - a field
            case dict():
                known |= _constants({f"{name}.{key}": each for key, each in value.items()})
            case _:
                pass
    return known
