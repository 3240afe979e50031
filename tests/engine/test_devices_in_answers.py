"""A client may name its device with any answer: amazon-cognito-identity-js and Amplify do."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest
from flowengine.engine.users import Identified, with_device
from flowengine.errors import ResourceNotFoundError
from flowengine.runtime.record import SignInRecord
from tests.engine.test_devices import KEY, Tracked, device_of, refusal
from tests.engine.world import PASSWORD, WEB
from tests.runtime.test_runtime import record

UNKNOWN = KEY[:-1] + "6"


class Late(Tracked):
    """A client that keeps its device to itself until it answers."""

    def begin(self, username: str = "alice", client_id: str = WEB, **more: str) -> ChallengeReply:
        parameters = {"USERNAME": username, "SRP_A": self.ephemeral.srp_a, **more}
        reply = self.engine.initiate(InitiateAuthRequest(client_id, "USER_SRP_AUTH", parameters))
        assert isinstance(reply, ChallengeReply)
        return reply

    def name(self, asked: ChallengeReply, key: str | None, password: str = PASSWORD) -> Reply:
        user = asked.challenge_parameters["USER_ID_FOR_SRP"]
        claim = self._claim(asked, self.pool.srp_name, user, password)
        named = {} if key is None else {"DEVICE_KEY": key}
        sent = {"USERNAME": user, **named, **claim}
        return self.answer("PASSWORD_VERIFIER", asked.session, sent)


def test_the_device_of_the_password_answer_stands_for_a_second_factor() -> None:
    world = Late()
    asked = world.name(world.begin(), KEY)
    assert isinstance(asked, ChallengeReply)
    assert asked.challenge_name == "DEVICE_SRP_AUTH"
    done = world.prove_device(world.srp_auth(asked))
    assert isinstance(done, SuccessReply)
    assert set(done.proved) == {"password", "device"}


def test_an_unknown_device_costs_no_try_and_the_same_answer_is_good_without_it() -> None:
    world = Late()
    asked = world.begin()
    for _ in range(6):
        refused = refusal(world.name, asked, UNKNOWN)
        assert isinstance(refused, ResourceNotFoundError)
        assert refused.message == "Device does not exist."
    second = world.name(asked, None)
    assert isinstance(second, ChallengeReply)
    assert second.challenge_name == "SOFTWARE_TOKEN_MFA"


def test_a_wrong_password_does_not_hear_that_the_device_is_unknown() -> None:
    for key in (KEY, UNKNOWN):
        world = Late()
        refused = refusal(world.name, world.begin(), key, "wrong")
        assert refused.message == "Incorrect username or password."


def test_the_device_of_another_user_is_unknown() -> None:
    world = Late()
    world.add_user("bob")
    assert isinstance(refusal(world.name, world.begin("bob"), KEY), ResourceNotFoundError)


def test_an_invented_user_hears_the_same_with_every_device() -> None:
    world = Late()
    heard = set()
    for key in (KEY, UNKNOWN, None):
        refused = refusal(world.name, world.begin("nobody"), key)
        heard.add((type(refused), refused.message))
    assert len(heard) == 1


def test_a_device_that_is_not_remembered_spares_no_second_factor() -> None:
    world = Late(remembered=False)
    asked = world.name(world.begin(), KEY)
    assert isinstance(asked, ChallengeReply)
    assert asked.challenge_name == "SOFTWARE_TOKEN_MFA"


def test_the_first_device_of_the_user_stays_named() -> None:
    world = Late()
    other = replace(device_of(world.account), key=UNKNOWN)
    assert asyncio.run(world.devices.add(other))
    asked = world.name(world.begin(), KEY)
    assert isinstance(refusal(world.srp_auth, asked, DEVICE_KEY=UNKNOWN), ResourceNotFoundError)
    assert isinstance(world.srp_auth(asked), ChallengeReply)


@pytest.mark.parametrize("key", [UNKNOWN, "", "x" * 100])
def test_another_kind_takes_no_notice_of_an_unknown_device(key: str) -> None:
    world = Late()
    asked = world.name(world.begin(), None)
    assert isinstance(asked, ChallengeReply)
    code = world.totp_code()
    sent = {"USERNAME": "alice", "SOFTWARE_TOKEN_MFA_CODE": code, "DEVICE_KEY": key}
    done = world.answer("SOFTWARE_TOKEN_MFA", asked.session, sent)
    assert isinstance(done, SuccessReply)


def test_what_the_device_was_when_it_was_named_stays() -> None:
    world = Late()
    user = Identified(
        world.account.facts(), world.account, decoy=False, device=device_of(world.account)
    )
    named = record(device_key=KEY, device_remembered=False)
    assert with_device(named, user) is named
    assert with_device(record(), user).device_remembered
    nobody = replace(user, device=None)
    assert with_device(named, nobody) is named


def test_the_name_of_a_device_is_in_no_repr() -> None:
    assert SignInRecord.__dataclass_fields__["device_key"].repr is False
