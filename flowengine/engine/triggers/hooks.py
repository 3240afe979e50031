"""Where the engine calls the triggers that no flow names."""

from __future__ import annotations

from dataclasses import replace

from flowengine.challenges.kind import Channel, CodeToSend
from flowengine.engine.parts import Parts
from flowengine.engine.triggers.calling import call_hook
from flowengine.engine.triggers.context import TriggerContext
from flowengine.engine.triggers.custom_message import Wording, filled
from flowengine.engine.users import Identified
from flowengine.errors import InvalidLambdaResponseError
from flowengine.runtime.messages import INVITATION, Message
from flowengine.runtime.record import SignInRecord
from flowengine.tokens.changes import NO_CHANGES, ClaimChanges


async def before_sign_in(parts: Parts, context: TriggerContext) -> None:
    """Call PreAuthentication, for a decoy as well.

    Raises:
        CallerError: It refused, in its own words, or failed.
    """
    await call_hook(parts, context, "pre_authentication")


async def after_sign_in(parts: Parts, context: TriggerContext, *, new_device: bool) -> None:
    """Call PostAuthentication, once everything was proved and before any token is told.

    Raises:
        CallerError: It refused or failed.
    """
    await call_hook(parts, context, "post_authentication", new_device=new_device)


async def claim_changes(parts: Parts, context: TriggerContext, source: str) -> ClaimChanges:
    """Ask PreTokenGeneration for changes; what it may not change is left as it is, and noted.

    Raises:
        CallerError: It refused or failed.
    """
    changes = await call_hook(parts, context, "pre_token_generation", source=source)
    if not isinstance(changes, ClaimChanges):
        return NO_CHANGES
    if kept := changes.protected():
        noted = {"event_id": context.event_id, "claims": " ".join(kept)}
        parts.observer.note("claims-protected", noted)
    return changes


def token_source(record: SignInRecord) -> str:
    """Say what the tokens of a sign-in are made for (COGNITO.md, C.6)."""
    answered = {entry.challenge for entry in record.history if entry.result}
    if "device" in record.ledger.proved:
        return "AuthenticateDevice"
    if "NEW_PASSWORD_REQUIRED" in answered:
        return "NewPasswordChallenge"
    return "Authentication"


async def message_of(
    parts: Parts, user: Identified, send: CodeToSend, context: TriggerContext
) -> Message:
    """Put a message together, in the words of CustomMessage where the pool has it.

    A decoy's is made in the same way, of the decoy's own attributes, so that neither time nor
    failure tells that it will not be sent.

    Raises:
        CallerError: The trigger refused or failed.
    """
    wording = await _worded(parts, user, send, context)
    attributes, by_email = user.facts.attributes, send.channel is Channel.EMAIL
    name = user.facts.username
    return Message(
        channel=send.channel.value,
        to=send.to,
        username=name,
        code=send.code,
        purpose=send.purpose,
        locale=attributes.get("locale", ""),
        name=attributes.get("name", ""),
        subject=filled(wording.subject, send.code, name) if by_email else None,
        text=filled(wording.email if by_email else wording.sms, send.code, name),
    )


async def _worded(
    parts: Parts, user: Identified, send: CodeToSend, context: TriggerContext
) -> Wording:
    about = replace(context, user=replace(user.facts, exists=True))
    told = {"purpose": send.purpose, "source": send.source}
    wording = await call_hook(parts, about, "custom_message", **told)
    if wording is None:
        return Wording()
    if not isinstance(wording, Wording):
        raise InvalidLambdaResponseError
    if send.purpose == INVITATION and not wording.names_user():
        raise InvalidLambdaResponseError
    return wording
