"""Regular expressions: RE2's, in linear time. ``re`` is no fallback, it differs both ways."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import re2


def fault(pattern: str) -> str | None:
    """Say what is wrong with a pattern, or None."""
    try:
        _compiled(pattern)
    except re2.error as error:
        reason = error.args[0] if error.args else "it cannot be compiled"
        return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    return None


def matches(pattern: str, text: str) -> bool:
    """Say whether the pattern is found anywhere in the text, as RE2 searches."""
    return _compiled(pattern).search(text) is not None


def matches_whole(pattern: str, text: str) -> bool:
    """Say whether the whole text matches the pattern; half of a surrogate pair matches none."""
    try:
        return _compiled(pattern).fullmatch(text) is not None
    except UnicodeEncodeError:
        return False


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re2._Regexp:
    options = re2.Options()
    options.log_errors = False
    return re2.compile(pattern, options)


def searcher(pattern: str) -> Callable[[str, str], bool]:
    """Make the search for one pattern, compiled now.

    Returns:
        A function of the text and, unused, the pattern as it was written.
    """
    search = _compiled(pattern).search

    def found(text: str, _pattern: str) -> bool:
        return search(text) is not None

    return found
