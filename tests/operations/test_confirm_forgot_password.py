from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flowengine.accounts.account import Account, TotpFactor
from flowengine.accounts.user import UserStatus
from flowengine.engine.replies import ChallengeReply
from flowengine.errors import CallerError, SessionError, StoreError, TooManyRequestsError
from flowengine.operations import codes
from flowengine.operations.confirm_forgot_password import (
    ConfirmForgotPasswordRequest,
    confirm_forgot_password,
)
from flowengine.operations.get_user import get_user
from flowengine.stores.memory import MemoryCounters, MemorySessions
from flowengine.testing.fakes import KeptMessages
from tests.operations.accounts import (
    EXPIRED,
    FRESH,
    LIMITED,
    NO_HASH,
    NOBODY,
    TOO_SHORT,
    VERIFIED,
    WRONG,
    Mailing,
    changed,
    confirm,
    forgot,
    mailing,
    signs_in,
    told,
    told_by,
    with_ada,
)
from tests.operations.world import (
    CONFIDENTIAL,
    OPEN,
    PASSWORD,
    POOL,
    TOTP_SECRET,
    WEB,
    ContendedDirectory,
    Rival,
    new_world,
    run,
)


def asked(**changes: Any) -> Mailing:
    mails = with_ada(**changes)
    forgot(mails.world)
    return mails


def test_the_code_sets_another_password() -> None:
    mails = asked()
    before = mails.world.user()
    later = mails.world.clock.advance(timedelta(minutes=59))
    confirm(mails.world, mails.code)
    after = mails.world.user()
    assert signs_in(mails.world, FRESH)
    assert not signs_in(mails.world, PASSWORD)
    password = after.password
    assert after == replace(before, stamp=after.stamp, password=password, modified_at=later)
    assert after.stamp != before.stamp


def test_a_user_who_must_reset_is_confirmed_again() -> None:
    mails = asked(status=UserStatus.RESET_REQUIRED)
    confirm(mails.world, mails.code)
    assert mails.world.user().status is UserStatus.CONFIRMED
    assert signs_in(mails.world, FRESH)


def test_sign_ins_made_and_under_way_end() -> None:
    mails = asked()
    token = mails.world.access_token()
    with_app = replace(mails.world.user(), totp=TotpFactor(TOTP_SECRET), stamp="with an app")
    assert run(mails.world.directory.save(with_app, mails.world.user().stamp))
    waits = mails.world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD)
    assert isinstance(waits, ChallengeReply)
    confirm(mails.world, mails.code)
    with pytest.raises(SessionError):
        mails.world.respond(waits, USERNAME="ada", SOFTWARE_TOKEN_MFA_CODE="000000")
    revoked = ("NotAuthorizedException", "Access Token has been revoked")
    assert told_by(get_user(mails.world.parts, token)) == revoked
    asks = mails.world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=FRESH)
    assert isinstance(asks, ChallengeReply), "the second factor stays"


def test_a_code_is_good_once() -> None:
    mails = asked()
    confirm(mails.world, mails.code)
    before = mails.world.user()
    assert told(confirm, mails.world, mails.code, PASSWORD) == EXPIRED
    assert mails.world.user() == before


def test_a_new_code_takes_the_place_of_the_one_before() -> None:
    mails = asked()
    first = mails.code
    forgot(mails.world)
    assert first != mails.code
    assert told(confirm, mails.world, first) == WRONG
    confirm(mails.world, mails.code)


def test_after_a_code_was_used_another_one_can_be_asked_for() -> None:
    mails = asked()
    confirm(mails.world, mails.code)
    forgot(mails.world)
    confirm(mails.world, mails.code, PASSWORD)
    assert signs_in(mails.world, PASSWORD)


@pytest.mark.parametrize("hours", [1, 1.2, 1.5, 50])
def test_the_hour_at_which_a_code_ends_is_too_late(hours: float) -> None:
    mails = asked()
    mails.wait(hours=hours)
    assert told(confirm, mails.world, mails.code) == EXPIRED
    forgot(mails.world)
    confirm(mails.world, mails.code)


def test_without_a_code_there_is_nothing_to_confirm() -> None:
    mails = with_ada()
    assert told(confirm, mails.world, "000000") == EXPIRED


