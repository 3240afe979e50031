"""What a deployment may not say, the place that each finding points at, and its hint."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine import resources
from flowengine.deployment.values import is_loopback, parse_listen
from tests.deployment import deployments
from tests.deployment.deployments import KEYS, SMALL, client, findings, pool, rules

PAGES = "relying_party: a.example, origins: ['https://a.example']"


def test_the_schema_leaves_no_key_open() -> None:
    schema = json.loads(resources.grammar("deployment.schema.json"))
    pools = schema["properties"]["pools"]["additionalProperties"]["properties"]
    clients = pools["clients"]["additionalProperties"]["properties"]
    tokens = clients["tokens"]["properties"]
    parts = (schema["properties"], pools, clients, tokens)
    assert [key for part in parts for key in part if not _is_checked(part[key])] == []


def _is_checked(part: dict[str, object]) -> bool:
    return bool(part.keys() & {"type", "enum", "$ref", "anyOf"})


UNKNOWN = {
    "the deployment": (SMALL + "listens: 127.0.0.1:1\n", "listens", "'listen'"),
    "a pool": (pool("mfa_method: []"), "mfa_method", "'mfa_methods'"),
    "a trigger": (
        pool("triggers: {define_auth_chalenge: 'm:f'}"),
        "define_auth_chalenge",
        "'define_auth_challenge'",
    ),
    "a trigger's settings": (
        pool("triggers: {pre_token_generation: {function: 'm:f', evnt: V2_0}}"),
        "evnt",
        "'event'",
    ),
    "usernames": (pool("usernames: {case_sensitve: true}"), "case_sensitve", "'case_sensitive'"),
    "a policy": (pool("password_policy: {min_lenght: 9}"), "min_lenght", "'min_length'"),
    "passkeys": (
        pool("passkeys: {relying_party: a.example, origns: []}"),
        "origns",
        "'origins'",
    ),
    "delivery": (SMALL + "delivery: {emial: 'outbox:x'}\n", "emial", "'email'"),
    "a client": (client("session_valdity: 3m"), "session_valdity", "'session_validity'"),
    "tokens": (client("tokens: {acces: 1h}"), "acces", "'access'"),
    "admin": (SMALL + "admin: {kyes: [], keys: []}\n", "kyes", None),
    "a literal": (client("inputs: {risk: {valeu: 1}}"), "valeu", "'value'"),
    "an access key": (SMALL + "admin: {keys: [{id: a, secert: x}]}\n", "secert", "'secret'"),
}


@pytest.mark.parametrize("where", UNKNOWN)
def test_an_unknown_key_is_found_at_its_place_with_the_nearest_known(where: str) -> None:
    text, key, near = UNKNOWN[where]
    found = next(each for each in findings(text) if each.rule == "schema-unknown-key")
    assert deployments.spanned(found) == key
    assert found.message == f"unknown key '{key}'"
    assert found.hint == (f"did you mean {near}?" if near else "the keys here are keys")


@pytest.mark.parametrize("written", ["'a b'", "''", r'"a\"b"', r"'a\b'", "é", "x" * 65])
def test_what_no_level_can_be_called_is_refused(written: str) -> None:
    (found,) = findings(pool(f"acr: {{strong: {written}}}"))
    assert deployments.spanned(found) == written


@pytest.mark.parametrize("written", ["V2", "'2'", "v2_0", "[V2_0]"])
def test_a_version_of_an_event_that_there_is_not_is_refused(written: str) -> None:
    key = f"{{pre_token_generation: {{function: 'm:f', event: {written}}}}}"
    (found,) = findings(pool(f"triggers: {key}"))
    assert deployments.spanned(found) == written
    assert "V1_0, V2_0, V3_0" in found.message


@pytest.mark.parametrize("key", ["pools", "flows", "sessions", "directory"])
def test_a_key_that_a_deployment_needs_is_missed(key: str) -> None:
    text = SMALL.replace(f"{key}:", f"x{key}:")
    assert f"missing key '{key}'" in [each.message for each in findings(text)]


RANGES = {
    "a skew": (pool("timestamp_skew: {}"), ["0s", "901s"], "1s to 15m"),
    "a session": (client("session_validity: {}"), ["179s", "901s", "179999ms"], "3m to 15m"),
    "access": (client("tokens: {access: {}}"), ["299s", "1441m"], "5m to 1d"),
    "id": (client("tokens: {id: {}}"), ["299s", "25h"], "5m to 1d"),
    "refresh": (client("tokens: {refresh: {}}"), ["59m", "3651d"], "1h to 3650d"),
    "grace": (client("tokens: {rotation: {grace: {}}}"), ["61s", "60001ms"], "0s to 60s"),
    "temporary": (
        pool("password_policy: {temporary_validity: {}}"), ["23h", "366d", "0s"], "1d to 365d",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", RANGES)
def test_a_duration_outside_its_range_is_refused(what: str) -> None:
    text, wrong, limits = RANGES[what]
    for written in wrong:
        (found,) = findings(text.replace("{}", written))
        assert (found.rule, deployments.spanned(found)) == ("duration-range", written)
        assert found.message == f"expected {limits}, found '{written}'"


FORMS = {
    "client-id-form": (
        (SMALL.replace("id: 1example23456789", "id: {}"), ["a-b", "é", "x" * 129, "'a b'"]),
    ),
    "client-secret-form": ((client("secret: {}"), ["x" * 23, "x" * 65, "x" * 23 + "-"]),),
    "admin-secret-form": ((SMALL + "admin: {keys: [{id: a, secret: {}}]}\n", ["x" * 15]),),
    "keys-form": ((SMALL + "keys: {}\n", ["short", "a:AAAA", KEYS + ",", "a b:" + "A" * 43 + "="]),),  # noqa: E501
    "listen-form": (
        (
            SMALL + f"keys: {KEYS}\nlisten: {{}}\n",
            ["localhost", "'9229'", "'127.0.0.1:65536'", "'[::g]:1'", "'::1:80'", "'a_b:1'",
             "'127.0.0.1:\N{FULLWIDTH DIGIT ONE}'", "'[127.0.0.1]:1'", "'127.0.0.1:'"],
        ),
    ),
    "url-form": (
        (
            SMALL + "endpoint: {}\n",
            ["http://auth.example", "ftp://a.example", "https://", "auth.example", "'https://[::1'",
             "https://a.example?x", "'https://a.example#x'", "https://me:pw@a.example",
             "https://@a.example", "'https://a b.example'", r'"https://a.example\nx"',
             "https://a.example:99999", "https://a.example:x", "https://:443", "https://é.example"],
        ),
        (pool("issuer: {}"), ["AWS", "http://192.0.2.1", "https://"]),
    ),
    "relying-party-form": (
        (
            pool("passkeys: {relying_party: {}, origins: ['https://a.example']}"),
            ["net", "https://a.example", "A.example", "'a.example.'", "192.0.2.1", "-a.example",
             "a..example", "a.example:443", "é.example", "a_b.example", "'*.a.example'",
             "x" * 64 + ".example"],
        ),
    ),
    "origin-form": (
        (
            pool("passkeys: {relying_party: a.example, origins: ['{}']}").replace("'{}'", "{}"),
            ["a.example", "http://a.example", "https://a.example/", "https://A.example",
             "https://a.example:443", "https://a.example:0443", "https://a.example:65536",
             "'https://a.example:'", "https://me@a.example", "https://a.example/x",
             "'https://a.example#x'", "https://é.example", "ftp://a.example", "'https://'",
             "https://192.0.2.1", "'https://*.a.example'", "http://localhost.a.example"],
        ),
        (
            pool("passkeys: {relying_party: localhost, origins: [{}]}"),
            ["http://localhost:80", "http://127.0.0.1:3000", "http://x.localhost"],
        ),
    ),
    "proxy-form": (
        (
            SMALL + "proxies: [{}]\n",
            ["proxy.example", "0.0.0.0/0", "'::/0'", "10.0.0.0/33", "10.0.0", "1.2.3.4/0"],
        ),
    ),
}  # fmt: skip
CASES = [
    (rule, text.replace("{}", written), written)
    for rule, cases in FORMS.items()
    for text, wrongs in cases
    for written in wrongs
]


@pytest.mark.parametrize(("rule", "text", "written"), CASES)
def test_a_value_of_the_wrong_form_is_refused_at_its_place(
    rule: str, text: str, written: str
) -> None:
    assert rules(text) == [(rule, written)]


IN_AN_EXAMPLE = {"'https://'", "'9229'", "'127.0.0.1:'", "10.0.0"}
"""What the hints' own examples contain, so that nothing can be told from it."""


