from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from flowengine.accounts.account import Account, TotpFactor
from flowengine.accounts.pool import Mfa, Pool
from flowengine.crypto import totp
from flowengine.engine.replies import ChallengeReply, SuccessReply
from flowengine.errors import (
    CallerError,
    EnableSoftwareTokenMFAError,
    ExpiredCodeError,
    InvalidParameterError,
    NotAuthorizedError,
    SoftwareTokenMFANotFoundError,
    StoreError,
    UnknownSessionError,
    UserNotFoundError,
)
from flowengine.operations.associate_software_token import (
    AssociatedSoftwareToken,
    AssociateSoftwareTokenRequest,
    associate_software_token,
)
from flowengine.operations.verify_software_token import (
    VerifySoftwareTokenRequest,
    verify_software_token,
)
from flowengine.stores.memory import MemoryCounters
from tests.operations.refreshing import claims_of
from tests.operations.world import (
    PASSWORD,
    POOL,
    TOTP_SECRET,
    Rival,
    World,
    contended,
    new_world,
    run,
)


def associated(world: World, token: str | None, session: str | None = None) -> bytes:
    request = AssociateSoftwareTokenRequest(token, session)
    return totp.from_text(run(associate_software_token(world.parts, request)).secret_code)


def verify(world: World, token: str | None, code: str, name: str = "") -> None:
    request = VerifySoftwareTokenRequest(code, token, None, name)
    run(verify_software_token(world.parts, request))


def code_now(world: World, secret: bytes, periods: int = 0) -> str:
    return totp.code(secret, totp.counter_at(world.clock.now()) + periods)


def wrong_code(world: World, secret: bytes) -> str:
    right = {code_now(world, secret, periods) for periods in (-1, 0, 1)}
    return next(code for code in ("000000", "000001", "000002", "000003") if code not in right)


def refusal(world: World, token: str | None, code: str) -> CallerError:
    with pytest.raises(CallerError) as caught:
        verify(world, token, code)
    return caught.value


def signed_in(pool: Pool = POOL) -> tuple[World, str]:
    world = new_world(pool)
    world.add_user()
    return world, world.access_token()


def test_an_app_that_was_verified_is_asked_for_at_the_next_sign_in() -> None:
    world, token = signed_in()
    secret = associated(world, token)
    verify(world, token, code_now(world, secret), "my phone")
    account = world.user()
    assert account.totp == TotpFactor(secret, active=True, name="my phone")
    assert account.pending_totp is None
    asked = world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD)
    assert isinstance(asked, ChallengeReply)
    assert asked.challenge_parameters["FRIENDLY_DEVICE_NAME"] == "my phone"
    world.clock.advance(totp.PERIOD)
    code = code_now(world, secret)
    answered = world.respond(asked, USERNAME="ada", SOFTWARE_TOKEN_MFA_CODE=code)
    assert isinstance(answered, SuccessReply)


def test_the_secret_is_long_enough_and_told_in_base32() -> None:
    world, token = signed_in()
    answer = run(associate_software_token(world.parts, AssociateSoftwareTokenRequest(token)))
    assert len(answer.secret_code) == 32
    assert answer.secret_code.isalnum()
    assert answer.secret_code not in repr(answer)
    assert answer.secret_code not in repr(AssociatedSoftwareToken(answer.secret_code))


def test_associating_moves_no_stamp_and_the_last_secret_counts() -> None:
    world, token = signed_in()
    before = world.user()
    first = associated(world, token)
    second = associated(world, token)
    assert first != second
    assert world.user() == replace(before, pending_totp=second)
    assert isinstance(refusal(world, token, code_now(world, first)), EnableSoftwareTokenMFAError)
    verify(world, token, code_now(world, second))


def test_verifying_moves_the_stamp_so_that_sign_ins_under_way_end() -> None:
    world, token = signed_in()
    secret = associated(world, token)
    before = world.user().stamp
    later = world.clock.advance(timedelta(minutes=1))
    verify(world, token, code_now(world, secret))
    assert world.user().stamp != before
    assert world.user().modified_at == later


