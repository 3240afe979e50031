"""What a pool demands of a new password."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST_PASSWORD = 256
SYMBOLS = frozenset("^$*.[]{}()?-\"!@#%&/\\,><':;|_~`+= ")


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """Cognito's ``PasswordPolicyType``; lengths in characters, ends included.

    Source: Amazon Cognito developer guide, "Adding user pool password requirements".
    """

    min_length: int = 8
    require_lowercase: bool = False
    require_uppercase: bool = False
    require_numbers: bool = False
    require_symbols: bool = False

    def objection(self, password: str) -> str | None:
        """Say in Cognito's words what is wrong with a password, or None.

        The answer never contains any of the password.
        """
        reasons = (
            (len(password) < self.min_length, "Password not long enough"),
            (len(password) > LONGEST_PASSWORD, "Password is too long"),
            (
                self.require_lowercase and not any(c.islower() for c in password),
                "Password must have lowercase characters",
            ),
            (
                self.require_uppercase and not any(c.isupper() for c in password),
                "Password must have uppercase characters",
            ),
            (
                self.require_numbers and not any(c.isdigit() for c in password),
                "Password must have numeric characters",
            ),
            (
                self.require_symbols and not any(c in SYMBOLS for c in password),
                "Password must have symbol characters",
            ),
            (
                any(c.isspace() for c in password[:1] + password[-1:]),
                "Password must not begin or end with a space",
            ),
        )
        return next((reason for found, reason in reasons if found), None)
