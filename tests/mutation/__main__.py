"""Puts each defect into a copy of the code and runs the tests that must notice it.

Run as ``make mutants``, or ``python -m tests.mutation WORD`` for those whose name has a word.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from tests.mutation.mutant import Mutant
from tests.mutation.mutants import MUTANTS

ROOT = Path(__file__).parents[2]
_COPIED = (
    "flowengine",
    "tests",
    "flows",
    "grammars",
    "examples",
    "docs",
    "pyproject.toml",
    "README.md",
)
_LIBRARIES = Path("tests/clients/node/node_modules")
"""What the clients in JavaScript need, which is too much to be copied."""


def apply(mutant: Mutant, root: Path) -> None:
    """Put a defect into a tree.

    Raises:
        ValueError: What it takes the place of does not stand there exactly once.
    """
    path = root / "flowengine" / mutant.file
    text = path.read_text()
    if text.count(mutant.before) != 1:
        raise ValueError(f"{mutant.name}: {mutant.file} has it {text.count(mutant.before)} times")
    path.write_text(text.replace(mutant.before, mutant.after))


@contextmanager
def _copy() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in _COPIED:
            source = ROOT / name
            ignored = shutil.ignore_patterns("__pycache__", "node_modules")
            if source.is_dir():
                shutil.copytree(source, root / name, ignore=ignored)
            else:
                shutil.copy(source, root / name)
        (root / _LIBRARIES).symlink_to(ROOT / _LIBRARIES)
        yield root


def noticed(mutant: Mutant, root: Path) -> bool:
    """Say whether a test fails because of a defect."""
    path = root / "flowengine" / mutant.file
    right = path.read_text()
    apply(mutant, root)
    try:
        return _tests_fail(root, mutant.tests)
    finally:
        path.write_text(right)


def _tests_fail(root: Path, tests: tuple[str, ...]) -> bool:
    """Run tests until one fails; a run that did not come to testing is no answer.

    Raises:
        RuntimeError: pytest itself was at a loss.
    """
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider"]
    environment = {**os.environ, "PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [*command, *(f"tests/{name}" for name in tests)],
        cwd=root, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stdout + done.stderr)
    return done.returncode == 1


def main() -> int:
    """Try all of them; the exit code says whether every one was noticed."""
    chosen = [each for each in MUTANTS if all(word in each.name for word in sys.argv[1:])]
    console, alive = Console(highlight=False), 0
    with _copy() as root:
        for tests in dict.fromkeys(mutant.tests for mutant in chosen):
            if _tests_fail(root, tests):
                raise RuntimeError(f"{', '.join(tests)}: they fail without any defect")
        for mutant in chosen:
            killed = noticed(mutant, root)
            alive += not killed
            console.print(f"{'noticed ' if killed else 'ALIVE   '} {mutant.name}", markup=False)
    console.print(f"{len(chosen) - alive} of {len(chosen)} noticed")
    return 1 if alive or not chosen else 0


if __name__ == "__main__":
    sys.exit(main())
