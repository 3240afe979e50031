"""The ``amr`` claim: how a sign-in was proved."""

from __future__ import annotations

import pytest

from flowengine.tokens.amr import amr_of


@pytest.mark.parametrize(
    ("proved", "told"),
    [
        ((), ()),
        (("password",), ("pwd",)),
        (("totp", "password"), ("pwd", "otp", "mfa")),
        (("password", "sms"), ("pwd", "sms", "mfa")),
        (("email",), ("email_otp",)),
        (("passkey",), ("pop",)),
        (("passkey", "passkey_uv"), ("pop", "mfa")),
        (("device", "recovery_code", "quiz"), ()),
    ],
)
def test_methods_are_told_in_cognitos_words(proved: tuple[str, ...], told: tuple[str, ...]) -> None:
    assert amr_of(proved) == told
