"""What ``flowengine check`` prints about broken files; FLOWENGINE_GOLDEN=write rewrites it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parents[1] / "golden" / "check"
CASES = sorted(folder.name for folder in GOLDEN.iterdir())
EXPECTED_CASES = 17


def test_there_are_seventeen_broken_files() -> None:
    assert len(CASES) == EXPECTED_CASES


@pytest.mark.parametrize("case", CASES)
def test_a_broken_file_is_explained(case: str) -> None:
    done = subprocess.run(
        (sys.executable, "-m", "flowengine", "check", "input.flow.yaml"),
        cwd=GOLDEN / case, env={**os.environ, "NO_COLOR": "1", "COLUMNS": "100"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    golden = GOLDEN / case / "output.txt"
    if os.environ.get("FLOWENGINE_GOLDEN") == "write":
        golden.write_text(done.stdout)
    assert done.returncode == 1
    assert done.stdout == golden.read_text()
    assert "Traceback" not in done.stderr