def test_the_code_of_another_user_is_wrong() -> None:
    mails = asked()
    mails.world.add_user("grace", attributes={"email": "g@example.com", "email_verified": "true"})
    forgot(mails.world, "grace")
    assert told(confirm, mails.world, mails.code) == WRONG
    ada = mails.sent.messages[0].code
    assert told(confirm, mails.world, ada, username="grace") == WRONG


def test_the_code_of_an_address_that_was_left_is_not_asked_for_any_more() -> None:
    mails = asked()
    before = mails.world.user()
    moved = {"email": "new@example.com", "email_verified": "true"}
    assert run(mails.world.directory.save(replace(before, attributes=moved), before.stamp))
    assert told(confirm, mails.world, mails.code) == EXPIRED


def test_a_wrong_code_changes_nothing_and_the_right_one_stays_good() -> None:
    mails = asked()
    before = mails.world.user()
    for _ in range(4):
        assert told(confirm, mails.world, mails.wrong()) == WRONG
    assert mails.world.user() == before
    confirm(mails.world, mails.code)


@pytest.mark.parametrize("code", ["", "12345", "1" * 2048, "\ud800", "\uff11" * 6])
def test_what_is_no_code_is_a_wrong_code(code: str) -> None:
    mails = asked()
    assert told(confirm, mails.world, code) == WRONG


@pytest.mark.parametrize("lockout", [POOL.lockout, None])
def test_the_sixth_guess_is_not_compared_in_any_pool(lockout: Any) -> None:
    mails = asked(pool=replace(POOL, lockout=lockout))
    for _ in range(5):
        assert told(confirm, mails.world, mails.wrong()) == WRONG
    assert told(confirm, mails.world, mails.code) == LIMITED
    mails.wait(seconds=61)
    confirm(mails.world, mails.code)


def test_a_new_code_does_not_give_new_guesses() -> None:
    mails = asked()
    for _ in range(5):
        assert told(confirm, mails.world, mails.wrong()) == WRONG
    forgot(mails.world)
    assert told(confirm, mails.world, mails.code) == LIMITED


