from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowengine.errors import CallerError, UserLambdaValidationError
from flowengine.server.app import App
from flowengine.server.catalog import OPERATIONS
from flowengine.stores.memory import MemorySessions
from tests.operations.world import (
    PASSWORD,
    WEB,
    new_world,
)
from tests.server.wire import AMZ_JSON, PREFIX, app_of, error_of, post, send

START = {
    "AuthFlow": "USER_PASSWORD_AUTH",
    "ClientId": WEB.id,
    "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD},
}
BODY = json.dumps(START).encode()
CALL = {"content-type": AMZ_JSON, "x-amz-target": PREFIX + "InitiateAuth"}


def served(**settings_: Any) -> App:
    world = new_world()
    world.add_user()
    return app_of(world, **settings_)


APP = served()


def test_a_success_has_the_headers_of_the_service() -> None:
    answer = post(APP, "InitiateAuth", BODY)
    assert answer.status_code == 200
    uuid.UUID(answer.headers["x-amzn-requestid"])
    assert answer.headers["content-type"] == AMZ_JSON
    assert answer.headers["access-control-allow-origin"] == "*"
    exposed = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date"
    assert answer.headers["access-control-expose-headers"] == exposed
    assert answer.headers["cache-control"] == "no-store"


def test_an_error_stands_in_body_and_headers() -> None:
    wrong = {**START, "AuthParameters": {"USERNAME": "ada", "PASSWORD": "guess"}}
    answer = post(APP, "InitiateAuth", wrong)
    assert answer.status_code == 400
    message = "Incorrect username or password."
    assert answer.json() == {"__type": "NotAuthorizedException", "message": message}
    assert answer.headers["x-amzn-errortype"] == "NotAuthorizedException:"
    assert answer.headers["x-amzn-errormessage"] == message
    uuid.UUID(answer.headers["x-amzn-requestid"])
    assert answer.headers["access-control-allow-origin"] == "*"


def test_each_answer_has_a_request_id_of_its_own() -> None:
    ids = {post(APP, "InitiateAuth", BODY).headers["x-amzn-requestid"] for _ in range(3)}
    assert len(ids) == 3


@pytest.mark.parametrize(
    "headers",
    [
        {"content-type": AMZ_JSON},
        {**CALL, "x-amz-target": "InitiateAuth"},
        {**CALL, "x-amz-target": PREFIX},
        {**CALL, "x-amz-target": PREFIX + "initiateAuth"},
        {**CALL, "x-amz-target": PREFIX + "AdminLinkProviderForUser"},
        {**CALL, "x-amz-target": PREFIX + "__class__"},
        {**CALL, "x-amz-target": "OtherService.InitiateAuth"},
        {**CALL, "x-amz-target": PREFIX + PREFIX + "InitiateAuth"},
    ],
)
def test_an_unknown_operation_is_said_to_be_one(headers: Mapping[str, str]) -> None:
    answer = send(APP, "POST", content=BODY, headers=headers)
    assert error_of(answer)[:2] == (400, "UnknownOperationException")


@pytest.mark.parametrize(
    "content_type",
    ["", "application/json", "text/plain", "application/x-amz-json-1.0", AMZ_JSON + "x"],
)
def test_another_content_type_is_refused(content_type: str) -> None:
    answer = send(APP, "POST", content=BODY, headers={**CALL, "content-type": content_type})
    assert error_of(answer)[:2] == (400, "SerializationException")


@pytest.mark.parametrize(
    "content_type", [AMZ_JSON + "; charset=utf-8", "Application/X-Amz-JSON-1.1", AMZ_JSON + " ;x"]
)
def test_the_content_type_may_have_parameters_and_any_case(content_type: str) -> None:
    answer = send(APP, "POST", content=BODY, headers={**CALL, "content-type": content_type})
    assert answer.status_code == 200


def with_member(text: str) -> bytes:
    return BODY[:-1] + b"," + text.encode() + b"}"


