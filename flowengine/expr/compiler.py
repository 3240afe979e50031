"""From meaning to a Python function, through syntax nodes and never through source text.

Each node becomes one Python expression; what needs a loop or a ``try`` puts statements
before it and leaves its result under a name. Names are numbered, so none of the author's
words gets into the code. Values of the host's are checked where they are read.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import assert_never

from flowengine.expr import branching, code, operations, reads, typed
from flowengine.expr.typed import TypedNode

Run = Callable[[object], object]
"""Takes the bindings, gives the value or raises."""

_MOST_BLOCKS = 8
"""Python allows 20 blocks inside each other; from here on a function of its own begins."""


def compile_node(node: TypedNode) -> Run:
    """Make the function that evaluates an expression."""
    writer = Writer()
    returned = ast.Return(writer.value(node))
    definition = code.function("expression", [code.BINDINGS], [*writer.block, returned])
    module = ast.fix_missing_locations(ast.Module([definition], []))
    compiled = compile(module, "<expression>", "exec", dont_inherit=True)
    body = next(one for one in compiled.co_consts if isinstance(one, CodeType))
    return FunctionType(body, {**code.NAMESPACE, **writer.namespace})


class Writer:
    """Writes one function.

    Attributes:
        block: The statements written so far in the present place.
        namespace: The objects that this code names besides the usual ones.
    """

    def __init__(self) -> None:
        """Start with nothing written."""
        self.block: list[ast.stmt] = []
        self.namespace: dict[str, object] = {}
        self._count = 0
        self._blocks = 0

    def value(self, node: TypedNode) -> ast.expr:
        """Write an expression whose value is certain to be of the node's type."""
        match node:
            case typed.Constant():
                return code.constant(node.value)
            case typed.Variable() | typed.Local() | typed.FieldOf() | typed.ElementOf():
                return reads.read(self, node)
            case typed.ListOf() | typed.MapOf():
                return operations.aggregate(self, node)
            case typed.Conjunction() | typed.Disjunction() | typed.Comprehension():
                return self._in_reach(node)
            case typed.Operation():
                return operations.operation(self, node)
            case _:
                return self._other_value(node)

    def _other_value(
        self, node: typed.Choice | typed.Presence | typed.Invocation | typed.Never
    ) -> ast.expr:
        match node:
            case typed.Choice():
                return branching.choice(self, node)
            case typed.Presence():
                return reads.presence(self, node)
            case typed.Invocation():
                return operations.invocation(self, node)
            case typed.Never():
                return code.call("raise_never")
            case _:
                assert_never(node)

    def fresh(self, prefix: str = "t") -> str:
        """Make a name that nothing else has."""
        self._count += 1
        return f"{prefix}{self._count}"

    def own(self, thing: object) -> str:
        """Put an object within the code's reach and give it a name."""
        name = self.fresh("own")
        self.namespace[name] = thing
        return name

    def apart(self, node: TypedNode, *, blocks: int = 0) -> tuple[list[ast.stmt], ast.expr]:
        """Write a node's statements into a list of their own.

        ``blocks`` counts the ``try`` and ``for`` that will be put around them.
        """
        outer, self.block = self.block, []
        self._blocks += blocks
        value = self.value(node)
        self._blocks -= blocks
        inner, self.block = self.block, outer
        return inner, value

    def _in_reach(
        self, node: typed.Conjunction | typed.Disjunction | typed.Comprehension
    ) -> ast.expr:
        """Write what may need blocks, in a function of its own where they would be too many."""
        if self._blocks <= _MOST_BLOCKS:
            return branching.branching(self, node)
        outer, self.block = self.block, []
        blocks, self._blocks = self._blocks, 0
        self.block.append(ast.Return(branching.branching(self, node)))
        inner, self.block, self._blocks = self.block, outer, blocks
        name = self.fresh("f")
        self.block.append(code.function(name, [], inner))
        return code.call(name)
