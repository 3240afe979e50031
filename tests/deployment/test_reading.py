from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from flowengine import resources
from flowengine.accounts.device import DeviceSettings, RememberDevices
from flowengine.accounts.lockout import AddressLockout, LockoutPolicy
from flowengine.accounts.password_policy import PasswordPolicy
from flowengine.accounts.pool import (
    FunctionInput,
    LiteralInput,
    Mfa,
    PasskeySettings,
    Recovery,
    Rotation,
    TokenLives,
    UserVerification,
)
from flowengine.accounts.triggers import TokenEvent
from flowengine.deployment.definition import DeploymentDefinition, Listen
from tests.deployment.deployments import CLIENT, KEYS, SMALL, client, pool, read

EVERYTHING = f"""pools:
  main:
    id: eu-west-1_Example01
    issuer: aws
    mfa: none
    mfa_methods: [SOFTWARE_TOKEN_MFA]
    usernames: {{case_sensitive: false, aliases: [email, phone_number]}}
    required_attributes: [name, 'custom:tier']
    attributes:
      custom:tier: {{type: string, min_length: 1, max_length: 8}}
      custom:seats: {{type: number, min: -1, max: 9, mutable: false}}
      custom:since: {{type: datetime}}
      email: {{mutable: false}}
    account_recovery: [verified_phone_number, verified_email]
    sign_up: false
    password_policy:
      min_length: 12
      require_lowercase: true
      require_uppercase: true
      require_numbers: true
      require_symbols: true
      temporary_validity: 2d
    lockout: none
    timestamp_skew: 2m
    acr: {{strong: 'urn:cognito:loa:4', weak: https://acr.example/weak}}
    passkeys:
      relying_party: auth.example
      origins: ['https://auth.example', 'https://app.auth.example:8443']
      user_verification: required
    devices: {{remember: on_request, challenge_on_new: false}}
    triggers:
      define_auth_challenge: my_backend.auth:define
      create_auth_challenge: {{function: my_backend.auth:create, empty_private: true}}
      verify_auth_challenge_response: my_backend.auth:verify
      pre_authentication: my_backend.hooks:before
      post_authentication: my_backend.hooks:after
      pre_token_generation: {{function: my_backend.hooks:claims, event: V2_0}}
      user_migration: my_backend.hooks:migrate
      custom_message: my_backend.hooks:words
    clients:
      web:
        id: web+1
        secret: abcdefghijklmnopqrstuvwx
        prevent_user_existence_errors: false
        session_validity: 10m
        tokens: {{access: 5m, id: 6m, refresh: 90d, rotation: {{grace: 10s}}}}
        auth_flows: {{USER_SRP_AUTH: srp, CUSTOM_AUTH: custom}}
        require: [proved.password, proved.totp]
        inputs: {{risk: 'my_backend.auth:risk', tier: {{value: [gold, {{limit: 2}}]}}}}
      app:
        id: app_1
        auth_flows: {{ADMIN_USER_PASSWORD_AUTH: plain}}
  other:
    id: us-east-1_Other
    clients:
      console: {{id: console, auth_flows: {{USER_PASSWORD_AUTH: plain}}}}
flows: [flows/, one.flow.yaml]
sessions: postgresql://sessions.example/db
directory: sqlite:///users.db
keys: {KEYS}
delivery: {{email: 'outbox:mail.jsonl', sms: 'my_backend.sms:send'}}
messages: messages/
functions: [my_backend.auth, more]
admin: {{keys: [{{id: one, secret: 0123456789abcdef}}, {{id: two, secret: fedcba9876543210}}]}}
listen: '[::1]:0'
endpoint: https://auth.example/base/
proxies: [10.0.0.0/8, '::1', 192.0.2.7]
"""


@pytest.fixture(scope="module")
def small() -> DeploymentDefinition:
    return read(SMALL)


@pytest.fixture(scope="module")
def everything() -> DeploymentDefinition:
    return read(EVERYTHING)