HOSTILE: list[tuple[str, bytes]] = [
    ("nothing", b""),
    ("white space", b" \n"),
    ("half an object", BODY[:-1]),
    ("two objects", BODY + BODY),
    ("a trailing comma", BODY[:-1] + b",}"),
    ("a comment", b"/* x */" + BODY),
    ("single quotes", b"{'ClientId': 'x'}"),
    ("a list", b"[" + BODY + b"]"),
    ("a string", b'"text"'),
    ("null", b"null"),
    ("a hundred thousand lists", b"[" * 100_000),
    ("a hundred thousand objects", b'{"a":' * 50_000),
    ("deep inside an ignored member", with_member('"New":' + "[" * 200 + "]" * 200)),
    ("text that never ends", b'{"a":"' + b'\\"' * 100_000),
    ("a number without end", b'{"a":' + b"9" * 100_000 + b"}"),
    ("a member given twice", with_member('"ClientId":"other"')),
    ("a parameter given twice", b'{"AuthParameters":{"USERNAME":"a","USERNAME":"b"}}'),
    ("NaN", with_member('"New":NaN')),
    ("Infinity", with_member('"New":-Infinity')),
    ("UTF-16", BODY.decode().encode("utf-16")),
    ("a byte order mark", b"\xef\xbb\xbf" + BODY),
    ("bad UTF-8", BODY.replace(b"ada", b"\xff\xfe")),
    ("a surrogate in UTF-8", BODY.replace(b"ada", b"\xed\xa0\x80")),
    ("half of a surrogate pair", BODY.replace(b"ada", b"\\ud800")),
    ("half of a surrogate pair in a key", b'{"AuthParameters":{"\\udfff":"x"}}'),
    ("a raw control character", BODY.replace(b"ada", b"a\nda")),
]


@pytest.mark.parametrize("content", [h[1] for h in HOSTILE], ids=[h[0] for h in HOSTILE])
def test_a_body_that_is_not_json_is_refused_and_not_shown(content: bytes) -> None:
    answer = post(APP, "InitiateAuth", content)
    assert error_of(answer)[:2] == (400, "SerializationException")
    assert PASSWORD not in answer.text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ClientId": 5}, "NUMBER_VALUE can not be converted to a String"),
        ({"ClientId": True}, "TRUE_VALUE can not be converted to a String"),
        ({"ClientId": ["x"]}, "Start of list can not be converted to a String"),
        ({"ClientId": {}}, "Start of structure or map can not be converted to a String"),
        ({"AuthParameters": "x"}, "STRING_VALUE found where a structure or map was expected."),
        ({"AuthParameters": []}, "Start of list found where a structure or map was expected."),
        ({"AuthParameters": {"PASSWORD": 1.5}}, "NUMBER_VALUE can not be converted to a String"),
        ({"UserContextData": {"IpAddress": False}}, "FALSE_VALUE can not be converted to a String"),
        ({"AnalyticsMetadata": 1}, "NUMBER_VALUE found where a structure or map was expected."),
    ],
)
def test_a_member_of_another_type_is_refused(changes: dict[str, Any], message: str) -> None:
    answer = post(APP, "InitiateAuth", {**START, **changes})
    assert error_of(answer) == (400, "SerializationException", message)


NULL = "Value null at '%s' failed to satisfy constraint: Member must not be null"
PAST = "Value at '%s' failed to satisfy constraint: %s"
LEAST = "Member must have length greater than or equal to %d"
MOST = "Member must have length less than or equal to %d"
PATTERN = "Member must satisfy regular expression pattern: %s"
AUTH_FLOWS = "USER_SRP_AUTH, REFRESH_TOKEN_AUTH, REFRESH_TOKEN, CUSTOM_AUTH, ADMIN_NO_SRP_AUTH, \
USER_PASSWORD_AUTH, ADMIN_USER_PASSWORD_AUTH, USER_AUTH"


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        ({"ClientId": None}, [NULL % "clientId"]),
        (
            {"ClientId": ""},
            [PAST % ("clientId", LEAST % 1), PAST % ("clientId", PATTERN % r"[\w+]+")],
        ),
        ({"ClientId": "plantedplanted" * 10}, [PAST % ("clientId", MOST % 128)]),
        ({"Session": "planted"}, [PAST % ("session", LEAST % 20)]),
        (
            {"AuthFlow": "PLANTED"},
            [PAST % ("authFlow", f"Member must satisfy enum value set: [{AUTH_FLOWS}]")],
        ),
        (
            {"AuthParameters": {"USERNAME": "planted\0"}},
            [
                PAST
                % (
                    "authParameters",
                    "Map values must satisfy constraint: [Member must not have a null character]",
                )
            ],
        ),
        (
            {"ClientMetadata": {"k" * 131_073: "planted"}},
            [PAST % ("clientMetadata", f"Map keys must satisfy constraint: [{MOST % 131_072}]")],
        ),
        ({"ClientId": None, "AuthFlow": None}, [NULL % "authFlow", NULL % "clientId"]),
    ],
)
def test_a_member_past_its_limits_is_named_and_not_shown(
    changes: dict[str, Any], faults: list[str]
) -> None:
    answer = post(APP, "InitiateAuth", {**START, **changes})
    noun = "error" if len(faults) == 1 else "errors"
    message = f"{len(faults)} validation {noun} detected: {'; '.join(faults)}"
    assert error_of(answer) == (400, "InvalidParameterException", message)
    assert "planted" not in answer.text.lower()


