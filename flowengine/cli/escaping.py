"""Makes text that comes from a file or a server safe to print on a terminal.

What is not printable could move the cursor, set colours or a title, or reorder what is read
(https://trojansource.codes), so it is shown as its escape instead.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, format characters (bidi and zero-width ones among them), halves of surrogate pairs,
private and unassigned characters, and separators of lines."""


def escaped(text: str) -> str:
    """Escape a text for one line of a terminal."""
    return "".join(map(escaped_character, text))


def escaped_character(character: str) -> str:
    """Give a character itself where it is safe, else its escape: ``\\x1b``, ``\\u202e``."""
    if character == " " or unicodedata.category(character) not in _UNSAFE:
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
