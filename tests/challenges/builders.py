"""What the tests of the kinds put together again and again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from flowengine.accounts.account import Account
from flowengine.accounts.pool import Pool
from flowengine.accounts.user import UserFacts
from flowengine.challenges.kind import Answering, Issued, Issuing
from tests import planted

NOW = datetime(2023, 9, 5, 7, 8, 9, tzinfo=UTC)
POOL = Pool("eu-west-1_AbCdEfGhI", "main")
TOKEN = bytes(range(51))
PLAIN = Account(
    pool_id=POOL.id,
    username="7c3a1f7e-0000-4000-8000-0123456789ab",
    sub="0f2d3a1e-0000-4000-8000-00000000abcd",
    stamp="stamp-1",
    created_at=NOW,
    modified_at=NOW,
)


def stream(seed: bytes) -> Callable[[int], bytes]:
    """Give a source of bytes that is the same for the same seed."""
    drawn = 0

    def draw(size_bytes: int) -> bytes:
        nonlocal drawn
        drawn += 1
        return hashlib.shake_256(seed + drawn.to_bytes(8, "big")).digest(size_bytes)

    return draw


def issuing(account: Account | None = PLAIN, **changes: Any) -> Issuing:
    """Give a kind's view at issuing."""
    plain = Issuing(
        pool=POOL,
        user=account.facts() if account else UserFacts("visitor"),
        account=account,
        settings=None,
        carried={},
        facts={},
        token=TOKEN,
        now=NOW,
        entropy=stream(b"issuing"),
        decoy_secret=planted.KEY,
    )
    return replace(plain, **changes)


def answering(
    responses: Mapping[str, str],
    account: Account | None = PLAIN,
    **changes: Any,
) -> Answering:
    """Give a kind's view at verifying."""
    plain = Answering(
        pool=POOL,
        user=account.facts() if account else UserFacts("visitor"),
        account=account,
        settings=None,
        responses=responses,
        private={},
        facts={},
        token=TOKEN,
        now=NOW,
        entropy=stream(b"answering"),
    )
    return replace(plain, **changes)


def issued(result: object) -> Issued:
    """Give what was issued, which it must have been."""
    assert isinstance(result, Issued)
    return result


def said(verdict: Any) -> tuple[type, type, str]:
    """Give a refusal's kind, its exception's class and its text."""
    return type(verdict), type(verdict.error), verdict.error.message
