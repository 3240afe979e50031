"""A remembered device proves itself, with a Session or without one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from flowengine.accounts.account import Account, SrpCredential
from flowengine.accounts.device import Device, DeviceSettings
from flowengine.crypto import srp, srp_client
from flowengine.engine.replies import ChallengeReply, Reply, SuccessReply
from flowengine.engine.requests import InitiateAuthRequest
from flowengine.errors import (
    CallerError,
    InvalidParameterError,
    NotAuthorizedError,
    ResourceNotFoundError,
    SpentSessionError,
    UnknownSessionError,
)
from tests import planted
from tests.engine.world import NOW, OTHER, PASSWORD, POOL, WEB, World

FLOW = """
flow: with-devices
version: 1
auth_flows: [USER_SRP_AUTH]
require:
  - proved.password
  - proved.device || proved.totp || !user.has.totp
start: password
nodes:
  password:
    challenge: PASSWORD_VERIFIER
    responses: [PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]
    next:
      - when: device.remembered && pool.device_challenge
        goto: device
      - else: second
  device:
    challenge: DEVICE_SRP_AUTH
    responses: [SRP_A]
    next: device-proof
  device-proof:
    challenge: DEVICE_PASSWORD_VERIFIER
    responses: [PASSWORD_CLAIM_SIGNATURE, PASSWORD_CLAIM_SECRET_BLOCK, TIMESTAMP]
    next: done
  second:
    choose:
      - when: user.has.totp
        goto: totp
      - else: done
  totp:
    challenge: SOFTWARE_TOKEN_MFA
    responses: [SOFTWARE_TOKEN_MFA_CODE]
    next: done
  done:
    end: success