class _FailingCounters(MemoryCounters):
    async def spend_once(self, *_: object) -> bool:
        raise StoreError("the store is away")


def test_a_store_that_fails_costs_the_user_no_try() -> None:
    counters = _FailingCounters()
    world = new_world(counters=counters)
    world.add_user()
    token = world.access_token()
    secret = associated(world, token)
    for _ in range(8):
        with pytest.raises(StoreError):
            verify(world, token, code_now(world, secret))
    assert isinstance(refusal(world, token, wrong_code(world, secret)), EnableSoftwareTokenMFAError)


def waits(user: Account) -> Account:
    return replace(user, pending_totp=TOTP_SECRET, stamp=user.stamp)


def verified_against(rival: Rival) -> tuple[World, CallerError]:
    """Verify an app that waits while someone else changes the user."""
    world = contended(waits, rival)
    token = world.access_token()
    account = world.user()
    assert run(world.directory.save(waits(account), account.stamp))
    return world, refusal(world, token, code_now(world, TOTP_SECRET))


def test_another_secret_that_began_to_wait_meanwhile_is_not_verified() -> None:
    other = b"another secret, same"
    world, error = verified_against(lambda u: replace(u, pending_totp=other, stamp="theirs"))
    assert isinstance(error, EnableSoftwareTokenMFAError)
    assert (world.user().totp, world.user().pending_totp) == (None, other)


def test_a_user_who_was_disabled_meanwhile_sets_nothing_up() -> None:
    world, error = verified_against(lambda u: replace(u, enabled=False, stamp="theirs"))
    assert (type(error), error.message) == (NotAuthorizedError, "User is disabled.")
    assert world.user().totp is None


def test_a_pending_app_is_no_factor_yet() -> None:
    world, token = signed_in()
    associated(world, token)
    signed_in_again = world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD)
    assert isinstance(signed_in_again, SuccessReply)


@pytest.mark.parametrize("periods", [-1, 0, 1])
def test_a_code_that_verified_cannot_sign_in(periods: int) -> None:
    world, token = signed_in()
    secret = associated(world, token)
    code = code_now(world, secret, periods)
    verify(world, token, code)
    asked = world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD)
    assert isinstance(asked, ChallengeReply)
    with pytest.raises(ExpiredCodeError, match="already been used once"):
        world.respond(asked, USERNAME="ada", SOFTWARE_TOKEN_MFA_CODE=code)


def test_neither_can_an_older_code_than_the_one_that_verified() -> None:
    world, token = signed_in()
    secret = associated(world, token)
    older = code_now(world, secret, -1)
    verify(world, token, code_now(world, secret, 1))
    asked = world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD)
    assert isinstance(asked, ChallengeReply)
    with pytest.raises(ExpiredCodeError):
        world.respond(asked, USERNAME="ada", SOFTWARE_TOKEN_MFA_CODE=older)


def test_a_code_that_signed_in_cannot_verify() -> None:
    world, token = signed_in()
    secret = associated(world, token)
    account = world.user()
    same = replace(account, totp=TotpFactor(secret), stamp="2")
    assert run(world.directory.save(same, account.stamp))
    asked = world.initiate("USER_PASSWORD_AUTH", USERNAME="ada", PASSWORD=PASSWORD)
    assert isinstance(asked, ChallengeReply)
    code = code_now(world, secret)
    assert isinstance(
        world.respond(asked, USERNAME="ada", SOFTWARE_TOKEN_MFA_CODE=code), SuccessReply
    )
    assert isinstance(refusal(world, token, code), EnableSoftwareTokenMFAError)


def test_a_wrong_code_says_so_and_the_secret_goes_on_waiting() -> None:
    world, token = signed_in()
    secret = associated(world, token)
    error = refusal(world, token, wrong_code(world, secret))
    assert (type(error), error.message) == (EnableSoftwareTokenMFAError, "Code mismatch")
    assert world.user().totp is None
    verify(world, token, code_now(world, secret))


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "\uff11" * 6])
def test_what_is_no_code_is_a_wrong_code(code: str) -> None:
    world, token = signed_in()
    associated(world, token)
    assert isinstance(refusal(world, token, code), EnableSoftwareTokenMFAError)


