"""What the abstraction asks of expressions as such."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

from flowengine.analysis.proof.regions import STRANGER
from flowengine.expr import STRING, EnumType, ListType, typed
from flowengine.expr.typed import Overload, TypedNode

MIRRORED: Final = {
    Overload.LESS: Overload.GREATER,
    Overload.LESS_EQUALS: Overload.GREATER_EQUALS,
    Overload.GREATER: Overload.LESS,
    Overload.GREATER_EQUALS: Overload.LESS_EQUALS,
}
"""Each order with its operands exchanged."""


def equal(one: Any, other: Any) -> bool:  # noqa: ANN401 - values of one type
    """Compare two values; a stranger is equal to nothing but itself."""
    return one is other if STRANGER in (one, other) else bool(one == other)


def of_strings(node: TypedNode) -> bool:
    """Say whether an expression is a list of strings."""
    kind = node.type
    return isinstance(kind, ListType) and (
        kind.element == STRING or isinstance(kind.element, EnumType)
    )


def sought(node: TypedNode, number: int) -> set[str]:
    """Collect the strings that a loop's variable is compared with, in whatever way."""
    found: set[str] = set()
    if isinstance(node, typed.Operation) and any(
        isinstance(each, typed.Local) and each.number == number for each in node.operands
    ):
        around = [*node.operands, *(e for o in node.operands for e in typed.children(o))]
        found = {
            c.value for c in around if isinstance(c, typed.Constant) and isinstance(c.value, str)
        }
    return found.union(*(sought(each, number) for each in typed.children(node)))


def spelt(node: object) -> str:
    """Spell what an expression means, wherever it stands: two that are spelt alike are one."""
    if is_dataclass(node) and not isinstance(node, type):
        parts = (spelt(getattr(node, f.name)) for f in fields(node) if f.name != "span")
        return f"{type(node).__name__}({','.join(parts)})"
    if isinstance(node, tuple):
        return f"({','.join(map(spelt, node))})"
    if isinstance(node, Mapping):
        return f"{{{','.join(f'{key}:{spelt(value)}' for key, value in node.items())}}}"
    return repr(node)
