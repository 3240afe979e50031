"""A user as the directory keeps it: facts, and the credentials that verify answers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from flowengine.accounts.user import UserFacts, UserStatus


@dataclass(frozen=True, slots=True)
class SrpCredential:
    """A password as an SRP verifier; a plain password is checked against it too.

    Attributes:
        salt: Hexadecimal without padding, as the protocol sends it.
        verifier: ``g^x mod N`` (RFC 5054, section 2.5.3).
    """

    salt: str = field(repr=False)
    verifier: int = field(repr=False)


@dataclass(frozen=True, slots=True)
class HashCredential:
    """A password as an argon2id hash in PHC form, for pools where nobody signs in by SRP."""

    phc: str = field(repr=False)


PasswordCredential = SrpCredential | HashCredential


@dataclass(frozen=True, slots=True)
class TotpFactor:
    """A verified authenticator app.

    Attributes:
        secret: The shared key, raw bytes.
        active: Whether it is asked for as a second factor.
        name: What the user called it when it was set up; may be empty.
    """

    secret: bytes = field(repr=False)
    active: bool = True
    name: str = ""


@dataclass(frozen=True, slots=True)
class Passkey:
    """A registered WebAuthn credential (WebAuthn Level 3, section 4, "credential record").

    Attributes:
        credential_id: 1 to 1023 bytes, chosen by the authenticator; unique in a pool.
        public_key: A COSE key, as the authenticator wrote it (RFC 9052, section 7).
        sign_count: What the authenticator last counted; 0 for one that does not count.
            The one field that is not covered by the stamp.
        relying_party: The RP ID that it was registered with; it signs for no other.
        transports: How it may be reached: ``internal``, ``usb``; hints for browsers.
        name: What it is called in lists; may be empty.
        backup_eligible: Whether it may be copied to other devices; never changes.
        backed_up: Whether it had been, when it was registered.
        verifies_user: Whether the authenticator verified the user at registration. What it
            says of a verification later is only worth something then (``uvInitialized``).
    """

    credential_id: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    sign_count: int
    relying_party: str
    created_at: datetime
    transports: tuple[str, ...] = ()
    name: str = ""
    backup_eligible: bool = False
    backed_up: bool = False
    verifies_user: bool = False

    @property
    def digest(self) -> str:
        """What ``Account.made_by`` calls it: ids may be long."""
        return hashlib.sha256(self.credential_id).hexdigest()


def in_order(passkeys: Iterable[Passkey]) -> tuple[Passkey, ...]:
    """Give passkeys in the order in which directories give them: the oldest first."""
    return tuple(sorted(passkeys, key=lambda each: (each.created_at, each.credential_id)))


@dataclass(frozen=True, slots=True)
class Account:
    """One user of one pool.

    Attributes:
        stamp: The security stamp: drawn anew by every change that expressions or
            verification can see. A sign-in pins it and is refused when it moved.
        pending_totp: The secret of an authenticator app that was not verified yet; nothing
            reads it but its verification, so it does not move the stamp.
        sms_mfa: Whether a code by text message is asked for as a second factor.
        email_mfa: The same for a code by e-mail.
        passkeys: The oldest first.
        temporary_until: UTC; from this instant on a temporary password is expired.
            None where the password is not temporary.
        attributes: Without ``sub``; ``email_verified`` and its sibling as "true" or "false".
        made_by: The sign-ins with whose access token factors were made, by ``totp``, ``email``,
            ``sms``, or the digest of a passkey; and turned on, by ``totp on``; and attributes
            written, as ``evidence.written`` calls them. Each is the
            ``origin_jti`` of the first of those that continue each other (``SignInRecord.line``).
    """

    pool_id: str
    username: str
    sub: str
    stamp: str = field(repr=False)
    created_at: datetime
    modified_at: datetime
    status: UserStatus = UserStatus.CONFIRMED
    enabled: bool = True
    groups: tuple[str, ...] = ()
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)
    password: PasswordCredential | None = None
    totp: TotpFactor | None = None
    pending_totp: bytes | None = field(default=None, repr=False)
    sms_mfa: bool = False
    email_mfa: bool = False
    passkeys: tuple[Passkey, ...] = ()
    prefers: str = ""
    temporary_until: datetime | None = None
    made_by: Mapping[str, str] = field(default_factory=dict, repr=False)

    def facts(self) -> UserFacts:
        """Give what expressions may read of this user."""
        return UserFacts(
            username=self.username,
            sub=self.sub,
            status=self.status,
            enabled=self.enabled,
            groups=self.groups,
            has=self._factors(),
            prefers=self.prefers,
            email_verified=self.attributes.get("email_verified") == "true",
            phone_verified=self.attributes.get("phone_number_verified") == "true",
            attributes=self.attributes,
        )

    def _factors(self) -> frozenset[str]:
        names = set()
        if self.password is not None:
            names.add("password")
        if self.totp is not None and self.totp.active:
            names.add("totp")
        if self.sms_mfa and self.attributes.get("phone_number_verified") == "true":
            names.add("sms")
        if self.email_mfa and self.attributes.get("email_verified") == "true":
            names.add("email")
        if self.passkeys:
            names.add("passkey")
        return frozenset(names)


@dataclass(frozen=True, slots=True)
class AccountChanges:
    """What a proved answer writes to its user; None leaves a field as it is.

    Attributes:
        attributes: Merged over those that are there.
    """

    password: PasswordCredential | None = None
    status: UserStatus | None = None
    totp: TotpFactor | None = None
    email_mfa: bool | None = None
    attributes: Mapping[str, str] = field(default_factory=dict, repr=False)

    def apply(self, account: Account, stamp: str, now: datetime) -> Account:
        """Give the account as it is after the change, under its new stamp."""
        anew = {"totp": self.totp, "email": self.email_mfa}
        kept = {
            name: line
            for name, line in account.made_by.items()
            if anew.get(name.partition(" ")[0]) is None
        }
        return replace(
            account,
            stamp=stamp,
            modified_at=now,
            password=self.password or account.password,
            status=self.status or account.status,
            totp=self.totp or account.totp,
            email_mfa=account.email_mfa if self.email_mfa is None else self.email_mfa,
            temporary_until=None if self.password else account.temporary_until,
            attributes=MappingProxyType({**account.attributes, **self.attributes}),
            made_by=MappingProxyType(kept),
        )
