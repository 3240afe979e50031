"""The contract of ``Directory``.

The candidate's directory keeps the users of :data:`POOLS`.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from functools import partial
from types import MappingProxyType

from flowengine.accounts.account import (
    Account,
    HashCredential,
    SrpCredential,
    TotpFactor,
)
from flowengine.accounts.attributes import LONGEST_ADDRESS, value_objection
from flowengine.accounts.pool import Pool
from flowengine.accounts.user import UserStatus
from flowengine.engine.ports import Directory
from flowengine.testing.contracts.candidate import Candidate, Check, Race, expect, in_threads
from flowengine.testing.contracts.directory_passkeys import PASSKEY_CHECKS
from flowengine.testing.contracts.directory_people import (
    EXACT,
    FOLDED,
    NAMED,
    NOW,
    a_passkey,
    an_account,
)

POOLS: Mapping[str, Pool] = MappingProxyType({pool.id: pool for pool in (EXACT, FOLDED, NAMED)})
"""One pool that takes names exactly and has no aliases, one that folds and has some, and one whose
users are named by an address."""


@dataclass(frozen=True, slots=True)
class _Mail:
    """An address of a check's own."""

    text: str = field(default_factory=lambda: f"{uuid.uuid4()}@Example.com")

    def of(self, account: Account, *, verified: str = "true") -> Account:
        attributes = {**account.attributes, "email": self.text, "email_verified": verified}
        return replace(account, attributes=MappingProxyType(attributes))


async def an_account_comes_back_as_it_went_in(candidate: Candidate[Directory]) -> None:
    """Every field, with every kind of credential."""
    directory = candidate.make()
    plain = an_account(EXACT)
    full = replace(
        an_account(EXACT, name='Zoë "Z" \U0001f511', email="z@example.com", empty=""),
        status=UserStatus.FORCE_CHANGE_PASSWORD,
        enabled=False,
        groups=("b", "a", "ü"),
        password=SrpCredential("00ff"[2:] * 16, 2**3071 + 1),
        totp=TotpFactor(b"\x00secret\xff", active=False, name="phöne"),
        pending_totp=b"\xffwaits\x00",
        sms_mfa=True,
        email_mfa=True,
        passkeys=(replace(a_passkey(9), credential_id=b"\x00" * 1023), a_passkey()),
        prefers="SOFTWARE_TOKEN_MFA",
        temporary_until=NOW + timedelta(days=7, microseconds=1),
        made_by={"totp": "a sign-in", "phöne": ""},
    )
    same = [f.name for f in fields(Account) if getattr(full, f.name) == getattr(plain, f.name)]
    expect(same == ["pool_id", "stamp", "created_at", "modified_at"], "no field is left out")
    hashed = replace(an_account(EXACT), password=HashCredential("$argon2id$v=19$m=1$x$y"))
    for account in (plain, full, hashed):
        expect(await directory.add(account), "a new name is free")
        found = await directory.find(account.pool_id, account.username)
        expect(found == account, "an account comes back as it went in")


async def who_is_not_there_is_not_found(candidate: Candidate[Directory]) -> None:
    """An unknown name, an unknown pool, another pool, and texts that no name can be."""
    directory = candidate.make()
    account = an_account(EXACT)
    await directory.add(account)
    nobodies = (f"nobody-{uuid.uuid4()}", "", "\x00", "a\x00b", "\ud800", "x" * 5000, account.sub)
    for name in nobodies:
        expect(await directory.find(EXACT.id, name) is None, "nobody has this name")
    for pool_id in (FOLDED.id, "eu-west-1_Nowhere"):
        found = await directory.find(pool_id, account.username)
        expect(found is None, "a user belongs to one pool")


