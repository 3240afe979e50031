"""From a typed expression to where it is true and where it is false.

What is neither is an error: a guard's refuses, and nothing behind it is tried. ``&&``, ``||``,
``exists`` and ``all`` absorb errors as the language says. Whatever is not understood here is an
opaque fact that may be true, false or, where the expression can fail, an error: more than it
really may be, so that a proof stays one.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from flowengine.accounts.user import SECOND_FACTORS
from flowengine.analysis.lowering import lowered
from flowengine.analysis.proof.answers import DEVICE, device_fact
from flowengine.analysis.proof.bdd import FALSE, TRUE, Bdd
from flowengine.analysis.proof.expressions import MIRRORED, equal, of_strings, sought, spelt
from flowengine.analysis.proof.facts import EARLIER, Fact, Facts, Path, dotted
from flowengine.analysis.proof.mixed import Atom, between, givens, read_atom
from flowengine.analysis.proof.operands import Known, OpaqueError, Place, Rails
from flowengine.analysis.proof.regions import STRANGER, comparable, ordered
from flowengine.expr import BOOL, STRING, MapType, Program, RecordType, typed
from flowengine.expr.failing import can_fail
from flowengine.expr.typed import Macro, Overload, TypedNode

_Locals = Mapping[int, Any]
_ORDER: Final[Mapping[Overload, Callable[[Any, Any], bool]]] = {
    Overload.LESS: operator.lt,
    Overload.LESS_EQUALS: operator.le,
    Overload.GREATER: operator.gt,
    Overload.GREATER_EQUALS: operator.ge,
}
_NO_LOCALS: Final[_Locals] = {}
_ABSENT: Final = Place(("(absent)",), FALSE)  # what a settled record or map does not have


class Abstraction:
    """Reads the conditions of one flow.

    Attributes:
        known: Variables whose values are settled: literal inputs of steps, a pool's settings.
        atoms: Those of the opaque facts that were read that a solver can see into.
        kept: Those of them that nothing asks, and that outlast a request.
    """

    def __init__(self, bdd: Bdd, facts: Facts, known: Mapping[str, Any]) -> None:
        """Read conditions into facts; while they are gathered, every answer is false."""
        self.facts = facts
        self.known = known
        self.atoms: dict[Fact, Atom] = {}
        self.kept: dict[Fact, Atom] = {}
        self._bdd = bdd
        self._text = ""
        self._several: dict[str, Atom] = {}

    def condition(self, program: Program) -> Rails:
        """Give where a condition is true, and where it is false."""
        self._text = program.text
        return self._rails(lowered(program.tree), _NO_LOCALS)

    def equals(self, program: Program, literal: str) -> Rails:
        """Give where an expression has this value."""
        self._text = program.text
        constant = typed.Constant(literal, STRING, program.tree.span)
        same = typed.Operation(Overload.EQUALS, (program.tree, constant), BOOL, constant.span)
        return self._rails(lowered(same), _NO_LOCALS)

    def flag(self, path: Path) -> int:
        """Say when a required boolean is true."""
        found = self._root(path[0])
        for name in path[1:]:
            if isinstance(found, Known):
                found = Known(found.value[name])
            else:
                found = Place((*found.path, name), TRUE)
        if isinstance(found, Known):
            return TRUE if found.value is True else FALSE
        return self._flag(found.path)

    def rails(self, node: TypedNode) -> Rails:
        """Give where a part of a condition, outside of its loops, is true and where it is false."""
        return self._rails(node, _NO_LOCALS)

    def operand(self, node: TypedNode) -> Known | Place:
        """Give what a part outside of loops stands for.

        Raises:
            OpaqueError: It is no value that is settled, and none at a path.
        """
        return self._operand(node, _NO_LOCALS)

    def compare_all(self) -> None:
        """Read comparisons of everything that conditions compare, once all of these were read."""
        several, self._several = self._several, {}
        for text, atom in between(several.values()):
            reads = frozenset(dotted(each.path) for each in givens(atom))
            self._unread(text, text, reads, atom, fails=True)
            if self.facts.closed:
                self.kept[self.facts.opaque_of(text)] = atom

    def has_method(self, challenge: str) -> int:
        """Say when the pool has a method of second factors."""
        pool = self.known.get("pool")
        if pool is not None:
            return TRUE if challenge in pool["mfa_methods"] else FALSE
        return self.facts.member(("pool", "mfa_methods"), challenge)

    # ---- boolean structure

    def _rails(self, node: TypedNode, local: _Locals) -> Rails:
        try:
            return self._read(node, local)
        except OpaqueError:
            if local:
                raise  # the loop around it is not understood either
            return self._opaque(node)

    def _read(self, node: TypedNode, local: _Locals) -> Rails:
        match node:
            case typed.Constant(value=bool(value)):
                return _constant(value=value)
            case typed.Conjunction():
                return self._every(self._rails(each, local) for each in node.operands)
            case typed.Disjunction():
                return self._some(self._rails(each, local) for each in node.operands)
            case typed.Choice():
                return self._choice(node, local)
            case typed.Operation(overload=Overload.NOT):
                true, false = self._rails(node.operands[0], local)
                return Rails(false, true)
            case _:
                return self._atom(node, local)

    def _atom(self, node: TypedNode, local: _Locals) -> Rails:
        match node:
            case typed.Operation():
                return self._operation(node, local)
            case typed.Presence():
                return self._presence(node, local)
            case typed.Comprehension(macro=Macro.EXISTS | Macro.ALL):
                return self._quantified(node, local)
            case _:
                return self._boolean(node, local)

    def _every(self, many: Iterable[Rails]) -> Rails:
        rails = list(many)
        return Rails(
            self._bdd.all_of(each.true for each in rails),
            self._bdd.any_of(each.false for each in rails),
        )

    def _some(self, many: Iterable[Rails]) -> Rails:
        rails = list(many)
        return Rails(
            self._bdd.any_of(each.true for each in rails),
            self._bdd.all_of(each.false for each in rails),
        )

    def _choice(self, node: typed.Choice, local: _Locals) -> Rails:
        if node.type != BOOL:
            raise OpaqueError
        bdd = self._bdd
        chosen, positive, negative = (self._rails(each, local) for each in typed.children(node))
        return Rails(
            bdd.either(bdd.both(chosen.true, positive.true), bdd.both(chosen.false, negative.true)),
            bdd.either(
                bdd.both(chosen.true, positive.false), bdd.both(chosen.false, negative.false)
            ),
        )

    def _boolean(self, node: TypedNode, local: _Locals) -> Rails:
        found = self._operand(node, local)
        if isinstance(found, Known):
            return _constant(value=found.value is True)
        if node.type != BOOL:
            raise OpaqueError
        return self._within(found.readable, self._flag(found.path))

    def _within(self, readable: int, true: int) -> Rails:
        """Give the rails of what is an error where it cannot be read."""
        false = self._bdd.negated(true)
        return Rails(self._bdd.both(readable, true), self._bdd.both(readable, false))

    def _flag(self, path: Path) -> int:
        if path == ("user", "has", "any"):
            each = (self.facts.flag(("user", "has", name)) for name in SECOND_FACTORS)
            return self._bdd.any_of(each)
        if path[0] == DEVICE:
            return device_fact(self.facts, path)
        return self.facts.flag(path)

    # ---- atoms

    def _operation(self, node: typed.Operation, local: _Locals) -> Rails:
        if node.overload in (Overload.EQUALS, Overload.NOT_EQUALS):
            one, other = node.operands
            true, false = self._equality(one, other, local)
            return Rails(true, false) if node.overload is Overload.EQUALS else Rails(false, true)
        if node.overload in _ORDER:
            return self._order(node, local)
        if node.overload is Overload.IN_LIST:
            return self._in_list(node.operands[0], node.operands[1], local)
        if node.overload is Overload.IN_MAP:
            key = self._operand(node.operands[0], local)
            if isinstance(key, Known) and isinstance(key.value, str):
                return self._key(self._operand(node.operands[1], local), key.value)
        raise OpaqueError

    def _equality(self, one: TypedNode, other: TypedNode, local: _Locals) -> Rails:
        if one.type == BOOL == other.type:
            first, second = self._rails(one, local), self._rails(other, local)
            bdd = self._bdd
            same = bdd.either(
                bdd.both(first.true, second.true), bdd.both(first.false, second.false)
            )
            differ = bdd.either(
                bdd.both(first.true, second.false), bdd.both(first.false, second.true)
            )
            return Rails(same, differ)
        left, right = self._operand(one, local), self._operand(other, local)
        if isinstance(left, Known) and isinstance(right, Known):
            return _constant(value=equal(left.value, right.value))
        if isinstance(left, Known):
            one, left, right = other, right, left
        if isinstance(left, Known) or not isinstance(right, Known):
            raise OpaqueError
        return self._compared(left, one, right.value, operator.eq)

    def _order(self, node: typed.Operation, local: _Locals) -> Rails:
        one, other = node.operands
        left, right = self._operand(one, local), self._operand(other, local)
        overload = node.overload
        if isinstance(left, Known):
            one, left, right, overload = other, right, left, MIRRORED[overload]
        if not ordered(one.type) or not isinstance(right, Known):
            raise OpaqueError
        if isinstance(left, Known):
            return _constant(value=_ORDER[overload](left.value, right.value))
        return self._compared(left, one, right.value, _ORDER[overload])

    def _compared(
        self,
        place: Place,
        node: TypedNode,
        literal: Any,  # noqa: ANN401 - of the node's type
        test: Callable[[Any, Any], bool],
    ) -> Rails:
        if not comparable(node.type) or literal is STRANGER or literal is None:
            raise OpaqueError
        passes = self.facts.compare(
            place.path, node.type, (literal,), lambda value: test(value, literal)
        )
        return self._within(place.readable, passes)

    def _in_list(self, item: TypedNode, within: TypedNode, local: _Locals) -> Rails:
        wanted = self._operand(item, local)
        if isinstance(within, typed.ListOf):
            literals = [self._operand(each, local) for each in within.elements]
            values = [each.value for each in literals if isinstance(each, Known)]
            if len(values) < len(literals):
                raise OpaqueError
            return self._among(wanted, item, values)
        found = self._operand(within, local)
        if not isinstance(wanted, Known) or wanted.value is STRANGER:
            raise OpaqueError
        if isinstance(found, Known):
            return _constant(value=any(equal(wanted.value, each) for each in found.value))
        if not of_strings(within):
            raise OpaqueError
        return self._within(found.readable, self.facts.member(found.path, wanted.value))

    def _among(self, wanted: Known | Place, item: TypedNode, values: list[Any]) -> Rails:
        if isinstance(wanted, Known):
            return _constant(value=any(equal(wanted.value, each) for each in values))
        if not comparable(item.type) or STRANGER in values:
            raise OpaqueError
        passes = self.facts.compare(wanted.path, item.type, values, lambda value: value in values)
        return self._within(wanted.readable, passes)

    def _presence(self, node: typed.Presence, local: _Locals) -> Rails:
        found = self._operand(node.operand, local)
        if isinstance(found, Place) and isinstance(node.operand.type, RecordType):
            if node.operand.type.fields[node.field].required:
                return self._within(found.readable, TRUE)
            return self._within(found.readable, self._optional(found.path, node.field))
        return self._key(found, node.field)

    def _key(self, found: Known | Place, key: str) -> Rails:
        if isinstance(found, Known):
            return _constant(value=found.value.get(key) is not None)
        return self._within(found.readable, self.facts.presence((*found.path, key)))

    def _optional(self, path: Path, field: str) -> int:
        """Say when a record's optional field is there.

        An age is, once its evidence is, or where it was before the sign-in began.
        """
        if path == ("age",):
            here, before = (self.facts.flag((root, field)) for root in ("proved", EARLIER))
            return self.facts.bdd.either(here, before)
        return self.facts.presence((*path, field))

    # ---- loops

    def _quantified(self, node: typed.Comprehension, local: _Locals) -> Rails:
        found = self._operand(node.range, local)
        if node.condition is None:
            raise OpaqueError
        number, condition = node.variable.number, node.condition
        if isinstance(found, Known):
            if not isinstance(found.value, list | tuple):
                raise OpaqueError
            each = [self._rails(condition, {**local, number: value}) for value in found.value]
            return self._some(each) if node.macro is Macro.EXISTS else self._every(each)
        if not of_strings(node.range):
            raise OpaqueError
        for literal in sought(condition, number):
            self.facts.member(found.path, literal)
        inside = []
        for item in self.facts.members(found.path):
            there = self.facts.member(found.path, item)
            inside.append((there, self._rails(condition, {**local, number: item})))
        both, either, absent = self._bdd.both, self._bdd.either, self._bdd.negated
        if node.macro is Macro.EXISTS:
            whole = self._some(
                Rails(both(there, each.true), either(absent(there), each.false))
                for there, each in inside
            )
        else:
            whole = self._every(
                Rails(either(absent(there), each.true), both(there, each.false))
                for there, each in inside
            )
        return Rails(both(found.readable, whole.true), both(found.readable, whole.false))

    # ---- operands

    def _root(self, name: str) -> Known | Place:
        return Known(self.known[name]) if name in self.known else Place((name,), TRUE)

    def _operand(self, node: TypedNode, local: _Locals) -> Known | Place:
        match node:
            case typed.Constant():
                return Known(node.value)
            case typed.Local() if node.number in local:
                return Known(local[node.number])
            case typed.Variable():
                return self._root(node.name)
            case typed.FieldOf():
                return self._field(node, self._operand(node.operand, local))
            case typed.ElementOf() if isinstance(node.operand.type, MapType):
                index = self._operand(node.index, local)
                return self._element(self._operand(node.operand, local), index)
            case _:
                raise OpaqueError

    def _field(self, node: typed.FieldOf, found: Known | Place) -> Known | Place:
        if isinstance(found, Known):
            if found.value is STRANGER:
                raise OpaqueError
            value = found.value.get(node.field)
            return _ABSENT if value is None else Known(value)
        path = (*found.path, node.field)
        if node.required:
            return Place(path, found.readable)
        there = self._optional(found.path, node.field)
        return Place(path, self._bdd.both(found.readable, there))

    def _element(self, found: Known | Place, index: Known | Place) -> Known | Place:
        if not isinstance(index, Known) or not isinstance(index.value, str):
            raise OpaqueError
        if isinstance(found, Known):
            value = found.value.get(index.value)
            return _ABSENT if value is None else Known(value)
        path = (*found.path, index.value)
        return Place(path, self._bdd.both(found.readable, self.facts.presence(path)))

    def _opaque(self, node: TypedNode) -> Rails:
        span = node.span
        text = self._text[span.start : span.end] or self._text
        reads = typed.paths(node)
        return self._unread(spelt(node), text, reads, read_atom(self, node), fails=can_fail(node))

    def _unread(
        self, key: str, text: str, reads: frozenset[str], atom: Atom | None, *, fails: bool
    ) -> Rails:
        if atom is not None:
            self._several[key] = atom
        rails = Rails(*self.facts.opaque(key, text, reads, fails=fails))
        if atom is not None and self.facts.closed:
            self.atoms[self.facts.opaque_of(key)] = atom
        return rails


def _constant(*, value: bool) -> Rails:
    return Rails(TRUE, FALSE) if value else Rails(FALSE, TRUE)
