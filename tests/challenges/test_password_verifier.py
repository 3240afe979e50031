from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pycognito.aws_srp import AWSSRP

from flowengine.accounts.account import Account, HashCredential, SrpCredential
from flowengine.accounts.credentials import make_password
from flowengine.accounts.decoys import decoy_account
from flowengine.challenges.kind import (
    Denied,
    Issued,
    Malformed,
    Proved,
    Standing,
    Unavailable,
    Verdict,
    Wrong,
)
from flowengine.challenges.password_verifier import PasswordVerifier
from flowengine.crypto import srp, srp_client, srp_time
from flowengine.errors import InvalidParameterError, NotAuthorizedError
from tests.challenges.builders import (
    NOW,
    PLAIN,
    POOL,
    TOKEN,
    answering,
    issued,
    issuing,
    said,
    stream,
)

KIND: Final = PasswordVerifier()
PASSWORD: Final = "Correct-Horse-9"
REFUSED: Final = (NotAuthorizedError, "Incorrect username or password.")
BAD_TIMESTAMP: Final = "TIMESTAMP format should be EEE MMM d HH:mm:ss z yyyy in english."
MINE: Final = srp_client.begin(stream(b"client"))


def account_with(password: str, username: str = PLAIN.username) -> Account:
    credential = make_password(POOL, username, password, stream(b"salt"))
    return replace(PLAIN, username=username, password=credential)


ALICE: Final = account_with(PASSWORD)


@dataclass(frozen=True)
class Exchange:
    """One challenge, and the answers to it.

    Attributes:
        private: As it comes back from a store: JSON.
    """

    account: Account
    made: Issued
    client: srp_client.ClientEphemeral = MINE

    @property
    def private(self) -> Mapping[str, object]:
        """Give what the kind kept, after a journey through JSON."""
        kept: Mapping[str, object] = json.loads(json.dumps(dict(self.made.private)))
        return kept

    def claim(self, password: str, at: datetime = NOW) -> dict[str, str]:
        """Answer as a client does, from the parameters alone."""
        told = self.made.parameters
        server = srp_client.ServerHalf(told["SALT"], told["SRP_B"], told["SECRET_BLOCK"])
        return srp_client.answer(
            self.client, POOL.srp_name, told["USER_ID_FOR_SRP"], password, server, at
        ).responses()

    def judge(self, responses: Mapping[str, str], token: bytes = TOKEN) -> Verdict:
        """Have the kind judge an answer."""
        return KIND.verify(answering(responses, self.account, private=self.private, token=token))


def exchange(account: Account = ALICE) -> Exchange:
    return Exchange(account, issued(KIND.issue(issuing(account, carried={"SRP_A": MINE.srp_a}))))


def test_a_wrong_proof_ends_the_sign_in_and_counts_for_the_password() -> None:
    facts = KIND.facts
    assert (facts.standing, facts.attempts, facts.factor) == (Standing.OVER, 1, "password")
    assert (facts.carried, facts.proves) == (("SRP_A",), ("password",))


def test_a_challenge_tells_what_cognitos_clients_read() -> None:
    made = exchange().made
    assert made.parameters.keys() == {
        "SALT",
        "SRP_B",
        "SECRET_BLOCK",
        "USERNAME",
        "USER_ID_FOR_SRP",
    }
    assert made.parameters["USERNAME"] == made.parameters["USER_ID_FOR_SRP"] == ALICE.username
    assert base64.b64decode(made.parameters["SECRET_BLOCK"], validate=True) == TOKEN


def test_only_the_key_of_the_exchange_is_kept() -> None:
    private = exchange().private
    assert private.keys() == {"key"}
    assert len(bytes.fromhex(str(private["key"]))) == 16


def test_the_published_vector_of_the_exchange_is_met() -> None:
    """COGNITO.md, D.6; its SECRET_BLOCK is not one of ours, so it stands in as the token."""
    salt, token = "8f3c0000112233445566778899aabbcc", b"secret-block-bytes"
    value = srp.verifier(POOL.srp_name, PLAIN.username, PASSWORD, int(salt, 16))
    account = replace(PLAIN, password=SrpCredential(salt, value))
    client_public = srp_client.ephemeral_of(int.from_bytes(b"\x11" * 128, "big"))
    server = srp.ephemeral_of(value, int.from_bytes(b"\x22" * 128, "big"))
    assert server is not None
    key = srp.session_key(client_public.public, server, value)
    assert key is not None
    responses = {
        "PASSWORD_CLAIM_SIGNATURE": "7Ad7+VzRAixlpKfhonP/5olWr0FCerS73oB2p6wy8Xo=",
        "PASSWORD_CLAIM_SECRET_BLOCK": base64.b64encode(token).decode(),
        "TIMESTAMP": "Tue Sep 5 07:08:09 UTC 2023",
    }
    answer = answering(responses, account, private={"key": key.hex()}, token=token)
    assert KIND.verify(answer) == Proved(("password",))


