"""The package as a user gets it: a wheel, installed beside nothing of this folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_OF_THE_PACKAGE = ("flowengine", "grammars", "flows", "docs/rules")
_BESIDE_IT = ("pyproject.toml", "README.md", "LICENSE")


@dataclass(frozen=True, slots=True)
class Installed:
    """Where the wheel's files are; the dependencies are those of the tests."""

    site: Path

    @property
    def environment(self) -> Mapping[str, str]:
        return {**os.environ, "PYTHONPATH": str(self.site)}

    @property
    def command(self) -> tuple[str, ...]:
        return (sys.executable, "-m", "flowengine")

    def run(self, folder: Path, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, cwd=folder, env=self.environment, input=given, text=True, capture_output=True,
            check=False, timeout=60,
        )  # fmt: skip


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Build the wheel from a copy, which leaves nothing behind in the tree, and install it."""
    place = tmp_path_factory.mktemp("wheel")
    for folder in _OF_THE_PACKAGE:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, place / "tree" / folder, ignore=ignored)
    for file in _BESIDE_IT:
        shutil.copy(ROOT / file, place / "tree" / file)
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")
    built = (*pip, "wheel", "--no-deps", "--wheel-dir", str(place), str(place / "tree"))
    subprocess.run(built, check=True)
    (wheel,) = place.glob("*.whl")
    site = place / "site"
    subprocess.run((*pip, "install", "--no-deps", "--target", str(site), str(wheel)), check=True)
    return Installed(site)
