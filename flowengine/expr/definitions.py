"""Named expressions: a name that stands for a whole expression is replaced by it.

The replacement is hygienic. A macro's variable hides a definition's name, and the names inside
a definition never mean a macro's variable at the place of use.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from flowengine.expr.scopes import is_bind, variables
from flowengine.expr.tree import (
    Binary,
    Call,
    Conditional,
    Identifier,
    Index,
    ListLiteral,
    Literal,
    Logical,
    MapLiteral,
    Node,
    Select,
    Unary,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flowengine.expr.findings import Findings
    from flowengine.source import Span

MOST_NODES = 4096
"""Of an expression after its definitions were put in."""

_NO_NAMES: frozenset[str] = frozenset()


def expand(
    node: Node,
    definitions: Mapping[str, Node],
    hidden: frozenset[str] = _NO_NAMES,
) -> Node:
    """Put definitions in the place of their names.

    Args:
        node: Where the names stand.
        definitions: Trees without names of other definitions in them.
        hidden: Names that a macro around the node has taken for its variable.
    """
    if isinstance(node, Identifier):
        if node.name not in definitions or (node.name in hidden and not node.rooted):
            return node
        return _moved(definitions[node.name], node.span)
    if not definitions:
        return node
    inside = hidden | _variable(node)
    return _rebuilt(
        node,
        lambda part: expand(part, definitions, hidden),
        lambda part: expand(part, definitions, inside),
    )


def expanded_size(node: Node, sizes: Mapping[str, int]) -> int:
    """Count the nodes that there will be at most, before any is made."""
    if isinstance(node, Identifier):
        return sizes.get(node.name, 1)
    return 1 + sum(expanded_size(part, sizes) for part in parts(node))


def depth(node: Node) -> int:
    """Count the levels of nodes inside each other."""
    return 1 + max(map(depth, parts(node)), default=0)


def parts(node: Node) -> tuple[Node, ...]:
    """Give the nodes directly below one, in the order written."""
    found: list[Node] = []

    def note(part: Node) -> Node:
        found.append(part)
        return part

    _rebuilt(node, note, note)
    return tuple(found)


def _moved(node: Node, span: Span, hidden: frozenset[str] = _NO_NAMES) -> Node:
    """Make a definition's tree look written at its place of use, its free names rooted."""
    if isinstance(node, Identifier):
        return replace(node, span=span, rooted=node.rooted or node.name not in hidden)
    inside = hidden | _variable(node)
    moved = _rebuilt(
        node, lambda part: _moved(part, span, hidden), lambda part: _moved(part, span, inside)
    )
    return _placed(moved, span)


def _placed(node: Node, span: Span) -> Node:
    match node:
        case Select():
            return replace(node, span=span, field_span=span)
        case Call():
            return replace(node, span=span, name_span=span)
        case Binary():
            return replace(node, span=span, operator_span=span)
        case _:
            return replace(node, span=span)


def _variable(node: Node) -> frozenset[str]:
    """Name the variables that a macro has in its body."""
    return variables(node) if isinstance(node, Call) else _NO_NAMES


def _rebuilt(node: Node, outside: Callable[[Node], Node], inside: Callable[[Node], Node]) -> Node:
    """Make a node anew from its changed parts.

    Args:
        node: Stays as it is.
        outside: Changes a part that a macro's variable does not reach.
        inside: Changes a macro's body.
    """
    match node:
        case Literal() | Identifier():
            return node
        case Select() | Unary():
            return replace(node, operand=outside(node.operand))
        case Index():
            return replace(node, operand=outside(node.operand), index=outside(node.index))
        case Call():
            receiver = None if node.receiver is None else outside(node.receiver)
            return replace(node, receiver=receiver, arguments=_arguments(node, outside, inside))
        case _:
            return _rebuilt_operation(node, outside)


def _arguments(
    call: Call, outside: Callable[[Node], Node], inside: Callable[[Node], Node]
) -> tuple[Node, ...]:
    """Change a call's arguments; the value of ``cel.bind`` is outside of its variable's reach."""
    if not is_bind(call):
        return tuple(map(inside, call.arguments))
    variable, value, body = call.arguments
    return inside(variable), outside(value), inside(body)


def _rebuilt_operation(
    node: Binary | Logical | Conditional | ListLiteral | MapLiteral,
    change: Callable[[Node], Node],
) -> Node:
    match node:
        case Binary():
            return replace(node, left=change(node.left), right=change(node.right))
        case Logical():
            return replace(node, operands=tuple(map(change, node.operands)))
        case Conditional():
            return replace(
                node,
                condition=change(node.condition),
                positive=change(node.positive),
                negative=change(node.negative),
            )
        case ListLiteral():
            return replace(node, elements=tuple(map(change, node.elements)))
        case MapLiteral():
            entries = tuple((change(key), change(value)) for key, value in node.entries)
            return replace(node, entries=entries)
        case _:
            assert_never(node)


def too_large(node: Node, sizes: Mapping[str, int], findings: Findings) -> bool:
    """Report an expression that its definitions would blow up."""
    size = expanded_size(node, sizes)
    if size > MOST_NODES:
        message = f"with its definitions the expression has more than {MOST_NODES} parts"
        findings.add("expression-limit", node.span, message)
    return size > MOST_NODES
