"""Under which names a user is found: its user name, verified aliases, and what names it."""

from __future__ import annotations

from flowengine.accounts.account import Account
from flowengine.accounts.attributes import VERIFIED_MARKS
from flowengine.accounts.pool import Pool


def names_of(pool: Pool, account: Account) -> frozenset[str]:
    """Give every key that finds the account.

    User names and aliases are one space of names: nobody can register the verified address
    of another as a user name, and no name ever means two users. An attribute without a mark
    of verification (``preferred_username``) is never an alias. What every user of the pool is
    named by (``Pool.named_by``) finds it before it is verified, as a user name does.
    """
    aliases = (
        account.attributes[name]
        for name in pool.aliases
        if name in account.attributes and _is_verified(account, name)
    )
    names = (account.attributes[name] for name in pool.named_by if name in account.attributes)
    return frozenset(pool.fold(name) for name in (account.username, *aliases, *names))


def _is_verified(account: Account, name: str) -> bool:
    mark = VERIFIED_MARKS.get(name)
    return mark is not None and account.attributes.get(mark) == "true"