def test_the_sixth_guess_is_not_compared() -> None:
    world, token = signed_in()
    secret = associated(world, token)
    for _ in range(5):
        error = refusal(world, token, wrong_code(world, secret))
        assert isinstance(error, EnableSoftwareTokenMFAError)
    locked = refusal(world, token, code_now(world, secret))
    assert (type(locked), locked.message) == (NotAuthorizedError, "Password attempts exceeded")
    world.clock.advance(timedelta(seconds=2))
    verify(world, token, code_now(world, secret))


def test_setting_an_app_up_does_not_clear_the_count_of_wrong_codes() -> None:
    world, token = signed_in()
    secret = associated(world, token)
    for _ in range(4):
        refusal(world, token, wrong_code(world, secret))
    verify(world, token, code_now(world, secret))
    again = associated(world, token)
    refusal(world, token, wrong_code(world, again))
    assert refusal(world, token, code_now(world, again)).message == "Password attempts exceeded"


def test_without_an_associated_app_there_is_nothing_to_verify() -> None:
    world, token = signed_in()
    assert isinstance(refusal(world, token, "123456"), SoftwareTokenMFANotFoundError)


def test_a_new_app_takes_the_place_of_the_old_one_only_when_verified() -> None:
    world, token = signed_in()
    account = world.user()
    made = {"totp": claims_of(token)["origin_jti"]}
    old = replace(account, totp=TotpFactor(TOTP_SECRET, name="old"), stamp="2", made_by=made)
    assert run(world.directory.save(old, account.stamp))
    secret = associated(world, token)
    assert world.user().totp == TotpFactor(TOTP_SECRET, name="old")
    verify(world, token, code_now(world, secret))
    assert world.user().totp == TotpFactor(secret)


@pytest.mark.parametrize(
    "pool", [replace(POOL, mfa=Mfa.NONE), replace(POOL, mfa_methods=("SMS_MFA",))]
)
def test_a_pool_without_apps_says_so(pool: Pool) -> None:
    world, token = signed_in(pool)
    with pytest.raises(SoftwareTokenMFANotFoundError, match="has not been enabled by the userPool"):
        associated(world, token)
    assert isinstance(refusal(world, token, "123456"), SoftwareTokenMFANotFoundError)


def test_both_a_token_and_a_session_or_nothing_at_all_is_refused() -> None:
    world, token = signed_in()
    with pytest.raises(InvalidParameterError, match="Only one of AccessToken and Session"):
        associated(world, token, "s" * 20)
    with pytest.raises(UnknownSessionError):
        associated(world, None, "s" * 20)
    error = refusal(world, None, "123456")
    assert isinstance(error, InvalidParameterError)
    assert error.message == "Missing required parameter AccessToken"


@pytest.mark.parametrize("name", ["x" * 2049, "nul\0", "\ud800"])
def test_a_name_that_cannot_be_kept_spends_no_code(name: str) -> None:
    world, token = signed_in()
    secret = associated(world, token)
    code = code_now(world, secret)
    with pytest.raises(InvalidParameterError):
        verify(world, token, code, name)
    verify(world, token, code, "a good name")


def test_a_user_who_is_gone_sets_nothing_up() -> None:
    world, token = signed_in()
    assert run(world.directory.remove(POOL.id, "ada"))
    with pytest.raises(UserNotFoundError):
        associated(world, token)


def test_no_repr_shows_a_token_or_a_code() -> None:
    shown = repr(VerifySoftwareTokenRequest("123456", "token-1", "session-1"))
    shown += repr(AssociateSoftwareTokenRequest("token-1", "session-1"))
    for secret in ("123456", "token-1", "session-1"):
        assert secret not in shown