def test_the_right_password_proves() -> None:
    one = exchange()
    assert one.judge(one.claim(PASSWORD)) == Proved(("password",))


@settings(max_examples=20, deadline=None)
@given(
    username=st.text(min_size=1, max_size=30),
    password=st.text(max_size=60),
    other=st.text(max_size=60),
)
def test_a_client_that_knows_the_password_proves_it_and_no_other(
    username: str, password: str, other: str
) -> None:
    one = exchange(account_with(password, username))
    assert one.judge(one.claim(password)) == Proved(("password",))
    assert isinstance(one.judge(one.claim(other)), Proved) is (other == password)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:pycognito")
@pytest.mark.parametrize(("password", "proved"), [(PASSWORD, True), ("correct-horse-9", False)])
def test_a_client_that_nobody_here_wrote_proves_from_what_it_was_told(
    password: str, *, proved: bool
) -> None:
    client = AWSSRP(ALICE.username, password, POOL.id, "client-id", client=object())
    carried = {"SRP_A": f"{client.large_a_value:x}"}
    made = issued(KIND.issue(issuing(ALICE, carried=carried)))
    sent = client.process_challenge(dict(made.parameters), {"USERNAME": ALICE.username})
    now = srp_time.parse(sent["TIMESTAMP"])
    assert now is not None
    verdict = KIND.verify(answering(sent, ALICE, private=made.private, now=now))
    assert isinstance(verdict, Proved) is proved


@pytest.mark.parametrize("seconds", [-300, -299, 0, 299, 300])
def test_a_clock_up_to_five_minutes_off_is_taken(seconds: int) -> None:
    one = exchange()
    assert one.judge(one.claim(PASSWORD, NOW + timedelta(seconds=seconds))) == Proved(("password",))


@pytest.mark.parametrize("seconds", [-86_400, -301, 301, 86_400])
def test_a_clock_further_off_is_a_wrong_answer(seconds: int) -> None:
    one = exchange()
    verdict = one.judge(one.claim(PASSWORD, NOW + timedelta(seconds=seconds)))
    assert said(verdict) == (Wrong, *REFUSED)


@pytest.mark.parametrize(("seconds", "right"), [(-61, False), (-60, True), (60, True), (61, False)])
def test_a_pool_says_how_far_off_a_clock_may_be(seconds: int, *, right: bool) -> None:
    one, strict = exchange(), replace(POOL, timestamp_skew=timedelta(minutes=1))
    claim = one.claim(PASSWORD, NOW + timedelta(seconds=seconds))
    verdict = KIND.verify(answering(claim, one.account, private=one.private, pool=strict))
    assert isinstance(verdict, Proved) is right


@pytest.mark.parametrize("written", ["Tue Sep 05 07:08:09 UTC 2023", "Mon Sep 5 07:08:09 UTC 2023"])
def test_a_time_written_otherwise_than_cognito_does_fails_as_a_wrong_signature(
    written: str,
) -> None:
    one = exchange()
    signed = srp.signature(
        bytes.fromhex(str(one.private["key"])), POOL.srp_name, ALICE.username, TOKEN, written
    )
    claim = one.claim(PASSWORD)
    claim["PASSWORD_CLAIM_SIGNATURE"] = base64.b64encode(signed).decode()
    claim["TIMESTAMP"] = written
    assert said(one.judge(claim)) == (Wrong, *REFUSED)


@pytest.mark.parametrize(
    "written", ["", "now", "2023-09-05T07:08:09Z", "Di Sep 5 07:08:09 UTC 2023", "\ud800"]
)
def test_what_is_no_time_was_not_compared(written: str) -> None:
    one = exchange()
    claim = {**one.claim(PASSWORD), "TIMESTAMP": written}
    assert said(one.judge(claim)) == (Malformed, InvalidParameterError, BAD_TIMESTAMP)


@pytest.mark.parametrize(
    "block",
    [
        "",
        "AAAA",
        "\ud800",
        base64.b64encode(bytes(51)).decode(),
        base64.b64encode(TOKEN).decode() + "=",
        base64.urlsafe_b64encode(b"\xff" * 51).decode(),
    ],
)
def test_another_secret_block_is_a_wrong_answer(block: str) -> None:
    one = exchange()
    claim = {**one.claim(PASSWORD), "PASSWORD_CLAIM_SECRET_BLOCK": block}
    assert said(one.judge(claim)) == (Wrong, *REFUSED)


