"""The pools and the users that the contract of ``Directory`` is run with."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from flowengine.accounts.account import Account, Passkey
from flowengine.accounts.pool import Pool

EXACT = Pool(id="eu-west-1_Exact", name="exact")
FOLDED = Pool(
    id="eu-west-1_Folded",
    name="folded",
    usernames_case_sensitive=False,
    aliases=("email", "phone_number", "preferred_username"),
)
NAMED = Pool(id="eu-west-1_Named", name="named", named_by=("email",))
NOW = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)


def an_account(pool: Pool, username: str = "", **attributes: str) -> Account:
    """Give a user of nobody else's name."""
    return Account(
        pool_id=pool.id,
        username=username or f"User-{uuid.uuid4()}",
        sub=str(uuid.uuid4()),
        stamp="stamp-0",
        created_at=NOW,
        modified_at=NOW,
        attributes=MappingProxyType(attributes),
    )


def a_passkey(age_s: int = 0, sign_count: int = 7) -> Passkey:
    """Give a passkey of nobody else's, with every field that has two sides."""
    return Passkey(
        credential_id=uuid.uuid4().bytes,
        public_key=b"\x00key\xff",
        sign_count=sign_count,
        relying_party="example.com",
        created_at=NOW - timedelta(seconds=age_s, microseconds=1),
        transports=("internal", "hybrid"),
        name="phöne",
        backup_eligible=True,
        backed_up=True,
        verifies_user=True,
    )
