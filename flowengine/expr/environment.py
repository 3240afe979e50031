"""What an expression may speak of, and the way from its text to a program."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from flowengine.errors import ExpressionError
from flowengine.expr import parser
from flowengine.expr.bounded import bounded
from flowengine.expr.budget import check_cost
from flowengine.expr.checker import Checker
from flowengine.expr.compiler import compile_node
from flowengine.expr.cost import BUDGET, cost_without_loops, largest
from flowengine.expr.definitions import depth, expand, expanded_size, too_large
from flowengine.expr.findings import Findings
from flowengine.expr.functions import Function
from flowengine.expr.library import FUNCTIONS
from flowengine.expr.program import Program
from flowengine.expr.sizes import UNBOUNDED, Declared, Size
from flowengine.expr.spelling import parse_type
from flowengine.expr.typed import roots
from flowengine.expr.unparser import unparse
from flowengine.expr.warnings import review
from flowengine.source import Diagnostic, Excerpt

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from flowengine.expr.compiler import Run
    from flowengine.expr.tree import Node
    from flowengine.expr.typed import TypedNode
    from flowengine.expr.types import Type


class Environment:
    """The variables and functions that expressions may name; immutable, shared by threads."""

    __slots__ = (
        "_bounds",
        "_budget",
        "_definitions",
        "_functions",
        "_places",
        "_sizes",
        "_variables",
    )

    def __init__(
        self,
        variables: Mapping[str, str | Type],
        functions: Iterable[Function] = (),
        *,
        sizes: Mapping[str, int] = MappingProxyType({}),
        places: Mapping[str, str] | None = None,
        budget: int = BUDGET,
    ) -> None:
        """Declare what there is.

        Args:
            variables: Each name's type, or its spelling in CEL: ``list(string)``. A name may
                have dots in it; the longest that fits wins.
            functions: Beside CEL's own.
            sizes: The most characters, octets, elements or entries that the value at a path has:
                ``user.groups``, and ``user.groups[]`` for what is in it; ``m.k`` for one key of a
                map. A program that reads the path refuses a larger value. Without one a text is
                taken to have 256 and a list or map 64, and a larger value is not refused.
            places: Where the sizes can be declared, by path: ``max_items of input 'roles'``; an
                expression that can cost too much is told of in these words. None: by the path.
            budget: The most that an expression may cost in the worst case, in units of cel-go.

        Raises:
            ExpressionError: A type is misspelt.
        """
        self._variables = MappingProxyType(
            {
                name: parse_type(kind) if isinstance(kind, str) else kind
                for name, kind in variables.items()
            }
        )
        self._functions = (*FUNCTIONS, *functions)
        self._bounds = MappingProxyType(dict(sizes))
        self._places = None if places is None else MappingProxyType(dict(places))
        self._budget = budget
        self._definitions: Mapping[str, Node] = MappingProxyType({})
        self._sizes: Mapping[str, int] = MappingProxyType({})

    @property
    def variables(self) -> Mapping[str, Type]:
        """The declared variables."""
        return self._variables

    @property
    def definitions(self) -> Mapping[str, Node]:
        """The names that stand for whole expressions."""
        return self._definitions

    def with_definitions(self, definitions: Mapping[str, Node]) -> Environment:
        """Make an environment in which names stand for whole expressions.

        Args:
            definitions: Trees that ``expand`` of an environment gave, which have no names of
                definitions left in them. They take the place of all there were before.
        """
        return self._changed(self._variables, self._bounds, self._places, definitions)

    def with_variables(
        self,
        variables: Mapping[str, Type],
        sizes: Mapping[str, int] = MappingProxyType({}),
        places: Mapping[str, str] = MappingProxyType({}),
    ) -> Environment:
        """Make an environment that has more variables, or others of the same names.

        Args:
            variables: Each one's type.
            sizes: As above, of these variables.
            places: As above, of these variables.
        """
        kept = None if self._places is None else {**self._places, **places}
        bounds = {**self._bounds, **sizes}
        kinds = {**self._variables, **variables}
        return self._changed(kinds, bounds, kept, self._definitions)

    def _changed(
        self,
        variables: Mapping[str, Type],
        sizes: Mapping[str, int],
        places: Mapping[str, str] | None,
        definitions: Mapping[str, Node],
    ) -> Environment:
        other = Environment(variables, sizes=sizes, places=places, budget=self._budget)
        other._functions = self._functions
        other._definitions = MappingProxyType(dict(definitions))
        other._sizes = MappingProxyType(
            {name: expanded_size(node, {}) for name, node in definitions.items()}
        )
        return other

    def largest(self, program: Program) -> Size:
        """Give how large a program's value can be, as far as that is declared."""
        return largest(program.tree, self._bounds)

    def size_of(self, kind: Type, path: str) -> Size:
        """Give how large the value at a path can be, as far as that is declared."""
        return Declared(self._bounds, otherwise=UNBOUNDED).of(kind, path)

    def expand(self, node: Node) -> Node:
        """Put this environment's definitions in the place of their names.

        Raises:
            ExpressionError: The result would be too large or too deep.
        """
        findings = Findings(Excerpt.whole(unparse(node)))
        expanded = self._expanded(node, findings)
        if expanded is None:
            raise ExpressionError(findings.ordered())
        return expanded

    def compile(self, text: str | Excerpt, expected: Type | None = None) -> Program:
        """Make a program of an expression.

        Args:
            text: The expression; an excerpt makes findings point into its source.
            expected: The type that the whole must have; None takes any.

        Raises:
            ExpressionError: With everything that is wrong, each at its place.
        """
        program, findings = self.check(text, expected)
        if program is None:
            raise ExpressionError(findings)
        return program

    def check(
        self, text: str | Excerpt, expected: Type | None = None
    ) -> tuple[Program | None, tuple[Diagnostic, ...]]:
        """Make a program of an expression, or say everything that is wrong with it."""
        excerpt = text if isinstance(text, Excerpt) else Excerpt.whole(text)
        findings = Findings(excerpt)
        node = self._read(excerpt, findings)
        if node is None or findings:
            return None, findings.ordered()
        checker = Checker(self._variables, self._functions, self._definitions, findings)
        meaning = checker.check(node) if expected is None else checker.check_as(node, expected)
        if findings:
            return None, findings.ordered()
        cost, used = check_cost(meaning, self._bounds, self._budget, self._places, findings)
        if findings:
            return None, findings.ordered()
        warned = Findings(excerpt)
        review(meaning, {*self._variables, *self._definitions}, findings, warned)
        if findings:
            return None, findings.ordered()
        make = partial(self._bounded, meaning, used)
        costs = cost, cost_without_loops(meaning, self._bounds, cost)
        return Program(excerpt, meaning, make, costs, warned.ordered()), ()

    def _bounded(self, meaning: TypedNode, used: Collection[str]) -> Run:
        sizes = {path: most for path, most in self._bounds.items() if path in used}
        run = compile_node(meaning, self._budget)
        if not sizes:
            return run
        read = {name: self._variables[name] for name in roots(meaning)}
        return bounded(run, read, sizes)

    def _read(self, excerpt: Excerpt, findings: Findings) -> Node | None:
        written = parser.read(excerpt.text, findings)
        return None if written is None else self._expanded(written, findings)

    def _expanded(self, node: Node, findings: Findings) -> Node | None:
        """Put definitions in, or say in ``findings`` that the result would be too much."""
        if not self._definitions:
            return node
        if too_large(node, self._sizes, findings):
            return None
        expanded = expand(node, self._definitions)
        if depth(expanded) > parser.DEEPEST:
            message = f"with its definitions the expression is deeper than {parser.DEEPEST} levels"
            findings.add("expression-limit", node.span, message)
            return None
        return expanded
