from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import replace
from typing import Any, Final

import pytest
from soft_webauthn import SoftWebauthnDevice

from flowengine.accounts.account import Account, Passkey
from flowengine.accounts.decoys import decoy_account
from flowengine.accounts.pool import PasskeySettings, UserVerification
from flowengine.challenges.kind import (
    Denied,
    Issued,
    Malformed,
    PasskeyCount,
    Proved,
    Standing,
    Unavailable,
    Verdict,
    Wrong,
)
from flowengine.challenges.web_authn import WebAuthn
from flowengine.crypto.passkey_forms import from_text
from flowengine.crypto.passkeys import NOBODYS_KEY, user_handle
from flowengine.errors import InvalidParameterError, NotAuthorizedError
from tests import planted
from tests.authenticator import (
    BE,
    ORIGIN,
    RELYING_PARTY,
    UP,
    UV,
    Authenticator,
    cose_of,
    new_key,
)
from tests.challenges.builders import NOW, PLAIN, answering, issued, issuing, said, stream
from tests.challenges.builders import POOL as PLAIN_POOL
from tests.soft_authenticator import soft_get

KIND: Final = WebAuthn()
POOL: Final = replace(PLAIN_POOL, passkeys=PasskeySettings(RELYING_PARTY, (ORIGIN,)))
STRICT: Final = replace(
    POOL,
    passkeys=PasskeySettings(RELYING_PARTY, (ORIGIN,), UserVerification.REQUIRED),
)
REFUSED: Final = (Wrong, NotAuthorizedError, "Incorrect username or password.")
PHONE: Final = Authenticator(
    credential_id=b"phone-of-alice", handle=user_handle(PLAIN.pool_id, PLAIN.sub), count=8
)


def passkey_of(authenticator: Authenticator, **changes: Any) -> Passkey:
    plain = Passkey(
        credential_id=authenticator.credential_id,
        public_key=cose_of(authenticator.key),
        sign_count=7,
        relying_party=RELYING_PARTY,
        created_at=NOW,
        transports=("internal",),
        verifies_user=True,
    )
    return replace(plain, **changes)


ALICE: Final = replace(PLAIN, passkeys=(passkey_of(PHONE),))


def asked(account: Account = ALICE, **changes: Any) -> tuple[Issued, dict[str, Any]]:
    challenge = issued(KIND.issue(issuing(account, **{"pool": POOL, **changes})))
    assert set(challenge.parameters) == {"CREDENTIAL_REQUEST_OPTIONS"}
    options = json.loads(challenge.parameters["CREDENTIAL_REQUEST_OPTIONS"])
    assert isinstance(options, dict)
    return challenge, options


def judge(written: object, account: Account = ALICE, **changes: Any) -> Verdict:
    """Judge an assertion made for the challenge that ``asked()`` gives."""
    text = written if isinstance(written, str) else json.dumps(written)
    private = asked()[0].private
    plain = {"pool": POOL, "private": private, **changes}
    return KIND.verify(answering({"CREDENTIAL": text}, account, **plain))


def signed(authenticator: Authenticator = PHONE, **changes: Any) -> dict[str, Any]:
    return authenticator.get(asked()[1], **changes)


def test_one_wrong_answer_ends_the_sign_in_and_counts_for_passkeys() -> None:
    facts = KIND.facts
    assert (facts.standing, facts.attempts, facts.factor) == (Standing.OVER, 1, "passkey")
    assert (facts.proves, facts.may_prove) == (("passkey",), ("passkey_uv",))
    assert facts.answered_by == ()  # its options must have been sent before


def test_the_challenge_asks_for_the_users_passkeys() -> None:
    other = passkey_of(Authenticator(credential_id=b"key"), transports=("usb", "nfc"))
    _, options = asked(replace(ALICE, passkeys=(*ALICE.passkeys, other)))
    assert options["rpId"] == RELYING_PARTY
    assert options["timeout"] == 180000
    assert options["userVerification"] == "preferred"
    assert options["allowCredentials"] == [
        {"type": "public-key", "id": "cGhvbmUtb2YtYWxpY2U", "transports": ["internal"]},
        {"type": "public-key", "id": "a2V5", "transports": ["usb", "nfc"]},
    ]
    assert asked(pool=STRICT)[1]["userVerification"] == "required"


def test_each_challenge_is_drawn_anew_and_kept_for_this_step_alone() -> None:
    draw = stream(b"challenges")
    (first, one), (_, two) = asked(entropy=draw), asked(entropy=draw)
    assert len(one["challenge"]) == 43
    assert one["challenge"] != two["challenge"]
    assert first.private == {"challenge": one["challenge"]}
    assert one["challenge"] not in repr(first)