def test_an_hour_of_guessing_is_a_dozen_guesses() -> None:
    mails = asked()
    guesses = 0
    for _ in range(3600 // 20):
        guesses += told(confirm, mails.world, mails.wrong()) == WRONG
        mails.wait(seconds=20)
    assert guesses < 14


def test_a_right_code_clears_the_count_of_wrong_ones() -> None:
    mails = asked()
    for _ in range(2):
        for _ in range(4):
            assert told(confirm, mails.world, mails.wrong()) == WRONG
        confirm(mails.world, mails.code)
        forgot(mails.world)


def test_guessing_at_codes_locks_no_password() -> None:
    mails = asked()
    for _ in range(8):
        told(confirm, mails.world, mails.wrong())
    assert signs_in(mails.world, PASSWORD)


def test_two_confirmations_at_once_have_one_winner() -> None:
    mails = asked()

    async def both() -> list[object]:
        requests = [
            ConfirmForgotPasswordRequest(WEB.id, "ada", mails.code, password)
            for password in (FRESH, f"{FRESH}-2")
        ]
        calls = (confirm_forgot_password(mails.world.parts, request) for request in requests)
        return await asyncio.gather(*calls, return_exceptions=True)

    results = run(both())
    refused = [result for result in results if isinstance(result, CallerError)]
    assert results.count(None) == 1
    assert [(error.code, error.message) for error in refused] in ([EXPIRED], [WRONG])
    assert signs_in(mails.world, FRESH) != signs_in(mails.world, f"{FRESH}-2")


def test_a_password_against_the_policy_costs_neither_code_nor_try() -> None:
    mails = asked()
    for _ in range(8):
        assert told(confirm, mails.world, mails.code, "short") == TOO_SHORT
    confirm(mails.world, mails.code)


def test_an_unknown_user_is_refused_as_a_known_one_is() -> None:
    mails = mailing()
    assert told(confirm, mails.world, "000000") == EXPIRED
    forgot(mails.world)
    for _ in range(4):
        assert told(confirm, mails.world, "000000") == WRONG
    assert told(confirm, mails.world, "000000") == LIMITED
    mails.wait(hours=2)
    assert told(confirm, mails.world, "000000") == EXPIRED
    assert told(confirm, mails.world, "000000", client=OPEN) == NOBODY


def test_no_code_is_right_for_an_unknown_user(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "draw_code", lambda *_: "424242")
    mails = mailing()
    forgot(mails.world)
    assert told(confirm, mails.world, "424242") == WRONG


@pytest.mark.parametrize("changes", [{"enabled": False}, {"status": UserStatus.UNCONFIRMED}])
def test_a_user_who_was_disabled_meanwhile_is_played(changes: dict[str, Any]) -> None:
    mails = asked()
    before = mails.world.user()
    gone = replace(before, **changes, stamp="theirs")
    assert run(mails.world.directory.save(gone, before.stamp))
    assert told(confirm, mails.world, mails.code) == EXPIRED
    assert mails.world.user() == gone


def raced(rival: Rival) -> Mailing:
    sent = KeptMessages()
    directory = ContendedDirectory({POOL.id: POOL}, [rival])
    mails = Mailing(
        replace(new_world(directory=directory, delivery=sent), directory=directory), sent
    )
    mails.world.add_user(attributes=VERIFIED)
    forgot(mails.world)
    return mails


@pytest.mark.parametrize(
    "changes",
    [{"enabled": False}, {"attributes": {}}, {"attributes": {**VERIFIED, "email": "x@y.z"}}],
)
def test_who_changed_while_the_code_was_compared_gets_no_password(
    changes: dict[str, Any],
) -> None:
    def rival(user: Account) -> Account:
        return replace(user, **changes, stamp="theirs")

    mails = raced(rival)
    assert told(confirm, mails.world, mails.code) == EXPIRED
    assert mails.world.user().stamp == "theirs"


def test_a_change_by_someone_else_meanwhile_is_kept() -> None:
    mails = raced(lambda user: replace(user, stamp="theirs", groups=("by-rival",)))
    confirm(mails.world, mails.code)
    assert mails.world.user().groups == ("by-rival",)
    assert signs_in(mails.world, FRESH)


class _FailingSessions(MemorySessions):
    fails = False

    async def claim(self, *args: object) -> None:
        if self.fails:
            raise StoreError("the store is away")
        return await super().claim(*args)  # type: ignore[arg-type, return-value]


def test_a_store_that_fails_costs_no_try() -> None:
    sessions = _FailingSessions()
    mails = mailing(sessions=sessions)
    mails.world.add_user(attributes=VERIFIED)
    forgot(mails.world)
    sessions.fails = True
    for _ in range(8):
        with pytest.raises(StoreError):
            confirm(mails.world, mails.code)
    sessions.fails = False
    confirm(mails.world, mails.code)


def test_guesses_under_way_at_once_are_bounded() -> None:
    counters = MemoryCounters()
    mails = mailing(counters=counters)
    account = mails.world.add_user(attributes=VERIFIED)
    forgot(mails.world)
    for _ in range(5):
        key = f"code|{POOL.id}|{account.sub}|forgot-password"
        run(counters.try_now(key, codes.TRIES, mails.world.clock.now()))
    with pytest.raises(TooManyRequestsError):
        confirm(mails.world, mails.code)


def test_the_client_shows_its_secret() -> None:
    mails = asked()
    request = ConfirmForgotPasswordRequest(CONFIDENTIAL.id, "ada", mails.code, FRESH)
    assert told_by(confirm_forgot_password(mails.world.parts, request)) == NO_HASH
    before = mails.world.user()
    confirm(mails.world, mails.code, client=CONFIDENTIAL)
    assert changed(mails.world, before)


def test_nothing_that_is_kept_or_shown_has_the_code() -> None:
    mails = asked()
    (row,) = mails.world.parts.sessions._rows.values()  # type: ignore[attr-defined]
    assert row.now.private is None
    assert mails.code not in row.now.record
    shown = repr(ConfirmForgotPasswordRequest(WEB.id, "ada", mails.code, FRESH, "hash"))
    assert shown == "ConfirmForgotPasswordRequest()"
