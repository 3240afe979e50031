"""The worst that an expression can cost, in the units of cel-go, from the sizes of its variables.

A name or a field costs 1, a literal list 10, a map 30, most operators and functions 1; of a text
that is looked at a tenth of its characters, rounded up; a macro its body for each element.
Source: cel-go, ``common/cost.go`` and ``checker/cost.go``.
"""

from __future__ import annotations

from collections.abc import Mapping

from flowengine.expr import optional_nodes, typed
from flowengine.expr.functioncost import function_cost
from flowengine.expr.sizes import (
    SCALAR,
    UNBOUNDED,
    Declared,
    Size,
    larger,
    list_of,
    tenth,
    text_of,
)
from flowengine.expr.typed import Macro, Overload, TypedNode
from flowengine.expr.types import OptionalType

BUDGET = 10_000
"""The most that an expression may cost unless the host says otherwise: some 100 microseconds.

It is a hundredth of what Kubernetes allows one expression, whose conditions nobody waits for.
"""

_LIST, _MAP = 10, 30
_Found = tuple[int, Size]
_Walk = typed.Comprehension | typed.PairComprehension


def worst_case(node: TypedNode, sizes: Mapping[str, int]) -> tuple[int, Mapping[str, int]]:
    """Find what an expression costs at most, and the sizes that went into it, by path.

    Args:
        sizes: The most characters, octets, elements or entries of what a path leads to; without
            one a text has 256 and a list or map 64.
    """
    declared = Declared(sizes)
    cost, _ = _Estimate(declared).of(node)
    return cost, declared.used


def cost_without_loops(node: TypedNode, sizes: Mapping[str, int], cost: int) -> int:
    """Find what an expression costs at most beside its loops, which count for themselves.

    Args:
        cost: With them.
    """
    if not _has_loop(node):
        return cost
    return _Estimate(Declared(sizes), loops=False).of(node)[0]


def _has_loop(node: TypedNode) -> bool:
    return isinstance(node, _Walk) or any(map(_has_loop, typed.children(node)))


def largest(node: TypedNode, sizes: Mapping[str, int]) -> Size:
    """Find how large an expression's value can be, where only what is declared is relied on."""
    return _Estimate(Declared(sizes, otherwise=UNBOUNDED)).of(node)[1]