@pytest.mark.parametrize(
    ("rule", "text", "written"), [case for case in CASES if case[2] not in IN_AN_EXAMPLE]
)
def test_what_is_said_about_a_wrong_form_never_repeats_it(
    rule: str, text: str, written: str
) -> None:
    (found,) = findings(text)
    assert found.rule == rule
    shown = found.message + (found.hint or "")
    assert written.strip("'\" ") not in shown


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (pool("").replace("eu-west-1_Example01", "EU_1"), "EU_1"),
        (pool("mfa: always"), "always"),
        (pool("lockout: cognito2"), "cognito2"),
        (pool("password_policy: {min_length: 5}"), "5"),
        (pool("password_policy: {min_length: 100}"), "100"),
        (pool("mfa_methods: [EMAIL_OPT]"), "EMAIL_OPT"),
        (pool("mfa_methods: [EMAIL_OTP, EMAIL_OTP]"), "EMAIL_OTP"),
        (pool("usernames: {aliases: [name]}"), "name"),
        (pool("required_attributes: [a b]"), "a b"),
        (client("session_validity: 3 minutes"), "3 minutes"),
        (client("require: []"), "require"),
        (client("").replace("web:", "Web:"), "Web"),
        (client("").replace("USER_PASSWORD_AUTH", "USER_PASWORD_AUTH"), "USER_PASWORD_AUTH"),
        (SMALL + "functions: my-backend\n", "my-backend"),
        (SMALL + "delivery: {}\n", "delivery"),
        (SMALL + "delivery: {email: ''}\n", "''"),
        (SMALL + "messages: ''\n", "''"),
        (client("inputs: {}"), "inputs"),
        (client("inputs: {Risk: 'm:f'}"), "Risk"),
        (client("inputs: {risk: my_backend.auth}"), "my_backend.auth"),
        (client("inputs: {risk: 'my_backend.auth:a.b'}"), "'my_backend.auth:a.b'"),
        (pool("passkeys: {relying_party: a.example, origins: []}"), "origins"),
        (pool(f"passkeys: {{{PAGES}, user_verification: never}}"), "never"),
        (SMALL + "functions: [a, a]\n", "a"),
        (SMALL.replace("flows: [sign-in.flow.yaml]", "flows: []"), "flows"),
        (SMALL + "proxies: [10.0.0.1, 10.0.0.1]\n", "10.0.0.1"),
    ],
)
def test_a_value_that_the_schema_does_not_allow_is_found_at_its_place(
    text: str, place: str
) -> None:
    assert rules(text) == [("schema-value", place)]