def test_a_proof_is_good_only_for_its_own_handle() -> None:
    one = exchange()
    claim = one.claim(PASSWORD)
    assert said(one.judge(claim, token=bytes(51))) == (Wrong, *REFUSED)
    claim["PASSWORD_CLAIM_SECRET_BLOCK"] = base64.b64encode(bytes(51)).decode()
    assert said(one.judge(claim, token=bytes(51))) == (Wrong, *REFUSED)


@pytest.mark.parametrize("signature", ["", "AAAA", "\ud800", "é", "A" * 100_000])
def test_what_is_no_signature_is_a_wrong_answer(signature: str) -> None:
    one = exchange()
    claim = {**one.claim(PASSWORD), "PASSWORD_CLAIM_SIGNATURE": signature}
    assert said(one.judge(claim)) == (Wrong, *REFUSED)


def test_a_proof_is_bound_to_the_user() -> None:
    one = exchange()
    other = Exchange(replace(ALICE, username="someone-else"), one.made)
    assert said(other.judge(one.claim(PASSWORD))) == (Wrong, *REFUSED)


@pytest.mark.parametrize("key", KIND.facts.required)
def test_an_answer_without_a_key_was_not_compared(key: str) -> None:
    one = exchange()
    claim = one.claim(PASSWORD)
    del claim[key]
    assert said(one.judge(claim)) == (
        Malformed,
        InvalidParameterError,
        f"Missing required parameter {key}",
    )


def test_without_srp_a_there_is_no_challenge() -> None:
    assert said(KIND.issue(issuing(ALICE))) == (
        Unavailable,
        InvalidParameterError,
        "Missing required parameter SRP_A",
    )


@pytest.mark.parametrize(
    "written",
    [
        "",
        "0",
        "xyz",
        "-1",
        "0x12",
        "١٢",
        "\ud800",
        f"{srp.PRIME:x}",
        f"{2 * srp.PRIME:x}",
        "1" * 999,
    ],
)
@pytest.mark.parametrize("account", [ALICE, PLAIN], ids=["user", "without-password"])
def test_an_unusable_srp_a_is_refused_whoever_it_is_for(account: Account, written: str) -> None:
    assert said(KIND.issue(issuing(account, carried={"SRP_A": written}))) == (
        Unavailable,
        InvalidParameterError,
        "Invalid SRP_A",
    )


WITHOUT_VERIFIER: Final = [
    PLAIN,
    replace(PLAIN, password=HashCredential("$argon2id$v=19$m=19456,t=2,p=1$AAAA$AAAA")),
    decoy_account(b"secret", POOL, "nobody", NOW),
]


@pytest.mark.parametrize("account", WITHOUT_VERIFIER, ids=["none", "hash", "decoy"])
def test_a_user_without_a_verifier_is_asked_like_any_other_and_nothing_proves(
    account: Account,
) -> None:
    one, again = exchange(account), exchange(account)
    assert one.made.parameters.keys() == exchange().made.parameters.keys()
    assert one.made.parameters["SALT"] == again.made.parameters["SALT"]
    assert said(one.judge(one.claim(PASSWORD))) == (Wrong, *REFUSED)


def test_the_salt_of_a_user_without_a_verifier_cannot_be_foretold_from_names() -> None:
    salts = {
        exchange(replace(PLAIN, stamp=stamp)).made.parameters["SALT"] for stamp in ("one", "two")
    }
    assert len(salts) == 2


def test_without_a_directory_there_is_no_password_to_prove() -> None:
    refused = KIND.issue(issuing(None, carried={"SRP_A": MINE.srp_a}))
    assert said(refused) == (Unavailable, *REFUSED)
    assert said(KIND.verify(answering(exchange().claim(PASSWORD), None))) == (Denied, *REFUSED)


def test_no_repr_shows_the_verifier_the_key_or_the_handle() -> None:
    one = exchange()
    claim = one.claim(PASSWORD)
    answer = answering(claim, ALICE, private=one.private)
    shown = repr(
        (issuing(ALICE, carried={"SRP_A": MINE.srp_a}), one.made, answer, one.judge(claim))
    )
    assert isinstance(ALICE.password, SrpCredential)
    secrets = (
        str(ALICE.password.verifier),
        ALICE.password.salt,
        ALICE.stamp,
        str(one.private["key"]),
        one.made.parameters["SECRET_BLOCK"],
        claim["PASSWORD_CLAIM_SIGNATURE"],
        MINE.srp_a,
        repr(TOKEN),
    )
    assert [secret for secret in secrets if secret in shown] == []
