"""``https://``: a signed webhook (Standard Webhooks 1.0.0, symmetric signatures)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import Callable
from datetime import datetime
from typing import Final

from flowengine.delivery.certificates import checking_context
from flowengine.delivery.sending import Letter, SendingError, UndeliverableError, rfc3339
from flowengine.delivery.urls import WebhookPlace
from flowengine.deployment.values import is_loopback
from flowengine.errors import UnavailableError

try:
    import httpx
except ImportError:
    raise UnavailableError(
        "a webhook needs the package httpx: pip install 'flowengine[webhook]'"
    ) from None

EVENT: Final = "code.issued"
"""The payload's ``type``."""
_TIMEOUT_S: Final = 15.0
_PASSING: Final = (408, 425, 429)
_SERVERS_FAULT: Final = 500
_LONGEST_WAIT_S: Final = 3600


class WebhookSender:
    """Posts each letter as JSON to one URL, over a connection of its own.

    httpx's transport is used without its client, which would write every URL to a log, follow
    what ``.netrc`` and the proxy variables say, and keep cookies.
    """

    def __init__(
        self,
        place: WebhookPlace,
        *,
        now: Callable[[], datetime],
        context: ssl.SSLContext | None = None,
        timeout_s: float = _TIMEOUT_S,
    ) -> None:
        """Connect to nothing yet.

        Args:
            now: The time of a try, which is signed; aware.
            context: Checks the server's certificate; the system's authorities where none is
                given.
            timeout_s: For connecting, for each write and for each read.

        Raises:
            UnavailableError: The URL is malformed or would leave this machine unencrypted, there
                is no secret, or the context would take any certificate.
        """
        try:
            self._url = httpx.URL(place.url)
        except httpx.InvalidURL:
            raise UnavailableError("a webhook's URL is malformed") from None
        if self._url.scheme != "https" and not is_loopback(self._url.host):
            raise UnavailableError("a webhook would leave this machine unencrypted")
        if not place.secrets:
            raise UnavailableError("a webhook needs a secret that it is signed with")
        self._secrets = place.secrets
        self._now = now
        self._limits = {"timeout": httpx.Timeout(timeout_s).as_dict()}
        self._transport = httpx.HTTPTransport(
            verify=checking_context(context),
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def send(self, letter: Letter) -> None:
        """Post one; its ``webhook-id`` is the letter's, the same at every try.

        Raises:
            UndeliverableError: The certificate is not good, or the answer is a redirect, which
                is not followed, or a refusal (3xx, 4xx).
            SendingError: No connection, no answer, 408, 425, 429 or 5xx.
        """
        request = self._request(letter)
        try:
            response = self._transport.handle_request(request)
            response.close()  # unread: only the status counts
        except httpx.TimeoutException:
            raise SendingError("timeout") from None
        except httpx.TransportError as error:
            raise _failure(error) from None
        if not response.is_success:
            raise _refusal(response)

    def _request(self, letter: Letter) -> httpx.Request:
        body, attempted = _body(letter), str(int(self._now().timestamp()))
        headers = {
            "content-type": "application/json",
            "user-agent": "flowengine",
            "webhook-id": letter.id,
            "webhook-timestamp": attempted,
            "webhook-signature": signatures(self._secrets, letter.id, attempted, body),
        }
        return httpx.Request(
            "POST", self._url, headers=headers, content=body, extensions=self._limits
        )


def signatures(secrets: tuple[bytes, ...], identity: str, timestamp: str, body: bytes) -> str:
    """Sign with every secret; more than one while they are being changed."""
    signed = f"{identity}.{timestamp}.".encode("ascii") + body
    made = (hmac.new(secret, signed, hashlib.sha256).digest() for secret in secrets)
    return " ".join(f"v1,{base64.b64encode(each).decode('ascii')}" for each in made)


def _body(letter: Letter) -> bytes:
    message = letter.message
    payload = {
        "type": EVENT,
        "timestamp": rfc3339(letter.time),
        "data": {
            "channel": message.channel,
            "to": message.to,
            "username": message.username,
            "code": message.code,
            "purpose": message.purpose,
            "locale": message.locale,
            "subject": letter.subject,
            "text": letter.text,
        },
    }
    return json.dumps(payload, separators=(",", ":")).encode("ascii")


def _failure(error: BaseException | None) -> SendingError:
    """Look for a bad certificate among the causes; the texts are not repeated."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return UndeliverableError("certificate")
        error = error.__cause__ or error.__context__
    return SendingError("network")


def _refusal(response: httpx.Response) -> SendingError:
    status = response.status_code
    if status not in _PASSING and status < _SERVERS_FAULT:
        return UndeliverableError(f"http-{status}")
    asked = response.headers.get("retry-after", "")
    seconds = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0  # noqa: PLR2004 - five digits are more than a day
    return SendingError(f"http-{status}", min(seconds, _LONGEST_WAIT_S))
