"""Makes text that comes from a file or a server safe to print on a terminal.

What is not printable could move the cursor, set colours or a title, or reorder what is read
(https://trojansource.codes), so it is shown as its escape instead. So is what CI servers take for
a command wherever it stands in their log: ``##[`` and its like.
"""

from __future__ import annotations

import os
import re
import unicodedata
from typing import Final

_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, format characters (bidi and zero-width ones among them), halves of surrogate pairs,
private and unassigned characters, and separators of lines."""


_COMMAND: Final = re.compile(r"(?<=##)\w*\[")
"""What ends the beginning of a command to GitHub's and Azure's runners, and to TeamCity."""


def escaped(text: str) -> str:
    """Escape a text for one line of a terminal."""
    return "".join(escaped_each(text))


def escaped_each(text: str) -> list[str]:
    """Escape a text character by character."""
    pieces = [escaped_character(character) for character in text]
    for found in _COMMAND.finditer(text):
        pieces[found.end() - 1] = r"\x5b"
    return pieces


def escaped_name(name: str) -> str:
    """Escape a file's name for the beginning of a line.

    There ``::`` begins a command of GitHub's runner. Bytes that are not UTF-8 are shown as escapes.
    """
    text = escaped(shown_name(name))
    return text.replace("::", r"\x3a:", 1) if text.startswith("::") else text


def shown_path(path: str | os.PathLike[str]) -> str:
    """Give a path as it is told to people within a line."""
    return escaped(shown_name(os.fspath(path)))


def shown_name(name: str) -> str:
    """Give a file's name as text; bytes of it that are not UTF-8 are shown as escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def escaped_character(character: str) -> str:
    """Give a character itself where it is safe, else its escape: ``\\x1b``, ``\\u202e``."""
    if character == " " or unicodedata.category(character) not in _UNSAFE:
        return character
    code = ord(character)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
