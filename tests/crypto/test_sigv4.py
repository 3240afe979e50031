"""Against botocore's own signer, whose clock is the system's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.crypto import sigv4
from flowengine.crypto.sigv4 import Refusal, SignedRequest

KEYS = {"AKIDADMIN": "admin-secret", "AKIDOTHER": "other-secret"}
REGION = "eu-west-1"
BODY = b'{"UserPoolId":"eu-west-1_AbCdEfGhI"}'
TARGET = "AWSCognitoIdentityProviderService.AdminGetUser"

Change = Callable[[SignedRequest], SignedRequest]


def signed(
    *,
    secret: str = "admin-secret",
    key_id: str = "AKIDADMIN",
    region: str = REGION,
    service: str = "cognito-idp",
    url: str = "https://127.0.0.1:9229/",
    token: str | None = None,
    extra: dict[str, str] | None = None,
) -> SignedRequest:
    """Let botocore sign, and give what a server would see."""
    headers = {
        "X-Amz-Target": TARGET,
        "Content-Type": "application/x-amz-json-1.1",
        "User-Agent": "Boto3/1  md/x",
    }
    request = AWSRequest(method="POST", url=url, data=BODY, headers=headers | (extra or {}))
    SigV4Auth(Credentials(key_id, secret, token), service, region).add_auth(request)
    sent = [(name, str(value)) for name, value in request.headers.items()]
    if "host" not in {name.lower() for name, _ in sent}:
        sent.append(("Host", "127.0.0.1:9229"))
    path, _, query = url.removeprefix("https://127.0.0.1:9229").partition("?")
    return SignedRequest("POST", path, query, tuple(sent), BODY)


def header(request: SignedRequest, name: str) -> str:
    (value,) = request.values(name)
    return value


def moment(request: SignedRequest) -> datetime:
    date = header(request, "x-amz-date")
    return datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def verified(request: SignedRequest, *, skew: timedelta = timedelta(0)) -> str | Refusal:
    now = moment(signed()) + skew
    return sigv4.verify(request, KEYS, region=REGION, now=now)


def with_header(request: SignedRequest, name: str, value: str) -> SignedRequest:
    kept = [(sent, old) for sent, old in request.headers if sent.lower() != name]
    return replace(request, headers=(*kept, (name, value)))


def without_header(request: SignedRequest, name: str) -> SignedRequest:
    kept = tuple((sent, old) for sent, old in request.headers if sent.lower() != name)
    return replace(request, headers=kept)


def with_authorization(request: SignedRequest, old: str, new: str) -> SignedRequest:
    written = header(request, "authorization")
    assert old in written
    return with_header(request, "authorization", written.replace(old, new))


def test_a_request_that_botocore_signed_names_its_key() -> None:
    assert verified(signed()) == "AKIDADMIN"
    assert verified(signed(key_id="AKIDOTHER", secret="other-secret")) == "AKIDOTHER"


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1:9229/",
        "https://127.0.0.1:9229/a%20b/c",
        "https://127.0.0.1:9229/?b=2&a=1&a=0",
        "https://127.0.0.1:9229/?empty=&a=%20%2F",
    ],
)
def test_paths_and_queries_are_signed_as_botocore_signs_them(url: str) -> None:
    assert verified(signed(url=url)) == "AKIDADMIN"
    assert verified(replace(signed(url=url), query="z=9")) is Refusal.WRONG_SIGNATURE


def test_more_headers_may_be_signed() -> None:
    request = signed(token="session-token", extra={"X-Amz-Note": "  two   blanks  "})
    assert "x-amz-note" in header(request, "authorization")
    assert "x-amz-security-token" in header(request, "authorization")
    assert verified(request) == "AKIDADMIN"
    assert verified(with_header(request, "x-amz-note", "two")) is Refusal.WRONG_SIGNATURE


def test_header_names_come_in_any_case() -> None:
    request = signed()
    shouted = tuple((name.upper(), value) for name, value in request.headers)
    assert verified(replace(request, headers=shouted)) == "AKIDADMIN"


TAMPERED: list[tuple[str, Change, Refusal]] = [
    ("host", lambda r: with_header(r, "host", "elsewhere:9229"), Refusal.WRONG_SIGNATURE),
    (
        "target",
        lambda r: with_header(r, "x-amz-target", TARGET.replace("GetUser", "DeleteUser")),
        Refusal.WRONG_SIGNATURE,
    ),
    (
        "date",
        lambda r: with_header(
            r, "x-amz-date", f"{moment(r) + timedelta(seconds=1):%Y%m%dT%H%M%SZ}"
        ),
        Refusal.WRONG_SIGNATURE,
    ),
    ("body", lambda r: replace(r, body=r.body + b" "), Refusal.WRONG_SIGNATURE),
    ("no body", lambda r: replace(r, body=b""), Refusal.WRONG_SIGNATURE),
    ("method", lambda r: replace(r, method="GET"), Refusal.WRONG_SIGNATURE),
    ("method's case", lambda r: replace(r, method="post"), Refusal.WRONG_SIGNATURE),
    ("path", lambda r: replace(r, path="/other"), Refusal.WRONG_SIGNATURE),
    ("query", lambda r: replace(r, query="a=b"), Refusal.WRONG_SIGNATURE),
    (
        "signature",
        lambda r: with_header(r, "authorization", header(r, "authorization")[:-64] + "0" * 64),
        Refusal.WRONG_SIGNATURE,
    ),
    (
        "key id of another",
        lambda r: with_authorization(r, "AKIDADMIN", "AKIDOTHER"),
        Refusal.WRONG_SIGNATURE,
    ),
    (
        "key id of nobody",
        lambda r: with_authorization(r, "AKIDADMIN", "AKIDNOBODY"),
        Refusal.UNKNOWN_KEY,
    ),
    ("region", lambda r: with_authorization(r, REGION, "eu-west-2"), Refusal.OTHER_SCOPE),
    ("service", lambda r: with_authorization(r, "cognito-idp", "sts"), Refusal.OTHER_SCOPE),
    ("terminator", lambda r: with_authorization(r, "aws4_request", "aws4"), Refusal.MALFORMED),
    ("scope's day", lambda r: with_authorization(r, day(r), "20200101"), Refusal.MALFORMED),
    ("host not signed", lambda r: with_authorization(r, "host;", ""), Refusal.UNCOVERED),
    ("date not signed", lambda r: with_authorization(r, "x-amz-date;", ""), Refusal.UNCOVERED),
    ("target not signed", lambda r: with_authorization(r, ";x-amz-target", ""), Refusal.UNCOVERED),
    ("host missing", lambda r: without_header(r, "host"), Refusal.MALFORMED),
    ("date missing", lambda r: without_header(r, "x-amz-date"), Refusal.MALFORMED),
    ("target missing", lambda r: without_header(r, "x-amz-target"), Refusal.MALFORMED),
    (
        "target repeated",
        lambda r: replace(r, headers=(*r.headers, ("x-amz-target", "Other"))),
        Refusal.MALFORMED,
    ),
    (
        "host repeated",
        lambda r: replace(r, headers=(*r.headers, ("HOST", header(r, "host")))),
        Refusal.MALFORMED,
    ),
    (
        "authorization repeated",
        lambda r: replace(r, headers=(*r.headers, ("Authorization", header(r, "authorization")))),
        Refusal.MALFORMED,
    ),
    (
        "line break in a header",
        lambda r: with_header(r, "host", "127.0.0.1:9229\nx-evil:1"),
        Refusal.MALFORMED,
    ),
    (
        "headers out of order",
        lambda r: with_authorization(r, "host;x-amz-date", "x-amz-date;host"),
        Refusal.MALFORMED,
    ),
    (
        "header named twice",
        lambda r: with_authorization(r, "host;", "host;host;"),
        Refusal.MALFORMED,
    ),
    (
        "header in capitals",
        lambda r: with_authorization(r, "host;", "Host;host;"),
        Refusal.MALFORMED,
    ),
    ("date of another form", lambda r: with_header(r, "x-amz-date", "today"), Refusal.MALFORMED),
    (
        "day that does not exist",
        lambda r: with_header(r, "x-amz-date", "20260231T000000Z"),
        Refusal.MALFORMED,
    ),
    ("no authorization", lambda r: without_header(r, "authorization"), Refusal.UNSIGNED),
]


def day(request: SignedRequest) -> str:
    return header(request, "x-amz-date")[:8]


@pytest.mark.parametrize(
    ("change", "refusal"), [case[1:] for case in TAMPERED], ids=[case[0] for case in TAMPERED]
)
def test_a_tampered_request_is_refused(change: Change, refusal: Refusal) -> None:
    assert verified(change(signed())) is refusal


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer eyJhbGciOiJSUzI1NiJ9",
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=a",
        "AWS4-ECDSA-P256-SHA256 Credential=a/20260101/eu-west-1/cognito-idp/aws4_request, "
        "SignedHeaders=host, Signature=" + "0" * 64,
        "AWS4-HMAC-SHA256 Credential=a/20260101/eu-west-1/cognito-idp/aws4_request, "
        "SignedHeaders=host, Signature=" + "A" * 64,
        "AWS4-HMAC-SHA256 Credential=" + "a" * 5000,
        "\ud800",
    ],
)
def test_a_malformed_authorization_is_refused(authorization: str) -> None:
    assert verified(with_header(signed(), "authorization", authorization)) is Refusal.MALFORMED


def test_a_request_signed_for_another_region_is_refused() -> None:
    assert verified(signed(region="eu-west-2")) is Refusal.OTHER_SCOPE


def test_a_request_signed_with_another_secret_is_refused() -> None:
    assert verified(signed(secret="guess")) is Refusal.WRONG_SIGNATURE
    assert verified(signed(key_id="AKIDOTHER")) is Refusal.WRONG_SIGNATURE


def test_the_secret_that_stands_in_for_an_unknown_key_opens_nothing() -> None:
    assert verified(signed(key_id="AKIDNOBODY", secret="0" * 40)) is Refusal.UNKNOWN_KEY


def test_without_keys_nobody_is_known() -> None:
    request = signed()
    outcome = sigv4.verify(request, {}, region=REGION, now=moment(request))
    assert outcome is Refusal.UNKNOWN_KEY


@pytest.mark.parametrize("sign", [-1, 1])
def test_five_minutes_either_side_are_allowed_and_not_more(sign: int) -> None:
    request = signed()
    for skew, outcome in (
        (timedelta(minutes=5), "AKIDADMIN"),
        (timedelta(minutes=5, microseconds=1), Refusal.OUT_OF_TIME),
    ):
        now = moment(request) + sign * skew
        assert sigv4.verify(request, KEYS, region=REGION, now=now) == outcome


@given(
    st.lists(st.tuples(st.sampled_from(["authorization", "host", "x-amz-date"]), st.text())),
    st.text(),
    st.text(),
)
@settings(deadline=None)
def test_no_request_at_all_raises(headers: list[tuple[str, str]], path: str, query: str) -> None:
    request = replace(signed(), path=path, query=query)
    for name, value in headers:
        request = with_header(request, name, value)
    assert isinstance(verified(request), str | Refusal)


def test_the_repr_shows_neither_headers_nor_body() -> None:
    request = signed()
    assert header(request, "authorization")[-64:] not in repr(request)
    assert "UserPoolId" not in repr(request)
