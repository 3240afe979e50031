"""Makes what sends a deployment's codes: a sender for each channel, the texts, and the queue."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import assert_never

from flowengine.assembly.functions import load_function
from flowengine.delivery.function import FunctionSender
from flowengine.delivery.outbox import OutboxSender
from flowengine.delivery.queue import QueuedDelivery
from flowengine.delivery.sending import Sender
from flowengine.delivery.smtp import SmtpSender
from flowengine.delivery.text_files import load_texts
from flowengine.delivery.texts import Key, Texts
from flowengine.delivery.urls import (
    FunctionPlace,
    OutboxPlace,
    Place,
    SmtpPlace,
    WebhookPlace,
    parse,
)
from flowengine.deployment.definition import DeploymentDefinition
from flowengine.engine.ports import Clock, Entropy, Observer
from flowengine.flow.program import ChallengeNode, FlowProgram
from flowengine.runtime.messages import OPERATION_PURPOSES


def delivery_of(
    definition: DeploymentDefinition,
    flows: Mapping[str, FlowProgram],
    clock: Clock,
    entropy: Entropy,
    observer: Observer,
) -> QueuedDelivery | None:
    """Give the queue that all codes go through; None where the deployment sends none.

    Raises:
        UnavailableError: A sender lacks something, or there is no text.
        InvalidDocumentError: A text is not as its author meant it.
    """
    if not definition.delivery:
        return None
    folder = folder_of(definition)
    senders = {
        channel.text: _sender(place_of_codes(channel.text, where.text, folder), folder, clock)
        for channel, where in definition.delivery
    }
    texts = texts_of(definition, flows)
    return QueuedDelivery(senders, texts, now=clock.now, draw=entropy.draw, note=observer.note)


def place_of_codes(channel: str, text: str, folder: Path) -> Place:
    """Read where codes go; a relative file is relative to ``folder``.

    Raises:
        UnavailableError: It is none of the forms.
    """
    place = parse(channel, text)
    return replace(place, path=folder / place.path) if isinstance(place, OutboxPlace) else place


def texts_of(definition: DeploymentDefinition, flows: Mapping[str, FlowProgram]) -> Texts:
    """Load the texts of a deployment, for exactly what its flows and the operations send.

    Raises:
        InvalidDocumentError: A text is missing, or not as its author meant it.
        UnavailableError: One is missing that is not built in, and there is no folder.
    """
    written = definition.messages
    folder = None if written is None else folder_of(definition) / written.text
    return load_texts(folder, set(sent_by(definition, flows)))


def folder_of(definition: DeploymentDefinition) -> Path:
    """Give the folder that a deployment lies in, which its relative files are relative to."""
    return Path(definition.source.name).parent


def sent_by(definition: DeploymentDefinition, flows: Mapping[str, FlowProgram]) -> Iterator[Key]:
    """Give purpose and channel of all that operations and flows send, by channels there are."""
    channels = [channel.text for channel, _ in definition.delivery]
    for channel in channels:
        for purpose in OPERATION_PURPOSES:
            yield purpose, channel
    for flow in flows.values():
        for node in flow.nodes.values():
            deliver = node.deliver if isinstance(node, ChallengeNode) else None
            if deliver is not None and deliver.channel.value in channels:
                yield deliver.purpose, deliver.channel.value


def _sender(place: Place, folder: Path, clock: Clock) -> Sender:
    match place:
        case OutboxPlace(path):
            return OutboxSender(path)
        case SmtpPlace():
            return SmtpSender(place)
        case WebhookPlace():
            from flowengine.delivery.https import (  # noqa: PLC0415 - an optional library
                WebhookSender,
            )

            return WebhookSender(place, now=clock.now)
        case FunctionPlace(module, name):
            written = f"{module}:{name}"
            return FunctionSender(written, load_function(written, folder))
        case _:
            assert_never(place)
