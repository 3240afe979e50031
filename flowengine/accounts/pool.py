"""Pools and their clients: the constants of a sign-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

from flowengine.accounts.attributes import STANDARD_ATTRIBUTES, AttributeRule, value_objection
from flowengine.accounts.device import DeviceSettings
from flowengine.accounts.lockout import Lockout, LockoutPolicy
from flowengine.accounts.password_policy import PasswordPolicy


class Mfa(StrEnum):
    """A pool's ``mfa``: a fact that flows read; nothing is inserted behind a flow's back."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class UserVerification(StrEnum):
    """Whether authenticators must verify who uses them: by a PIN, a finger, a face."""

    PREFERRED = "preferred"
    REQUIRED = "required"


class Recovery(StrEnum):
    """How a user is reached who forgot the password.

    Source: Amazon Cognito API reference, RecoveryOptionType.
    """

    EMAIL = "verified_email"
    PHONE = "verified_phone_number"


@dataclass(frozen=True, slots=True)
class PasskeySettings:
    """Who passkeys are made for (Amazon Cognito API reference, WebAuthnConfigurationType).

    Attributes:
        relying_party: The RP ID, 1 to 127 characters: ``example.com``. Passkeys of another
            one are not asked for.
        origins: Where assertions may be made, compared exactly: ``https://app.example.com``;
            None for every page of the relying party, as in Cognito, which names no origins.
    """

    relying_party: str
    origins: tuple[str, ...] | None
    user_verification: UserVerification = UserVerification.PREFERRED


@dataclass(frozen=True, slots=True)
class Pool:
    """A user pool.

    Attributes:
        id: ``<region>_<name>``, as Cognito writes it.
        issuer: The ``iss`` of its tokens.
        mfa_methods: Challenge names.
        lockout: None for a pool that never locks.
        srp: Whether any client signs in by SRP, hence how passwords are kept.
        temporary_password_life: How long a password set for the user stays good.
        usernames_case_sensitive: False folds names before they are looked up, and what new
            users are called.
        aliases: Attributes by whose verified value a user may be named: ``email``.
        named_by: Attributes by one of which every user is named from the sign-up on, verified or
            not; the user name is then the ``sub``. Cognito calls them ``UsernameAttributes``.
        attribute_rules: What the pool demands of attributes, by name: its own, which begin with
            ``custom:``, and standard ones.
        account_recovery: Where the code goes that sets another password, the most wanted first;
            none where only an administrator sets one (Cognito's ``admin_only``). What a sign-in
            of the pool counts beside the password is left out.
        sign_up: Whether people may make users for themselves (SignUp), as Cognito's pools let
            them unless they say ``AllowAdminCreateUserOnly``.
        passkeys: None for a pool where nobody signs in by a passkey.
        devices: None for a pool that knows no devices: a DEVICE_KEY means nothing there.
        timestamp_skew: Between the TIMESTAMP of an SRP proof and our clock, either way, ends
            included.
        acr: What tokens and clients call the levels of flows, by level; others have their own name.
    """

    id: str
    name: str
    issuer: str = ""
    mfa: Mfa = Mfa.OPTIONAL
    mfa_methods: tuple[str, ...] = ("SOFTWARE_TOKEN_MFA",)
    required_attributes: tuple[str, ...] = ()
    password_policy: PasswordPolicy = field(default_factory=PasswordPolicy)
    lockout: Lockout | None = field(default_factory=LockoutPolicy)
    srp: bool = True
    temporary_password_life: timedelta = timedelta(days=7)
    usernames_case_sensitive: bool = True
    aliases: tuple[str, ...] = ()
    named_by: tuple[str, ...] = ()
    attribute_rules: Mapping[str, AttributeRule] = field(default_factory=dict)
    account_recovery: tuple[Recovery, ...] = (Recovery.EMAIL, Recovery.PHONE)
    sign_up: bool = True
    passkeys: PasskeySettings | None = None
    devices: DeviceSettings | None = None
    timestamp_skew: timedelta = timedelta(minutes=5)
    acr: Mapping[str, str] = field(default_factory=dict)

    def acr_of(self, level: str) -> str:
        """Give what ``acr`` says of a level (Amazon Cognito API reference, AcrConfiguration)."""
        return self.acr.get(level, level)

    def fold(self, name: str) -> str:
        """Give the key that a name is looked up by: itself, unless the pool ignores case."""
        return name if self.usernames_case_sensitive else name.casefold()

    @property
    def region(self) -> str:
        """The part of the id before its underscore."""
        return self.id.partition("_")[0]

    @property
    def srp_name(self) -> str:
        """The part of the id after its underscore, which SRP mixes into every verifier."""
        return self.id.partition("_")[2]

    @property
    def addresses(self) -> tuple[str, ...]:
        """The attributes whose value users sign in by."""
        return (*self.aliases, *self.named_by)

    @property
    def attributes(self) -> frozenset[str]:
        """The names of the attributes that users may have, ``sub`` and marks apart."""
        return frozenset({*STANDARD_ATTRIBUTES, *self.required_attributes, *self.attribute_rules})

    def value_objection(self, name: str, value: str) -> str | None:
        """Say in Cognito's words what is wrong with an attribute's value, or None."""
        rule = self.attribute_rules.get(name)
        said = value_objection(name, value)
        return said if said is not None or rule is None else rule.objection(name, value)

    def bindings(self) -> dict[str, Any]:
        """Give the record that expressions know as ``pool``."""
        return {
            "id": self.id,
            "name": self.name,
            "mfa": self.mfa.value,
            "mfa_methods": list(self.mfa_methods),
            "device_challenge": self.devices is not None and self.devices.challenge_on_new,
        }


