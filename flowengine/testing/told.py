"""From the facts that a proof tells, one by one, to the records that expressions read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flowengine.analysis.proof.facts import Form
from flowengine.analysis.proof.regions import STRANGER
from flowengine.analysis.proof.verdict import FactValue
from flowengine.expr import BOOL, DOUBLE, INT, EnumType, ListType, MapType, RecordType, Type

Facts = dict[str, Any]
Told = Mapping[str, FactValue]

ANY: Final = "other"
"""A text of which nothing is known; how ``regions`` calls one that is none of the literals."""


def nested(told: Told) -> Facts:
    """Give facts as records; a list has the members that are known to be in it.

    What is not there, has no value, or is a condition that nobody looks into, is left out.
    """
    absent = {e.path for e in told.values() if e.form is Form.PRESENCE and e.value is False}
    records: Facts = {}
    for each in sorted(told.values(), key=lambda fact: fact.form is Form.PRESENCE):
        gone = any(each.path[:depth] in absent for depth in range(1, len(each.path) + 1))
        if each.path and each.value is not None and not gone:
            _put(records, each)
    return records


def _put(records: Facts, fact: FactValue) -> None:
    *parents, name = fact.path
    record = records
    for parent in parents:
        record = record.setdefault(parent, {})
    if fact.form is Form.VALUE:
        record[name] = fact.value
    elif fact.form is Form.PRESENCE:
        record.setdefault(name, ANY)
    else:
        members = record.setdefault(name, [])
        members += [ANY if fact.member is STRANGER else fact.member] if fact.value else []


def made(type_: Type, told: Any) -> Any:  # noqa: ANN401 - a value of the type
    """Complete a value: what is not told of it is the type's simplest."""
    match type_:
        case RecordType(_, fields):
            known = told if isinstance(told, dict) else {}
            return {
                name: made(each.type, known.get(name))
                for name, each in fields.items()
                if name in known or each.required
            }
        case ListType():
            return list(told or ())
        case MapType():
            return dict(told or {})
        case EnumType(values=values):
            return values[0] if told is None else told
        case _:
            simplest: dict[Type, Any] = {BOOL: False, INT: 0, DOUBLE: 0.0}
            return simplest.get(type_, "") if told is None else told


def plain(record: Mapping[str, Any]) -> Facts:
    """Give a record as a scenario is written: lists, and the texts of enums."""
    return {
        name: list(value) if isinstance(value, tuple) else value for name, value in record.items()
    }
