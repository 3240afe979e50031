"""Reduced ordered binary decision diagrams, no more than the proof needs.

A diagram is an int; 0 and 1 are false and true. Two diagrams of one manager are the same
function if and only if they are the same int (Bryant, Graph-Based Algorithms for Boolean
Function Manipulation, 1986).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final, TypeVar

FALSE: Final = 0
TRUE: Final = 1

_LEAF: Final = 1 << 60
_NODES: Final = 1_000_000
_T = TypeVar("_T")


class OverBudgetError(Exception):
    """The diagrams would grow past the manager's limit."""


class Bdd:
    """Makes diagrams over the variables 0, 1, 2, …, which are asked in this order.

    Attributes:
        limit: How many nodes there may be.
    """

    __slots__ = ("_ands", "_high", "_low", "_nots", "_quantified", "_unique", "_variable", "limit")

    def __init__(self, limit: int = _NODES) -> None:
        """Begin with nothing but false and true."""
        self.limit = limit
        self._variable = [_LEAF, _LEAF]
        self._low = [FALSE, TRUE]
        self._high = [FALSE, TRUE]
        self._unique: dict[tuple[int, int, int], int] = {}
        self._ands: dict[tuple[int, int], int] = {}
        self._nots: dict[int, int] = {FALSE: TRUE, TRUE: FALSE}
        self._quantified: dict[tuple[int, frozenset[int]], int] = {}

    @property
    def size(self) -> int:
        """How many nodes there are."""
        return len(self._variable)

    def variable(self, number: int) -> int:
        """Give the diagram that is true where this variable is."""
        return self._node(number, FALSE, TRUE)

    def negated(self, one: int) -> int:
        """Give ``not one``."""
        found = self._nots.get(one)
        if found is None:
            low, high = self.negated(self._low[one]), self.negated(self._high[one])
            found = self._node(self._variable[one], low, high)
            self._nots[one] = found
            self._nots[found] = one
        return found

    def both(self, one: int, other: int) -> int:
        """Give ``one and other``."""
        if other in (one, TRUE):
            return one
        if one == TRUE:
            return other
        if FALSE in (one, other):
            return FALSE
        key = (one, other) if one < other else (other, one)
        found = self._ands.get(key)
        if found is None:
            found = self._split(one, other)
            self._ands[key] = found
        return found

    def either(self, one: int, other: int) -> int:
        """Give ``one or other``."""
        return self.negated(self.both(self.negated(one), self.negated(other)))

    def same(self, one: int, other: int) -> int:
        """Give ``one if and only if other``."""
        return self.either(self.both(one, other), self.both(self.negated(one), self.negated(other)))

    def all_of(self, many: Iterable[int]) -> int:
        """Give the conjunction; true of nothing."""
        result = TRUE
        for one in many:
            result = self.both(result, one)
        return result

    def any_of(self, many: Iterable[int]) -> int:
        """Give the disjunction; false of nothing."""
        result = FALSE
        for one in many:
            result = self.either(result, one)
        return result

    def exists(self, one: int, variables: Collection[int]) -> int:
        """Give where ``one`` can be made true by some values of the variables."""
        gone = frozenset(variables)
        return self._exists(one, gone, max(gone)) if gone else one

    def support(self, one: int) -> frozenset[int]:
        """Give the variables that it depends on."""
        found, seen, waiting = set[int](), {FALSE, TRUE}, [one]
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                found.add(self._variable[node])
                waiting += (self._low[node], self._high[node])
        return frozenset(found)

    def value(self, one: int, values: Mapping[int, bool]) -> bool:
        """Evaluate under values of all variables of its support."""
        while one > TRUE:
            one = self._high[one] if values[self._variable[one]] else self._low[one]
        return one == TRUE

    def models(self, one: int, variables: Collection[int]) -> Iterator[dict[int, bool]]:
        """Give all values of the variables that make it true; they must cover its support."""
        if one == FALSE:
            return
        rest = sorted(variables)
        if not rest:
            yield {}
            return
        first, others = rest[0], rest[1:]
        for value in (False, True):
            literal = self.variable(first)
            part = self.both(one, literal if value else self.negated(literal))
            for model in self.models(self.exists(part, (first,)), others):
                yield {first: value, **model}

    def folded(self, one: int, leaves: tuple[_T, _T], branch: Callable[[int, _T, _T], _T]) -> _T:
        """Build something in the shape of a diagram.

        Args:
            leaves: What stands for false, and for true.
            branch: Gives what stands for a variable, from what stands below it where it is false
                and where it is true.
        """
        done: dict[int, _T] = {FALSE: leaves[0], TRUE: leaves[1]}
        waiting = [one]
        while waiting:
            node = waiting[-1]
            low, high = self._low[node], self._high[node]
            missing = [each for each in (low, high) if each not in done]
            if node in done or not missing:
                waiting.pop()
            if node not in done and not missing:
                done[node] = branch(self._variable[node], done[low], done[high])
            waiting += missing
        return done[one]

    def forget(self) -> None:
        """Drop what was remembered of operations; the diagrams stay."""
        self._ands.clear()
        self._quantified.clear()

    def _split(self, one: int, other: int) -> int:
        mine, others = self._variable[one], self._variable[other]
        top = min(mine, others)
        low, high = (self._low[one], self._high[one]) if mine == top else (one, one)
        low_, high_ = (self._low[other], self._high[other]) if others == top else (other, other)
        return self._node(top, self.both(low, low_), self.both(high, high_))

    def _exists(self, one: int, gone: frozenset[int], last: int) -> int:
        top = self._variable[one]
        if top > last:
            return one
        key = (one, gone)
        found = self._quantified.get(key)
        if found is None:
            low = self._exists(self._low[one], gone, last)
            high = self._exists(self._high[one], gone, last)
            found = self.either(low, high) if top in gone else self._node(top, low, high)
            self._quantified[key] = found
        return found

    def _node(self, variable: int, low: int, high: int) -> int:
        if low == high:
            return low
        key = (variable, low, high)
        found = self._unique.get(key)
        if found is None:
            found = len(self._variable)
            if found >= self.limit:
                raise OverBudgetError
            self._unique[key] = found
            self._variable.append(variable)
            self._low.append(low)
            self._high.append(high)
        return found
