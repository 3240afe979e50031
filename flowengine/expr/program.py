"""A compiled expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flowengine.errors import EvaluationError
from flowengine.expr import typed
from flowengine.expr.conform import wrong
from flowengine.expr.helpers import failure
from flowengine.expr.types import BOOL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowengine.expr.compiler import Run
    from flowengine.expr.typed import TypedNode
    from flowengine.expr.types import Type
    from flowengine.source import Excerpt, SourceText, Span


class Program:
    """A checked expression and its code; immutable, shared by threads.

    Attributes:
        text: The expression as it was written.
        type: Of its value.
        variables: The dotted paths that it reads, each as long as fields go.
        roots: The variables that it reads.
        tree: What it means.
    """

    __slots__ = ("_excerpt", "_is_bool", "_run", "roots", "text", "tree", "type", "variables")

    text: str
    type: Type
    variables: frozenset[str]
    roots: frozenset[str]
    tree: TypedNode
    _excerpt: Excerpt
    _run: Run
    _is_bool: bool

    def __init__(self, excerpt: Excerpt, tree: TypedNode, run: Run) -> None:
        """Put together what ``Environment.compile`` found; nobody else has a use for it."""
        parts = {
            "text": excerpt.text,
            "type": tree.type,
            "variables": typed.paths(tree),
            "roots": typed.roots(tree),
            "tree": tree,
            "_excerpt": excerpt,
            "_run": run,
            "_is_bool": tree.type == BOOL,
        }
        for name, part in parts.items():
            object.__setattr__(self, name, part)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a program does not change; {name} cannot be set")

    def __repr__(self) -> str:
        return f"Program({self.text!r})"

    @property
    def source(self) -> SourceText:
        """Where the expression was taken from."""
        return self._excerpt.source

    def place(self, span: Span) -> Span:
        """Map a node's span to the source that the expression was taken from."""
        return self._excerpt.span(span.start, span.end)

    def evaluate(self, bindings: Mapping[str, object]) -> object:
        """Compute the value.

        Args:
            bindings: For each variable a plain Python value of its type: nested dicts for
                records, int nanoseconds for timestamps and durations.

        Returns:
            Exactly True or False where the type is bool.

        Raises:
            EvaluationError: There is no value: no such key, an overflow, or a binding that is
                not of its declared type. The message names none of the values.
        """
        try:
            value = self._run(bindings)
        except EvaluationError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a binding does, there is no answer
            raise failure(error) from None
        if self._is_bool and value is not True and value is not False:
            raise wrong()
        return value