def test_a_passkey_of_another_relying_party_is_not_asked_for_and_signs_for_nothing() -> None:
    moved = replace(ALICE, passkeys=(passkey_of(PHONE, relying_party="old.example"),))
    assert asked(moved)[1]["allowCredentials"][0]["id"] != "cGhvbmUtb2YtYWxpY2U"
    assert said(judge(signed(), moved)) == REFUSED


def proved_by(credential_id: bytes, old: int, new: int) -> Proved:
    counts = PasskeyCount(credential_id, old, new)
    credential = hashlib.sha256(credential_id).hexdigest()
    return Proved(("passkey",), counts=counts, credential=credential)


def test_an_assertion_by_the_users_passkey_proves_it_and_moves_its_counter() -> None:
    verdict = judge(signed())
    assert verdict == proved_by(PHONE.credential_id, 7, 8)


def test_soft_webauthn_signs_in() -> None:
    device = _soft()
    owner = replace(PLAIN, passkeys=(_soft_passkey(device),))
    _, options = asked(owner)
    verdict = judge(soft_get(device, options, ORIGIN), owner)
    assert verdict == proved_by(device.credential_id, 0, 1)


def _soft() -> SoftWebauthnDevice:
    device = SoftWebauthnDevice()
    handle = user_handle(PLAIN.pool_id, PLAIN.sub)
    device.cred_init(RELYING_PARTY, handle)
    return device


def _soft_passkey(device: SoftWebauthnDevice) -> Passkey:
    holder = Authenticator(device.private_key, device.credential_id)
    return passkey_of(holder, sign_count=0)


def test_a_verified_user_is_two_factors_only_where_that_was_so_at_registration() -> None:
    strong = signed(flags=UP | UV)
    assert evidence(judge(strong)) == ("passkey", "passkey_uv")
    weak = replace(ALICE, passkeys=(passkey_of(PHONE, verifies_user=False),))
    assert evidence(judge(strong, weak)) == ("passkey",)
    assert evidence(judge(strong, weak, pool=STRICT)) == ("passkey",)


def evidence(verdict: Verdict) -> tuple[str, ...]:
    assert isinstance(verdict, Proved)
    return verdict.evidence


def test_the_user_must_be_verified_where_the_pool_demands_it() -> None:
    assert said(judge(signed(flags=UP), pool=STRICT)) == REFUSED
    assert isinstance(judge(signed(flags=UP | UV), pool=STRICT), Proved)


@pytest.mark.parametrize(
    "changes",
    [
        {"origin": "https://evil.example"},
        {"relying_party": "evil.example"},
        {"said": {"challenge": "AAAA"}},
        {"said": {"type": "webauthn.create"}},
        {"said": {"crossOrigin": True}},
        {"flags": 0},
        {"flags": UP | BE},
        {"signature": b"x" * 70},
        {"count": 7},
        {"count": 6},
        {"count": 0},
    ],
)
def test_an_assertion_about_anything_else_is_wrong(changes: dict[str, Any]) -> None:
    assert said(judge(signed(**changes))) == REFUSED


def test_an_assertion_for_another_step_is_wrong() -> None:
    _, elsewhere = asked(entropy=stream(b"another step"))
    assert said(judge(PHONE.get(elsewhere))) == REFUSED


def test_a_passkey_that_never_counts_stays_at_zero() -> None:
    uncounted = replace(ALICE, passkeys=(passkey_of(PHONE, sign_count=0),))
    proved = replace(proved_by(PHONE.credential_id, 0, 0), counts=None)
    assert judge(signed(count=0), uncounted) == proved
    assert isinstance(judge(signed(count=1), uncounted), Proved)


def test_another_users_passkey_is_wrong_whatever_handle_it_says() -> None:
    mallory = Authenticator(credential_id=b"key-of-mallory")
    for handle in (None, PHONE.handle, user_handle(PLAIN.pool_id, "mallory")):
        assert said(judge(signed(replace(mallory, handle=handle)))) == REFUSED
    posing = replace(mallory, credential_id=PHONE.credential_id)
    assert said(judge(signed(posing))) == REFUSED


def test_the_handle_must_be_the_users_where_there_is_one() -> None:
    stranger = user_handle(PLAIN.pool_id, "mallory")
    for handle in (stranger, b"x", PHONE.credential_id):
        assert said(judge(signed(replace(PHONE, handle=handle)))) == REFUSED
    assert isinstance(judge(signed(replace(PHONE, handle=None))), Proved)