@dataclass(frozen=True, slots=True)
class Rotation:
    """Refresh tokens are replaced whenever they are used.

    Source: Amazon Cognito API reference, RefreshTokenRotationType.

    Attributes:
        grace: How long a replaced one stays good, for a client that did not get the reply;
            0 to 60 seconds.
    """

    grace: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class TokenLives:
    """How long the tokens of a client are good.

    Attributes:
        refresh: Counted from the sign-in: to use or to replace a token prolongs nothing.
        rotation: None where a refresh token stays the same for its whole life.
    """

    access: timedelta = timedelta(hours=1)
    id: timedelta = timedelta(hours=1)
    refresh: timedelta = timedelta(days=30)
    rotation: Rotation | None = None


@dataclass(frozen=True, slots=True)
class FunctionInput:
    """An input that a registered function gives, called with ``request`` and ``user``."""

    function: str


@dataclass(frozen=True, slots=True)
class LiteralInput:
    """An input that is the same for everybody."""

    value: Any = field(repr=False)


ClientInput = FunctionInput | LiteralInput


@dataclass(frozen=True, slots=True)
class Client:
    """An app client of a pool.

    Attributes:
        id: What requests name; hidden from the repr, as every client id is.
        secret: Demands a SECRET_HASH with every request; None for a public client.
        prevent_user_existence_errors: Unknown users are played by decoys.
        session_validity: The life of each Session; 3 to 15 minutes in Cognito.
        auth_flows: The flow that each auth flow runs, by Cognito's name of it.
        require: Conditions that must hold at every success of this client.
        inputs: Where the inputs of its flows come from, by name; a flow takes those that it
            declares.
        label: What the API calls it, where that is not its name: names are told apart by the
            engine, labels need not be.
        refreshes: Whether its refresh tokens may be used.
    """

    id: str = field(repr=False)
    name: str
    pool_id: str
    secret: str | None = field(default=None, repr=False)
    prevent_user_existence_errors: bool = True
    session_validity: timedelta = timedelta(minutes=3)
    tokens: TokenLives = field(default_factory=TokenLives)
    auth_flows: Mapping[str, str] = field(default_factory=dict)
    require: tuple[str, ...] = ()
    inputs: Mapping[str, ClientInput] = field(default_factory=dict)
    label: str = ""
    refreshes: bool = True

    def bindings(self) -> dict[str, Any]:
        """Give the record that expressions know as ``client``."""
        return {"id": self.id, "name": self.name}