def test_a_pool_says_little_and_gets_cognitos_defaults(small: DeploymentDefinition) -> None:
    read_pool = small.pools[0].pool
    assert (read_pool.id, read_pool.name) == ("eu-west-1_Example01", "main")
    assert read_pool.issuer == "endpoint"
    assert read_pool.mfa is Mfa.OPTIONAL
    assert read_pool.mfa_methods == ("SOFTWARE_TOKEN_MFA",)
    assert read_pool.required_attributes == ()
    assert read_pool.password_policy == PasswordPolicy()
    assert read_pool.lockout == LockoutPolicy()
    assert read_pool.temporary_password_life == timedelta(days=7)
    assert read_pool.usernames_case_sensitive
    assert read_pool.aliases == ()
    assert read_pool.sign_up
    assert read_pool.passkeys is None
    assert read_pool.devices is None


def test_a_client_says_little_and_gets_cognitos_defaults(small: DeploymentDefinition) -> None:
    read_client = small.pools[0].clients[0].client
    assert (read_client.id, read_client.name) == ("1example23456789", "web")
    assert read_client.pool_id == "eu-west-1_Example01"
    assert read_client.secret is None
    assert read_client.prevent_user_existence_errors
    assert read_client.session_validity == timedelta(minutes=3)
    assert read_client.tokens == TokenLives()
    assert read_client.auth_flows == {"USER_PASSWORD_AUTH": "sign-in"}
    assert read_client.require == ()
    assert read_client.inputs == {}


def test_a_deployment_says_little_and_gets_the_defaults(small: DeploymentDefinition) -> None:
    assert small.listen == Listen("127.0.0.1", 9229)
    assert (small.keys, small.endpoint) == (None, None)
    assert (small.delivery, small.messages) == ((), None)
    assert (small.functions, small.admin, small.proxies) == ((), (), ())


def test_every_key_of_a_pool_is_read(everything: DeploymentDefinition) -> None:
    read_pool = everything.pools[0].pool
    assert read_pool.issuer == "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example01"
    assert read_pool.mfa is Mfa.NONE
    assert read_pool.mfa_methods == ("SOFTWARE_TOKEN_MFA",)
    assert not read_pool.usernames_case_sensitive
    assert read_pool.aliases == ("email", "phone_number")
    assert not read_pool.sign_up
    assert read_pool.required_attributes == ("name", "custom:tier")
    assert read_pool.account_recovery == (Recovery.PHONE, Recovery.EMAIL)
    assert read_pool.password_policy == PasswordPolicy(
        12, require_lowercase=True, require_uppercase=True, require_numbers=True,
        require_symbols=True,
    )  # fmt: skip
    assert read_pool.temporary_password_life == timedelta(days=2)
    assert read_pool.lockout is None
    assert read_pool.devices == DeviceSettings(RememberDevices.ON_REQUEST, challenge_on_new=False)
    assert read_pool.passkeys == PasskeySettings(
        "auth.example",
        ("https://auth.example", "https://app.auth.example:8443"),
        UserVerification.REQUIRED,
    )


def test_every_key_of_a_client_is_read(everything: DeploymentDefinition) -> None:
    read_client = everything.pools[0].clients[0].client
    assert read_client.id == "web+1"
    assert read_client.secret == "abcdefghijklmnopqrstuvwx"
    assert not read_client.prevent_user_existence_errors
    assert read_client.session_validity == timedelta(minutes=10)
    assert read_client.tokens == TokenLives(
        timedelta(minutes=5),
        timedelta(minutes=6),
        timedelta(days=90),
        Rotation(timedelta(seconds=10)),
    )
    assert read_client.auth_flows == {"USER_SRP_AUTH": "srp", "CUSTOM_AUTH": "custom"}
    assert read_client.require == ("proved.password", "proved.totp")
    assert read_client.inputs == {
        "risk": FunctionInput("my_backend.auth:risk"),
        "tier": LiteralInput(["gold", {"limit": 2}]),
    }


def test_every_key_of_a_deployment_is_read(everything: DeploymentDefinition) -> None:
    assert [name.text for name in everything.flows] == ["flows/", "one.flow.yaml"]
    assert everything.sessions.text == "postgresql://sessions.example/db"
    assert everything.directory.text == "sqlite:///users.db"
    assert everything.keys is not None
    assert everything.keys.text == KEYS
    assert [(channel.text, where.text) for channel, where in everything.delivery] == [
        ("email", "outbox:mail.jsonl"),
        ("sms", "my_backend.sms:send"),
    ]
    assert everything.messages is not None
    assert everything.messages.text == "messages/"
    assert [name.text for name in everything.functions] == ["my_backend.auth", "more"]
    assert {key.id: key.secret for key in everything.admin} == {
        "one": "0123456789abcdef",
        "two": "fedcba9876543210",
    }
    assert everything.listen == Listen("::1", 0)
    assert everything.endpoint == "https://auth.example/base"
    assert everything.proxies == ("10.0.0.0/8", "::1", "192.0.2.7")


