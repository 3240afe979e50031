"""Step 1 of an answer: the handle, the claim, and why a claim is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flowengine.engine.parts import Parts
from flowengine.engine.requests import RespondToAuthChallengeRequest
from flowengine.errors import (
    ExpiredSessionError,
    InvalidParameterError,
    NotAuthorizedError,
    SessionError,
    SpentSessionError,
    UnknownSessionError,
)
from flowengine.runtime.stored import Claimed, Peeked
from flowengine.runtime.token import StepToken, parse_secret_block, parse_session, same_secret

SECRET_BLOCK_KEY = "PASSWORD_CLAIM_SECRET_BLOCK"
FOUND_BY_SECRET_BLOCK = frozenset({"PASSWORD_VERIFIER", "DEVICE_PASSWORD_VERIFIER"})
"""The challenges whose answer names its sign-in by SECRET_BLOCK; real clients send no Session."""


@dataclass(frozen=True, slots=True)
class Handle:
    """The handle that an answer came with.

    Attributes:
        by_block: Whether only SECRET_BLOCK was sent; then every refusal is worded as a
            wrong password, since that is what such a client can understand.
    """

    token: StepToken = field(repr=False)
    by_block: bool

    def refusal(self, reason: SessionError) -> NotAuthorizedError:
        """Word a refusal of this handle."""
        return NotAuthorizedError() if self.by_block else reason


def read_handle(request: RespondToAuthChallengeRequest) -> Handle:
    """Read the handle of an answer.

    Raises:
        InvalidParameterError: There is none.
        SessionError: It is not one that was handed out, or the two that came differ.
    """
    block = _block(request.challenge_name, request.challenge_responses)
    if request.session is None:
        if block is None:
            raise InvalidParameterError.missing(_missing_key(request.challenge_name))
        token = parse_secret_block(block)
        if token is None:
            raise NotAuthorizedError
        return Handle(token, by_block=True)
    token = parse_session(request.session)
    if token is None:
        raise UnknownSessionError
    if block is not None and block != token.secret_block():
        raise NotAuthorizedError
    return Handle(token, by_block=False)


def _block(challenge_name: str, responses: Mapping[str, str]) -> str | None:
    return responses.get(SECRET_BLOCK_KEY) if challenge_name in FOUND_BY_SECRET_BLOCK else None


def _missing_key(challenge_name: str) -> str:
    return SECRET_BLOCK_KEY if challenge_name in FOUND_BY_SECRET_BLOCK else "Session"


async def claim(parts: Parts, handle: Handle) -> Claimed:
    """Load the sign-in and count one try, in one statement.

    Raises:
        SessionError: With the reason; ``NotAuthorizedError`` for a SECRET_BLOCK.
    """
    now = parts.clock.now()
    claimed = await parts.sessions.claim(handle.token, now)
    if claimed is not None:
        return claimed
    peeked = await parts.sessions.peek(handle.token.id, now)
    raise handle.refusal(_reason(handle.token, peeked)) from None


def _reason(token: StepToken, peeked: Peeked | None) -> SessionError:
    """Tell a refused claim apart; a row that would be claimable now lost a race a moment ago."""
    if peeked is None or token.step > peeked.step:
        return UnknownSessionError()
    if token.step < peeked.step:
        return SpentSessionError()
    if not same_secret(token, peeked.secret_hash):
        return UnknownSessionError()
    if peeked.ended or peeked.tries_left <= 0:
        return SpentSessionError()
    return ExpiredSessionError()