async def a_name_is_taken_once(candidate: Candidate[Directory]) -> None:
    """The second account of a name is refused and changes nothing; another pool is free."""
    directory = candidate.make()
    account = an_account(EXACT)
    await directory.add(account)
    again = replace(account, sub=str(uuid.uuid4()), stamp="other")
    expect(not await directory.add(again), "a name is taken once")
    found = await directory.find(EXACT.id, account.username)
    expect(found == account, "a refused account changes nothing")
    elsewhere = an_account(FOLDED, account.username)
    expect(await directory.add(elsewhere), "the name is free in another pool")


async def case_matters_unless_the_pool_folds_it(candidate: Candidate[Directory]) -> None:
    """A folded name is found as it was written first."""
    directory = candidate.make()
    exact, folded = an_account(EXACT), an_account(FOLDED, f"Straße-{uuid.uuid4()}")
    await directory.add(exact)
    await directory.add(folded)
    missed = await directory.find(EXACT.id, exact.username.upper())
    expect(missed is None, "an exact pool tells cases apart")
    expect(await directory.add(replace(exact, username=exact.username.upper())), "both are free")
    found = await directory.find(FOLDED.id, folded.username.upper())
    expect(found == folded, "a folding pool finds the user under the name that it was given")
    upper = replace(folded, username=folded.username.upper(), sub=str(uuid.uuid4()))
    expect(not await directory.add(upper), "and lets nobody else have it")


async def a_verified_alias_finds_its_user(candidate: Candidate[Directory]) -> None:
    """In the pool's case; an unverified one, and one that can never be verified, do not."""
    directory = candidate.make()
    mail, other = _Mail(), _Mail()
    phone = f"+{uuid.uuid4().int % 10**15}"
    verified = mail.of(
        an_account(
            FOLDED,
            phone_number=phone,
            phone_number_verified="true",
            preferred_username=f"nick-{mail.text}",
        )
    )
    await directory.add(verified)
    await directory.add(other.of(an_account(FOLDED), verified="false"))
    for name in (mail.text, mail.text.upper(), phone):
        expect(await directory.find(FOLDED.id, name) == verified, "a verified alias finds")
    for name in (other.text, f"nick-{mail.text}"):
        expect(await directory.find(FOLDED.id, name) is None, "an unverified one does not")


async def an_alias_is_none_where_the_pool_has_none(candidate: Candidate[Directory]) -> None:
    """Then an address may even be the same for two."""
    directory = candidate.make()
    mail = _Mail()
    for _ in range(2):
        expect(await directory.add(mail.of(an_account(EXACT))), "an address is no name here")
    expect(await directory.find(EXACT.id, mail.text) is None, "and finds nobody")


async def no_name_means_two_users(candidate: Candidate[Directory]) -> None:
    """Neither two verified aliases, nor a user name that is another's alias, nor the reverse."""
    directory = candidate.make()
    mail = _Mail()
    first = mail.of(an_account(FOLDED))
    await directory.add(first)
    second = mail.of(an_account(FOLDED))
    expect(not await directory.add(second), "an alias of one is not another's")
    expect(not await directory.add(an_account(FOLDED, mail.text.upper())), "nor a user name")
    expect(await directory.find(FOLDED.id, second.username) is None, "nothing was added")
    named = _Mail()
    await directory.add(an_account(FOLDED, named.text))
    expect(not await directory.add(named.of(an_account(FOLDED))), "nor is a user name an alias")
    own = _Mail()
    expect(await directory.add(own.of(an_account(FOLDED, own.text))), "one's own name may be both")


async def an_address_that_names_users_needs_no_mark(candidate: Candidate[Directory]) -> None:
    """Where addresses name users, one finds its user at once, and is nobody else's."""
    directory = candidate.make()
    mail, new = _Mail(), _Mail()
    account = mail.of(an_account(NAMED), verified="false")
    expect(await directory.add(account), "a user is added with the address")
    for name in (mail.text, account.username):
        expect(await directory.find(NAMED.id, name) == account, "and found by both names")
    other = mail.of(an_account(NAMED), verified="false")
    expect(not await directory.add(other), "whose address is another's is not added")
    moved = replace(new.of(account, verified="false"), stamp="stamp-1")
    expect(await directory.save(moved, account.stamp), "an address may change")
    expect(await directory.find(NAMED.id, mail.text) is None, "the old one is free")
    expect(await directory.find(NAMED.id, new.text) == moved, "the new one finds the user")


