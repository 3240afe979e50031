"""Every row is played once, and every section that is specified has rows."""

from __future__ import annotations

from collections import Counter

import pytest

from flowengine.challenges.catalog import builtin_catalog
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
from tests.server.refusals.row import NONE
from tests.server.refusals.rows import ROWS
from tests.server.refusals.words import KEYS

DEVICES = ("DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER")
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


def test_every_key_that_a_challenge_demands_is_left_out_once() -> None:
    catalog = builtin_catalog()
    kinds = ((name, catalog.find(name)) for name in catalog.names)
    demanded = {f"{name} {key}" for name, kind in kinds if kind for key in kind.facts.required}
    # What a flow declares, and what the protocol itself demands.
    besides = {"CUSTOM_CHALLENGE ANSWER", *(f"{name} DEVICE_KEY" for name in DEVICES)}
    assert demanded | besides == set(KEYS)


def test_every_challenge_is_answered_wrongly() -> None:
    told = [name for name, row in ROWS.items() if row.exception and "is missing" not in name]
    for challenge in builtin_catalog().names:
        assert any(challenge in name for name in told), challenge


@pytest.mark.parametrize("section", ["A.", "B.1", "B.5", "E.4", "F.5", "G"])
def test_every_section_has_rows(section: str) -> None:
    named = [each for row in ROWS.values() for each in row.sections.split()]
    assert any(each.startswith(section) for each in named)


def test_a_row_that_differs_says_why() -> None:
    assert all(len(row.differs) > 40 for row in ROWS.values() if row.differs)
    unrefused = [row for row in ROWS.values() if row.exception == NONE]
    assert all(not row.message for row in unrefused)
