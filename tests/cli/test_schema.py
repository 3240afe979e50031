"""``flowengine schema``: JSON Schemas that editors can use."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from flowengine import resources
from flowengine.documents import schemas
from tests.cli.commanding import Here

NAMES = list(resources.schemas())


def _properties(schema: Any, *above: str) -> list[tuple[str, Any]]:
    """Give every property of a schema by its path."""
    found: list[tuple[str, Any]] = []
    if isinstance(schema, list):
        for part in schema:
            found += _properties(part, *above)
    elif isinstance(schema, dict):
        for key, part in schema.items():
            if key == "properties":
                found += [("/".join((*above, name)), each) for name, each in part.items()]
            found += _properties(part, *above, key)
    return found


def test_flows_and_deployments_have_one() -> None:
    assert {"flow", "deployment", "check"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_what_files_are_held_against(here: Here, name: str) -> None:
    assert here("schema", name) == 0
    assert here.err == ""
    printed = json.loads(here.out)
    Draft202012Validator.check_schema(printed)
    assert printed == schemas.load(f"{name}.schema.json")


@pytest.mark.parametrize("name", NAMES)
def test_every_key_is_explained_to_whoever_points_at_it(name: str) -> None:
    properties = _properties(json.loads(resources.schemas()[name]))
    assert len(properties) > 10
    silent = [
        path
        for path, part in properties
        if not (isinstance(part, dict) and ("description" in part or part.keys() == {"const"}))
        and not isinstance(part, bool)
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("flows",), "there is no schema flows; there are check, deployment, flow"),
        ((), "Missing argument 'NAME'"),
        (("../expression",), "there is no schema ../expression"),
        (("flow", "deployment"), "unexpected extra argument"),
    ],
)
def test_another_name_is_a_matter_of_usage(here: Here, words: tuple[str, ...], said: str) -> None:
    assert here("schema", *words) == 2
    assert said in here.err
    assert here.out == ""