async def saving_swaps_on_the_stamp(candidate: Candidate[Directory]) -> None:
    """What was not read is not overwritten."""
    directory = candidate.make()
    account = an_account(EXACT)
    await directory.add(account)
    changed = replace(
        account,
        stamp="stamp-1",
        modified_at=NOW + timedelta(seconds=1),
        enabled=False,
        totp=TotpFactor(b"secret"),
        attributes=MappingProxyType({"name": "Zoë"}),
    )
    expect(not await directory.save(changed, "stamp-9"), "another stamp does not save")
    expect(not await directory.save(changed, changed.stamp), "nor does the new one")
    found = await directory.find(EXACT.id, account.username)
    expect(found == account, "a lost save changes nothing")
    expect(await directory.save(changed, account.stamp), "the stamp that is there saves")
    found = await directory.find(EXACT.id, account.username)
    expect(found == changed, "and all of the account is written")
    expect(not await directory.save(changed, account.stamp), "a stamp saves once")


async def nobody_is_saved_who_is_not_there(candidate: Candidate[Directory]) -> None:
    """Nor one of another sub, who has the name since."""
    directory = candidate.make()
    account = an_account(EXACT)
    expect(not await directory.save(account, account.stamp), "save adds nobody")
    await directory.add(account)
    other = replace(account, sub=str(uuid.uuid4()))
    expect(not await directory.save(other, account.stamp), "save changes nobody's sub")


async def saving_moves_aliases(candidate: Candidate[Directory]) -> None:
    """An old one is free, a new one is taken, and one that another has is refused whole."""
    directory = candidate.make()
    old, new, others = _Mail(), _Mail(), _Mail()
    account = old.of(an_account(FOLDED))
    await directory.add(account)
    await directory.add(others.of(an_account(FOLDED)))
    stolen = replace(others.of(account), stamp="stamp-1")
    expect(not await directory.save(stolen, account.stamp), "another's alias is not taken")
    expect(await directory.find(FOLDED.id, old.text) == account, "and nothing was written")
    moved = replace(new.of(account), stamp="stamp-1")
    expect(await directory.save(moved, account.stamp), "a free alias is taken")
    expect(await directory.find(FOLDED.id, new.text) == moved, "the new one finds")
    expect(await directory.find(FOLDED.id, old.text) is None, "the old one does not")
    expect(await directory.add(old.of(an_account(FOLDED))), "and is free for another")


async def the_longest_address_finds_its_user(candidate: Candidate[Directory]) -> None:
    """No index is too short for it, and nothing in it can be made shorter."""
    directory = candidate.make()
    local = "".join(str(uuid.uuid4()) for _ in range(LONGEST_ADDRESS))
    mail = _Mail(f"{local}@Example.com"[-LONGEST_ADDRESS:])
    expect(value_objection("email", mail.text) is None, "users may have it")
    for pool in (FOLDED, NAMED):
        account = mail.of(an_account(pool))
        expect(await directory.add(account), "a user with it is added")
        expect(await directory.find(pool.id, mail.text) == account, "and is found by it")
        expect(not await directory.add(mail.of(an_account(pool))), "it is taken once")


async def who_is_removed_is_gone_with_all_names(candidate: Candidate[Directory]) -> None:
    """And may be added anew; an alias removes nobody."""
    directory = candidate.make()
    mail = _Mail()
    account = mail.of(an_account(FOLDED))
    await directory.add(account)
    expect(not await directory.remove(FOLDED.id, mail.text), "an alias removes nobody")
    expect(not await directory.remove(EXACT.id, account.username), "nor does another pool")
    expect(await directory.remove(FOLDED.id, account.username.upper()), "a user is removed")
    for name in (account.username, mail.text):
        expect(await directory.find(FOLDED.id, name) is None, "no name of it is left")
    expect(not await directory.remove(FOLDED.id, account.username), "a user is removed once")
    expect(not await directory.remove(FOLDED.id, "\ud800"), "nobody has no name")
    expect(await directory.add(account), "and may be added anew")