def test_rotation_without_a_grace_has_none() -> None:
    found = read(client("tokens: {rotation: {}}"))
    rotation = found.pools[0].clients[0].client.tokens.rotation
    assert rotation == Rotation(timedelta())


def test_pools_and_clients_keep_the_order_of_writing(everything: DeploymentDefinition) -> None:
    names = [(p.name.text, [c.name.text for c in p.clients]) for p in everything.pools]
    assert names == [("main", ["web", "app"]), ("other", ["console"])]


def test_the_reading_test_above_has_every_key_that_this_version_serves() -> None:
    schema = json.loads(resources.grammar("deployment.schema.json"))
    assert [key for key in _keys(schema) if f"{key}:" not in EVERYTHING] == []


def _keys(schema: Any) -> set[str]:
    match schema:
        case dict():
            return set(schema.get("properties", {})).union(*map(_keys, schema.values()))
        case list():
            return set[str]().union(*map(_keys, schema))
    return set()


def test_passwords_are_kept_for_srp_only_where_a_client_signs_in_by_it(
    small: DeploymentDefinition, everything: DeploymentDefinition
) -> None:
    assert not small.pools[0].pool.srp
    assert [written.pool.srp for written in everything.pools] == [True, False]


@pytest.mark.parametrize(
    ("written", "issuer"),
    [
        ("endpoint", "endpoint"),
        ("aws", "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Example01"),
        ("https://id.example/", "https://id.example"),
        ("http://localhost:9229/x", "http://localhost:9229/x"),
    ],
)
def test_an_issuer_is_written_in_three_ways(written: str, issuer: str) -> None:
    assert read(pool(f"issuer: {written}")).pools[0].pool.issuer == issuer


LOCKOUTS = {"cognito": LockoutPolicy(), "per-address": AddressLockout(), "none": None}


@pytest.mark.parametrize("written", LOCKOUTS)
def test_a_lockout_is_cognitos_or_per_address_or_none(written: str) -> None:
    assert read(pool(f"lockout: {written}")).pools[0].pool.lockout == LOCKOUTS[written]


def test_no_second_factors_are_not_the_default_ones() -> None:
    assert read(pool("mfa_methods: []")).pools[0].pool.mfa_methods == ()


def test_one_module_of_functions_needs_no_list() -> None:
    assert [m.text for m in read(SMALL + "functions: my_backend.auth\n").functions] == [
        "my_backend.auth"
    ]


@pytest.mark.parametrize(
    ("key", "least", "most"),
    [("session_validity: {}", "3m", "15m"), ("tokens: {{access: {}}}", "5m", "1d"),
     ("tokens: {{id: {}}}", "300s", "24h"), ("tokens: {{refresh: {}}}", "1h", "3650d")],
)  # fmt: skip
def test_the_ends_of_a_range_belong_to_it(key: str, least: str, most: str) -> None:
    read(client(key.format(least)))
    read(client(key.format(most)))


@pytest.mark.parametrize("days", [1, 365])
def test_a_temporary_password_is_good_for_a_day_to_a_year(days: int) -> None:
    written = read(pool(f"password_policy: {{temporary_validity: {days}d}}")).pools[0].pool
    assert written.temporary_password_life == timedelta(days=days)


@pytest.mark.parametrize("length", [6, 99])
def test_a_password_has_at_least_six_to_ninety_nine_characters(length: int) -> None:
    policy = read(pool(f"password_policy: {{min_length: {length}}}")).pools[0].pool.password_policy
    assert policy == PasswordPolicy(min_length=length)


@pytest.mark.parametrize(
    ("written", "host", "port", "url"),
    [
        ("127.0.0.1:9229", "127.0.0.1", 9229, "http://127.0.0.1:9229"),
        ("localhost:0", "localhost", 0, "http://localhost:0"),
        ("[::1]:65535", "::1", 65535, "http://[::1]:65535"),
    ],
)
def test_a_listening_address_is_a_host_and_a_port(
    written: str, host: str, port: int, url: str
) -> None:
    listen = read(SMALL + f"listen: '{written}'\n").listen
    assert (listen.host, listen.port, listen.url) == (host, port, url)