def test_a_misspelt_auth_flow_gets_the_nearest_one() -> None:
    (found,) = findings(client("").replace("USER_PASSWORD_AUTH", "USER_PASWORD_AUTH"))
    assert found.hint == "did you mean 'USER_PASSWORD_AUTH'?"


def test_a_key_written_twice_is_refused() -> None:
    assert [rule for rule, _ in rules(SMALL + "sessions: 'memory:'\n")] == ["yaml-duplicate-key"]


def test_what_is_not_a_mapping_is_refused() -> None:
    assert [rule for rule, _ in rules("- pools\n")] == ["schema-type"]


def test_a_string_of_yes_is_no_boolean() -> None:
    assert rules(pool("usernames: {case_sensitive: yes}")) == [("schema-type", "yes")]


@pytest.mark.parametrize("directory", ["postgresql://h/db", "postgres://h/db"])
def test_a_directory_in_postgresql_needs_keys(directory: str) -> None:
    text = deployments.store(directory)
    assert rules(text) == [("keys-missing", directory)]
    assert rules(f"{text}keys: {KEYS}\n") == []


def test_sessions_in_postgresql_need_no_keys() -> None:
    assert rules(SMALL.replace("sessions: 'memory:'", "sessions: postgresql://h/db")) == []


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "192.0.2.1", "auth.example", "localhost.x"])  # noqa: S104
def test_without_keys_nothing_but_this_machine_may_connect(host: str) -> None:
    (found,) = findings(SMALL + f"listen: '{host}:80'\n")
    assert found.rule == "keys-missing"
    assert found.hint == "set keys: ${FLOWENGINE_KEYS}; `flowengine keys` makes one"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_loopback_addresses_are_this_machines(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "0.0.0.0", "::", "128.0.0.1", "localhost.", "127.0.0.1.x"])  # noqa: S104
