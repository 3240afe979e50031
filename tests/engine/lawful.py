"""What the tests of the laws share: users who have everything, and how they are asked."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from flowengine.accounts.pool import Mfa
from flowengine.engine.replies import ChallengeReply, Reply
from flowengine.engine.requests import InitiateAuthRequest
from tests.engine.test_web_authn import PASSKEYS, passkey_of, phone
from tests.engine.world import WEB, World

ADDRESSES: Final = {
    "email": "alice@example.com", "email_verified": "true",
    "phone_number": "+431234567", "phone_number_verified": "true",
}  # fmt: skip
EVERYTHING: Final = replace(
    PASSKEYS, mfa=Mfa.OPTIONAL, mfa_methods=("SOFTWARE_TOKEN_MFA", "EMAIL_OTP"), aliases=("email",)
)
PHONE: Final = phone()
PASSKEY: Final = (passkey_of(PHONE),)


def begin(world: World, username: str = "alice", door: str = "CUSTOM_AUTH") -> ChallengeReply:
    reply = world.engine.initiate(InitiateAuthRequest(WEB, door, {"USERNAME": username}))
    assert isinstance(reply, ChallengeReply)
    return reply


def say(world: World, reply: Reply, username: str = "alice", **answer: str) -> Reply:
    assert isinstance(reply, ChallengeReply)
    return world.answer(reply.challenge_name, reply.session, {"USERNAME": username, **answer})
