"""Codes over every store: kept without being readable, replaced, and spent by one caller."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial

from flowengine.accounts.account import Account
from flowengine.accounts.pool import Pool
from flowengine.challenges.kind import Channel
from flowengine.engine.engine import AsyncEngine
from flowengine.engine.parts import Parts
from flowengine.engine.system import InlineWork
from flowengine.engine.users import Identified
from flowengine.errors import CallerError
from flowengine.operations.codes import Purpose, Recipient, check_code, send_code
from flowengine.testing.fakes import FixedClock, KeptMessages
from tests.stores.conftest import Stores

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
POOL = Pool(id="eu-west-1_Codes", name="codes")


@dataclass(frozen=True, slots=True)
class Post:
    """An engine over one of the stores, and what it sends."""

    parts: Parts
    clock: FixedClock
    sent: KeptMessages

    @property
    def code(self) -> str:
        return self.sent.messages[-1].code


def post_of(stores: Stores) -> Post:
    clock, sent = FixedClock(NOW), KeptMessages()
    engine = AsyncEngine(
        (),
        sessions=stores.sessions(),
        counters=stores.counters(),
        delivery=sent,
        pools=(POOL,),
        decoy_secret=bytes(range(32)),
        clock=clock,
        work=InlineWork(),
    )
    return Post(engine.parts, clock, sent)


def somebody() -> Recipient:
    sub = str(uuid.uuid4())
    account = Account(POOL.id, "ada", sub, "stamp", NOW, NOW)
    user = Identified(account.facts(), account, decoy=False)
    return Recipient(POOL, user, Channel.EMAIL, f"{sub}@example.com")


async def told(call: Callable[[], object]) -> str:
    """Give the name of the exception of a check, or ``right``."""
    try:
        await call()  # type: ignore[misc]
    except CallerError as error:
        return type(error).__name__
    return "right"


def test_a_code_is_replaced_and_good_once(stores: Stores) -> None:
    async def run() -> None:
        post, who = post_of(stores), somebody()
        check = partial(check_code, post.parts, Purpose.SIGN_UP, who)
        assert await told(partial(check, "000000")) == "ExpiredCodeError"
        await send_code(post.parts, Purpose.SIGN_UP, who)
        first = post.code
        await send_code(post.parts, Purpose.SIGN_UP, who)
        wanted = "right" if first == post.code else "CodeMismatchError"
        assert await told(partial(check, first)) == wanted
        other = replace(who, address="other@example.com")
        elsewhere = partial(check_code, post.parts, Purpose.SIGN_UP, other, post.code)
        assert await told(elsewhere) == "ExpiredCodeError"
        reset = partial(check_code, post.parts, Purpose.FORGOT_PASSWORD, who, post.code)
        assert await told(reset) == "ExpiredCodeError"
        assert await told(partial(check, post.code)) == "right"
        assert await told(partial(check, post.code)) == "ExpiredCodeError"
        await send_code(post.parts, Purpose.SIGN_UP, who)
        assert await told(partial(check, post.code)) == "right"

    stores.run(run())


def test_a_code_expires_and_another_takes_its_place(stores: Stores) -> None:
    async def run() -> None:
        post, who = post_of(stores), somebody()
        check = partial(check_code, post.parts, Purpose.FORGOT_PASSWORD, who)
        for late in (timedelta(hours=1), timedelta(hours=1, minutes=15), timedelta(days=3)):
            await send_code(post.parts, Purpose.FORGOT_PASSWORD, who)
            post.clock.advance(late)
            assert await told(partial(check, post.code)) == "ExpiredCodeError"
        await send_code(post.parts, Purpose.FORGOT_PASSWORD, who)
        post.clock.advance(timedelta(minutes=59, seconds=59))
        assert await told(partial(check, post.code)) == "right"

    stores.run(run())


def test_of_five_at_once_one_spends_a_code(stores: Stores) -> None:
    async def run() -> None:
        post, who = post_of(stores), somebody()
        for _ in range(3):
            await send_code(post.parts, Purpose.SIGN_UP, who)
            check = partial(check_code, post.parts, Purpose.SIGN_UP, who, post.code)
            outcomes = await stores.race([partial(told, check)] * 5)
            assert outcomes.count("right") == 1, outcomes
            assert set(outcomes) <= {"right", "ExpiredCodeError", "CodeMismatchError"}
            post.clock.advance(timedelta(hours=2))

    stores.run(run())


def test_of_five_asked_for_at_once_one_is_good(stores: Stores) -> None:
    async def run() -> None:
        post, who = post_of(stores), somebody()
        send = partial(send_code, post.parts, Purpose.SIGN_UP, who)
        outcomes = await stores.race([partial(told, send)] * 4)
        assert outcomes.count("right") == 4, outcomes
        good = []
        for code in {message.code for message in post.sent.messages}:
            check = partial(check_code, post.parts, Purpose.SIGN_UP, who, code)
            good.append(await told(check))
        assert good.count("right") == 1, good

    stores.run(run())


def test_guesses_at_once_are_never_more_than_the_limit(stores: Stores) -> None:
    async def run() -> None:
        post, who = post_of(stores), somebody()
        await send_code(post.parts, Purpose.SIGN_UP, who)
        wrong = f"{(int(post.code) + 1) % 10**6:06d}"
        check = partial(check_code, post.parts, Purpose.SIGN_UP, who, wrong)
        for _ in range(3):
            await stores.race([partial(told, check)] * 8)
        right = partial(check_code, post.parts, Purpose.SIGN_UP, who, post.code)
        assert await told(right) == "LimitExceededError"

    stores.run(run())
