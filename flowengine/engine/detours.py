"""Answers that compare nothing: a request for a new code, and one for another way."""

from __future__ import annotations

from collections.abc import Mapping

from flowengine.challenges.offers import SELECT_MFA_TYPE, has_challenge
from flowengine.errors import InvalidParameterError, LimitExceededError
from flowengine.flow.machine import RESENT, SWITCHED
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.runtime.facts import Snapshot
from flowengine.runtime.record import SignInRecord


def is_detour(node: ChallengeNode, sent: Mapping[str, str]) -> bool:
    """Say whether an answer asks for a new code or another way; its other keys do not matter."""
    keys = [each.key for each in (node.resend, node.switch) if each is not None]
    return any(key in sent for key in keys)


def detour_outcome(
    program: FlowProgram,
    node: ChallengeNode,
    record: SignInRecord,
    snapshot: Snapshot,
    sent: Mapping[str, str],
) -> str:
    """Give the outcome that a detour has.

    Raises:
        LimitExceededError: A new code comes too early or too often.
        InvalidParameterError: There is no such other way, or not for this user.
    """
    resend, switch = node.resend, node.switch
    if resend is not None and resend.key in sent:
        too_early = snapshot.request.time < record.issued_at + resend.every
        if too_early or record.resends.get(node.name, 0) >= resend.times:
            raise LimitExceededError
        return RESENT
    if switch is None:
        raise TypeError("only an answer with a detour's key is one")
    challenge = sent[switch.key]
    if challenge not in switch.to or not _has(program, record, snapshot, challenge):
        raise InvalidParameterError(f"Invalid value for parameter {switch.key}")
    return f"{SWITCHED}{challenge}"


def _has(program: FlowProgram, record: SignInRecord, snapshot: Snapshot, challenge: str) -> bool:
    """Say whether the user can answer a challenge; where nobody is named, who could tell."""
    if not record.named:
        return True
    return has_challenge(SELECT_MFA_TYPE, challenge, snapshot.bindings(program, record))
