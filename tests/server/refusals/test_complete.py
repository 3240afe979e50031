"""Every row is played once, and every section that is specified has rows."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.server.refusals import (
    test_attempts,
    test_challenges,
    test_existence,
    test_levels,
    test_secret_hashes,
    test_sessions,
    test_texts,
    test_triggers,
)
from tests.server.refusals.rows import NONE, ROWS

SUITES = (
    test_challenges,
    test_secret_hashes,
    test_triggers,
    test_sessions,
    test_attempts,
    test_levels,
    test_texts,
    test_existence,
)


def test_every_row_has_a_test_and_every_test_a_row() -> None:
    played = Counter(name for suite in SUITES for name in suite.CASES)
    assert set(played) == set(ROWS)
    assert max(played.values()) == 1


@pytest.mark.parametrize("section", ["A.", "B.1", "B.5", "E.4", "F.5", "G"])
def test_every_section_has_rows(section: str) -> None:
    named = [each for row in ROWS.values() for each in row.sections.split()]
    assert any(each.startswith(section) for each in named)


def test_a_row_that_differs_says_why() -> None:
    assert all(len(row.differs) > 40 for row in ROWS.values() if row.differs)
    unrefused = [row for row in ROWS.values() if row.exception == NONE]
    assert all(not row.message for row in unrefused)
