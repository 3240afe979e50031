"""EMAIL_OTP: a code by e-mail, as a first or a second factor.

Source: Amazon Cognito API reference, RespondToAuthChallenge, "EMAIL_OTP".

Cognito's codes by e-mail were seen to have eight digits (COGNITO.md, A.3).
"""

from __future__ import annotations

from typing import Final

from flowengine.challenges.delivered_codes import DeliveredCode
from flowengine.challenges.kind import Channel

EMAIL_OTP: Final = DeliveredCode("EMAIL_OTP", Channel.EMAIL, evidence="email", digits=8)
