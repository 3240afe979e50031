"""Whether a word is another one misspelt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_SHORTEST: Final = 4
"""Words below it differ by a letter on purpose."""
_MOST_CHANGES: Final = 2


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Give the known word that this one is a misspelling of; None where it is one of them."""
    words = tuple(known)
    if word in words or len(word) < _SHORTEST:
        return None
    near = [(changes(word, each), each) for each in words if _close(word, each)]
    found = [pair for pair in near if pair[0] <= _MOST_CHANGES]
    return min(found)[1] if found else None


def _close(word: str, other: str) -> bool:
    return len(other) >= _SHORTEST and abs(len(word) - len(other)) <= _MOST_CHANGES


def changes(word: str, other: str) -> int:
    """Count the letters to add, drop or change (Levenshtein); upper and lower case count as one."""
    row = list(range(len(other) + 1))
    for i, mine in enumerate(word.lower(), 1):
        above, row[0] = row[0], i
        for j, theirs in enumerate(other.lower(), 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (mine != theirs))
    return row[-1]
