"""What ``flowengine check`` prints about broken files, and of what it proves.

FLOWENGINE_GOLDEN=write rewrites it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parents[1] / "golden" / "check"
EXPLAINED = GOLDEN.parent / "explained"
CASES = sorted(folder.name for folder in GOLDEN.iterdir())
EXPECTED_CASES = 18


def test_there_are_eighteen_broken_files() -> None:
    assert len(CASES) == EXPECTED_CASES


@pytest.mark.parametrize("case", CASES)
def test_a_broken_file_is_explained(case: str) -> None:
    assert printed(GOLDEN / case) == 1


@pytest.mark.parametrize("case", sorted(EXPLAINED.iterdir()), ids=lambda folder: folder.name)
def test_what_is_proved_is_explained(case: Path) -> None:
    assert printed(case, "--explain-proof") == 0


def printed(folder: Path, *options: str) -> int:
    """Hold what is printed of a folder's flow against what is to be; give the exit status."""
    done = subprocess.run(
        (sys.executable, "-m", "flowengine", "check", *options, "input.flow.yaml"),
        cwd=folder, env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    golden = folder / "output.txt"
    if os.environ.get("FLOWENGINE_GOLDEN") == "write":
        golden.write_text(done.stdout)
    assert done.stdout == golden.read_text()
    assert "Traceback" not in done.stderr
    return done.returncode
