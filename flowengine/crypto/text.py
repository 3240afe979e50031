"""Text as bytes, for hashing and comparing."""

from __future__ import annotations


def octets(text: str) -> bytes:
    """Encode as UTF-8, for every text there is.

    A lone surrogate, which JSON can carry into a Python string, is encoded as it stands:
    the strict codec would raise an error that holds the whole text, a password perhaps.
    """
    return text.encode("utf-8", "surrogatepass")
