"""Which kinds of challenge there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flowengine.accounts.evidence import BUILTIN_EVIDENCE
from flowengine.challenges.custom_challenge import CustomChallenge
from flowengine.challenges.device_password_verifier import DevicePasswordVerifier
from flowengine.challenges.device_srp_auth import DeviceSrpAuth
from flowengine.challenges.email_otp import EMAIL_OTP
from flowengine.challenges.kind import ChallengeKind
from flowengine.challenges.mfa_setup import MfaSetup
from flowengine.challenges.new_password_required import NewPasswordRequired
from flowengine.challenges.password import Password
from flowengine.challenges.password_srp import PasswordSrp
from flowengine.challenges.password_verifier import PasswordVerifier
from flowengine.challenges.select_challenge import SelectChallenge
from flowengine.challenges.select_mfa_type import SelectMfaType
from flowengine.challenges.sms_mfa import SMS_MFA
from flowengine.challenges.sms_otp import SMS_OTP
from flowengine.challenges.software_token_mfa import SoftwareTokenMfa
from flowengine.challenges.web_authn import WebAuthn

CHALLENGE_NAMES = (
    "SMS_MFA",
    "EMAIL_OTP",
    "SOFTWARE_TOKEN_MFA",
    "SELECT_MFA_TYPE",
    "MFA_SETUP",
    "PASSWORD_VERIFIER",
    "CUSTOM_CHALLENGE",
    "SELECT_CHALLENGE",
    "DEVICE_SRP_AUTH",
    "DEVICE_PASSWORD_VERIFIER",
    "ADMIN_NO_SRP_AUTH",
    "NEW_PASSWORD_REQUIRED",
    "SMS_OTP",
    "PASSWORD",
    "WEB_AUTHN",
    "PASSWORD_SRP",
)
"""Cognito's whole ``ChallengeNameType``, whether or not there is a kind of that name yet."""

BUILTIN: tuple[ChallengeKind, ...] = (
    PasswordVerifier(),
    Password(),
    PasswordSrp(),
    SoftwareTokenMfa(),
    SMS_MFA,
    SMS_OTP,
    EMAIL_OTP,
    SelectMfaType(),
    SelectChallenge(),
    NewPasswordRequired(),
    MfaSetup(),
    DeviceSrpAuth(),
    DevicePasswordVerifier(),
    WebAuthn(),
    CustomChallenge(),
)


@dataclass(frozen=True, slots=True)
class Catalog:
    """The kinds that flows may name. Immutable: adding one gives another catalog."""

    kinds: Mapping[str, ChallengeKind]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the kinds, in the order in which they were added."""
        return tuple(self.kinds)

    def find(self, name: str) -> ChallengeKind | None:
        """Find a kind by its ChallengeName."""
        return self.kinds.get(name)

    def with_kind(self, kind: ChallengeKind) -> Catalog:
        """Give the catalog that has this kind too.

        Raises:
            ValueError: Its name is taken, or it says that it proves or enrols what only
                built-in kinds can.
        """
        facts = kind.facts
        reserved = BUILTIN_EVIDENCE.keys() & {*facts.proves, *facts.may_prove, *facts.enrols}
        if reserved:
            names = ", ".join(sorted(reserved))
            raise ValueError(f"only built-in kinds can prove or enrol {names}")
        return _extended(self.kinds, (kind,))


def builtin_catalog() -> Catalog:
    """Give the kinds that flowengine brings."""
    return _extended({}, BUILTIN)


def _extended(kinds: Mapping[str, ChallengeKind], added: Iterable[ChallengeKind]) -> Catalog:
    together = dict(kinds)
    for kind in added:
        if together.setdefault(kind.facts.name, kind) is not kind:
            raise ValueError(f"there is a kind {kind.facts.name} already")
    return Catalog(MappingProxyType(together))
