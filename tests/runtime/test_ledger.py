"""The ledger by itself: what adds up, what takes another's place, and what a decoy may enter."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flowengine.runtime.ledger import Ledger
from tests.engine.world import NOW

NAMES = ("password", "totp", "email")


def gained(ledger: Ledger, *names: str, at: datetime = NOW) -> Ledger:
    after = ledger.gain(names, at)
    assert after is not None
    return after


def enrolled(ledger: Ledger, *names: str) -> Ledger:
    after = ledger.enrol(names)
    assert after is not None
    return after


def read(ledger: Ledger, at: datetime = NOW) -> dict[str, Any]:
    return ledger.bindings(NAMES, at)


EMPTY = Ledger(decoy=False)


def test_what_is_gained_is_added_to_what_was_there() -> None:
    ledger = gained(gained(EMPTY, "password"), "totp")
    assert read(ledger)["proved"] == {"password": True, "totp": True, "email": False}


def test_what_is_proved_again_is_as_young_as_its_last_proof() -> None:
    later = NOW + timedelta(minutes=1)
    ledger = gained(gained(EMPTY, "password", "totp"), "totp", at=later)
    now = NOW + timedelta(minutes=3)
    assert read(ledger, now)["age"] == {"password": 180 * 10**9, "totp": 120 * 10**9}


def test_what_is_enrolled_is_added_and_is_not_proved() -> None:
    ledger = enrolled(enrolled(EMPTY, "totp"), "email")
    assert read(ledger)["enrolled"] == {"password": False, "totp": True, "email": True}
    assert not any(read(ledger)["proved"].values())
    assert read(ledger)["age"] == {}


def test_what_is_proved_is_not_enrolled() -> None:
    assert not any(read(gained(EMPTY, "password"))["enrolled"].values())


def test_enrolling_keeps_what_was_proved_and_proving_what_was_enrolled() -> None:
    ledger = gained(enrolled(gained(EMPTY, "password"), "totp"), "email")
    assert set(ledger.proved) == {"password", "email"}
    assert ledger.enrolled == frozenset({"totp"})


def test_what_was_made_in_a_sign_in_proves_nothing_in_it() -> None:
    ledger = gained(enrolled(EMPTY, "totp"), "totp", "password")
    assert set(ledger.proved) == {"password"}
    assert "totp" not in read(ledger)["age"]


def test_what_was_proved_before_it_was_made_anew_stays_proved_and_grows_no_younger() -> None:
    proved = gained(EMPTY, "totp")
    ledger = gained(enrolled(proved, "totp"), "totp", at=NOW + timedelta(minutes=1))
    assert ledger.proved == proved.proved


def test_a_decoy_enters_nothing_and_stays_one() -> None:
    decoy = Ledger(decoy=True)
    assert decoy.gain(("password",), NOW) is None
    assert decoy.enrol(("totp",)) is None
    for after in (decoy.gain((), NOW), decoy.enrol(())):
        assert after == decoy
