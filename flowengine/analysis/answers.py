"""What a walk has taken for granted about the facts, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from flowengine.analysis.formulas import (
    All,
    Atom,
    Below,
    Equal,
    Fixed,
    Formula,
    Gained,
    Not,
    Question,
    Some,
    reads,
)

Ask = Callable[[Atom], bool | None]
"""Answers a question, or None where the walk may take it either way."""

_ANY_INT: Final = (-(2**63), 2**63)


@dataclass(frozen=True, slots=True)
class Values:
    """What is known of a path's value.

    Attributes:
        only: The one value that it has; meaningful where ``known``.
        never: Values that it does not have.
    """

    known: bool = False
    only: Hashable = None
    never: frozenset[Hashable] = frozenset()


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers that agree with each other.

    Attributes:
        known: By question, value or range of a path.
    """

    known: Mapping[Hashable, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def key(self) -> frozenset[tuple[Hashable, Any]]:
        """What tells two of these apart."""
        return frozenset(self.known.items())

    def ask(self, atom: Atom) -> bool | None:
        """Give what is known or follows; None where it is open."""
        known = self.known.get(place_of(atom))
        match atom:
            case Equal():
                return _equal(atom, known or Values())
            case Below():
                low, high = known or _ANY_INT
                return True if high <= atom.bound else False if low >= atom.bound else None
            case _:
                return known

    def take(self, atom: Atom, *, answer: bool) -> Answers | None:
        """Give what is known with one more answer; None where it contradicts."""
        said = self.ask(atom)
        if said is not None:
            return self if said is answer else None
        key = place_of(atom)
        match atom:
            case Equal():
                before = self.known.get(key, Values())
                after = Values(True, atom.value) if answer else _without(before, atom.value)  # noqa: FBT003 - a field
                return self._with(key, after)
            case Below():
                low, high = self.known.get(key, _ANY_INT)
                return self._with(key, (low, atom.bound) if answer else (atom.bound, high))
            case _:
                return self._with(key, answer)

    def _with(self, key: Hashable, value: object) -> Answers:
        return Answers(MappingProxyType({**self.known, key: value}))

    def forget(self, *changed: str) -> Answers:
        """Give what is left once facts may have changed: ``user.status``, ``session``."""
        kept = {k: v for k, v in self.known.items() if not _touches(k, changed)}
        return self if len(kept) == len(self.known) else Answers(MappingProxyType(kept))

    def doubt(self, *changed: str) -> Answers:
        """Give what is left once facts that were not true may be."""
        kept = {k: v for k, v in self.known.items() if v is True or not _touches(k, changed)}
        return self if len(kept) == len(self.known) else Answers(MappingProxyType(kept))

    def only(self, live: frozenset[Hashable]) -> Answers:
        """Give what is left of it where only some places, as ``place_of`` gives, matter."""
        kept = {k: v for k, v in self.known.items() if k in live}
        return self if len(kept) == len(self.known) else Answers(MappingProxyType(kept))

    def agrees(self, other: Answers) -> bool:
        """Say whether both can hold at once, as far as single answers go."""
        return all(
            key not in other.known or _meet(value, other.known[key])
            for key, value in self.known.items()
        )


NOTHING: Final = Answers()


def place_of(atom: Atom) -> Hashable:
    """Give under what the answer to a question is kept."""
    match atom:
        case Equal():
            return ("value", atom.path)
        case Below():
            return ("range", atom.path)
        case _:
            return atom


def _equal(atom: Equal, known: Values) -> bool | None:
    if known.known:
        return known.only == atom.value
    if atom.value in known.never:
        return False
    left = set(atom.closed) - known.never
    return True if left == {atom.value} else None


def _without(known: Values, value: Hashable) -> Values:
    return Values(never=known.never | {value})


def _meet(one: Any, other: Any) -> bool:  # noqa: ANN401 - any of the three
    match one, other:
        case Values(), Values():
            if one.known and other.known:
                return bool(one.only == other.only)
            known, open_ = (one, other) if one.known else (other, one)
            return not known.known or known.only not in open_.never
        case (int(a), int(b)), (int(c), int(d)):
            return max(a, c) < min(b, d)
        case _:
            return bool(one == other)


def _paths(key: Hashable) -> frozenset[str]:
    if isinstance(key, Question | Gained):
        return reads(key)
    return frozenset({key[1]}) if isinstance(key, tuple) else frozenset()


@lru_cache(maxsize=4096)
def _touches(key: Hashable, changed: tuple[str, ...]) -> bool:
    """Say whether an answer rests on a fact that may have changed."""
    return any(
        read == name or read.startswith(f"{name}.") or name.startswith(f"{read}.")
        for read in _paths(key)
        for name in changed
    )


def value(whole: Formula, ask: Ask) -> bool | Atom:
    """Evaluate a formula, or give the first question that has to be answered for it."""
    match whole:
        case Fixed():
            return whole.value
        case Not():
            inner = value(whole.part, ask)
            return not inner if isinstance(inner, bool) else inner
        case All() | Some():
            return _chain(whole, ask)
        case _:
            said = ask(whole)
            return whole if said is None else said


def _chain(whole: All | Some, ask: Ask) -> bool | Atom:
    decisive = isinstance(whole, Some)
    open_: Atom | None = None
    for part in whole.parts:
        said = value(part, ask)
        if said is decisive:
            return decisive
        if not isinstance(said, bool) and open_ is None:
            open_ = said
    return not decisive if open_ is None else open_


def ways(
    whole: Formula, answers: Answers, ask: Callable[[Answers], Ask]
) -> Iterator[tuple[bool, Answers]]:
    """Give both values that a formula may have, each with the answers that make it so."""
    said = value(whole, ask(answers))
    if isinstance(said, bool):
        yield said, answers
        return
    for answer in (True, False):
        taken = answers.take(said, answer=answer)
        if taken is not None:
            yield from ways(whole, taken, ask)
