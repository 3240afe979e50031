"""A step as the parameters of a statement, and the rows that come back, for every SQL adapter."""

from __future__ import annotations

from typing import Any, TypedDict

from flowengine.runtime.stored import Claimed, NewStep, Peeked
from flowengine.stores.instants import instant_of, microseconds


class StepParameters(TypedDict):
    """The columns that a step writes."""

    secret_hash: bytes
    record: str
    private: bytes | None
    node: str
    tries: int
    once: bool
    expires_at: int


def parameters_of(step: NewStep) -> StepParameters:
    """Write a step."""
    return {
        "secret_hash": step.secret_hash,
        "record": step.record,
        "private": step.private,
        "node": step.node,
        "tries": step.tries,
        "once": step.once,
        "expires_at": microseconds(step.expires_at),
    }


def claimed_of(row: tuple[Any, ...] | None) -> Claimed | None:
    """Read record, private, node, used and tries."""
    return None if row is None else Claimed(*row)


def peeked_of(row: tuple[Any, ...] | None) -> Peeked | None:
    """Read step, secret hash, whether it ended, when it expires and how many tries are left."""
    if row is None:
        return None
    step, secret_hash, ended, expires_at, tries_left = row
    return Peeked(step, secret_hash, bool(ended), instant_of(expires_at), tries_left)
