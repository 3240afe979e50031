"""What jsonschema-rs accepts, jsonschema has nothing to say about."""

from __future__ import annotations

import os
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from random import Random  # noqa: TID251 - a seeded one makes test data
from typing import Any, Final

import pytest

from flowengine.documents import load, plain, schemas
from flowengine.documents.acceptance import fits
from flowengine.documents.validators import surely
from flowengine.source import SourceText

ROOT: Final = Path(__file__).parents[2]
FOLDERS: Final = ("flows", "examples", "tests/golden")
KINDS: Final = {
    ".flow.yaml": "flow.schema.json",
    ".flowtest.yaml": "scenario.schema.json",
    "flowengine.yaml": "deployment.schema.json",
}
JUNK: Final[tuple[Any, ...]] = (
    None, True, False, 0, -1, 1, 5, 2**63 - 1, 5.0, 0.5, float("inf"), "", "x", "done\n", "٣m",
    "\ud800", "Ünknown", "5m", "PASSWORD", "{{x}}", [], [1, 1], [1, True], ["a", "a"], {}, {"x": 1},
)  # fmt: skip
ROUNDS: Final = 200 if os.environ.get("FLOWENGINE_SOAK") else 40


def documents(suffix: str) -> list[Any]:
    found = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob(f"*{suffix}")):
            document, _ = load(SourceText(path.name, path.read_text(errors="replace")))
            if document is not None:
                found.append(plain(document.root))
    return found


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    match value:
        case dict():
            keys: Any = list(value)
        case list():
            keys = range(len(value))
        case _:
            return
    for key in keys:
        yield value, key
        yield from places(value[key])


def spoiled(document: Any, draw: Random) -> Any:
    """Change a value, rename, drop or add a key, or put a part in another's place."""
    made = deepcopy(document)
    around, key = draw.choice(list(places(made)) or [([made], 0)])
    other, another = draw.choice(list(places(made)) or [([made], 0)])
    match draw.randrange(5):
        case 0 if isinstance(around, dict):
            del around[key]
        case 1 if isinstance(around, dict):
            around[f"{key}x"] = around.pop(key)
        case 2 if isinstance(around, dict):
            around[another if isinstance(another, str) else "end"] = draw.choice(JUNK)
        case 3:
            around[key] = deepcopy(other[another])
        case _:
            around[key] = draw.choice(JUNK)
    return made


@pytest.mark.parametrize("suffix", KINDS)
def test_what_is_accepted_quickly_has_no_error(suffix: str) -> None:
    schema = schemas.load(KINDS[suffix])
    draw, told = Random(20), {True: 0, False: 0}
    for document in documents(suffix):
        for made in (document, *(spoiled(document, draw) for _ in range(ROUNDS))):
            accepted = fits(made, schema)
            told[accepted] += 1
            assert not (accepted and next(surely(made, schema), None)), made
    assert min(told.values()) > 20, told


@pytest.mark.parametrize("suffix", KINDS)
def test_what_ships_is_accepted_quickly(suffix: str) -> None:
    for folder in ("flows", "examples"):
        for path in sorted((ROOT / folder).rglob(f"*{suffix}")):
            document, _ = load(SourceText(path.name, path.read_text()))
            assert document is not None
            assert fits(plain(document.root), schemas.load(KINDS[suffix])), path.name


@pytest.mark.parametrize("value", [5.0, [5.0], {"a": [1.5]}, "\ud800", {1: 2}], ids=repr)
def test_what_it_reads_otherwise_is_left_to_jsonschema(value: Any) -> None:
    assert not fits(value, schemas.load("flow.schema.json"))
    assert not fits(value, {})
