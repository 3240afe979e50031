"""Where a flow counts a mailbox or a phone beside the password, as a proof of its own.

It is none where a code that is sent there sets another password: whoever reads it proves both.
What a user has turned on as a second factor resets no password, so that is not looked at here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from flowengine.accounts.evidence import BUILTIN_EVIDENCE, EvidenceKind
from flowengine.accounts.pool import Mfa, Pool, Recovery
from flowengine.accounts.user import MFA_METHODS, UserStatus
from flowengine.analysis.answers import NOTHING, Answers, Ask, ways
from flowengine.analysis.formulas import (
    Atom,
    Equal,
    Formula,
    Gained,
    atoms,
    contains,
    formula,
    holds,
    reads,
)
from flowengine.analysis.standing import Memory, Place, TooManyPlacesError
from flowengine.analysis.strength import Same, strength
from flowengine.analysis.walking import Walker
from flowengine.expr import BOOL
from flowengine.flow.program import ChallengeNode, Condition, EndNode, FlowProgram
from flowengine.source import Excerpt

_PASSWORD: Final = "password"
_ITS_AGE: Final = "age.password"
_TWO_KINDS: Final = 2
_METHODS: Final = "pool.mfa_methods"


@dataclass(frozen=True, slots=True)
class _Reached:
    """What expressions call the address, and the second factor, that a recovery goes to."""

    kind: EvidenceKind
    address: str
    factor: str


_REACHED: Final = {
    Recovery.EMAIL: _Reached(EvidenceKind.MAILBOX, "email", "email"),
    Recovery.PHONE: _Reached(EvidenceKind.PHONE, "phone", "sms"),
}


@dataclass(frozen=True, slots=True)
class SignIns:
    """The sign-ins of one client by one auth flow.

    Attributes:
        auth_flow: None for those that a backend begins by itself.
        pool: The client's.
        require: The client's own conditions; those that do not fit the flow are passed over.
    """

    program: FlowProgram
    auth_flow: str | None
    pool: Pool
    require: tuple[str, ...] = ()


def counted_beside_password(sign_ins: SignIns, recovery: Recovery) -> str | None:
    """Name the evidence that makes the difference at a success, beside the password.

    Asked of users who have set a password by a code that was sent there. What counts is what
    ``require``, a level, ``needs`` on the way, the client or the pool's ``mfa`` demands. A flow of
    too many ways is taken for all that no condition rules out, which may be more than it does.

    Returns:
        The first by its name; None where the address never counts.
    """
    same, pool = Same(sign_ins.program), sign_ins.pool
    key = _Key(same, sign_ins.auth_flow, pool.mfa, pool.mfa_methods, sign_ins.require)
    return _counted(key, recovery)


@dataclass(frozen=True, slots=True)
class _Key:
    """All that an answer depends on."""

    same: Same
    auth_flow: str | None
    mfa: Mfa
    methods: tuple[str, ...]
    require: tuple[str, ...]

    @property
    def program(self) -> FlowProgram:
        return self.same.program


@lru_cache(maxsize=256)
def _counted(key: _Key, recovery: Recovery) -> str | None:
    program, reached = key.program, _REACHED[recovery]
    by_it = frozenset(name for name in _provable(program) if _is_of(program, name, reached.kind))
    if not by_it:
        return None
    demands = _demands(key)
    asks_age = any(_ITS_AGE in reads(atom) for demand in demands for atom in atoms(demand))
    for place in _successes(key, _recovered(key, reached)):
        found = place.proved & by_it
        beside = _PASSWORD in place.proved or asks_age
        if _is_impossible(place, reached):
            continue
        if found and beside and _makes_the_difference(key, place, found, demands):
            return min(found)
    return None


def _provable(program: FlowProgram) -> Iterator[str]:
    for node in program.nodes.values():
        if isinstance(node, ChallengeNode):
            yield from node.evidence


def _is_of(program: FlowProgram, name: str, kind: EvidenceKind) -> bool:
    return kind in BUILTIN_EVIDENCE.get(name, ()) or program.kinds.get(name) == kind.value


def _demands(key: _Key) -> tuple[Formula, ...]:
    """Give what is asked of every success."""
    program = key.program
    own = (*program.require, *program.levels.values())
    checked = (
        program.environment.check(Excerpt.whole(text, "require"), BOOL)[0] for text in key.require
    )
    return (*_formulas(own), *(formula(found.tree) for found in checked if found is not None))


def _formulas(conditions: Iterable[Condition]) -> Iterator[Formula]:
    return (formula(each.program.tree) for each in conditions)


def _recovered(key: _Key, reached: _Reached) -> Answers:
    """Say what is known of a user whose password was set by such a code, and of the pool."""
    methods = ((contains(each, _METHODS), each in key.methods) for each in MFA_METHODS.values())
    facts: tuple[tuple[Atom, bool], ...] = (
        (holds(f"user.verified.{reached.address}"), True),
        (holds(f"user.has.{reached.factor}"), False),
        (holds("user.has.password"), True),
        (Equal("user.status", UserStatus.CONFIRMED.value), True),
        (Equal("pool.mfa", key.mfa.value), True),
        *methods,
    )
    known = NOTHING
    for atom, answer in facts:
        known = known.take(atom, answer=answer) or known
    return known


def _successes(key: _Key, begun: Answers) -> Iterator[Place]:
    program, door = key.program, key.auth_flow
    for start in _starts(program, door):
        try:
            yield from Walker(program).successes(door, begun, start=start)
        except TooManyPlacesError:
            yield from Walker(program, memory=Memory.NONE).successes(door, begun, start=start)


def _is_impossible(place: Place, reached: _Reached) -> bool:
    """Say whether somebody has turned the second factor on meanwhile, without having made it."""
    turned_on = place.now.ask(holds(f"user.has.{reached.factor}"))
    return turned_on is True and reached.factor not in place.enrolled


def _starts(program: FlowProgram, door: str | None) -> tuple[str, ...]:
    """Give where they begin; a sign-up is no sign-in of anybody who forgot a password."""
    if door is None:
        return (program.start,)
    found = program.doors[door]
    return (found.start,) if found.step_up is None else (found.start, found.step_up)


def _makes_the_difference(
    key: _Key, place: Place, found: frozenset[str], demands: tuple[Formula, ...]
) -> bool:
    """Say whether a demand may be met with the evidence, and not without it."""
    without = place.proved - found
    if key.mfa is Mfa.REQUIRED and strength(key.program, without) < _TWO_KINDS:
        return True
    passed = (need for name in place.way for need in _needs(key.program, name))
    return any(
        said and any(not other for other, _ in ways(demand, now, _asking(place, without)))
        for demand in (*demands, *_formulas(passed))
        for said, now in ways(demand, place.now, _asking(place, place.proved))
    )


def _needs(program: FlowProgram, name: str) -> tuple[Condition, ...]:
    node = program.nodes.get(name)
    return () if node is None or isinstance(node, EndNode) else node.needs


def _asking(place: Place, proved: frozenset[str]) -> Callable[[Answers], Ask]:
    def asking(answers: Answers) -> Ask:
        def ask(atom: Atom) -> bool | None:
            if isinstance(atom, Gained):
                return atom.name in (proved if atom.ledger == "proved" else place.enrolled)
            return answers.ask(atom)

        return ask

    return asking
