"""``lockout: per-address``: nobody locks a user out from elsewhere, and nobody tries for ever."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.accounts.lockout import AddressLockout, LockoutPolicy, network_of
from flowengine.engine.replies import SuccessReply
from flowengine.engine.requests import InitiateAuthRequest, RequestOrigin
from flowengine.errors import NotAuthorizedError
from tests import planted
from tests.engine.world import PASSWORD, POOL, WEB, World

HOME, CAFE = "192.0.2.1", "198.51.100.7"
EXCEEDED = "Password attempts exceeded"
WRONG = "Incorrect username or password."


class Street(World):
    """A world in which requests come from addresses."""

    def __init__(self, lockout: AddressLockout | None = None) -> None:
        super().__init__(pool=replace(POOL, lockout=lockout or AddressLockout()))

    def tries(self, ip: str, username: str = "alice", password: str = PASSWORD) -> str:
        """Sign in by password, and say what was told."""
        request = InitiateAuthRequest(
            WEB, "USER_PASSWORD_AUTH", {"USERNAME": username, "PASSWORD": password}
        )
        try:
            reply = self.engine.initiate(request, RequestOrigin(ip))
        except NotAuthorizedError as refused:
            return refused.message
        assert isinstance(reply, SuccessReply)
        return "in"

    def guesses(self, ip: str, times: int, username: str = "alice") -> list[str]:
        return [self.tries(ip, username, planted.OTHER_PASSWORD) for _ in range(times)]


def test_the_fifth_wrong_answer_locks_its_own_address_and_no_other() -> None:
    world = Street()
    world.add_user()
    assert world.guesses(HOME, 5) == [WRONG] * 5
    assert world.tries(HOME) == EXCEEDED
    assert world.tries(CAFE) == "in"
    world.clock.advance(timedelta(seconds=1))
    assert world.tries(HOME) == "in"


def test_an_unknown_name_locks_like_a_known_one() -> None:
    world = Street()
    world.add_user()
    assert world.guesses(HOME, 6, "nobody") == world.guesses(HOME, 6)


def test_one_ipv6_customer_is_one_address() -> None:
    world = Street()
    world.add_user()
    for host in range(5):
        world.guesses(f"2001:db8:1:2::{host:x}", 1)
    assert world.tries("2001:db8:1:2:ffff::1") == EXCEEDED
    assert world.tries("2001:db8:1:3::1") == "in"


def test_from_many_addresses_nobody_tries_for_ever() -> None:
    world = Street()
    world.add_user()
    for number in range(100):
        assert world.guesses(f"10.0.0.{number}", 1) == [WRONG]
    assert world.guesses("10.0.1.1", 1) == [EXCEEDED]
    world.clock.advance(timedelta(minutes=14, seconds=59))
    assert world.guesses("10.0.1.2", 1) == [EXCEEDED]
    world.clock.advance(timedelta(seconds=1))
    assert world.guesses("10.0.1.3", 1) == [WRONG]
    world.clock.advance(timedelta(minutes=29))
    assert world.guesses("10.0.1.4", 1) == [EXCEEDED], "the next lock is twice as long"


def test_an_attack_from_elsewhere_does_not_lock_the_owner_out_at_home() -> None:
    world = Street()
    world.add_user()
    assert world.tries(HOME) == "in"
    for number in range(100):
        world.guesses(f"10.0.0.{number}", 1)
    assert world.tries(CAFE) == EXCEEDED
    assert world.tries(HOME) == "in"


def test_the_owners_address_is_remembered_for_a_month_and_no_longer() -> None:
    world = Street()
    world.add_user()
    assert world.tries(HOME) == "in"
    world.clock.advance(timedelta(days=30))
    for number in range(100):
        world.guesses(f"10.0.0.{number}", 1)
    assert world.tries(HOME) == EXCEEDED


def test_who_knows_the_owners_address_still_has_five_tries_there() -> None:
    world = Street()
    world.add_user()
    assert world.tries(HOME) == "in"
    assert world.guesses(HOME, 6) == [*[WRONG] * 5, EXCEEDED]


def test_a_right_password_makes_its_address_known_for_itself_alone() -> None:
    world = Street(AddressLockout(everywhere=LockoutPolicy(threshold=2)))
    world.add_user(with_totp=True)
    reply = world.sign_in_by_password()  # without an address: nothing becomes known
    assert reply is not None
    world.guesses("10.0.0.1", 1)
    world.guesses("10.0.0.2", 1)
    assert world.tries(HOME) == EXCEEDED


def test_one_password_cannot_be_tried_on_everybody_from_one_address() -> None:
    world = Street()
    world.add_user()
    for number in range(100):
        assert world.guesses(CAFE, 1, f"user{number}") == [WRONG]
    assert world.guesses(CAFE, 1, "another") == [EXCEEDED]
    assert world.tries(CAFE) == EXCEEDED
    assert world.tries(HOME) == "in"
    world.clock.advance(timedelta(hours=1))
    assert world.tries(CAFE) == "in"


def test_an_account_of_ones_own_does_not_clear_an_addresss_count() -> None:
    world = Street()
    world.add_user("mallory")
    for number in range(100):
        world.guesses(CAFE, 1, f"user{number}")
        if number % 10 == 0:
            assert world.tries(CAFE, "mallory") == "in"
    assert world.guesses(CAFE, 1, "another") == [EXCEEDED]


@pytest.mark.parametrize("nowhere", ["", "unknown"])
def test_without_an_address_tries_count_per_user(nowhere: str) -> None:
    world = Street()
    world.add_user()
    assert world.guesses(nowhere, 6) == [*[WRONG] * 5, EXCEEDED]
    assert world.tries(HOME) == "in"


def test_a_backends_own_address_counts_per_user() -> None:
    world = Street()
    world.add_user()
    parameters = {"USERNAME": "alice", "PASSWORD": planted.OTHER_PASSWORD}
    request = InitiateAuthRequest(WEB, "USER_PASSWORD_AUTH", parameters)
    for _ in range(5):
        with pytest.raises(NotAuthorizedError, match=WRONG):
            world.engine.initiate(request, RequestOrigin(HOME, shared=True))
    assert world.tries("") == EXCEEDED
    assert world.tries(HOME) == "in"


def test_what_was_reserved_beside_a_refused_count_is_given_back() -> None:
    world = Street(AddressLockout(everywhere=LockoutPolicy(threshold=1, longest_lock=timedelta(1))))
    world.add_user()
    world.guesses("10.0.0.1", 1)
    for _ in range(20):
        assert world.tries(HOME) == EXCEEDED  # a place kept each time would crowd the sixth
    world.clock.advance(timedelta(minutes=1))
    assert world.tries(HOME) == "in"


@given(st.ip_addresses(v=6))
def test_a_network_is_that_of_all_its_hosts(address: object) -> None:
    network = network_of(str(address))
    assert network is not None
    assert network_of(network) == network


def test_an_address_is_counted_by_one_name() -> None:
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("2001:DB8:0:0:0::1") == network_of("2001:db8::2") == "2001:db8::"
    assert network_of("fe80::1%eth0") == "fe80::"
    assert [network_of(text) for text in ("", "localhost", "192.0.2.1:80", "%")] == [None] * 4
