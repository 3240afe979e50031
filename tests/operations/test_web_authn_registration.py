"""StartWebAuthnRegistration and CompleteWebAuthnRegistration."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flowengine.accounts.account import Account
from flowengine.accounts.pool import PasskeySettings, UserVerification
from flowengine.crypto.passkeys import NOBODYS_KEY, user_handle
from flowengine.engine.engine import AsyncEngine
from flowengine.engine.parts import Parts
from flowengine.errors import (
    CallerError,
    InvalidParameterError,
    LimitExceededError,
    NotAuthorizedError,
    TooManyRequestsError,
    UserNotFoundError,
    WebAuthnChallengeNotFoundError,
    WebAuthnClientMismatchError,
    WebAuthnConfigurationMissingError,
    WebAuthnCredentialNotSupportedError,
    WebAuthnNotEnabledError,
    WebAuthnOriginNotAllowedError,
    WebAuthnRelyingPartyMismatchError,
)
from flowengine.operations.complete_web_authn_registration import (
    CompleteWebAuthnRegistrationRequest,
    complete_web_authn_registration,
)
from flowengine.operations.passkeys import MOST_PASSKEYS, REGISTERING
from tests.authenticator import (
    AT,
    BE,
    BS,
    ORIGIN,
    RELYING_PARTY,
    UP,
    UV,
    Authenticator,
    cose_of,
    raw,
)
from tests.operations.refreshing import claims_of
from tests.operations.registering import (
    BROWSER,
    CLIENTS,
    OTHER_BROWSER,
    a_passkey,
    begin,
    by_passkey,
    complete,
    contended,
    give,
    passkey_world,
)
from tests.operations.world import NOW, POOL, World, new_world, programs, run


def signed_in(**engine: Any) -> tuple[World, str]:
    world = passkey_world(**engine)
    return world, world.access_token(client=BROWSER)


def refusal(world: World, token: str, credential: object) -> CallerError:
    with pytest.raises(CallerError) as refused:
        complete(world, token, credential)
    return refused.value


def test_the_options_are_of_the_user_and_of_the_pool() -> None:
    world, token = signed_in()
    gone = a_passkey(1, relying_party="former.example")
    give(world, [gone, a_passkey(2)])
    options = begin(world, token)
    assert options["rp"] == {"id": RELYING_PARTY, "name": RELYING_PARTY}
    assert raw(options["user"]["id"]) == user_handle(POOL.id, world.user().sub)
    assert options["user"]["name"] == "ada"
    excluded = [raw(each["id"]) for each in options["excludeCredentials"]]
    assert excluded == [b"passkey 2"]
    assert options["attestation"] == "none"


def test_a_passkey_is_kept_as_it_was_made_and_the_stamp_moves() -> None:
    world, token = signed_in()
    before = world.user()
    phone = Authenticator(flags=UP | UV | BE | BS, count=3)
    complete(world, token, phone.create(begin(world, token)))
    after = world.user()
    (kept,) = after.passkeys
    assert (kept.credential_id, kept.public_key) == (phone.credential_id, cose_of(phone.key))
    assert (kept.sign_count, kept.relying_party, kept.created_at) == (3, RELYING_PARTY, NOW)
    assert (kept.transports, kept.name) == (("internal", "hybrid"), "Passkey")
    assert kept.backup_eligible
    assert kept.backed_up
    assert kept.verifies_user
    assert after.stamp != before.stamp
    made = {kept.digest: claims_of(token)["origin_jti"]}
    assert after == replace(
        before, passkeys=(kept,), stamp=after.stamp, modified_at=NOW, made_by=made
    )


def test_passkeys_are_given_names_that_tell_them_apart() -> None:
    world, token = signed_in()
    for number, transports in enumerate((["internal"], [], ["usb", "nfc"], ["hybrid"], ["usb"])):
        device = Authenticator(credential_id=bytes([number]))
        complete(world, token, device.create(begin(world, token), transports=transports))
    names = {each.credential_id[0]: each.name for each in world.user().passkeys}
    told = [names[number] for number in range(5)]
    assert told == ["Passkey", "Passkey 2", "Security key", "Passkey 3", "Security key 2"]


def test_a_challenge_is_answered_once() -> None:
    world, token = signed_in()
    options = begin(world, token)
    complete(world, token, Authenticator(credential_id=b"one").create(options))
    again = refusal(world, token, Authenticator(credential_id=b"two").create(options))
    assert isinstance(again, WebAuthnChallengeNotFoundError)
    assert len(world.user().passkeys) == 1


def test_a_wrong_answer_uses_the_challenge_up() -> None:
    world, token = signed_in()
    options, device = begin(world, token), Authenticator()
    refusal(world, token, device.create(options, flags=0))
    again = refusal(world, token, device.create(options))
    assert isinstance(again, WebAuthnChallengeNotFoundError)


def test_a_challenge_expires_after_five_minutes() -> None:
    world, token = signed_in()
    late, soon = begin(world, token), begin(world, token)
    world.clock.advance(timedelta(minutes=5) - timedelta(microseconds=1))
    complete(world, token, Authenticator().create(soon))
    world.clock.advance(timedelta(microseconds=1))
    device = Authenticator(credential_id=b"late")
    assert isinstance(refusal(world, token, device.create(late)), WebAuthnChallengeNotFoundError)


def test_a_challenge_of_another_user_or_of_a_sign_in_is_not_found() -> None:
    world, token = signed_in()
    theirs = begin(world, world.access_token("grace", BROWSER))
    for options in (theirs, {"challenge": "AAECAwQFBgcICQoLDA0ODw"}):
        error = refusal(world, token, Authenticator().create(options))
        assert isinstance(error, WebAuthnChallengeNotFoundError)


def test_a_challenge_given_to_another_client_is_refused() -> None:
    world, token = signed_in()
    options = begin(world, world.access_token(client=OTHER_BROWSER))
    error = refusal(world, token, Authenticator().create(options))
    assert isinstance(error, WebAuthnClientMismatchError)
    assert OTHER_BROWSER.id not in str(error)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"origin": "https://evil.example"}, WebAuthnOriginNotAllowedError),
        ({"said": {"crossOrigin": True}}, WebAuthnOriginNotAllowedError),
        ({"relying_party": "evil.example"}, WebAuthnRelyingPartyMismatchError),
        ({"said": {"type": "webauthn.get"}}, InvalidParameterError),
        ({"object": b"nonsense"}, InvalidParameterError),
        ({"attested_id": b"another"}, InvalidParameterError),
        ({"flags": AT}, WebAuthnCredentialNotSupportedError),
        ({"cose": NOBODYS_KEY[:-1] + b"\0"}, WebAuthnCredentialNotSupportedError),
        ({"fmt": "tpm", "statement": {"x5c": []}}, WebAuthnCredentialNotSupportedError),
    ],
)
def test_each_refusal_has_its_name(changes: dict[str, Any], kind: type[CallerError]) -> None:
    world, token = signed_in()
    error = refusal(world, token, Authenticator().create(begin(world, token), **changes))
    assert type(error) is kind
    assert error.message
    assert world.user().passkeys == ()


@pytest.mark.parametrize("credential", ["nonsense", [], {}, 7, True, {"type": "public-key"}])
def test_what_is_no_credential_is_malformed_and_uses_nothing_up(credential: object) -> None:
    world, token = signed_in()
    options = begin(world, token)
    assert type(refusal(world, token, credential)) is InvalidParameterError
    unnamed = Authenticator().create(options, client_data=b'{"challenge": 7}')
    assert type(refusal(world, token, unnamed)) is InvalidParameterError
    complete(world, token, Authenticator().create(options))


def test_a_pool_that_demands_it_takes_only_who_was_verified() -> None:
    strict = PasskeySettings(RELYING_PARTY, (ORIGIN,), UserVerification.REQUIRED)
    world = new_world(replace(POOL, passkeys=strict), by_passkey(), clients=CLIENTS)
    world.add_user()
    token, device = world.access_token(client=BROWSER), Authenticator()
    options = begin(world, token)
    assert options["authenticatorSelection"]["userVerification"] == "required"
    error = refusal(world, token, device.create(options))
    assert isinstance(error, WebAuthnCredentialNotSupportedError)
    complete(world, token, device.create(begin(world, token), flags=UP | UV | AT))


@pytest.mark.parametrize(
    ("settings", "kind"),
    [
        (None, WebAuthnNotEnabledError),
        (PasskeySettings("", (ORIGIN,)), WebAuthnConfigurationMissingError),
        (PasskeySettings(RELYING_PARTY, ()), WebAuthnConfigurationMissingError),
    ],
)
def test_a_pool_without_passkeys_makes_none(
    settings: PasskeySettings | None, kind: type[CallerError]
) -> None:
    world = new_world(replace(POOL, passkeys=settings))
    world.add_user()
    token = world.access_token()
    with pytest.raises(kind):
        begin(world, token)
    with pytest.raises(kind):
        complete(world, token, {})


def test_a_user_has_twenty_passkeys_at_most() -> None:
    world, token = signed_in()
    options = begin(world, token)
    give(world, [a_passkey(number) for number in range(MOST_PASSKEYS - 1)])
    other = begin(world, token)
    complete(world, token, Authenticator().create(options))
    with pytest.raises(LimitExceededError):
        begin(world, token)
    with pytest.raises(LimitExceededError):
        complete(world, token, Authenticator(credential_id=b"one too many").create(other))
    assert len(world.user().passkeys) == MOST_PASSKEYS


def test_a_credential_that_somebody_has_is_refused_as_an_unsupported_one_is() -> None:
    world, token = signed_in()
    device = Authenticator()
    theirs = world.access_token("grace", BROWSER)
    complete(world, theirs, device.create(begin(world, theirs)))
    taken = refusal(world, token, device.create(begin(world, token)))
    mine = refusal(world, theirs, device.create(begin(world, theirs)))
    useless = refusal(world, token, device.create(begin(world, token), flags=AT))
    told = {(type(each), each.message) for each in (taken, mine, useless)}
    assert told == {(WebAuthnCredentialNotSupportedError, "The credential is not supported.")}
    assert world.user().passkeys == ()
    assert len(world.user("grace").passkeys) == 1


def test_answers_right_or_wrong_are_counted() -> None:
    world, token = signed_in()
    for number in range(REGISTERING.threshold):
        flags = UP if number % 2 else 0
        device = Authenticator(credential_id=bytes([number]), flags=flags)
        try:
            complete(world, token, device.create(begin(world, token)))
        except WebAuthnCredentialNotSupportedError:
            assert flags == 0
    options, device = begin(world, token), Authenticator()
    assert isinstance(refusal(world, token, device.create(options)), LimitExceededError)
    theirs = world.access_token("grace", BROWSER)
    complete(world, theirs, device.create(begin(world, theirs)))
    world.clock.advance(REGISTERING.first_lock)
    device = Authenticator(credential_id=b"later")
    complete(world, token, device.create(options))


def test_a_challenge_may_be_answered_at_another_process_and_still_only_once() -> None:
    first, token = signed_in()
    parts = first.parts
    second = replace(
        first,
        engine=AsyncEngine(
            (*programs(), by_passkey()),
            sessions=parts.sessions,
            counters=parts.counters,
            directory=parts.directory,
            grants=parts.grants,
            functions={"make_riddle": dict},
            pools=parts.pools.values(),
            clients=parts.clients.values(),
            signing=parts.signing,
            decoy_secret=parts.decoy_secret,
            clock=parts.clock,
        ),
    )
    options = begin(first, token)
    complete(second, token, Authenticator(credential_id=b"one").create(options))
    error = refusal(first, token, Authenticator(credential_id=b"two").create(options))
    assert isinstance(error, WebAuthnChallengeNotFoundError)


def test_of_eight_answers_at_once_one_is_kept() -> None:
    world, token = signed_in()
    options = begin(world, token)
    written = [Authenticator(credential_id=bytes([n])).create(options) for n in range(8)]

    async def all_at_once(parts: Parts) -> list[object]:
        answers = (
            complete_web_authn_registration(parts, CompleteWebAuthnRegistrationRequest(token, each))
            for each in written
        )
        return await asyncio.gather(*answers, return_exceptions=True)

    came = run(all_at_once(world.parts))
    assert came.count(None) == 1
    others = [each for each in came if each is not None]
    assert all(
        isinstance(e, WebAuthnChallengeNotFoundError | LimitExceededError | TooManyRequestsError)
        for e in others
    )
    assert len(world.user().passkeys) == 1


def renamed(present: Account) -> Account:
    return replace(present, attributes={"name": "Ada"}, stamp=f"{present.stamp}.")


def full(present: Account) -> Account:
    passkeys = tuple(a_passkey(number) for number in range(MOST_PASSKEYS))
    return replace(present, passkeys=passkeys, stamp="full")


def disabled(present: Account) -> Account:
    return replace(present, enabled=False, stamp="disabled")


def removed(_: Account) -> None:
    return None


def test_a_user_changed_meanwhile_keeps_the_change_and_the_passkey() -> None:
    world = contended(renamed, renamed)
    token = world.access_token(client=BROWSER)
    complete(world, token, Authenticator().create(begin(world, token)))
    assert world.user().attributes == {"name": "Ada"}
    assert len(world.user().passkeys) == 1


@pytest.mark.parametrize(
    ("rival", "kind"),
    [
        (full, LimitExceededError),
        (disabled, NotAuthorizedError),
        (removed, UserNotFoundError),
    ],
)
def test_what_is_true_by_the_time_of_writing_counts(rival: Any, kind: type[CallerError]) -> None:
    world = contended(rival)
    token = world.access_token(client=BROWSER)
    error = refusal(world, token, Authenticator().create(begin(world, token)))
    assert isinstance(error, kind)


def test_a_token_that_is_none_begins_and_ends_nothing() -> None:
    world, token = signed_in()
    options = begin(world, token)
    with pytest.raises(NotAuthorizedError, match="Invalid Access Token"):
        begin(world, "a.b.c")
    error = refusal(world, "a.b.c", Authenticator().create(options))
    assert error.message == "Invalid Access Token"


def test_no_repr_shows_a_token_or_a_credential() -> None:
    world, token = signed_in()
    credential = Authenticator().create(begin(world, token))
    shown = repr(CompleteWebAuthnRegistrationRequest(token, credential))
    assert token not in shown
    assert credential["id"] not in shown