@settings(max_examples=300)
@given(
    st.sampled_from([n for n, one in OPERATIONS.items() if not one.admin]),
    st.one_of(
        st.binary(max_size=300),
        st.dictionaries(
            st.sampled_from(
                ["AuthFlow", "ClientId", "AuthParameters", "Session", "ChallengeName", "UserCode"]
            ),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            ),
        ).map(lambda members: json.dumps(members).encode()),
    ),
)
def test_no_body_makes_the_server_fail(operation: str, content: bytes) -> None:
    answer = post(APP, operation, content)
    assert answer.status_code == 400
    assert error_of(answer)[1] != "InternalErrorException"


def test_a_browser_may_ask_before_it_calls() -> None:
    answer = send(
        APP,
        "OPTIONS",
        headers={
            "origin": "https://app.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type,x-amz-target,x-amz-user-agent",
        },
    )
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "POST"
    allowed = set(answer.headers["access-control-allow-headers"].split(","))
    assert allowed >= {
        "content-type",
        "x-amz-target",
        "x-amz-user-agent",
        "cache-control",
        "authorization",
        "amz-sdk-invocation-id",
        "amz-sdk-request",
    }
    assert "access-control-allow-credentials" not in answer.headers


class _Failing(MemorySessions):
    async def add(self, *_args: object) -> None:
        raise RuntimeError(f"planted secret: {PASSWORD}")


def test_a_failure_of_ours_says_nothing_to_anyone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    world = new_world(sessions=_Failing())
    world.add_user()
    answer = post(app_of(world), "InitiateAuth", START)
    error = (500, "InternalErrorException", "An internal error occurred.")
    assert error_of(answer) == error
    request_id = answer.headers["x-amzn-requestid"]
    lines = [r.getMessage() for r in caplog.records if r.name == "flowengine.server"]
    assert f"request_id={request_id} operation=InitiateAuth exception=RuntimeError" in lines
    assert all(record.exc_info is None for record in caplog.records)
    assert "planted" not in caplog.text


def test_a_request_is_one_line_in_the_log_with_nothing_of_its_own(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO, "flowengine.server")
    secret = {"user-agent": "planted", "x-forwarded-for": "203.0.113.9"}
    post(APP, "InitiateAuth", BODY, headers=secret)
    post(APP, "InitiateAuth", {**START, "ClientId": "9planted"}, headers=secret)
    post(APP, "Planted", BODY, headers=secret)
    send(APP, "GET", "/planted?planted")
    lines = [r.getMessage() for r in caplog.records if r.name == "flowengine.server"]
    assert [line.rpartition(" ms=")[0] for line in lines] == [
        "operation=InitiateAuth status=200 error=-",
        "operation=InitiateAuth status=400 error=ResourceNotFoundException",
        "operation=- status=400 error=UnknownOperationException",
        "operation=- status=404 error=-",
    ]
    for secret_text in ("planted", "203.0.113.9", PASSWORD, WEB.id, "ada"):
        assert secret_text not in "\n".join(lines)


@given(st.text())
def test_any_message_can_stand_in_the_header(message: str) -> None:
    def refuse() -> None:
        raise UserLambdaValidationError(message or "x")

    world = new_world(functions={"make_riddle": refuse})
    world.add_user()
    members = {**START, "AuthFlow": "CUSTOM_AUTH"}
    answer = post(app_of(world), "InitiateAuth", members)
    assert answer.status_code == 400
    (raw,) = (value for name, value in answer.headers.raw if name == b"x-amzn-errormessage")
    assert all(0x20 <= byte <= 0x7E or byte >= 0xA0 for byte in raw)
    assert answer.json()["message"] == (message or "x")


def test_every_exception_of_callers_has_a_name_of_the_wire() -> None:
    def named(root: type[CallerError]) -> list[type[CallerError]]:
        return [root, *(one for child in root.__subclasses__() for one in named(child))]

    for kind in named(CallerError):
        assert kind.code.endswith("Exception")
        assert kind.status == 400
