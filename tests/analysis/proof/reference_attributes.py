"""Which attributes the functions of a flow are told, and which its answers write, by the document.

It shares nothing with the compiler, the engine or the prover.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, combinations
from typing import Any, Final

EVERY: Final = "*"
_BY_KIND: Final = {"mailbox": "email", "phone": "phone_number"}
_BY_CHANNEL: Final = {"email": "email", "sms": "phone_number"}
_PREFIX: Final = "user.attributes."
_KEYS: Final = "userAttributes."


def told(flows: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Give the attributes that the functions of each evidence are told, and codes are sent to."""
    found: dict[str, set[str]] = {}
    for flow in flows:
        for node in flow["nodes"].values():
            if "evidence" in node:
                kind = flow["evidence"][node["evidence"]]
                found.setdefault(node["evidence"], set()).update(_told(node, kind))
    return found


def _told(node: Mapping[str, Any], kind: str) -> Iterator[str]:
    create = node["create"]
    yield from [_BY_KIND[kind]] if kind in _BY_KIND else []
    yield from [_BY_CHANNEL[node["deliver"]["channel"]]] if "deliver" in node else []
    yield from [EVERY] if create["call"] == "create_auth_challenge" else []
    for argument in create.get("with", {}).values():
        yield argument.removeprefix(_PREFIX) if argument.startswith(_PREFIX) else EVERY


def makers(name: str, told: Mapping[str, set[str]]) -> set[str]:
    """Give what evidence may be of, if it was made in the same sign-in."""
    given = told.get(name, set())
    shown = {each for each, attribute in _BY_CHANNEL.items() if given & {attribute, EVERY}}
    return {name} | shown | {f"~{attribute}" for attribute in given}


def written(node: Mapping[str, Any], told: Mapping[str, set[str]]) -> list[frozenset[str]]:
    """Give all that may be made by a right answer: a password, and what functions are told."""
    keys = [key.removeprefix(_KEYS) for key in node["responses"] if key.startswith(_KEYS)]
    may = [
        f"~{attribute}"
        for attribute in sorted(set().union(*told.values()))
        if keys and (attribute == EVERY or "*?" in keys or f"{attribute}?" in keys)
    ]
    counts = range(len(may) + 1)
    several = chain(*(combinations(may, count) for count in counts))
    return [frozenset({"password", *each}) for each in several]
