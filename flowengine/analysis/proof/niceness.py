"""Values for facts that are compared: small ones, and as few different as can be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, count
from typing import Any, Final

from flowengine.analysis.proof.facts import Fact
from flowengine.analysis.proof.regions import ordered, step_of

_NEAR: Final = 3
"""How many steps from other values are tried."""


def nice(
    fact: Fact,
    former: Iterable[Any],
    others: Iterable[Any],
    fits: Callable[[Any], bool],
    within: Callable[[int], bool],
) -> Any:  # noqa: ANN401 - of the fact's type
    """Choose a value for a fact; there must be one.

    Args:
        former: Those that it had before, the last one first.
        others: Those of other facts of its kind.
        fits: Whether a value can be had.
        within: Whether a number can that is as near to zero.
    """
    tried = dict.fromkeys((*former, *fact.values, *others))
    more = _near(fact, tried) if ordered(fact.type) else (f"other-{n}" for n in count(2))
    found = _first(fits, chain(tried, more))
    return found if found is not None else _nearest(fact, fits, within)


def _first(fits: Callable[[Any], bool], values: Iterable[Any]) -> Any:  # noqa: ANN401 - of a fact's type
    return next((value for value in values if fits(value)), None)


def _near(fact: Fact, values: Iterable[int]) -> Iterator[int]:
    step = step_of(fact.type)
    for distance in range(1, _NEAR + 1):
        for value in values:
            yield value + distance * step
            yield value - distance * step


def _nearest(fact: Fact, fits: Callable[[Any], bool], within: Callable[[int], bool]) -> Any:  # noqa: ANN401 - a number
    """Give the number that is nearest to zero; in whole steps, where that is one too."""
    low, high = 0, 1
    while not within(high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if within(middle) else (middle, high)
    step = step_of(fact.type)
    whole = -(-high // step) * step
    found = _first(fits, (whole, -whole, high, -high))
    if found is None:
        raise AssertionError("the number nearest to zero is one")
    return found
