"""The expressions of drawn flows, read and evaluated without any part of the language's own code.

As the language says: an error is no value; ``&&``, ``||``, ``exists`` and ``all`` absorb it where
the other side decides.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any, Final

Env = Mapping[str, Any]
Value = Callable[[Env], Any]

_TOKEN: Final = re.compile(
    r'\s*(?:(\d+\.\d+|\d+)|("[^"]*")|(&&|\|\||[=!<>]=|[-+*!<>?:().,\[\]])|(\w+))'
)
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge, "in": lambda item, within: item in within,
}  # fmt: skip
_ARITHMETIC: Final = {"+": operator.add, "*": operator.mul, "-": operator.sub}


class FaultError(Exception):
    """An expression has no value."""


@cache
def compiled(text: str) -> Value:
    """Give the function that evaluates a text; it raises ``FaultError``."""
    reading = _Reading([next(g for g in m.groups() if g) for m in _TOKEN.finditer(text)])
    value = reading.choice()
    if reading.tokens:
        raise ValueError(f"cannot read {text!r} from {reading.tokens}")
    return value


def is_true(text: str, env: Env) -> bool:
    """Say whether a condition is true; an error is not."""
    try:
        return compiled(text)(env) is True
    except FaultError:
        return False


def absorbing(decisive: bool, values: Iterable[Callable[[], Any]]) -> bool:  # noqa: FBT001 - true or false
    """Give ``decisive`` where any value is, else the error of one, else the other."""
    fault = None
    for value in values:
        try:
            if value() is decisive:
                return bool(decisive)
        except FaultError as error:
            fault = error
    if fault is not None:
        raise fault
    return not decisive


class _Select:
    """A field of a record, or a key of a map."""

    def __init__(self, operand: Value, field: str) -> None:
        self.operand, self.field = operand, field

    def __call__(self, env: Env) -> Any:
        try:
            return self.operand(env)[self.field]
        except KeyError:
            raise FaultError(self.field) from None

    def there(self, env: Env) -> bool:
        return self.field in self.operand(env)


class _Reading:
    """Recursive descent over tokens."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def _took(self, *wanted: str) -> str | None:
        return self.tokens.pop(0) if self.tokens and self.tokens[0] in wanted else None

    def choice(self) -> Value:
        test = self._any()
        if not self._took("?"):
            return test
        yes = self.choice()
        self._took(":")
        no = self.choice()
        return lambda env: yes(env) if test(env) else no(env)

    def _any(self) -> Value:
        parts = [self._every()]
        while self._took("||"):
            parts.append(self._every())
        return parts[0] if len(parts) == 1 else _chain(parts, decisive=True)

    def _every(self) -> Value:
        parts = [self._relation()]
        while self._took("&&"):
            parts.append(self._relation())
        return parts[0] if len(parts) == 1 else _chain(parts, decisive=False)

    def _relation(self) -> Value:
        one = self._sum()
        sign = self._took(*_COMPARE)
        if sign is None:
            return one
        other, test = self._sum(), _COMPARE[sign]
        return lambda env: test(one(env), other(env))

    def _sum(self) -> Value:
        value = self._unary()
        while sign := self._took(*_ARITHMETIC):
            value = _applied(_ARITHMETIC[sign], value, self._unary())
        return value

    def _unary(self) -> Value:
        if self._took("!"):
            inner = self._unary()
            return lambda env: not inner(env)
        value = self._primary()
        while self._took("."):
            name = self.tokens.pop(0)
            value = self._method(value, name) if self._took("(") else _Select(value, name)
        return value

    def _method(self, on: Value, name: str) -> Value:
        if name == "startsWith":
            start = self._closed()
            return lambda env: on(env).startswith(start(env))
        variable = self.tokens.pop(0)
        self._took(",")
        condition, decisive = self._closed(), name == "exists"
        return lambda env: absorbing(
            decisive, [_bound(condition, env, variable, item) for item in on(env)]
        )

    def _closed(self) -> Value:
        value = self.choice()
        if not self._took(")"):
            raise ValueError(f"no end of {self.tokens}")
        return value

    def _primary(self) -> Value:
        token = self.tokens.pop(0)
        if token == "(":
            return self._closed()
        if token == "[":
            items = []
            while not self._took("]"):
                items.append(self.choice())
                self._took(",")
            return lambda env: [item(env) for item in items]
        if token[0] == '"' or token[0].isdigit():
            literal = token.strip('"') if token[0] == '"' else _number(token)
            return lambda _: literal
        return self._function(token) if self._took("(") else _named(token)

    def _function(self, name: str) -> Value:
        inner = self._closed()
        if name == "has":
            assert isinstance(inner, _Select)
            return inner.there
        function = {"size": len, "timestamp": nanoseconds, "duration": _duration}[name]
        return lambda env: function(inner(env))


def _named(name: str) -> Value:
    literals = {"true": True, "false": False}
    return (lambda _: literals[name]) if name in literals else (lambda env: env[name])


def _chain(parts: list[Value], *, decisive: bool) -> Value:
    def run(env: Env) -> bool:
        return absorbing(decisive, [lambda part=part: part(env) for part in parts])  # type: ignore[misc]

    return run


def _applied(function: Callable[[Any, Any], Any], one: Value, other: Value) -> Value:
    def run(env: Env) -> Any:
        result = function(one(env), other(env))
        if not -(2**63) <= result < 2**63:
            raise FaultError("overflow")
        return result

    return run


def _bound(condition: Value, env: Env, name: str, item: object) -> Callable[[], Any]:
    return lambda: condition({**env, name: item})


def _number(token: str) -> float:
    return float(token) if "." in token else int(token)


def nanoseconds(text: str) -> int:
    """Give an RFC 3339 time of whole seconds since 1970."""
    return int(datetime.fromisoformat(text).timestamp()) * 10**9


def _duration(text: str) -> int:
    return int(text[:-1]) * {"s": 1, "m": 60, "h": 3600}[text[-1]] * 10**9


def literal(written: Any) -> Any:
    """Read a literal of a document: a list, a map, or a number."""
    return written if isinstance(written, list | dict) else compiled(written)({})
