"""Walks every way through a flow that the facts allow, and tells what each has proved.

Facts are not enumerated: a way begins with nothing known and takes an answer for granted when a
condition asks for it. What a node writes is forgotten there. What cannot be read as logic is open
both ways, and a walk that grows past its limit tells nothing, so that no rule speaks of what was
not seen. The proof of ``require`` does not rest on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final

from flowengine.analysis.answers import NOTHING, Answers, Ask, Values, ways
from flowengine.analysis.formulas import (
    All,
    Atom,
    Equal,
    Formula,
    Gained,
    Not,
    Some,
    atoms,
    contains,
    formula,
    holds,
    reads,
)
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

FRESH: Final = ("request", "responses", "session", "age")
"""Facts that are read anew with each request."""
CLAIMED: Final = (
    "device",
    "responses",
    "request.user_agent",
    "request.metadata",
    "request.context",
    "auth_flow.parameters",
)
"""What a client says of itself."""

_AFTERWARDS: Final[Mapping[str, Equal]] = {
    "NEW_PASSWORD_REQUIRED": Equal("user.status", "CONFIRMED"),
}
"""What is known once a kind has written what it writes."""

Claims = Callable[[Atom], bool | None]
"""What a walk lets the client say: an answer, or None for either."""


def either(_atom: Atom) -> bool | None:
    """Let the client say what it likes."""
    return None


def is_claim(atom: Atom) -> bool:
    """Say whether a question is answered by what the client claims."""
    return any(_below(name, claimed) for name in reads(atom) for claimed in CLAIMED)


def _below(name: str, above: str) -> bool:
    return name == above or name.startswith(f"{above}.")


@dataclass(frozen=True, slots=True)
class Step:
    """One way on: the row that was taken, and its place among those of its outcome."""

    source: str
    outcome: str
    index: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk stands, and what it has behind it.

    Attributes:
        now: What is known of the facts as they are.
        begun: What is known of the facts as they were when the sign-in began.
        written: The facts that nodes behind it may have changed.
        claims: The branches that were decided by what the client says.
        way: The nodes behind it; two places that differ only in it are one.
    """

    node: str
    proved: frozenset[str] = frozenset()
    enrolled: frozenset[str] = frozenset()
    now: Answers = field(default=NOTHING, compare=False)
    begun: Answers = field(default=NOTHING, compare=False)
    written: frozenset[str] = frozenset()
    claims: frozenset[Step] = frozenset()
    way: tuple[str, ...] = field(default=(), compare=False)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from others."""
        return (self, self.now.key, self.begun.key)


class TooManyPlacesError(Exception):
    """A walk was given up."""


class Walker:
    """Walks one program."""

    def __init__(
        self, program: FlowProgram, claims: Claims = either, *, forgetful: bool = False
    ) -> None:
        """Take a program, and what clients may say.

        Args:
            forgetful: Keep no answer from one condition to the next: more ways than there are,
                and no more places than nodes with what was proved.
        """
        self._program = program
        self._claims = claims
        self._forgetful = forgetful
        self._formulas: dict[int, Formula] = {}

    @cached_property
    def _rows(self) -> Mapping[tuple[str, str], list[Row]]:
        rows: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self._program.machine.table:
            rows[row.source, row.outcome].append(row)
        return rows

    @cached_property
    def _outcomes(self) -> Mapping[str, tuple[str, ...]]:
        outcomes: dict[str, dict[str, None]] = defaultdict(dict)
        for row in self._program.machine.table:
            outcomes[row.source][row.outcome] = None
        return {source: tuple(each) for source, each in outcomes.items()}

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
        while waiting:
            for entered in self._entered(waiting.pop()):
                key = self._key(entered)
                if key in seen:
                    continue
                seen[key] = entered
                if len(seen) > LIMIT:
                    raise TooManyPlacesError
                waiting.extend(self._onward(entered))
        return list(seen.values())

    def _key(self, place: Place) -> tuple[object, ...]:
        return (place.node, place.proved, place.enrolled) if self._forgetful else place.key

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
        """Give a place with what its entry demands: ``needs``, and ``require`` at a success."""
        node = self._program.nodes.get(place.node)
        if node is None:
            return
        demanded = node.needs
        if isinstance(node, EndNode) and node.success:
            demanded = (*demanded, *self._program.require, *((node.level,) if node.level else ()))
        yield from self._demanded(place, demanded)

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
        for outcome in self._outcomes.get(place.node, ()):
            if menu is not None and outcome in ("none", *(f"{OFFERED}{c}" for c in menu.options)):
                yield from self._offered(place, menu, outcome)
            elif outcome.startswith(SWITCHED):
                yield from self._switched(place, outcome)
            elif outcome == "proved":
                for gained in self._gained(place, node):
                    yield from self._taken(gained, outcome)
            else:
                yield from self._taken(self._fresh(place), outcome)

    def _gained(self, place: Place, node: ChallengeNode) -> Iterator[Place]:
        """Give a place after a right answer; one for each credential that may have been made."""
        facts = node.kind.facts
        makers = self._program.makers
        proved = place.proved | {e for e in node.evidence if not makers(e) & place.enrolled}
        after = replace(self._changed(self._fresh(place), facts.writes), proved=proved)
        said = _AFTERWARDS.get(facts.name)
        if said is not None:
            after = replace(after, now=after.now.take(said, answer=True) or after.now)
        for made in facts.enrols or (None,):
            yield replace(after, enrolled=after.enrolled | ({made} if made else set()))

    def _offered(self, place: Place, menu: Offer, outcome: str) -> Iterator[Place]:
        options = {name: has_challenge(menu.menu, name) for name in menu.options}
        if outcome == "none":
            whole: Formula = Not(Some(tuple(options.values())))
        else:
            whole = options[outcome.removeprefix(OFFERED)]
            place = self._fresh(place)
        for said, after in self._ways(whole, place):
            if said:
                yield from self._taken(after, outcome)

    def _switched(self, place: Place, outcome: str) -> Iterator[Place]:
        whole = has_challenge(SELECT_MFA_TYPE, outcome.removeprefix(SWITCHED))
        for said, after in self._ways(whole, self._fresh(place)):
            if said:
                yield from self._taken(after, outcome)

    def _fresh(self, place: Place) -> Place:
        return replace(place, now=place.now.forget(*FRESH))

    def _changed(self, place: Place, names: Iterable[str]) -> Place:
        changed = tuple(names)
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
        decided = any(is_claim(atom) for atom in atoms(whole))
        for said, after in self._ways(whole, place):
            if decided:
                step = Step(row.source, outcome, index)
                after = replace(after, claims=after.claims | {step})  # noqa: PLW2901 - no other name says it
            if said:
                yield self._moved(after, row)
            else:
                yield from self._taken(after, outcome, index + 1)

    def _moved(self, place: Place, row: Row) -> Place:
        return replace(place, node=row.target, way=(*place.way, row.source))

    def _formula(self, program: Any) -> Formula:  # noqa: ANN401 - a compiled expression
        found = self._formulas.get(id(program))
        if found is None:
            found = self._formulas[id(program)] = formula(program.tree)
        return found

    def _ways(self, whole: Formula, place: Place) -> Iterator[tuple[bool, Place]]:
        for said, now in ways(whole, place.now, lambda answers: self._ask(place, answers)):
            if self._forgetful or now is place.now:
                yield said, place
                continue
            yield said, replace(place, now=now, begun=_begun(place, now))

    def _ask(self, place: Place, answers: Answers) -> Ask:
        def ask(atom: Atom) -> bool | None:
            if isinstance(atom, Gained):
                held = place.proved if atom.ledger == "proved" else place.enrolled
                return atom.name in held
            claimed = self._claims(atom) if is_claim(atom) else None
            return answers.ask(atom) if claimed is None else claimed

        return ask


def has_challenge(menu: str, challenge: str) -> Formula:
    """Say what a user must have for a challenge, as ``challenges.offers`` asks of the facts."""
    factor = {"SOFTWARE_TOKEN_MFA": "totp", "SMS_MFA": "sms", "EMAIL_OTP": "email"}.get(challenge)
    if menu == SELECT_MFA_TYPE and factor is not None:
        return All((holds(f"user.has.{factor}"), contains(challenge, "pool.mfa_methods")))
    first = {"PASSWORD": "password", "PASSWORD_SRP": "password", "WEB_AUTHN": "passkey"}
    if challenge in first:
        return holds(f"user.has.{first[challenge]}")
    address = {"EMAIL_OTP": "email", "SMS_OTP": "phone"}.get(challenge)
    if address is not None:
        return holds(f"user.verified.{address}")
    return holds(f"user.has.{factor}") if factor is not None else All(())


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