class _Estimate:
    """One walk over one expression."""

    def __init__(self, declared: Declared, *, loops: bool = True) -> None:
        self._declared = declared
        self._loops = loops
        self._locals: dict[int, Size] = {}

    def of(self, node: TypedNode) -> _Found:  # noqa: PLR0911 - one per kind of node
        """Give a node's cost, and how large its value is."""
        match node:
            case typed.Constant():
                return 0, _written(node.value)
            case typed.Variable():
                return 1, self._declared.of(node.type, node.name)
            case typed.Local():
                return 1, self._locals.get(node.number, SCALAR)
            case typed.Never():
                return 1, SCALAR
            case typed.Comprehension() | typed.PairComprehension():
                return self._walk(node)
            case typed.Bind() | optional_nodes.OptionalMap():
                return self._with_variable(node)
            case _:
                return self._of_parts(node)

    def _of_parts(self, node: TypedNode) -> _Found:
        """Give the cost of a node whose parts all run once, or of a choice among them."""
        parts = [self.of(part) for part in typed.children(node)]
        cost, found = sum(cost for cost, _ in parts), [size for _, size in parts]
        match node:
            case typed.Choice():
                (asked, _), (one, first), (other, second) = parts
                return asked + max(one, other), larger(first, second)
            case typed.Operation():
                own, size = _operation(node, found)
                return cost + own, size
            case typed.Invocation():
                own, size = function_cost(node, found, self._declared)
                return cost + own, size
            case typed.ListOf() | optional_nodes.SparseList():
                return cost + _LIST, _list(node, found)
            case typed.MapOf() | optional_nodes.SparseMap():
                return cost + _MAP, _map(node, found)
            case _:
                return cost + 1, self._part(node, found)

    def _part(self, node: TypedNode, found: list[Size]) -> Size:
        """Give the size of a field or an element, of one of two, or of a bool."""
        match node:
            case typed.FieldOf():
                return self._declared.of(node.type, _field(found[0], node.field))
            case optional_nodes.OptionalField():
                inner = found[0].element if _is_optional(node.operand) else found[0]
                return self._declared.of(node.type, _field(inner or SCALAR, node.field))
            case typed.ElementOf():
                return self._named(node, found[0]) or found[0].element or SCALAR
            case optional_nodes.OptionalElement():
                inner = found[0].element if _is_optional(node.operand) else found[0]
                return Size(element=(inner or SCALAR).element)
            case optional_nodes.OrElse():
                first = (found[0].element or SCALAR) if node.unwrapped else found[0]
                return larger(first, found[1])
            case _:
                return SCALAR

    def _named(self, node: typed.ElementOf, held: Size) -> Size | None:
        """Give the size that is declared of one key's value in a map."""
        key = node.index.value if isinstance(node.index, typed.Constant) else None
        path = _field(held, key) if isinstance(key, str) else None
        return None if path is None else self._declared.of_key(node.type, path)

    def _with_variable(self, node: typed.Bind | optional_nodes.OptionalMap) -> _Found:
        given = node.value if isinstance(node, typed.Bind) else node.operand
        cost, size = self.of(given)
        bind = isinstance(node, typed.Bind)
        self._locals[node.variable.number] = size if bind else size.element or SCALAR
        inner, result = self.of(node.body)
        if isinstance(node, typed.Bind) or node.flat:
            return cost + inner + 1, result
        return cost + inner + 1, Size(element=result)

    def _walk(self, node: _Walk) -> _Found:
        cost, over = self.of(node.range)
        element = over.element or SCALAR
        if isinstance(node, typed.PairComprehension):
            self._locals[node.variable.number] = over.key or SCALAR
            self._locals[node.second.number] = element
        else:
            self._locals[node.variable.number] = over.key or element
        asked = 0 if node.condition is None else self.of(node.condition)[0]
        made, result = (0, element) if node.transform is None else self.of(node.transform)
        total = cost + 1 + (over.most * (1 + asked + made) if self._loops else 0)
        match node.macro:
            case Macro.FILTER:
                return total, list_of(over.most, over.key or element)
            case Macro.MAP | Macro.TRANSFORM_LIST:
                return total, list_of(over.most, result)
            case Macro.TRANSFORM_MAP:
                return total, Size(over.most, element=result, key=over.key)
            case _:
                return total, SCALAR


def _is_optional(node: TypedNode) -> bool:
    return isinstance(node.type, OptionalType)


def _field(operand: Size, name: str) -> str | None:
    return None if operand.path is None else f"{operand.path}.{name}"


def _written(value: object) -> Size:
    return text_of(len(value)) if isinstance(value, str | bytes) else SCALAR


def _list(node: typed.ListOf | optional_nodes.SparseList, found: list[Size]) -> Size:
    marked = node.optional if isinstance(node, optional_nodes.SparseList) else ()
    sizes = [
        (size.element or SCALAR) if number in marked else size for number, size in enumerate(found)
    ]
    return list_of(len(sizes), _largest(sizes))


def _map(node: typed.MapOf | optional_nodes.SparseMap, found: list[Size]) -> Size:
    marked = node.optional if isinstance(node, optional_nodes.SparseMap) else ()
    values = [
        (size.element or SCALAR) if number in marked else size
        for number, size in enumerate(found[1::2])
    ]
    return Size(len(values), element=_largest(values), key=_largest(found[::2]))


def _largest(sizes: list[Size]) -> Size:
    largest = SCALAR
    for size in sizes:
        largest = larger(largest, size)
    return largest


def _operation(node: typed.Operation, found: list[Size]) -> _Found:
    match node.overload:
        case Overload.IN_LIST:
            value, values = found
            each = 1 if value.text else value.weight  # texts are told apart by their hashes
            return max(1, values.most * each), SCALAR
        case Overload.ADD_STRING | Overload.ADD_BYTES:
            most = found[0].most + found[1].most
            return max(1, tenth(most)), text_of(most)
        case Overload.ADD_LIST:
            most = found[0].most + found[1].most
            return max(1, tenth(most)), list_of(most, larger(*found).element or SCALAR)
        case _ if len(found) > 1:
            return min(one.weight for one in found), SCALAR
        case _:
            return 1, SCALAR
