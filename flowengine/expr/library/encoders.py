"""Base64, of CEL's encoders extension."""

from __future__ import annotations

import base64
import binascii

from flowengine.errors import EvaluationError
from flowengine.expr.functions import Function
from flowengine.expr.types import BYTES, STRING


def _encode(octets: bytes) -> str:
    return base64.b64encode(octets).decode("ascii")


def _decode(text: str) -> bytes:
    """Read the standard alphabet; the padding at the end may be left out, line ends are no part.

    So does Go's ``encoding/base64``, which cel-go calls. The C++ runtime skips blanks as well.
    """
    text = text.replace("\n", "").replace("\r", "")
    bare = text.rstrip("=")
    padding = text[len(bare) :]
    try:
        if padding and len(text) % 4:
            raise EvaluationError("the text is not base64")
        return base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise EvaluationError("the text is not base64") from None


FUNCTIONS: tuple[Function, ...] = (
    Function("base64.encode", (BYTES,), STRING, _encode, total=True),
    Function("base64.decode", (STRING,), BYTES, _decode),
)
"""``base64.encode`` and ``base64.decode``."""