async def eight_at_once_add_one_name(candidate: Candidate[Directory]) -> None:
    """However many register a name at once, one has it."""
    directory = candidate.make()
    accounts = [an_account(EXACT, f"user-{uuid.uuid4()}")] * 8
    added = await candidate.race(
        [partial(directory.add, replace(a, sub=str(uuid.uuid4()))) for a in accounts]
    )
    expect(sum(added) == 1, "exactly one is added")


async def eight_at_once_save_one_stamp(candidate: Candidate[Directory]) -> None:
    """However many change a user at once, one does."""
    directory = candidate.make()
    account = an_account(EXACT)
    await directory.add(account)
    changes = [replace(account, stamp=f"stamp-{n}", prefers=str(n)) for n in range(1, 9)]
    saved = await candidate.race([partial(directory.save, c, account.stamp) for c in changes])
    expect(sum(saved) == 1, "exactly one saves")
    found = await directory.find(EXACT.id, account.username)
    expect(found == changes[saved.index(True)], "and what it wrote is there")


async def pages_give_everybody_once(candidate: Candidate[Directory]) -> None:
    """With their passkeys, however long the pages are, and whoever comes and goes meanwhile."""
    directory = candidate.make()
    mine = [an_account(FOLDED, f"Paged-{n}-{uuid.uuid4()}") for n in "badc"]
    mine[0] = replace(mine[0], passkeys=(a_passkey(9), a_passkey()))
    for account in (*mine, an_account(EXACT)):
        await directory.add(account)
    for size in (1, 3, 1000):
        found: list[Account] = []
        while page := await directory.page(FOLDED.id, found[-1].username if found else "", size):
            expect(len(page) <= size, "a page has no more than it may")
            found.extend(page)
        expect(all(found.count(account) == 1 for account in mine), "everybody comes once")
        expect(all(account.pool_id == FOLDED.id for account in found), "of this pool alone")
    names = [account.username for account in await directory.page(FOLDED.id, "", 1000)]
    expect(len(set(names)) == len(names), "nobody comes twice")
    place = names.index(mine[0].username)
    await directory.remove(FOLDED.id, mine[0].username)
    rest = [account.username for account in await directory.page(FOLDED.id, names[place], 1000)]
    expect(rest == names[place + 1 :], "who has gone still marks a place")
    nobody = (("eu-west-1_Nowhere", "", 9), (FOLDED.id, "\ud800", 9), (FOLDED.id, "", 0))
    for pool_id, after, size in nobody:
        expect(not await directory.page(pool_id, after, size), "there is nobody to give")


ALL_CHECKS: tuple[Check[Directory], ...] = (
    an_account_comes_back_as_it_went_in,
    who_is_not_there_is_not_found,
    a_name_is_taken_once,
    case_matters_unless_the_pool_folds_it,
    a_verified_alias_finds_its_user,
    an_alias_is_none_where_the_pool_has_none,
    no_name_means_two_users,
    an_address_that_names_users_needs_no_mark,
    saving_swaps_on_the_stamp,
    nobody_is_saved_who_is_not_there,
    saving_moves_aliases,
    the_longest_address_finds_its_user,
    who_is_removed_is_gone_with_all_names,
    eight_at_once_add_one_name,
    eight_at_once_save_one_stamp,
    pages_give_everybody_once,
    *PASSKEY_CHECKS,
)


async def check_directory(make: Callable[[], Directory], race: Race = in_threads) -> None:
    """Run the whole contract.

    Raises:
        BrokenContractError: A promise is not kept; the message says which.
    """
    for check in ALL_CHECKS:
        await check(Candidate(make, race))
