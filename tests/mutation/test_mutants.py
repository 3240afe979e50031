"""Each defect still fits the code; ``make mutants`` has the tests notice them."""

from __future__ import annotations

import pytest

from tests.mutation.__main__ import ROOT
from tests.mutation.mutant import Mutant
from tests.mutation.mutants import MUTANTS


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_defect_has_its_place_and_its_tests(mutant: Mutant) -> None:
    text = (ROOT / "flowengine" / mutant.file).read_text()
    assert text.count(mutant.before) == 1
    changed = text.replace(mutant.before, mutant.after)
    compile(changed, mutant.file, "exec")
    for name in mutant.tests:
        assert (ROOT / "tests" / name).exists()


def test_no_defect_is_there_twice() -> None:
    names = [mutant.name for mutant in MUTANTS]
    edits = [(mutant.file, mutant.before, mutant.after) for mutant in MUTANTS]
    assert len(set(names)) == len(names)
    assert len(set(edits)) == len(edits)
