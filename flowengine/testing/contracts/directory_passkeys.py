"""The part of the contract of ``Directory`` that is about passkeys."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from flowengine.accounts.account import Account, Passkey
from flowengine.engine.ports import Directory
from flowengine.testing.contracts.candidate import Candidate, Check, expect
from flowengine.testing.contracts.directory_people import EXACT, FOLDED, a_passkey, an_account


def _with(account: Account, *passkeys: Passkey, stamp: str = "stamp-0") -> Account:
    return replace(account, passkeys=passkeys, stamp=stamp)


async def passkeys_come_back_the_oldest_first(candidate: Candidate[Directory]) -> None:
    """Whatever the order they were given in."""
    directory = candidate.make()
    first, second, third = a_passkey(9), a_passkey(8), a_passkey(7)
    account = _with(an_account(EXACT), third, first, second)
    await directory.add(account)
    found = await directory.find(EXACT.id, account.username)
    expect(found == _with(account, first, second, third), "the oldest comes first")


async def a_passkey_is_one_users_in_a_pool(candidate: Candidate[Directory]) -> None:
    """Neither add nor save takes another's; another pool may have it, and a removed one is free."""
    directory = candidate.make()
    passkey = a_passkey()
    owner, other = _with(an_account(EXACT), passkey), an_account(EXACT)
    await directory.add(owner)
    expect(not await directory.add(_with(other, passkey)), "a passkey is one user's")
    expect(await directory.find(EXACT.id, other.username) is None, "nobody was added")
    await directory.add(other)
    stolen = _with(other, a_passkey(), passkey, stamp="stamp-1")
    expect(not await directory.save(stolen, other.stamp), "nor is it saved with another")
    expect(await directory.find(EXACT.id, other.username) == other, "nothing was written")
    expect(await directory.add(_with(an_account(FOLDED), passkey)), "another pool may have it")
    await directory.remove(EXACT.id, owner.username)
    expect(await directory.add(_with(an_account(EXACT), passkey)), "a removed one is free")


async def saving_replaces_passkeys(candidate: Candidate[Directory]) -> None:
    """On the stamp: what is left out is gone and free, what is new is there, names may change."""
    directory = candidate.make()
    gone, kept, new = a_passkey(9), a_passkey(8), a_passkey()
    account = _with(an_account(EXACT), gone, kept)
    await directory.add(account)
    changed = _with(account, replace(kept, name="renamed"), new, stamp="stamp-1")
    expect(not await directory.save(changed, "stamp-9"), "another stamp does not save")
    found = await directory.find(EXACT.id, account.username)
    expect(found == account, "a lost save changes nothing")
    expect(await directory.save(changed, account.stamp), "the stamp that is there saves")
    found = await directory.find(EXACT.id, account.username)
    expect(found == changed, "the passkeys are those that were saved")
    counted = await directory.count_passkey(EXACT.id, gone.credential_id, 7, 8)
    expect(not counted, "one that was left out is gone")
    expect(await directory.add(_with(an_account(EXACT), gone)), "and free")


async def a_counter_is_swapped_and_only_grows(candidate: Candidate[Directory]) -> None:
    """For the passkey of this id in this pool; the stamp and all else stays."""
    directory = candidate.make()
    passkey, other = a_passkey(9), a_passkey(8)
    account = _with(an_account(EXACT), passkey, other)
    await directory.add(account)
    elsewhere = _with(an_account(FOLDED), passkey)
    await directory.add(elsewhere)
    for old, new in ((6, 9), (8, 9), (7, 7), (7, 6), (7, 0)):
        counted = await directory.count_passkey(EXACT.id, passkey.credential_id, old, new)
        expect(not counted, "another count is not swapped, and none is turned back")
    expect(not await directory.count_passkey(EXACT.id, b"unknown", 0, 1), "nobody's has none")
    expect(await directory.find(EXACT.id, account.username) == account, "nothing was written")
    most = 2**32 - 1
    expect(await directory.count_passkey(EXACT.id, passkey.credential_id, 7, most), "it grows")
    found = await directory.find(EXACT.id, account.username)
    counted_account = _with(account, replace(passkey, sign_count=most), other)
    expect(found == counted_account, "the counter is all that moved")
    found = await directory.find(FOLDED.id, elsewhere.username)
    expect(found == elsewhere, "nor did the other pool's")


async def saving_turns_no_counter_back(candidate: Candidate[Directory]) -> None:
    """A user read before a counter moved is saved all the same, and the counter stays."""
    directory = candidate.make()
    passkey = a_passkey()
    account = _with(an_account(EXACT), passkey)
    await directory.add(account)
    await directory.count_passkey(EXACT.id, passkey.credential_id, 7, 8)
    expect(await directory.save(_with(account, passkey, stamp="stamp-1"), "stamp-0"), "it saves")
    found = await directory.find(EXACT.id, account.username)
    counted = _with(account, replace(passkey, sign_count=8), stamp="stamp-1")
    expect(found == counted, "a counter never goes back")


async def a_passkey_names_its_owner(candidate: Candidate[Directory]) -> None:
    """By the canonical name, in its pool alone, and while it is theirs."""
    directory = candidate.make()
    passkey, other = a_passkey(9), a_passkey(8)
    account = _with(an_account(FOLDED), passkey, other)
    await directory.add(account)
    wanted = passkey.credential_id
    expect(await directory.passkey_owner(FOLDED.id, wanted) == account.username, "it is theirs")
    for pool_id, credential_id in ((EXACT.id, wanted), (FOLDED.id, wanted[:-1]), (FOLDED.id, b"")):
        owner = await directory.passkey_owner(pool_id, credential_id)
        expect(owner is None, "a passkey that is not there, or elsewhere, is nobody's")
    await directory.save(_with(account, other, stamp="stamp-1"), account.stamp)
    expect(await directory.passkey_owner(FOLDED.id, wanted) is None, "nor is a removed one")
    await directory.remove(FOLDED.id, account.username)
    owner = await directory.passkey_owner(FOLDED.id, other.credential_id)
    expect(owner is None, "nor that of a removed user")


async def eight_at_once_count_once(candidate: Candidate[Directory]) -> None:
    """However many claim one count at once, one has it: a copied key shows."""
    directory = candidate.make()
    passkey = a_passkey()
    await directory.add(_with(an_account(EXACT), passkey))
    count = partial(directory.count_passkey, EXACT.id, passkey.credential_id, 7)
    counted = await candidate.race([partial(count, 8 + n) for n in range(8)])
    expect(sum(counted) == 1, "exactly one counts")


PASSKEY_CHECKS: tuple[Check[Directory], ...] = (
    passkeys_come_back_the_oldest_first,
    a_passkey_is_one_users_in_a_pool,
    saving_replaces_passkeys,
    a_counter_is_swapped_and_only_grows,
    saving_turns_no_counter_back,
    a_passkey_names_its_owner,
    eight_at_once_count_once,
)
