from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from typing import Any

import pytest

from flowengine.accounts.evidence import BUILTIN_EVIDENCE
from flowengine.challenges.catalog import BUILTIN, CHALLENGE_NAMES, builtin_catalog
from flowengine.challenges.kind import (
    Answering,
    ChallengeKind,
    Issued,
    Issuing,
    KindFacts,
    Proved,
    Standing,
    Verdict,
)


class CarrierPigeon:
    """A kind of a user's own."""

    def __init__(self, name: str = "CARRIER_PIGEON", proves: str = "pigeon") -> None:
        """Take what the catalog looks at."""
        self.facts = KindFacts(name, Standing.RETRY, ("FEATHER",), proves=(proves,))

    def issue(self, issuing: Issuing) -> Issued:
        """Tell whom it flies to."""
        return Issued({"TO": issuing.user.username})

    def verify(self, answering: Answering) -> Verdict:
        """Take any feather."""
        return Proved(self.facts.proves if answering.responses else ())


def test_the_catalog_has_the_builtin_kinds_by_their_names() -> None:
    catalog = builtin_catalog()
    assert catalog.names == (
        "PASSWORD_VERIFIER",
        "PASSWORD",
        "PASSWORD_SRP",
        "SOFTWARE_TOKEN_MFA",
        "SMS_MFA",
        "SMS_OTP",
        "EMAIL_OTP",
        "SELECT_MFA_TYPE",
        "SELECT_CHALLENGE",
        "NEW_PASSWORD_REQUIRED",
        "MFA_SETUP",
        "DEVICE_SRP_AUTH",
        "DEVICE_PASSWORD_VERIFIER",
        "WEB_AUTHN",
        "CUSTOM_CHALLENGE",
    )
    assert [catalog.find(kind.facts.name) for kind in BUILTIN] == list(BUILTIN)


def test_a_name_without_a_kind_finds_nothing() -> None:
    assert builtin_catalog().find("ADMIN_NO_SRP_AUTH") is None
    assert builtin_catalog().find("password") is None


def test_every_builtin_kind_bears_a_name_of_cognitos() -> None:
    assert len(set(CHALLENGE_NAMES)) == len(CHALLENGE_NAMES) == 16
    assert set(builtin_catalog().names) <= set(CHALLENGE_NAMES)


@pytest.mark.parametrize("kind", BUILTIN, ids=lambda kind: kind.facts.name)
def test_builtin_kinds_prove_only_builtin_evidence(kind: ChallengeKind) -> None:
    assert {*kind.facts.proves, *kind.facts.may_prove} <= set(BUILTIN_EVIDENCE)


@pytest.mark.parametrize("kind", BUILTIN, ids=lambda kind: kind.facts.name)
def test_only_one_try_is_taken_where_a_wrong_answer_ends_the_sign_in(kind: ChallengeKind) -> None:
    assert (kind.facts.attempts == 1) == (kind.facts.standing is Standing.OVER)


def test_adding_a_kind_gives_another_catalog() -> None:
    catalog, pigeon = builtin_catalog(), CarrierPigeon()
    extended = catalog.with_kind(pigeon)
    assert extended.find("CARRIER_PIGEON") is pigeon
    assert extended.names == (*catalog.names, "CARRIER_PIGEON")
    assert catalog.find("CARRIER_PIGEON") is None


def test_a_catalog_cannot_be_changed() -> None:
    catalog: Any = builtin_catalog()
    with pytest.raises(FrozenInstanceError):
        catalog.kinds = {}
    with pytest.raises(TypeError):
        catalog.kinds["PASSWORD"] = CarrierPigeon()


def test_no_kind_takes_the_place_of_another() -> None:
    with pytest.raises(ValueError, match="a kind PASSWORD already"):
        builtin_catalog().with_kind(CarrierPigeon("PASSWORD"))


def test_no_added_kind_proves_what_only_builtin_ones_can() -> None:
    with pytest.raises(ValueError, match="only built-in kinds can prove or enrol totp"):
        builtin_catalog().with_kind(CarrierPigeon(proves="totp"))
    sly = CarrierPigeon()
    sly.facts = replace(sly.facts, may_prove=("passkey_uv",))
    with pytest.raises(ValueError, match="only built-in kinds can prove or enrol passkey_uv"):
        builtin_catalog().with_kind(sly)
