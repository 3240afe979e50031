"""The kinds of challenge: what each asks, how an answer is verified, what it proves.

For registered functions: ``create`` returns :class:`ChallengeParameters`, and ``verify`` a
:class:`Judgement`.
"""

from flowengine.challenges.custom_settings import ChallengeParameters, Judgement

__all__ = ["ChallengeParameters", "Judgement"]
