"""What a function costs, and how large its result is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from flowengine.expr.helpers import LARGEST
from flowengine.expr.sizes import SCALAR, Declared, Size, list_of, tenth, text_of
from flowengine.expr.types import BYTES, STRING

if TYPE_CHECKING:
    from flowengine.expr.typed import Invocation

_Result = Callable[[list[Size]], Size]

_WRITTEN = 64
"""Characters of a number, a time or an address that is written out."""


def _same(found: list[Size]) -> Size:
    return text_of(found[0].most)


def _split(found: list[Size]) -> Size:
    return replace(list_of(found[0].most + 1, _same(found)), total=found[0].most)


def _join(found: list[Size]) -> Size:
    parts, between = found[0], found[1].most if len(found) > 1 else 0
    characters = parts.most * (parts.element or SCALAR).most
    return text_of((characters if parts.total is None else parts.total) + parts.most * between)


def _replace(found: list[Size]) -> Size:
    text, _, new = found[:3]
    return text_of(text.most + (text.most + 1) * new.most)


def _element(found: list[Size]) -> Size:
    return found[0].element or SCALAR


def _wrapped(found: list[Size]) -> Size:
    return Size(element=found[0])


_RESULTS: Mapping[str, _Result] = MappingProxyType(
    dict.fromkeys(("charAt", "lowerAscii", "upperAscii", "trim", "reverse", "substring"), _same)
    | {
        "split": _split,
        "join": _join,
        "replace": _replace,
        "strings.quote": lambda found: text_of(2 * found[0].most + 2),
        "base64.encode": lambda found: text_of(2 * found[0].most + 4),
        "base64.decode": _same,
        "bytes": lambda found: text_of(4 * found[0].most),
        "string": lambda found: _same(found) if found[0].text else text_of(_WRITTEN),
        "format": lambda _found: text_of(LARGEST),
        "optional.of": _wrapped,
        "optional.ofNonZeroValue": _wrapped,
        "value": _element,
    }
)
_CONSTANT = frozenset({"size", "optional.of", "optional.ofNonZeroValue", "hasValue", "value"})


def function_cost(node: Invocation, found: list[Size], declared: Declared) -> tuple[int, Size]:
    """Give a call's own cost, and how large its result is.

    Args:
        found: How large the arguments are.
    """
    name, sized = node.function.name, _RESULTS.get(node.function.name)
    result = declared.of(node.type, None) if sized is None else sized(found)
    if name in _CONSTANT:
        return 1, result
    if name in ("startsWith", "endsWith"):
        return max(1, tenth(found[1].most)), result
    if name == "contains":
        return max(1, tenth(found[0].most)) * max(1, tenth(found[1].most)), result
    if name == "matches":
        return tenth(found[0].most + 1) * max(1, -(-found[1].most // 4)), result
    return max(1, _looked_at(node, found) + _made(node, sized, result)), result


def _looked_at(node: Invocation, found: list[Size]) -> int:
    arguments = zip(node.arguments, found, strict=True)
    return sum(size.weight for argument, size in arguments if size.text or size.element)


def _made(node: Invocation, sized: _Result | None, result: Size) -> int:
    new = sized not in (None, _element) and (node.type in (STRING, BYTES) or result.element)
    return result.weight if new else 0