def test_all_other_addresses_are_not(host: str) -> None:
    assert not is_loopback(host)


@given(st.one_of(st.text(), st.from_regex(r"\[?[0-9a-f.:]{1,12}\]?:\d{1,6}", fullmatch=True)))
def test_a_listening_address_that_is_read_is_one_that_can_be_written(text: str) -> None:
    listen = parse_listen(text)
    if listen is not None:
        assert 0 <= listen.port <= 0xFFFF
        assert parse_listen(listen.url.removeprefix("http://")) == listen


def test_two_access_keys_of_one_id_are_refused_at_the_second() -> None:
    key = "{id: AKIDADMIN, secret: " + "s" * 40 + "}"
    (found,) = findings(SMALL + f"admin: {{keys: [{key}, {key}]}}\n")
    assert (found.rule, deployments.spanned(found)) == ("duplicate-admin-key", "AKIDADMIN")
    assert found.span.start > SMALL.index("directory") + len(key)
    assert "AKIDADMIN" not in found.message


@pytest.mark.parametrize(
    ("relying_party", "origin"),
    [
        ("a.example", "https://b.example"),
        ("a.example", "https://ba.example"),
        ("x.a.example", "https://a.example"),
        ("a.example", "https://a.example.b.example"),
        ("a.example", "http://localhost:3000"),
        ("localhost", "https://a.example"),
    ],
)
def test_an_origin_is_the_relying_party_or_below_it(relying_party: str, origin: str) -> None:
    text = pool(f"passkeys: {{relying_party: {relying_party}, origins: ['{origin}']}}")
    assert rules(text) == [("origin-elsewhere", f"'{origin}'")]


def test_of_a_variable_that_is_not_set_nothing_else_is_said() -> None:
    written = "passkeys: {relying_party: '${RP}', origins: ['https://${RP}']}"
    assert {rule for rule, _ in rules(pool(written))} == {"env-unset"}


@pytest.mark.parametrize(("size", "found"), [(127, []), (129, ["relying-party-form"])])
def test_a_relying_party_of_the_environment_has_at_most_127_characters(
    size: int, found: list[str]
) -> None:
    domain = "a." * ((size - 7) // 2) + "example"
    assert len(domain) == size
    written = "passkeys: {relying_party: '${RP}', origins: ['https://localhost']}"
    said = rules(pool(written), {"RP": domain})
    assert [rule for rule, _ in said if rule != "origin-elsewhere"] == found