"""
TRACKING = replace(POOL, devices=DeviceSettings())
KEY = "eu-west-1_11111111-2222-4333-8444-555555555555"
GROUP = "-Group123"
DEVICE_SECRET = f"device-{planted.PASSWORD}"
Responses = dict[str, str]


class Tracked(World):
    """A world with a user who has an app and, if wanted, a remembered device."""

    def __init__(self, flow: str = FLOW, **device: Any) -> None:
        super().__init__(flow, TRACKING)
        self.account = self.add_user(with_totp=True)
        if device.pop("known", True):
            assert asyncio.run(self.devices.add(replace(device_of(self.account), **device)))
        self.ephemeral = srp_client.begin(self.entropy.draw)

    def begin(self, username: str = "alice", client_id: str = WEB, **more: str) -> ChallengeReply:
        parameters = {"USERNAME": username, "SRP_A": self.ephemeral.srp_a, "DEVICE_KEY": KEY}
        request = InitiateAuthRequest(client_id, "USER_SRP_AUTH", {**parameters, **more})
        reply = self.engine.initiate(request)
        assert isinstance(reply, ChallengeReply)
        return reply

    def prove_password(self, asked: ChallengeReply, password: str = PASSWORD) -> Reply:
        user = asked.challenge_parameters["USER_ID_FOR_SRP"]
        claim = self._claim(asked, self.pool.srp_name, user, password)
        return self.answer("PASSWORD_VERIFIER", None, {"USERNAME": user, **claim})

    def srp_auth(self, reply: Reply, **changes: Any) -> Reply:
        """Answer DEVICE_SRP_AUTH; ``session=None`` sends none."""
        assert isinstance(reply, ChallengeReply)
        assert reply.challenge_name == "DEVICE_SRP_AUTH"
        session = changes.pop("session", reply.session)
        client_id = changes.pop("client_id", WEB)
        given = {"USERNAME": "alice", "DEVICE_KEY": KEY, "SRP_A": self.ephemeral.srp_a, **changes}
        sent = {key: value for key, value in given.items() if value is not None}
        return self.answer("DEVICE_SRP_AUTH", session, sent, client_id)

    def device_claim(self, reply: Reply, secret: str = DEVICE_SECRET) -> Responses:
        assert isinstance(reply, ChallengeReply)
        assert reply.challenge_name == "DEVICE_PASSWORD_VERIFIER"
        claim = self._claim(reply, GROUP, KEY, secret)
        return {"USERNAME": "alice", "DEVICE_KEY": KEY, **claim}

    def prove_device(self, reply: Reply, session: str | None = None, **changes: str) -> Reply:
        claim = {**self.device_claim(reply), **changes}
        return self.answer("DEVICE_PASSWORD_VERIFIER", session, claim)

    def _claim(self, asked: ChallengeReply, group: str, user: str, secret: str) -> Responses:
        told = asked.challenge_parameters
        server = srp_client.ServerHalf(told["SALT"], told["SRP_B"], told["SECRET_BLOCK"])
        now = self.clock.now()
        return srp_client.answer(self.ephemeral, group, user, secret, server, now).responses()


def device_of(account: Account) -> Device:
    salt = 0x1234567890ABCDEF
    verifier = srp.verifier(GROUP, KEY, DEVICE_SECRET, salt)
    return Device(
        pool_id=account.pool_id,
        sub=account.sub,
        key=KEY,
        group_key=GROUP,
        credential=SrpCredential(srp.to_hex(salt), verifier),
        name="phone",
        remembered=True,
        created_at=NOW,
        modified_at=NOW,
        seen_at=NOW,
    )


def refusal(call: Callable[..., Any], *arguments: Any, **named: Any) -> CallerError:
    with pytest.raises(CallerError) as error:
        call(*arguments, **named)
    return error.value


@pytest.mark.parametrize("with_session", [True, False])
def test_a_remembered_device_stands_for_a_second_factor(with_session: bool) -> None:  # noqa: FBT001
    world = Tracked()
    asked = world.prove_password(world.begin())
    assert isinstance(asked, ChallengeReply)
    sent = {} if with_session else {"session": None}
    proof = world.srp_auth(asked, **sent)
    assert isinstance(proof, ChallengeReply)
    told = proof.challenge_parameters
    assert (told["USERNAME"], told["DEVICE_KEY"]) == ("alice", KEY)
    done = world.prove_device(proof, proof.session if with_session else None)
    assert isinstance(done, SuccessReply)
    assert set(done.proved) == {"password", "device"}


def test_with_a_session_any_srp_a_will_do() -> None:
    world = Tracked()
    asked = world.prove_password(world.begin())
    world.ephemeral = srp_client.begin(world.entropy.draw)
    assert isinstance(world.prove_device(world.srp_auth(asked)), SuccessReply)


@pytest.mark.parametrize(
    "changes",
    [
        {"SRP_A": "abcdef"},
        {"DEVICE_KEY": KEY[:-1] + "6"},
        {"USERNAME": "bob"},
        {"client_id": OTHER},
    ],
)
def test_without_a_session_everything_has_to_be_as_it_began(changes: dict[str, str]) -> None:
    world = Tracked()
    asked = world.prove_password(world.begin())
    refused = refusal(world.srp_auth, asked, session=None, **changes)
    assert (type(refused), refused.message) == (
        NotAuthorizedError,
        "Incorrect username or password.",
    )
    assert isinstance(world.srp_auth(asked, session=None), ChallengeReply)


@pytest.mark.parametrize("missing", ["SRP_A", "DEVICE_KEY"])
def test_without_a_session_both_have_to_be_there(missing: str) -> None:
    world = Tracked()
    asked = world.prove_password(world.begin())
    refused = refusal(world.srp_auth, asked, session=None, **{missing: None})
    assert refused.message == "Missing required parameter Session"


def test_the_device_is_not_asked_before_the_password_was_proved() -> None:
    world = Tracked()
    begun = world.begin()
    early = replace(begun, challenge_name="DEVICE_SRP_AUTH")
    assert type(refusal(world.srp_auth, early, session=None)) is NotAuthorizedError
    assert isinstance(world.prove_password(begun), ChallengeReply)


def test_a_step_without_a_session_is_good_once() -> None:
    world = Tracked()
    asked = world.prove_password(world.begin())
    proof = world.srp_auth(asked, session=None)
    assert type(refusal(world.srp_auth, asked, session=None)) is NotAuthorizedError
    assert isinstance(refusal(world.srp_auth, asked), SpentSessionError)
    assert isinstance(world.prove_device(proof), SuccessReply)
    assert type(refusal(world.prove_device, proof)) is NotAuthorizedError


def test_several_sign_ins_with_the_same_srp_a_do_not_meet() -> None:
    world = Tracked()
    begun = [world.begin() for _ in range(5)]
    asked = [world.prove_password(each) for each in begun]
    # The newest of those that it could mean; the fifth has an id of its own and needs a Session.
    proof = world.srp_auth(asked[0], session=None)
    assert isinstance(world.prove_device(proof), SuccessReply)
    assert isinstance(world.prove_device(world.srp_auth(asked[4])), SuccessReply)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"SRP_A": None}, InvalidParameterError),
        ({"SRP_A": "0"}, InvalidParameterError),
        ({"SRP_A": "xyz"}, InvalidParameterError),
        ({"SRP_A": srp.to_hex(srp.PRIME)}, InvalidParameterError),
        ({"DEVICE_KEY": None}, InvalidParameterError),
        ({"DEVICE_KEY": KEY[:-1] + "6"}, ResourceNotFoundError),
        ({"USERNAME": "bob"}, UnknownSessionError),
        ({"client_id": OTHER}, UnknownSessionError),
    ],
)
def test_a_malformed_start_costs_nothing(changes: dict[str, Any], error: type[CallerError]) -> None:
    world = Tracked()
    asked = world.prove_password(world.begin())
    for _ in range(6):
        assert isinstance(refusal(world.srp_auth, asked, **changes), error)
    assert isinstance(world.prove_device(world.srp_auth(asked)), SuccessReply)


def test_another_secret_block_is_no_step_of_ours() -> None:
    world = Tracked()
    proof = world.srp_auth(world.prove_password(world.begin()))
    assert isinstance(proof, ChallengeReply)
    wrong = {"PASSWORD_CLAIM_SECRET_BLOCK": "AAAA"}
    assert type(refusal(world.prove_device, proof, proof.session, **wrong)) is NotAuthorizedError
    assert isinstance(world.prove_device(proof), SuccessReply)


@pytest.mark.parametrize(
    "changes",
    [
        {"PASSWORD_CLAIM_SIGNATURE": "AAAA"},
        {"TIMESTAMP": "Thu Jan 1 00:00:00 UTC 1970"},
        {"DEVICE_KEY": KEY[:-1] + "6"},
    ],
)
def test_a_wrong_proof_ends_the_sign_in(changes: dict[str, str]) -> None:
    world = Tracked()
    proof = world.srp_auth(world.prove_password(world.begin()))
    assert isinstance(proof, ChallengeReply)
    refused = refusal(world.prove_device, proof, proof.session, **changes)
    assert type(refused) is NotAuthorizedError
    assert isinstance(refusal(world.prove_device, proof, proof.session), SpentSessionError)


def test_the_secret_of_another_device_proves_nothing() -> None:
    world = Tracked()
    proof = world.srp_auth(world.prove_password(world.begin()))
    claim = world.device_claim(proof, "another secret")
    refused = refusal(world.answer, "DEVICE_PASSWORD_VERIFIER", None, claim)
    assert type(refused) is NotAuthorizedError


def test_the_password_proof_is_no_device_proof() -> None:
    world = Tracked()
    proof = world.srp_auth(world.prove_password(world.begin()))
    assert isinstance(proof, ChallengeReply)
    claim = world._claim(proof, world.pool.srp_name, "alice", PASSWORD)
    sent: Mapping[str, str] = {"USERNAME": "alice", "DEVICE_KEY": KEY, **claim}
    assert type(refusal(world.answer, "DEVICE_PASSWORD_VERIFIER", None, sent)) is NotAuthorizedError


def test_an_unknown_device_is_told_only_to_who_knows_the_password() -> None:
    world = Tracked(known=False)
    refused = refusal(world.prove_password, world.begin(), "wrong")
    assert refused.message == "Incorrect username or password."
    refused = refusal(world.prove_password, world.begin())
    assert (type(refused), refused.message) == (ResourceNotFoundError, "Device does not exist.")


def test_a_device_of_another_user_is_an_unknown_one() -> None:
    world = Tracked()
    bob = world.add_user("bob")
    assert bob.sub != world.account.sub
    refused = refusal(world.prove_password, world.begin("bob"))
    assert isinstance(refused, ResourceNotFoundError)


def test_a_device_that_is_not_remembered_proves_nothing() -> None:
    world = Tracked(remembered=False)
    asked = world.prove_password(world.begin())
    assert isinstance(asked, ChallengeReply)
    assert asked.challenge_name == "SOFTWARE_TOKEN_MFA"


def test_a_device_that_is_forgotten_on_the_way_proves_nothing() -> None:
    world = Tracked()
    asked = world.prove_password(world.begin())
    assert asyncio.run(world.devices.remove(POOL.id, world.account.sub, KEY))
    assert isinstance(refusal(world.srp_auth, asked), ResourceNotFoundError)
    world = Tracked()
    proof = world.srp_auth(world.prove_password(world.begin()))
    assert asyncio.run(world.devices.remove(POOL.id, world.account.sub, KEY))
    assert isinstance(refusal(world.prove_device, proof), ResourceNotFoundError)


def test_a_pool_without_devices_does_not_look_at_the_key() -> None:
    world = World(FLOW)
    world.add_user()
    ephemeral = srp_client.begin(world.entropy.draw)
    parameters = {"USERNAME": "alice", "SRP_A": ephemeral.srp_a, "DEVICE_KEY": KEY}
    reply = world.engine.initiate(InitiateAuthRequest(WEB, "USER_SRP_AUTH", parameters))
    assert isinstance(reply, ChallengeReply)
    told = reply.challenge_parameters
    server = srp_client.ServerHalf(told["SALT"], told["SRP_B"], told["SECRET_BLOCK"])
    claim = srp_client.answer(
        ephemeral, world.pool.srp_name, "alice", PASSWORD, server, world.clock.now()
    )
    done = world.answer("PASSWORD_VERIFIER", None, {"USERNAME": "alice", **claim.responses()})
    assert isinstance(done, SuccessReply)


def test_a_device_that_proved_itself_was_seen() -> None:
    world = Tracked()
    world.clock.advance(NOW.replace(day=2) - NOW)
    world.prove_device(world.srp_auth(world.prove_password(world.begin())))
    device = asyncio.run(world.devices.find(POOL.id, world.account.sub, KEY))
    assert device is not None
    assert device.seen_at == world.clock.now()


def test_an_unknown_user_is_asked_for_a_password_alone() -> None:
    world = Tracked()
    assert type(refusal(world.prove_password, world.begin("nobody"))) is NotAuthorizedError