def test_each_of_several_passkeys_signs_in() -> None:
    keys = [Authenticator(new_key(alg), bytes([65 - alg % 7])) for alg in (-7, -8, -257)]
    owner = replace(ALICE, passkeys=tuple(passkey_of(each, sign_count=0) for each in keys))
    for each in keys:
        verdict = judge(signed(each, count=5), owner)
        assert verdict == proved_by(each.credential_id, 0, 5)


@pytest.mark.parametrize(
    "text", ["", "null", "{}", "[" * 16_000, "x" * 131_072, '{"type": "public-key"}', "\ud800"]
)
@pytest.mark.parametrize("account", [ALICE, PLAIN])
def test_what_is_no_assertion_was_not_compared(text: str, account: Account) -> None:
    malformed = (Malformed, InvalidParameterError, "Invalid value for parameter CREDENTIAL")
    assert said(judge(text, account)) == malformed


def test_an_answer_without_the_credential_was_not_compared() -> None:
    missing = (Malformed, InvalidParameterError, "Missing required parameter CREDENTIAL")
    assert said(KIND.verify(answering({}, ALICE, pool=POOL))) == missing


@pytest.mark.parametrize(("pool", "account"), [(PLAIN_POOL, ALICE), (POOL, None)])
def test_nobody_is_asked_where_there_are_no_settings_or_no_users(
    pool: object, account: Account | None
) -> None:
    told = (NotAuthorizedError, "Incorrect username or password.")
    assert said(KIND.issue(issuing(account, pool=pool))) == (Unavailable, *told)
    answer = answering({"CREDENTIAL": json.dumps(signed())}, account, pool=pool)
    assert said(KIND.verify(answer)) == (Denied, *told)


def unknown(name: str) -> Account:
    return decoy_account(planted.KEY, POOL, name, NOW)


def test_who_has_no_passkey_and_who_does_not_exist_are_asked_alike() -> None:
    without = replace(PLAIN, username="bob")
    _, real = asked(without)
    _, decoy = asked(unknown("bob"))
    assert real == decoy
    assert set(real) == set(asked()[1])
    assert asked(unknown("carol"))[1]["allowCredentials"] != real["allowCredentials"]


def test_what_is_asked_of_nobody_is_the_same_every_time_and_secret() -> None:
    draw = stream(b"again")
    bare = next(user for n in range(50) if not (user := unknown(f"user-{n}")).passkeys)
    once, again = asked(bare, entropy=draw)[1], asked(bare, entropy=draw)[1]
    assert once["allowCredentials"] == again["allowCredentials"]
    assert once["challenge"] != again["challenge"]
    guessed = asked(bare, decoy_secret=b"guessed")[1]
    assert guessed["allowCredentials"] != once["allowCredentials"]


def test_made_up_passkeys_look_like_common_ones() -> None:
    shown = [asked(unknown(f"user-{n}"))[1]["allowCredentials"] for n in range(200)]
    assert {len(each) for each in shown} == {1, 2, 3}
    lengths = Counter(len(each[0]["id"]) for each in shown)
    assert set(lengths) == {22, 27, 43}
    assert min(lengths.values()) > 25
    assert {tuple(each[0]["transports"]) for each in shown} == {
        ("internal", "hybrid"),
        ("internal",),
    }


def test_nobody_proves_anything_by_a_made_up_passkey() -> None:
    for account in (PLAIN, unknown("alice")):
        identifier = from_text(asked(account)[1]["allowCredentials"][0]["id"])
        assert identifier is not None
        posing = Authenticator(credential_id=identifier)
        assert said(judge(signed(posing), account)) == REFUSED
        assert said(judge(signed(), account)) == REFUSED


def test_not_even_who_had_nobodys_key_would_be_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    thief = Authenticator(credential_id=b"made-up", count=1)
    monkeypatch.setattr("flowengine.crypto.passkeys.nobodys_key", lambda _: cose_of(thief.key))
    assert cose_of(thief.key) != NOBODYS_KEY
    for account in (PLAIN, unknown("alice"), ALICE):
        assert said(judge(signed(thief), account)) == REFUSED


def test_no_repr_shows_a_credential() -> None:
    answer = json.dumps(signed())
    view = answering({"CREDENTIAL": answer}, ALICE, pool=POOL)
    shown = repr((view, issuing(ALICE, pool=POOL), asked()[0], judge(answer), ALICE))
    assert answer not in shown
    assert repr(PHONE.credential_id) not in shown
    assert repr(cose_of(PHONE.key)) not in shown
    assert planted.MARK not in shown