@pytest.mark.parametrize("host", ["0.0.0.0", "auth.example", "192.0.2.1", "[::]", "LOCALHOST"])  # noqa: S104
def test_with_keys_a_server_may_be_reached_from_elsewhere(host: str) -> None:
    read(SMALL + f"listen: '{host}:80'\nkeys: {KEYS}\n")


@pytest.mark.parametrize(
    ("relying_party", "origin"),
    [
        ("a.example", "https://a.example"),
        ("a.example", "https://a.example:65535"),
        ("a.example", "https://x.y.a.example"),
        ("b-1.xn--9ca.example", "https://b-1.xn--9ca.example:80"),
        ("localhost", "http://localhost"),
        ("localhost", "http://localhost:443"),
        ("localhost", "https://localhost:8443"),
        ("a." * 60 + "example", "https://" + "a." * 60 + "example"),
    ],
)
def test_passkeys_are_used_on_the_relying_partys_pages_and_those_below_it(
    relying_party: str, origin: str
) -> None:
    written = f"passkeys: {{relying_party: {relying_party}, origins: ['{origin}']}}"
    passkeys = read(pool(written)).pools[0].pool.passkeys
    assert passkeys == PasskeySettings(relying_party, (origin,))


def test_second_factors_that_are_sent_are_read() -> None:
    methods = ("SMS_MFA", "EMAIL_OTP")
    found = read(pool(f"mfa_methods: [{', '.join(methods)}]")).pools[0].pool
    assert found.mfa_methods == methods


@pytest.mark.parametrize("size", [1, 128])
def test_a_clients_id_has_one_to_128_characters(size: int) -> None:
    text = SMALL.replace("id: 1example23456789", "id: " + "x" * size)
    assert read(text).pools[0].clients[0].client.id == "x" * size


@pytest.mark.parametrize("size", [24, 64])
def test_a_clients_secret_has_24_to_64_characters(size: int) -> None:
    assert read(client("secret: " + "s" * size)).pools[0].clients[0].client.secret == "s" * size


def test_a_client_knows_where_its_id_stands() -> None:
    written = read(SMALL).pools[0].clients[0]
    assert SMALL[written.id_span.start : written.id_span.end] == "1example23456789"
    assert SMALL[written.name.span.start : written.name.span.end] == "web"
    assert CLIENT in SMALL


def test_triggers_are_read_as_they_are_written(everything: DeploymentDefinition) -> None:
    triggers = {name.text: function.text for name, function in everything.pools[0].triggers}
    assert len(triggers) == 8
    assert triggers["define_auth_challenge"] == "my_backend.auth:define"
    assert triggers["create_auth_challenge"] == "my_backend.auth:create"
    told = [(each.empty_private, each.pool.timestamp_skew.seconds) for each in everything.pools]
    assert told == [(True, 120), (False, 300)]
    assert triggers["custom_message"] == "my_backend.hooks:words"
    assert triggers["pre_token_generation"] == "my_backend.hooks:claims"
    assert everything.pools[0].token_event is TokenEvent.V2_0
    assert everything.pools[1].triggers == ()
    assert everything.pools[1].token_event is TokenEvent.V1_0


def test_levels_have_the_names_that_are_written(everything: DeploymentDefinition) -> None:
    main, other = (each.pool for each in everything.pools)
    assert (main.acr_of("strong"), main.acr_of("weak")) == (
        "urn:cognito:loa:4",
        "https://acr.example/weak",
    )
    assert (main.acr_of("middle"), other.acr_of("strong")) == ("middle", "strong")


@pytest.mark.parametrize(
    ("written", "event"),
    [
        ("my_backend:claims", TokenEvent.V1_0),
        ("{function: my_backend:claims}", TokenEvent.V1_0),
        ("{function: my_backend:claims, event: V1_0}", TokenEvent.V1_0),
        ("{function: my_backend:claims, event: V3_0}", TokenEvent.V3_0),
    ],
)
def test_a_trigger_of_tokens_may_name_the_version_of_its_event(
    written: str, event: TokenEvent
) -> None:
    definition = read(pool(f"triggers: {{pre_token_generation: {written}}}"))
    (only,) = definition.pools
    assert [(name.text, function.text) for name, function in only.triggers] == [
        ("pre_token_generation", "my_backend:claims")
    ]
    assert only.token_event is event
