"""From meaning to a Python function, through syntax nodes and never through source text.

Each node becomes one Python expression; what needs a loop or a ``try`` puts statements
before it and leaves its result under a name. Names are numbered, so none of the author's
words gets into the code. Values of the host's are checked where they are read.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from types import CodeType, FunctionType

from flowengine.expr import branching, code, metering, operations, optional_code, reads, typed
from flowengine.expr.cost import BUDGET
from flowengine.expr.optional_nodes import OptionalNode
from flowengine.expr.typed import TypedNode
from flowengine.expr.types import BOOL

Run = Callable[[Mapping[str, object]], object]
"""Takes the bindings, gives the value or raises EvaluationError."""

_BACKSTOP = 10
"""How many times the budget an evaluation over larger values than declared may cost."""

_MOST_BLOCKS = 8
"""Python allows 20 blocks inside each other; from here on a function of its own begins."""


def compile_node(node: TypedNode, budget: int = BUDGET) -> Run:
    """Make the function that evaluates an expression; it raises only EvaluationError.

    Args:
        budget: The most that it may cost in the worst case; an evaluation over values that are
            larger than declared is ended at ten times as much.
    """
    writer = Writer()
    value = writer.value(node)
    returned = ast.Return(_exactly_bool(value) if node.type == BOOL else value)
    body = _metered(writer, budget, _failing_closed([*writer.block, returned]))
    module = ast.Module([code.function("evaluate", [code.BINDINGS], body)], [])
    compiled = compile(code.placed(module), "<expression>", "exec", dont_inherit=True)
    inner = next(one for one in compiled.co_consts if isinstance(one, CodeType))
    return FunctionType(inner, {"__builtins__": {}, **code.NAMESPACE, **writer.namespace})


def _metered(writer: Writer, budget: int, whole: ast.Try) -> list[ast.stmt]:
    """Write what an evaluation may spend, in tenths, where anything is counted."""
    if not writer.metered:
        return [whole]
    bindings, most = code.name(code.BINDINGS), code.constant(budget * _BACKSTOP * 10)
    left = code.call("granted", bindings, most)
    whole.finalbody = [ast.Expr(code.call("settle", bindings, most, code.name(metering.LEFT)))]
    return [code.assign(metering.LEFT, left), whole]


def _exactly_bool(value: ast.expr) -> ast.expr:
    """Write a condition's last check, which no way of breaking a promise gets around."""
    true = code.compare(code.naming("outcome", value), ast.Is(), code.constant(True))  # noqa: FBT003 - the value itself
    false = code.compare(code.name("outcome"), ast.Is(), code.constant(False))  # noqa: FBT003 - as above
    test = ast.BoolOp(ast.Or(), [true, false])
    return code.checked(test, code.name("outcome"), code.call("raise_wrong"))


def _failing_closed(body: list[ast.stmt]) -> ast.Try:
    """Write the ``try`` around everything: whatever a binding does, it gives no answer."""
    again = ast.Raise(code.call("failure", code.name("error")), code.constant(None))
    handler = ast.ExceptHandler(code.name("Exception"), "error", [again])
    return ast.Try(body, [handler], [], [])


class Writer:
    """Writes one function.

    Attributes:
        block: The statements written so far in the present place.
        namespace: The objects that this code names besides the usual ones.
        loops: How many loops are around the present place.
        metered: Something in this code is counted.
    """

    def __init__(self) -> None:
        """Start with nothing written."""
        self.block: list[ast.stmt] = []
        self.namespace: dict[str, object] = {}
        self.loops = 0
        self.metered = False
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
            case (
                typed.Conjunction()
                | typed.Disjunction()
                | typed.Comprehension()
                | typed.PairComprehension()
            ):
                return self._in_reach(node)
            case typed.Operation():
                return operations.operation(self, node)
            case _:
                return self._other_value(node)

    def _other_value(
        self,
        node: typed.Choice
        | typed.Presence
        | typed.Invocation
        | typed.Bind
        | typed.Never
        | OptionalNode,
    ) -> ast.expr:
        match node:
            case typed.Choice():
                return branching.choice(self, node)
            case typed.Presence():
                return reads.presence(self, node)
            case typed.Invocation():
                return operations.invocation(self, node)
            case typed.Bind():
                return branching.bind(self, node)
            case typed.Never():
                return code.call("raise_never")
            case _:
                return optional_code.optional(self, node)

    def fresh(self, prefix: str = "t") -> str:
        """Make a name that nothing else has."""
        self._count += 1
        return f"{prefix}{self._count}"

    def own(self, thing: object) -> str:
        """Put an object within the code's reach and give it a name."""
        name = self.fresh("own")
        self.namespace[name] = thing
        return name

    def apart(
        self, node: TypedNode, *, blocks: int = 0, loops: int = 0
    ) -> tuple[list[ast.stmt], ast.expr]:
        """Write a node's statements into a list of their own.

        ``blocks`` counts the ``try`` and ``for`` that will be put around them.
        """
        outer, self.block = self.block, []
        self._blocks += blocks
        self.loops += loops
        value = self.value(node)
        self._blocks -= blocks
        self.loops -= loops
        inner, self.block = self.block, outer
        return inner, value

    def _in_reach(
        self,
        node: typed.Conjunction | typed.Disjunction | typed.Comprehension | typed.PairComprehension,
    ) -> ast.expr:
        """Write what may need blocks, in a function of its own where they would be too many."""
        if self._blocks <= _MOST_BLOCKS:
            return branching.branching(self, node)
        return code.call(self.function(lambda: branching.branching(self, node)))

    def function(self, write: Callable[[], ast.expr]) -> str:
        """Write a function around an expression, and give its name."""
        outer, self.block = self.block, []
        blocks, self._blocks = self._blocks, 0
        self.block.append(ast.Return(write()))
        inner, self.block, self._blocks = self.block, outer, blocks
        if self.metered:
            inner.insert(0, ast.Nonlocal([metering.LEFT]))
        name = self.fresh("f")
        self.block.append(code.function(name, [], inner))
        return name
