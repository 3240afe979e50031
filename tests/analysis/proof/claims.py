"""Holds every value that a counter-example claims against what the engine then reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from flowengine.analysis.proof.facts import Form
from flowengine.analysis.proof.proving import FlowProof, Promise
from flowengine.analysis.proof.regions import STRANGER
from flowengine.analysis.proof.replaying import Replay
from flowengine.analysis.proof.verdict import Counterexample, FactValue, Step
from flowengine.runtime.step import Happened

_COUNTED: Final = frozenset({"session", "age"})
_ABSENT: Final = object()


def hold_claims(proof: FlowProof, promise: Promise, example: Counterexample) -> None:
    """Walk a counter-example by the engine, and compare the facts at each of its places."""
    replay = _Compared(proof.program, example, proof.known)
    if promise.node is None or not replay.refused_at(promise.node, promise.condition):
        replay = _Compared(proof.program, example, proof.known)
        assert replay.breaks(promise.condition), "the engine does not come there"
    for before, step in zip(example.steps, example.steps[1:], strict=False):
        if not step.event:
            assert {**before.values} == {**step.values}, f"{step.node} changes something"


class _Compared(Replay):
    """A replay that reads all that is claimed."""

    def _happens(self, taken: Step) -> Happened:
        event = super()._happens(taken)
        record = replace(self._record, ledger=event.ledger, user=event.user)
        facts = self._snapshot.bindings(self._program, record)
        for each in taken.values.values():
            assert _is_so(each, taken.values, facts), f"{each} at {taken.node}"
        return event


def _is_so(claim: FactValue, claims: Mapping[str, FactValue], facts: Mapping[str, Any]) -> bool:
    """Say whether a claim is what conditions read; what the engine counts is left to it."""
    if claim.form is Form.OPAQUE or claim.path[0] in _COUNTED:
        return True
    if claim.path == ("device", "named"):
        return claim.value is False or facts["device"]["claimed"] is True
    found = _at(claim.path, facts)
    if claim.form is Form.PRESENCE:
        return (found is not _ABSENT) is claim.value
    if claim.form is Form.MEMBER:
        member = "other" if claim.member is STRANGER else claim.member
        return found is _ABSENT or (member in found) is claim.value
    there = [claims.get(f"has({'.'.join(claim.path[:n])})") for n in range(2, len(claim.path) + 1)]
    if any(each is not None and each.value is False for each in there):
        return True  # it has no value, whatever is claimed of it
    return bool(found is _ABSENT or found == claim.value)


def _at(path: tuple[str, ...], facts: Any) -> Any:
    for name in path:
        if not isinstance(facts, Mapping) or name not in facts:
            return _ABSENT
        facts = facts[name]
    return facts
