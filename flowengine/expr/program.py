"""A compiled expression."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from flowengine.expr import typed
from flowengine.expr.spending import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flowengine.expr.compiler import Run
    from flowengine.expr.typed import TypedNode
    from flowengine.expr.types import Type
    from flowengine.source import Diagnostic, Excerpt, SourceText, Span


class Program:
    """A checked expression and its code; immutable, shared by threads.

    Attributes:
        text: The expression as it was written.
        type: Of its value.
        cost: The most that an evaluation costs, in units of cel-go, over values of the declared
            sizes; a value that is larger than a declared size is refused.
        fixed_cost: The part of it that is not in loops.
        warnings: What it says but hardly means, each at its place.
        variables: The dotted paths that it reads, each as long as fields go.
        roots: The variables that it reads.
        tree: What it means.
        evaluate: Made when it is first asked for, since most programs that are checked are never
            run. Computes the value, given for each variable a plain Python value of its type:
            nested dicts for records, int nanoseconds for timestamps and durations. Gives
            exactly True or False where the type is bool. Raises EvaluationError when there is
            no value: no such key, an overflow, or a binding that is not of its declared
            type; the message names none of the values. It is the compiled function itself,
            since a method around it would cost as much as a condition does.
        counted: The same, counted against the budget of bindings that have one.
    """

    text: str
    type: Type
    cost: int
    fixed_cost: int
    warnings: tuple[Diagnostic, ...]
    variables: frozenset[str]
    roots: frozenset[str]
    tree: TypedNode
    counted: Run
    _excerpt: Excerpt
    _make: Callable[[], Run]

    def __init__(
        self,
        excerpt: Excerpt,
        tree: TypedNode,
        make: Callable[[], Run],
        costs: tuple[int, int],
        warnings: tuple[Diagnostic, ...],
    ) -> None:
        """Put together what ``Environment.compile`` found; nobody else has a use for it.

        Args:
            make: Makes the function that evaluates it.
            costs: The whole cost, and that without loops.
        """
        parts = {
            "text": excerpt.text,
            "type": tree.type,
            "cost": costs[0],
            "fixed_cost": costs[1],
            "warnings": warnings,
            "variables": typed.paths(tree),
            "roots": typed.roots(tree),
            "tree": tree,
            "counted": counted(self._run, costs[1]),
            "_excerpt": excerpt,
            "_make": make,
        }
        for name, part in parts.items():
            object.__setattr__(self, name, part)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a program does not change; {name} cannot be set")

    def __repr__(self) -> str:
        return f"Program({self.text!r})"

    @cached_property
    def evaluate(self) -> Run:
        """Make the code of it."""
        return self._make()

    def _run(self, bindings: Mapping[str, object]) -> object:
        return self.evaluate(bindings)

    @property
    def source(self) -> SourceText:
        """Where the expression was taken from."""
        return self._excerpt.source

    def place(self, span: Span) -> Span:
        """Map a node's span to the source that the expression was taken from."""
        return self._excerpt.span(span.start, span.end)
