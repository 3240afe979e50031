"""Answers that are not decided yet: how often they may be asked about, and for how long."""

from __future__ import annotations

from datetime import datetime

from flowengine.engine.parts import Parts
from flowengine.errors import LimitExceededError
from flowengine.flow.program import Poll
from flowengine.runtime.record import SignInRecord


async def check_pace(parts: Parts, record: SignInRecord, poll: Poll, now: datetime) -> None:
    """Refuse to ask more often than once in each ``every`` since the challenge was made.

    Raises:
        LimitExceededError: It was asked already in this stretch of time.
    """
    stretch = (now - record.issued_at) // poll.every
    key = f"poll|{record.event_id}|{record.node}|{record.steps}|{stretch}"
    if not await parts.counters.spend_once(key, now + poll.every, now):
        raise LimitExceededError


def may_wait(record: SignInRecord, poll: Poll, now: datetime) -> bool:
    """Say whether an answer may still be pending."""
    return now < record.issued_at + poll.lasting
