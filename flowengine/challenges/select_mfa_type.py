"""SELECT_MFA_TYPE: the user chooses among the second factors that are active.

Source: Amazon Cognito API reference, RespondToAuthChallenge, "SELECT_MFA_TYPE"; its ANSWER
EMAIL_MFA is what the prose calls EMAIL_OTP (COGNITO.md, A.1).
"""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Final

from flowengine.challenges.kind import (
    Answering,
    Issued,
    Issuing,
    KindFacts,
    Standing,
    Verdict,
)
from flowengine.challenges.menus import ANSWER, choose
from flowengine.challenges.offers import SELECT_MFA_TYPE, Offer

_ALIASES: Final = MappingProxyType({"EMAIL_MFA": "EMAIL_OTP"})


class SelectMfaType:
    """The menu of second factors."""

    facts = KindFacts(
        name=SELECT_MFA_TYPE,
        standing=Standing.RETRY,
        required=(ANSWER,),
        needs_account=False,
    )

    def issue(self, issuing: Issuing) -> Issued:
        """Tell what may be chosen, as a JSON list in a string."""
        offer: Offer = issuing.settings
        choices = json.dumps(offer.available(issuing.facts), separators=(",", ":"))
        parameters = {"MFAS_CAN_CHOOSE": choices, "USER_ID_FOR_SRP": issuing.user.username}
        return Issued(MappingProxyType(parameters))

    def verify(self, answering: Answering) -> Verdict:
        """Take the choice, if it was offered."""
        return choose(answering, _ALIASES)
