"""The names that expressions may read, and their types."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from flowengine.accounts.pool import Mfa
from flowengine.accounts.user import HAS_NAMES, UserStatus
from flowengine.challenges.catalog import CHALLENGE_NAMES
from flowengine.expr import (
    BOOL,
    DOUBLE,
    DURATION,
    INT,
    STRING,
    TIMESTAMP,
    EnumType,
    Field,
    ListType,
    MapType,
    RecordType,
    Type,
)
from flowengine.flow.definition import ResponseRule

AUTH_FLOW_NAMES = (
    "USER_SRP_AUTH",
    "USER_PASSWORD_AUTH",
    "ADMIN_USER_PASSWORD_AUTH",
    "CUSTOM_AUTH",
    "USER_AUTH",
)
BUILTIN_NAMES = (
    "proved",
    "enrolled",
    "age",
    "user",
    "device",
    "pool",
    "client",
    "auth_flow",
    "request",
    "responses",
    "private",
    "session",
    "vars",
)
"""The names that no input and no definition may take."""

_SCALARS: Mapping[str, Type] = {
    "string": STRING,
    "int": INT,
    "bool": BOOL,
    "double": DOUBLE,
    "map(string)": MapType(STRING, STRING),
}
_STATUS = EnumType("user.status", tuple(status.value for status in UserStatus))
_PREFERS = EnumType("user.prefers", ("", *CHALLENGE_NAMES))
_HISTORY = RecordType(
    "session.history",
    {"challenge": Field(STRING), "result": Field(BOOL), "metadata": Field(STRING)},
)


def _record(name: str, fields: Mapping[str, Type]) -> RecordType:
    return RecordType(name, {key: Field(type_) for key, type_ in fields.items()})


_USER = _record(
    "user",
    {
        "username": STRING,
        "sub": STRING,
        "status": _STATUS,
        "enabled": BOOL,
        "exists": BOOL,
        "groups": ListType(STRING),
        "has": _record("user.has", dict.fromkeys((*HAS_NAMES, "any"), BOOL)),
        "prefers": _PREFERS,
        "verified": _record("user.verified", {"email": BOOL, "phone": BOOL}),
        "attributes": MapType(STRING, STRING),
    },
)
_POOL = _record(
    "pool",
    {
        "id": STRING,
        "name": STRING,
        "mfa": EnumType("pool.mfa", tuple(mfa.value for mfa in Mfa)),
        "mfa_methods": ListType(STRING),
        "device_challenge": BOOL,
    },
)
_AUTH_FLOW: Mapping[str, Type] = {
    "name": EnumType("auth_flow.name", ("", *AUTH_FLOW_NAMES)),
    "parameters": RecordType(
        "auth_flow.parameters",
        {
            key: Field(STRING, required=False)
            for key in ("PREFERRED_CHALLENGE", "CHALLENGE_NAME", "DEVICE_KEY")
        },
    ),
}
_REQUEST = _record(
    "request",
    {
        "ip": STRING,
        "user_agent": STRING,
        "time": TIMESTAMP,
        "metadata": MapType(STRING, STRING),
        "context": _record("request.context", {"ip": STRING, "data": STRING}),
    },
)
_SESSION = _record(
    "session",
    {"attempts": INT, "steps": INT, "age": DURATION, "history": ListType(_HISTORY)},
)


def flow_scope(
    evidence: Iterable[str],
    inputs: Mapping[str, Type],
    saved: Mapping[str, Type],
    levels: Iterable[str] = (),
) -> Mapping[str, Type]:
    """Give the names that are readable everywhere in a flow.

    Args:
        evidence: All names of evidence that the flow knows, built-in and its own.
        saved: What calls save, each unset until its call returned.
        levels: What its successes call the levels that they come to.
    """
    names = tuple(evidence)
    target = _record("auth_flow.target", dict.fromkeys(levels, BOOL))
    return MappingProxyType(
        {
            "proved": _record("proved", dict.fromkeys(names, BOOL)),
            "enrolled": _record("enrolled", dict.fromkeys(names, BOOL)),
            "age": RecordType("age", {n: Field(DURATION, required=False) for n in names}),
            "user": _USER,
            "device": _record("device", {"claimed": BOOL, "remembered": BOOL}),
            "pool": _POOL,
            "client": _record("client", {"id": STRING, "name": STRING}),
            "auth_flow": _record("auth_flow", {**_AUTH_FLOW, "target": target}),
            "request": _REQUEST,
            "session": _SESSION,
            "vars": saved_type(saved),
            **inputs,
        }
    )


def saved_type(saved: Mapping[str, Type]) -> RecordType:
    """Give the type of ``vars``: what calls save, each unset until its call returned."""
    return RecordType("vars", {name: Field(type_, required=False) for name, type_ in saved.items()})


def responses_type(rules: Iterable[ResponseRule]) -> RecordType:
    """Give the type of ``responses`` at a node: its declared keys; families have no field."""
    return RecordType(
        "responses",
        {r.key: Field(STRING, required=not r.optional) for r in rules if not r.family},
    )


def read_type(written: Any, name: str) -> Type | None:  # noqa: ANN401 - a YAML value
    """Read a type as flows write it: ``string``, ``[string]``, ``{score: int}``; None if wrong.

    Args:
        name: What messages call a record.
    """
    match written:
        case str():
            return _SCALARS.get(written)
        case [element]:
            inner = read_type(element, name)
            return ListType(inner) if inner is not None else None
        case dict() if written:
            fields = {key: read_type(value, f"{name}.{key}") for key, value in written.items()}
            # An optional field (``score?``) is not run by this version, and so is no type.
            known = {
                key: Field(type_)
                for key, type_ in fields.items()
                if type_ is not None and not key.endswith("?")
            }
            return RecordType(name, known) if len(known) == len(fields) else None
        case _:
            return None


def fits(value: Any, type_: Type) -> bool:  # noqa: ANN401 - a JSON value
    """Say whether a JSON value is of a type; bools are no ints, ints are no doubles."""
    match type_:
        case ListType(element):
            return isinstance(value, list) and all(fits(item, element) for item in value)
        case MapType(_, element):
            return isinstance(value, dict) and all(
                isinstance(key, str) and fits(item, element) for key, item in value.items()
            )
        case RecordType(_, fields):
            return (
                isinstance(value, dict)
                and value.keys() == fields.keys()
                and all(fits(value[key], field.type) for key, field in fields.items())
            )
        case _:
            return _fits_scalar(value, type_)


def _fits_scalar(value: Any, type_: Type) -> bool:  # noqa: ANN401 - a JSON value
    if type_ == BOOL:
        return isinstance(value, bool)
    if type_ == INT:
        return isinstance(value, int) and not isinstance(value, bool) and -(2**63) <= value < 2**63
    if type_ == DOUBLE:
        return isinstance(value, float)
    return type_ == STRING and isinstance(value, str)
