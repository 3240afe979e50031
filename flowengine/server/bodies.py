"""Reading JSON that a stranger sent.

Source: RFC 8259; what it leaves open is refused here: names given twice, NaN, halves of
surrogate pairs, other encodings than UTF-8.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final, NoReturn

from flowengine.errors import SerializationError

_NOT_JSON: Final = "The request body is not valid JSON"
_TOO_DEEP: Final = "The request body is nested too deeply"

# A text that never ends is taken up to the end of the body: each byte is looked at once.
_TEXTS_AND_BRACKETS: Final = re.compile(
    rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL
)


def read_object(body: bytes, *, depth: int) -> dict[str, Any]:
    """Read a body as a JSON object.

    Args:
        depth: How deep it may be nested; measured before anything is parsed.

    Raises:
        SerializationError: It is not one; the message has nothing of it.
    """
    if _is_deeper(body, depth):
        raise SerializationError(_TOO_DEEP)
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=_distinct, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError):
        raise SerializationError(_NOT_JSON) from None
    if not isinstance(value, dict):
        raise SerializationError("Start of structure or map expected.")
    return value


def _is_deeper(body: bytes, depth: int) -> bool:
    if body.count(b"[") + body.count(b"{") <= depth:
        return False
    reached = 0
    for found in _TEXTS_AND_BRACKETS.finditer(body):
        first = body[found.start()]
        if first in b"[{":
            reached += 1
            if reached > depth:
                return True
        elif first in b"]}":
            reached -= 1
    return False


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object; of two members of one name nobody could say which one is meant."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError
