"""CEL's strings extension; positions count code points."""

from __future__ import annotations

from types import MappingProxyType

from flowengine.errors import EvaluationError
from flowengine.expr.functions import Function
from flowengine.expr.helpers import LARGEST
from flowengine.expr.types import INT, STRING, ListType

_SPACE = "\t\n\v\f\r \u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)
_QUOTED = MappingProxyType(
    {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
    | {"\\": "\\\\", '"': '\\"'}
)


def limited(size: int) -> None:
    """Refuse a result that is too large, before it is made."""
    if size > LARGEST:
        raise EvaluationError(f"the result is larger than {LARGEST}")


def _within(index: int, last: int) -> int:
    if not 0 <= index <= last:
        raise EvaluationError("index out of range")
    return index


def _char_at(text: str, index: int) -> str:
    _within(index, len(text))
    return text[index : index + 1]


def _index_of(text: str, part: str, start: int = 0) -> int:
    return text.find(part, _within(start, len(text)))


def _last_index_of(text: str, part: str) -> int:
    return text.rfind(part)


def _last_index_before(text: str, part: str, start: int) -> int:
    """Find the last place that is not after ``start``."""
    _within(start, len(text))
    return text.rfind(part, 0, start + len(part))


def _substring(text: str, start: int) -> str:
    return text[_within(start, len(text)) :]


def _substring_between(text: str, start: int, end: int) -> str:
    _within(end, len(text))
    return text[_within(start, end) : end]


def _lower(text: str) -> str:
    return "".join(one.lower() if "A" <= one <= "Z" else one for one in text)


def _upper(text: str) -> str:
    return "".join(one.upper() if "a" <= one <= "z" else one for one in text)


def _trim(text: str) -> str:
    return text.strip(_SPACE)


def _reverse(text: str) -> str:
    return text[::-1]


def _join(parts: list[str], between: str = "") -> str:
    limited(sum(map(len, parts)) + len(between) * max(0, len(parts) - 1))
    return between.join(parts)


def _replace(text: str, old: str, new: str, limit: int = -1) -> str:
    found = text.count(old) if limit < 0 else min(limit, text.count(old))
    limited(len(text) + found * (len(new) - len(old)))
    return text.replace(old, new, -1 if limit < 0 else limit)


def _split(text: str, by: str, limit: int = -1) -> list[str]:
    if limit == 0:
        return []
    limited(min(len(text), text.count(by)) if limit < 0 else 0)
    most = limit - 1 if limit > 0 else -1
    if by or not text:
        return text.split(by, most) if by else [text]
    if 0 <= most < len(text) - 1:
        return [*text[:most], text[most:]]
    return list(text)


def _quote(text: str) -> str:
    return '"' + "".join(_QUOTED.get(one, one) for one in text) + '"'


_STRINGS = ListType(STRING)

FUNCTIONS: tuple[Function, ...] = (
    Function("charAt", (STRING, INT), STRING, _char_at, method=True),
    Function("indexOf", (STRING, STRING), INT, _index_of, method=True),
    Function("indexOf", (STRING, STRING, INT), INT, _index_of, method=True),
    Function("lastIndexOf", (STRING, STRING), INT, _last_index_of, method=True, total=True),
    Function("lastIndexOf", (STRING, STRING, INT), INT, _last_index_before, method=True),
    Function("substring", (STRING, INT), STRING, _substring, method=True),
    Function("substring", (STRING, INT, INT), STRING, _substring_between, method=True),
    Function("lowerAscii", (STRING,), STRING, _lower, method=True, total=True),
    Function("upperAscii", (STRING,), STRING, _upper, method=True, total=True),
    Function("trim", (STRING,), STRING, _trim, method=True, total=True),
    Function("reverse", (STRING,), STRING, _reverse, method=True, total=True),
    Function("join", (_STRINGS,), STRING, _join, method=True),
    Function("join", (_STRINGS, STRING), STRING, _join, method=True),
    Function("replace", (STRING, STRING, STRING), STRING, _replace, method=True),
    Function("replace", (STRING, STRING, STRING, INT), STRING, _replace, method=True),
    Function("split", (STRING, STRING), _STRINGS, _split, method=True),
    Function("split", (STRING, STRING, INT), _STRINGS, _split, method=True),
    Function("strings.quote", (STRING,), STRING, _quote, total=True),
)
"""The methods of strings and of lists of strings, and ``strings.quote``."""
