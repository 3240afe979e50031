"""Answers that come with the request before: taken at once, as their own step."""

from __future__ import annotations

from collections.abc import Mapping

from flowengine.engine.replies import ChallengeReply, Reply
from flowengine.engine.requests import RespondToAuthChallengeRequest
from flowengine.flow.program import ChallengeNode, FlowProgram


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
    wanted = node.kind.facts.answered_by if isinstance(node, ChallengeNode) else ()
    if not wanted or not all(key in given for key in wanted):
        return None
    username = answered.challenge_responses["USERNAME"]
    return RespondToAuthChallengeRequest(
        client_id=answered.client_id,
        challenge_name=reply.challenge_name,
        session=reply.session,
        challenge_responses={**{key: given[key] for key in wanted}, "USERNAME": username},
        user_context_data=answered.user_context_data,
        client_metadata=answered.client_metadata,
    )
