"""Defects of what is remembered of answers and tokens that write, and of what kinds declare."""

from __future__ import annotations

from typing import Final

from tests.mutation.wrong_evidence import evidence

_WRITTEN: Final = ("analysis/proof/test_written.py", "engine/test_written_address.py")

WRITTEN_MUTANTS: Final = (
    evidence(
        "a trigger is told nothing of the user",
        "flow/given.py",
        "    if call.function in CUSTOM_AUTH_TRIGGERS:\n        yield ANY_ATTRIBUTE\n",
        "",
        _WRITTEN,
    ),
    evidence(
        "a code is sent to no attribute",
        "flow/given.py",
        "                given.add(ADDRESSES[settings.deliver.channel.value])",
        "                given.add(settings.deliver.purpose)",
        _WRITTEN,
    ),
    evidence(
        "a mailbox that was set up is not the attribute",
        "flow/program.py",
        "        return frozenset({evidence, *shown, *map(written, given)})",
        "        return frozenset({evidence, *map(written, given)})",
        _WRITTEN,
    ),
    evidence(
        "what a token wrote is forgotten by the next",
        "operations/users.py",
        "        if each in there or written_attribute(each) is not None",
        "        if each in there",
        _WRITTEN,
    ),
    evidence(
        "a function that is given all attributes is given none that a token wrote",
        "engine/making.py",
        "        made.add(written(ANY_ATTRIBUTE))",
        "        made.add(ANY_ATTRIBUTE)",
        _WRITTEN,
    ),
    evidence(
        "a challenge that cannot be made counts a step",
        "runtime/step.py",
        '_WITHIN = ("unavailable", RETURNED, FAILED)',
        "_WITHIN = (RETURNED, FAILED)",
        ("analysis/proof/test_soundness.py",),
    ),
    evidence(
        "a kind may write whatever it likes",
        "challenges/kind.py",
        'old[name] == new[name] or f"user.{name}" in self.writes for',
        "name in old for",
        ("engine/test_meddling_kind.py",),
    ),
    evidence(
        "a kind may enrol whatever it likes",
        "engine/judging.py",
        "    return declared if attribute is None else node.writes(attribute)",
        "    return declared or attribute is None or node.writes(attribute) is not None",
        ("engine/test_meddling_kind.py",),
    ),
    evidence(
        "a refresh counts what another flow meant",
        "engine/refreshing.py",
        "    ledger = record.ledger.of(same_evidence(program, parts.flows.get(record.flow)))",
        "    ledger = record.ledger",
        ("operations/test_refresh_require.py",),
    ),
    evidence(
        "an operation may write and enrol nothing",
        "engine/advancing.py",
        "        if not declared or not done.enrols:",
        "        if not declared:",
        ("engine/test_meddling_kind.py",),
    ),
)
