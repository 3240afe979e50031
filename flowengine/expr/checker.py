"""Finds out what an expression means, or everything that is wrong with it.

After a finding the node gets the type NOTHING, which fits everywhere: one mistake is
reported once.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, assert_never

from flowengine.expr import enums, operators, optionals, typed
from flowengine.expr.calls import check_call
from flowengine.expr.findings import Findings, did_you_mean
from flowengine.expr.optional_nodes import SparseList, SparseMap
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
from flowengine.expr.typed import Local, Overload, TypedNode
from flowengine.expr.types import (
    BOOL,
    INT,
    KEY_TYPES,
    NOTHING,
    NULL,
    STRING,
    EnumType,
    Field,
    ListType,
    MapType,
    OptionalType,
    RecordType,
    Type,
    assignable,
    holds_record,
    join,
)
from flowengine.source import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from flowengine.expr.functions import Function


class Checker:
    """One walk over one expression.

    Attributes:
        functions: All overloads that a call may mean.
        findings: Grows.
        macro_depth: How many macros' bodies are around the present node.
        bind_depth: How many ``cel.bind`` are around it.
    """

    def __init__(
        self,
        variables: Mapping[str, Type],
        functions: Sequence[Function],
        definitions: Collection[str],
        findings: Findings,
    ) -> None:
        """Start with nothing but the environment in scope.

        Args:
            variables: The types of the names.
            functions: All overloads.
            definitions: Names that have been replaced already, for hints.
            findings: Where mistakes go.
        """
        self.functions = functions
        self.findings = findings
        self._variables = variables
        self._definitions = definitions
        self._locals: dict[str, Local] = {}
        self._count = 0
        self.macro_depth = 0
        self.bind_depth = 0

    def check(self, node: Node) -> TypedNode:
        """Give a node its meaning."""
        match node:
            case Literal():
                return typed.Constant(node.value, node.type, node.span)
            case Identifier() | Select() | Index():
                return self._access(node)
            case Call():
                return check_call(self, node)
            case Unary() | Binary() | Logical() | Conditional():
                return self._operation(node)
            case ListLiteral() | MapLiteral():
                return self._aggregate(node)
            case _:
                assert_never(node)

    def check_as(self, node: Node, wanted: Type) -> TypedNode:
        """Give a node its meaning and demand a type of it."""
        found = self.check(node)
        self.demand(found, wanted)
        return found

    def demand(self, node: TypedNode, wanted: Type) -> None:
        """Report a node that is not of the wanted type."""
        if isinstance(wanted, EnumType) and node.type == STRING and enums.written_out(node):
            enums.match_literals(self, wanted, node)
        elif not assignable(node.type, wanted):
            self.wrong_type(node.span, f"expected {wanted}, found {node.type}")

    def demand_key(self, node: TypedNode, of_map: MapType) -> None:
        """Report what cannot be a map's key; the empty map has no key of any type."""
        if of_map.key != NOTHING:
            self.demand(node, of_map.key)

    def wrong_type(self, span: Span, message: str, hint: str | None = None) -> typed.Never:
        """Report a type that does not fit."""
        self.findings.add("wrong-type", span, message, hint)
        return self.nothing(span)

    def nothing(self, span: Span) -> typed.Never:
        """Stand in for what could not be given a meaning."""
        return typed.Never(NOTHING, span)

    def local(self, name: str, kind: Type, span: Span, *, bound: bool) -> Local:
        """Make a macro's variable, unlike every other one."""
        self._count += 1
        return Local(name, self._count, bound, kind, span)

    def check_inside(self, node: Node, *variables: Local, levels: int = 1) -> TypedNode:
        """Check a macro's body, where its variables hide what had their names."""
        outer = self._locals
        self._locals = outer | {variable.name: variable for variable in variables}
        self.macro_depth += levels
        found = self.check(node)
        self.macro_depth -= levels
        self._locals = outer
        return found

    def knows(self, name: str) -> bool:
        """Tell whether a name stands for something here."""
        return name in self._locals or name in self._variables

    # ---- names, fields, elements

    def _access(self, node: Identifier | Select | Index) -> TypedNode:
        declared = self._declared(node)
        if declared is not None:
            return declared
        match node:
            case Identifier():
                candidates = [*self._locals, *self._variables, *self._definitions]
                hint = did_you_mean(node.name, candidates)
                self.findings.add("unknown-name", node.span, f"unknown name {node.name}", hint)
                return self.nothing(node.span)
            case Select():
                return self.field(self.check(node.operand), node)
            case Index():
                return self._element(node)
            case _:
                assert_never(node)

    def _declared(self, node: Identifier | Select | Index) -> TypedNode | None:
        """Find the variable that a name, or a whole dotted path, was declared as."""
        dotted = _dotted(node)
        if dotted is None:
            return None
        name, root = dotted
        if not root.rooted and root.name in self._locals:
            local = self._locals[root.name]
            here = replace(local, span=node.span)
            return here if isinstance(node, Identifier) else None
        found = self._variables.get(name)
        return None if found is None else typed.Variable(name, found, node.span)

    def field(self, operand: TypedNode, node: Select) -> TypedNode:
        """Select a record's field or, in a map with string keys, a value."""
        if node.optional or isinstance(operand.type, OptionalType):
            return optionals.check_field(self, operand, node)
        match operand.type:
            case RecordType():
                return self._record_field(operand, operand.type, node)
            case MapType() if assignable(operand.type.key, STRING):
                key = typed.Constant(node.field, STRING, node.field_span)
                return typed.ElementOf(operand, key, operand.type.value, node.span)
            case _ if operand.type == NOTHING:
                return self.nothing(node.span)
            case _:
                message = f"{operand.type} has no fields"
                return self.wrong_type(node.field_span, message)

    def declared_field(self, record: RecordType, node: Select) -> Field | None:
        """Find a record's field, or report that there is none."""
        found = record.fields.get(node.field)
        if found is None:
            hint = did_you_mean(node.field, record.fields)
            message = f"{record} has no field {node.field}"
            self.findings.add("unknown-field", node.field_span, message, hint)
        return found

    def _record_field(self, operand: TypedNode, record: RecordType, node: Select) -> TypedNode:
        found = self.declared_field(record, node)
        if found is None:
            return self.nothing(node.span)
        return typed.FieldOf(operand, node.field, found.required, found.type, node.span)

    def _element(self, node: Index) -> TypedNode:
        operand, index, span = self.check(node.operand), self.check(node.index), node.span
        if node.optional or isinstance(operand.type, OptionalType):
            return optionals.check_element(self, operand, index, span)
        match operand.type:
            case ListType():
                self.demand(index, INT)
                return typed.ElementOf(operand, index, operand.type.element, span)
            case MapType():
                self.demand_key(index, operand.type)
                return typed.ElementOf(operand, index, operand.type.value, span)
            case RecordType() if isinstance(index, typed.Constant) and index.type == STRING:
                hint = f"write .{index.value!s}"
                return self.wrong_type(span, f"{operand.type} has fields, not elements", hint)
            case _ if operand.type == NOTHING:
                return self.nothing(span)
            case _:
                return self.wrong_type(span, f"{operand.type} has no elements")

    # ---- operators

    def _operation(self, node: Unary | Binary | Logical | Conditional) -> TypedNode:
        match node:
            case Unary():
                return self._unary(node)
            case Binary():
                return self._binary(node)
            case Logical():
                operands = tuple(self.check_as(operand, BOOL) for operand in node.operands)
                chain = typed.Conjunction if node.operator == "&&" else typed.Disjunction
                return chain(operands, node.span)
            case Conditional():
                return self._conditional(node)
            case _:
                assert_never(node)

    def _unary(self, node: Unary) -> TypedNode:
        operand = self.check(node.operand)
        chosen = operators.unary(node.operator, operand.type)
        if chosen is None:
            wanted = "bool" if node.operator == "!" else "int or double"
            return self.wrong_type(operand.span, f"expected {wanted}, found {operand.type}")
        return typed.Operation(chosen[0], (operand,), chosen[1], node.span)

    def _binary(self, node: Binary) -> TypedNode:
        left, right = self.check(node.left), self.check(node.right)
        chosen = operators.binary(node.operator, left.type, right.type)
        if chosen is None:
            return self._no_overload(node, left, right)
        overload, result = chosen
        if overload in (Overload.EQUALS, Overload.NOT_EQUALS, Overload.IN_LIST):
            enums.match(self, left, right, node.span)
        return typed.Operation(overload, (left, right), result, node.span)

    def _no_overload(self, node: Binary, left: TypedNode, right: TypedNode) -> TypedNode:
        if NOTHING in (left.type, right.type) and self.findings:
            return self.nothing(node.span)
        if NULL in (left.type, right.type) and left.type != right.type:
            other = left if right.type == NULL else right
            field = typed.path(other)
            hint = f"use has({field})" if field and "." in field else None
            return self.wrong_type(node.span, f"{other.type} is never null", hint)
        if holds_record(left.type) and holds_record(right.type):
            return self.wrong_type(node.span, "records cannot be compared", "compare their fields")
        if node.operator in ("==", "!="):
            return self.wrong_type(right.span, f"expected {left.type}, found {right.type}")
        if node.operator == "in":
            return self._not_a_container(left, right)
        message = f"{node.operator} does not take {left.type} and {right.type}"
        hint = f"it takes {operators.taken_by(node.operator)}"
        return self.wrong_type(node.span, message, hint)

    def _not_a_container(self, left: TypedNode, right: TypedNode) -> TypedNode:
        match right.type:
            case ListType():
                return self.wrong_type(
                    left.span, f"expected {right.type.element}, found {left.type}"
                )
            case MapType():
                return self.wrong_type(left.span, f"expected {right.type.key}, found {left.type}")
            case _:
                hint = "use text.contains(part)" if right.type == STRING else None
                message = f"expected a list or a map, found {right.type}"
                return self.wrong_type(right.span, message, hint)

    def _conditional(self, node: Conditional) -> TypedNode:
        condition = self.check_as(node.condition, BOOL)
        positive, negative = self.check(node.positive), self.check(node.negative)
        joined = join(positive.type, negative.type)
        if joined is None:
            message = f"expected {positive.type}, found {negative.type}"
            return self.wrong_type(negative.span, message, "both branches must be of one type")
        return typed.Choice(condition, positive, negative, joined, node.span)

    # ---- lists and maps that are written out

    def _aggregate(self, node: ListLiteral | MapLiteral) -> TypedNode:
        if isinstance(node, ListLiteral):
            elements = tuple(map(self.check, node.elements))
            element = self._joined(elements, "the elements of a list", node.optional)
            if node.optional:
                return SparseList(elements, node.optional, ListType(element), node.span)
            return typed.ListOf(elements, ListType(element), node.span)
        entries = tuple((self.check(key), self.check(value)) for key, value in node.entries)
        key = self._joined([key for key, _ in entries], "the keys of a map")
        values = [value for _, value in entries]
        value = self._joined(values, "the values of a map", node.optional)
        if not any(assignable(key, one) for one in KEY_TYPES):
            message = f"expected bool, int, uint or string, found {key}"
            return self.wrong_type(entries[0][0].span, message)
        kind = MapType(_widened(key), value)
        if node.optional:
            return SparseMap(entries, node.optional, kind, node.span)
        return typed.MapOf(entries, kind, node.span)

    def _joined(
        self, nodes: Sequence[TypedNode], what: str, optional: tuple[int, ...] = ()
    ) -> Type:
        kind: Type = NOTHING
        for number, node in enumerate(nodes):
            marked = number in optional
            found = optionals.check_marked(self, node) if marked else node.type
            joined = join(kind, found)
            if joined is None:
                hint = f"{what} must be of one type"
                self.wrong_type(node.span, f"expected {kind}, found {found}", hint)
            else:
                kind = joined
        return kind


def _dotted(node: Node) -> tuple[str, Identifier] | None:
    """Spell ``a.b.c`` and give the identifier at its root; None for anything else."""
    match node:
        case Identifier():
            return node.name, node
        case Select(optional=False):
            parent = _dotted(node.operand)
            return None if parent is None else (f"{parent[0]}.{node.field}", parent[1])
        case _:
            return None


def _widened(key: Type) -> Type:
    """A map literal has string keys, even when all were of one enum."""
    return STRING if isinstance(key, EnumType) else key
