"""The tables of the manual name for each incident and each law what shows that it is held."""

from __future__ import annotations

import re
from typing import Final

import pytest

from tests.analysis.incidents import DOCS, Incident, incidents, laws

INCIDENTS: Final = incidents()
LAWS: Final = laws()
STATIC, RUNTIME = "S", "T"


def of_law(first: str) -> list[Incident]:
    return [each for each in INCIDENTS if each.laws[0].startswith(first)]


def test_all_published_incidents_are_there_in_order() -> None:
    assert [each.number for each in INCIDENTS] == list(range(1, 43))


def test_an_incident_that_a_file_can_tell_of_has_a_pair_or_a_test() -> None:
    lacking = [each.number for each in of_law(STATIC) if not each.pairs and not each.tests]
    assert lacking == []


def test_an_incident_of_a_running_engine_has_a_test() -> None:
    assert [each.number for each in of_law(RUNTIME) if not each.tests] == []


@pytest.mark.parametrize("incident", INCIDENTS, ids=lambda each: str(each.number))
def test_what_an_incident_names_is_there(incident: Incident) -> None:
    assert [each for each in incident.tests if not each.is_there()] == []
    assert set(incident.laws) <= LAWS.keys()


def test_each_law_is_told_once_and_those_of_the_running_engine_name_tests() -> None:
    numbers = [(law[0], int(law[1:])) for law in LAWS]
    assert numbers == [*((STATIC, n) for n in range(1, 13)), *((RUNTIME, n) for n in range(1, 14))]
    assert len(re.findall(r"^\| [ST]\d+ \|", (DOCS / "LAWS.md").read_text(), re.MULTILINE)) == 25
    assert [law for law, tests in LAWS.items() if law.startswith(RUNTIME) and not tests] == []


@pytest.mark.parametrize("law", LAWS)
def test_what_a_law_names_is_there(law: str) -> None:
    assert [each for each in LAWS[law] if not each.is_there()] == []
