"""Pages of pools and clients. A token is the id that the page before ended with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flowengine.errors import InvalidParameterError

_MOST: Final = 60


def page(ids: list[str], members: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Give the ids of a page, and the member that names the next one, if there is one.

    Raises:
        InvalidParameterError: The token is none of these ids.
    """
    after = members.get("NextToken")
    if after is not None and after not in ids:
        raise InvalidParameterError("Invalid pagination token provided.")
    begin = 0 if after is None else ids.index(after) + 1
    end = begin + members.get("MaxResults", _MOST)
    return ids[begin:end], ({"NextToken": ids[end - 1]} if end < len(ids) else {})
