"""Answers that come with the request before: taken at once, as their own step."""

from __future__ import annotations

from collections.abc import Container, Mapping

from flowengine.accounts.pool import Pool
from flowengine.engine.locking import Reservation, reserve
from flowengine.engine.parts import Parts
from flowengine.engine.replies import ChallengeReply, Reply
from flowengine.engine.requests import RespondToAuthChallengeRequest
from flowengine.flow.program import ChallengeNode, FlowProgram


def comes_inline(node: ChallengeNode, given: Container[str]) -> bool:
    """Say whether all that answers a challenge at once has come."""
    wanted = node.kind.facts.answered_by
    return bool(wanted) and all(key in given for key in wanted)


async def hold(
    parts: Parts, pool: Pool, node: ChallengeNode, given: Container[str], sub: str, ip: str
) -> Reservation | None:
    """Reserve a try before the step is written that an answer which is here will take.

    So an attempt while the factor is locked changes nothing (COGNITO.md, E.4). None where nothing
    is answered at once.

    Raises:
        NotAuthorizedError: The factor is locked for this user.
        TooManyRequestsError: Too many tries are under way.
    """
    if not comes_inline(node, given):
        return None
    return await reserve(parts, pool, sub, node.kind.facts.factor, ip)


def inline_answer(
    program: FlowProgram,
    reply: Reply,
    given: Mapping[str, str],
    answered: RespondToAuthChallengeRequest,
) -> RespondToAuthChallengeRequest | None:
    """Give the answer to the challenge that was just asked, where all its keys came already.

    Args:
        given: The keys that may be used so.
        answered: The request that they came with; client, user and context are taken from it.
    """
    if not isinstance(reply, ChallengeReply):
        return None
    node = program.nodes[reply.node]
    if not isinstance(node, ChallengeNode) or not comes_inline(node, given):
        return None
    wanted = node.kind.facts.answered_by
    username = answered.challenge_responses["USERNAME"]
    return RespondToAuthChallengeRequest(
        client_id=answered.client_id,
        challenge_name=reply.challenge_name,
        session=reply.session,
        challenge_responses={**{key: given[key] for key in wanted}, "USERNAME": username},
        user_context_data=answered.user_context_data,
        client_metadata=answered.client_metadata,
    )
