"""The menus of first factors: each that some user is offered, some decoy is, and no other."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from flowengine.accounts.account import Passkey, TotpFactor
from flowengine.accounts.pool import Pool
from flowengine.crypto.passkeys import NOBODYS_KEY
from flowengine.engine.replies import ChallengeReply
from tests.authenticator import RELYING_PARTY
from tests.engine.world import FORCED, NOW, POOL, TOTP_SECRET
from tests.shipped.routes import ADDRESSES, Shipped
from tests.shipped.ways import ALL_METHODS, NONE, PASSKEYS, REQUIRED

DECOYS = 300
_FACTORS: dict[str, dict[str, Any]] = {
    "SOFTWARE_TOKEN_MFA": {"totp": TotpFactor(TOTP_SECRET)},
    "SMS_MFA": {"sms_mfa": True},
    "EMAIL_OTP": {"email_mfa": True},
}


def users(pool: Pool) -> Iterator[dict[str, Any]]:
    """Give every sort of user that a pool can have: addresses, factors, passkeys, statuses."""
    marks = itertools.product(("true", "false"), repeat=2)
    factors = [{}, *(_FACTORS[method] for method in pool.mfa_methods)]
    passkeys = [False] if pool.passkeys is None else [False, True]
    for (email, phone), factor, has, status in itertools.product(
        marks, factors, passkeys, ({}, {"status": FORCED})
    ):
        verified = {"email_verified": email, "phone_number_verified": phone}
        yield {"attributes": {**ADDRESSES, **verified}, "passkeys": has, **factor, **status}


def passkey(number: int) -> tuple[Passkey, ...]:
    return (Passkey(number.to_bytes(16, "big"), NOBODYS_KEY, 0, RELYING_PARTY, NOW),)


def menu(world: Shipped, username: str) -> tuple[str, tuple[str, ...], bool]:
    asked = world.begin("USER_AUTH", username)
    assert isinstance(asked, ChallengeReply)
    return asked.challenge_name, asked.available_challenges, asked.session is None


@pytest.mark.parametrize(
    "pool",
    [
        POOL,
        ALL_METHODS,
        NONE,
        REQUIRED,
        PASSKEYS,
        replace(PASSKEYS, mfa_methods=()),
    ],
)
def test_users_and_decoys_are_offered_the_same_menus(pool: Pool) -> None:
    world, offered = Shipped("choice", pool), set()
    for number, sort in enumerate(users(pool)):
        name, passkeys = f"user-{number}", passkey(number) if sort["passkeys"] else ()
        world.add_user(name, **{**sort, "passkeys": passkeys})
        offered.add(menu(world, name))
    assert {menu(world, f"nobody-{n}") for n in range(DECOYS)} == offered


def test_a_name_is_always_offered_the_same_menu() -> None:
    for name in ("nobody-1", "nobody-2", "nobody-3"):
        assert len({menu(Shipped("choice", PASSKEYS), name) for _ in range(2)}) == 1
