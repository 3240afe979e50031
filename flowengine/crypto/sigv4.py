"""AWS Signature Version 4, the side that verifies.

What is demanded beyond the scheme: the service and the pool's region in the scope; host,
x-amz-date and x-amz-target among the signed headers and sent once; the body's hash always that
of the body (``UNSIGNED-PAYLOAD`` is not known here); the time within five minutes.

Source: AWS General Reference, "Create a signed AWS API request".
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from hashlib import sha256
from typing import Final
from urllib.parse import quote

from flowengine.crypto.text import octets

ALGORITHM: Final = "AWS4-HMAC-SHA256"
SERVICE: Final = "cognito-idp"
SKEW: Final = timedelta(minutes=5)
DEMANDED_HEADERS: Final = frozenset({"host", "x-amz-date", "x-amz-target"})

_LONGEST_AUTHORIZATION: Final = 4096
_AUTHORIZATION: Final = re.compile(
    rf"{ALGORITHM} +Credential=(?P<key>[^/,\s]+)/(?P<day>\d{{8}})/(?P<region>[^/,\s]+)"
    r"/(?P<service>[^/,\s]+)/aws4_request, *SignedHeaders=(?P<headers>[!-+\--~]+)"
    r", *Signature=(?P<signature>[0-9a-f]{64})",
    re.ASCII,
)
_DATE: Final = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_BLANKS: Final = re.compile(r"[ \t]+")
_NOBODYS_SECRET: Final = "0" * 40


class Refusal(Enum):
    """Why a request is not believed."""

    UNSIGNED = "no Authorization header"
    MALFORMED = "the Authorization header, or a header it names, is malformed or repeated"
    OTHER_SCOPE = "signed for another region or service"
    UNCOVERED = "host, x-amz-date or x-amz-target is not signed"
    OUT_OF_TIME = "signed too long ago, or in the future"
    UNKNOWN_KEY = "no such key"
    WRONG_SIGNATURE = "the signature is wrong"


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as it came.

    Attributes:
        path: As in the request line, still percent-encoded, without the query.
        query: As in the request line, without its question mark; often empty.
        headers: All of them in order, repeated ones too; names in any case.
    """

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)

    def values(self, name: str) -> list[str]:
        """Give a header's values, one for each time that it was sent."""
        return [value for sent, value in self.headers if sent.lower() == name]


@dataclass(frozen=True, slots=True)
class _Authorization:
    key_id: str
    day: str
    region: str
    service: str
    signed: tuple[str, ...]
    signature: str = field(repr=False)

    @property
    def scope(self) -> str:
        return f"{self.day}/{self.region}/{self.service}/aws4_request"


def claimed_region(request: SignedRequest) -> str | None:
    """Read which region a request says that it was signed for; nothing is verified."""
    found = _authorization(request)
    return None if isinstance(found, Refusal) else found.region


def verify(
    request: SignedRequest, keys: Mapping[str, str], *, region: str, now: datetime
) -> str | Refusal:
    """Find out which key signed a request.

    ``keys`` has secrets by key id; an unknown id costs the same work as a known one. ``now`` is
    aware; five minutes either side are allowed, ends included.

    Returns:
        The key's id, or why the request is refused.
    """
    authorization = _authorization(request)
    if isinstance(authorization, Refusal):
        return authorization
    refusal = _objection(request, authorization, region, now)
    return refusal or _judge(request, authorization, keys)


def _authorization(request: SignedRequest) -> _Authorization | Refusal:
    written = request.values("authorization")
    if not written:
        return Refusal.UNSIGNED
    if len(written) > 1 or len(written[0]) > _LONGEST_AUTHORIZATION:
        return Refusal.MALFORMED
    found = _AUTHORIZATION.fullmatch(written[0].strip(" "))
    if found is None:
        return Refusal.MALFORMED
    names = tuple(found["headers"].split(";"))
    return _Authorization(
        found["key"], found["day"], found["region"], found["service"], names, found["signature"]
    )


def _objection(
    request: SignedRequest, authorization: _Authorization, region: str, now: datetime
) -> Refusal | None:
    """Look at all that does not depend on a key."""
    if (authorization.region, authorization.service) != (region, SERVICE):
        return Refusal.OTHER_SCOPE
    if not set(authorization.signed) >= DEMANDED_HEADERS:
        return Refusal.UNCOVERED
    if not _unambiguous(request, authorization.signed):
        return Refusal.MALFORMED
    signed_at = _moment(_only(request, "x-amz-date"))
    if signed_at is None or authorization.day != f"{signed_at:%Y%m%d}":
        return Refusal.MALFORMED
    return None if abs(now - signed_at) <= SKEW else Refusal.OUT_OF_TIME


def _unambiguous(request: SignedRequest, signed: tuple[str, ...]) -> bool:
    """Say whether each signed header is named once, in order, and was sent once, on one line.

    The scheme joins repeated headers by commas; a proxy or a framework may read one of them
    only, so what was signed would not be what is read.
    """
    values = [request.values(name) for name in signed]
    return (
        signed == tuple(sorted(set(signed)))
        and all(name == name.lower() for name in signed)
        and all(len(sent) == 1 and _CONTROL.search(sent[0]) is None for sent in values)
    )


def _moment(text: str) -> datetime | None:
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(number) for number in found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None


def _judge(
    request: SignedRequest, authorization: _Authorization, keys: Mapping[str, str]
) -> str | Refusal:
    secret = keys.get(authorization.key_id)
    expected = _signature(request, authorization, _NOBODYS_SECRET if secret is None else secret)
    right = hmac.compare_digest(expected, authorization.signature)
    if secret is None:
        return Refusal.UNKNOWN_KEY
    return authorization.key_id if right else Refusal.WRONG_SIGNATURE


def _signature(request: SignedRequest, authorization: _Authorization, secret: str) -> str:
    canonical = sha256(octets(_canonical(request, authorization.signed))).hexdigest()
    date = _only(request, "x-amz-date")
    key = octets(f"AWS4{secret}")
    for part in authorization.scope.split("/"):
        key = hmac.digest(key, octets(part), "sha256")
    text = f"{ALGORITHM}\n{date}\n{authorization.scope}\n{canonical}"
    return hmac.digest(key, octets(text), "sha256").hex()


def _canonical(request: SignedRequest, signed: tuple[str, ...]) -> str:
    headers = [f"{name}:{_BLANKS.sub(' ', _only(request, name))}\n" for name in signed]
    return "\n".join(
        (
            request.method,
            quote(octets(request.path or "/"), safe="/~"),
            _canonical_query(request.query),
            "".join(headers),
            ";".join(signed),
            sha256(request.body).hexdigest(),
        )
    )


def _only(request: SignedRequest, name: str) -> str:
    """Give the value of a header that was sent once."""
    return request.values(name)[0].strip(" \t")


def _canonical_query(query: str) -> str:
    """Sort the parameters by name, then value; one without a value gets an empty one."""
    if not query:
        return ""
    pairs = [part.partition("=") for part in query.split("&")]
    return "&".join(f"{name}={value}" for name, _, value in sorted(pairs))
