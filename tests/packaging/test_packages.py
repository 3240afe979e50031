from __future__ import annotations

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_listed_packages_are_those_of_the_tree() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    listed = {name for name in settings["packages"] if not name.startswith("flowengine._data")}
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in (ROOT / "flowengine").rglob("*.py")
    }
    assert listed == found
