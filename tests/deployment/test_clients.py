"""What a client's flows need of it, of its pool and of the deployment."""

from __future__ import annotations

from pathlib import Path

import pytest

from flowengine.source import Diagnostic
from tests.deployment import deployments
from tests.deployment.deployments import FLOW, SMALL, client, pool

PASSWORD = "    challenge: PASSWORD\n    responses: [PASSWORD]\n"
INPUTS = (
    "inputs: {risk: {type: {score: int}}, tier: {type: string, default: free, max_length: 6}}\n"
)
NEEDS_RISK = FLOW.replace("version: 1\n", f"version: 1\n{INPUTS}")
PASSKEY = FLOW.replace("    next: done\n", "    next: passkey\n", 1).replace(
    "  done:\n",
    "  passkey:\n    challenge: WEB_AUTHN\n    responses: [CREDENTIAL]\n    next: done\n  done:\n",
)


def _sending(channel: str) -> str:
    asks = f"    challenge: {channel}\n    responses: [{channel}_CODE]\n    next: done\n"
    return FLOW.replace("    next: done\n", f"    next: code\n  code:\n{asks}", 1)


DELIVERS = FLOW.replace("[proved.password]", "[user.exists]").replace(
    PASSWORD,
    "    challenge: CUSTOM_CHALLENGE\n    responses: [ANSWER]\n    create: {call: f}\n"
    "    verify: responses.ANSWER == private.code\n    deliver: {channel: email}\n",
)


def _found(folder: Path, text: str, flow: str) -> list[tuple[str, str]]:
    """Give the rule of each finding, and the text that its caret stands under."""
    return [(each.rule, deployments.spanned(each)) for each in _load(folder, text, flow)]


def _load(folder: Path, text: str, flow: str) -> list[Diagnostic]:
    deployment, found = deployments.load(folder, text, flow=flow)
    assert (deployment is None) is bool(found)
    return found


@pytest.mark.parametrize(
    ("challenge", "channel"), [("EMAIL_OTP", "email"), ("SMS_MFA", "sms"), ("SMS_OTP", "sms")]
)
def test_a_flow_that_sends_by_a_channel_without_a_delivery_is_refused(
    tmp_path: Path, challenge: str, channel: str
) -> None:
    other = "sms" if channel == "email" else "email"
    for text in (SMALL, f"{SMALL}delivery: {{{other}: 'outbox:x'}}\n"):
        (found,) = _load(tmp_path, text, _sending(challenge))
        assert found.rule == "channel-not-delivered"
        assert deployments.spanned(found) == "sign-in.flow.yaml"
        assert found.message == (
            f"node 'code' of flow 'sign-in' sends codes by {channel}, and no delivery has this "
            "channel"
        )
        assert found.hint == f"say where they go: `delivery: {{{channel}: outbox:outbox.jsonl}}`"
    assert (
        _load(tmp_path, f"{SMALL}delivery: {{{channel}: 'outbox:x'}}\n", _sending(challenge)) == []
    )


def test_so_is_a_custom_challenge_whose_code_is_delivered(tmp_path: Path) -> None:
    assert _found(tmp_path, SMALL, DELIVERS) == [("channel-not-delivered", "sign-in.flow.yaml")]
    assert _found(tmp_path, f"{SMALL}delivery: {{email: 'outbox:x'}}\n", DELIVERS) == []


def test_a_flow_that_asks_for_a_passkey_needs_a_pool_that_has_them(tmp_path: Path) -> None:
    (found,) = _load(tmp_path, SMALL, PASSKEY)
    assert (found.rule, deployments.spanned(found)) == ("passkeys-missing", "sign-in")
    assert "node 'passkey' of flow 'sign-in'" in found.message
    assert "pool 'main' has no passkeys" in found.message
    passkeys = "passkeys: {relying_party: a.example, origins: ['https://a.example']}"
    assert _load(tmp_path, pool(passkeys), PASSKEY) == []


def test_a_client_gives_the_inputs_that_its_flows_need(tmp_path: Path) -> None:
    (found,) = _load(tmp_path, SMALL, NEEDS_RISK)
    assert (found.rule, deployments.spanned(found)) == ("input-missing", "sign-in")
    assert "'risk'" in found.message
    assert "'web'" in found.message


@pytest.mark.parametrize(
    "given",
    [
        "{risk: 'my_backend.auth:risk'}",
        "{risk: {value: {score: 3}}}",
        "{risk: {value: {score: -1}}, tier: {value: gold}}",
        "{risk: 'm:f', tier: 'm:f'}",
    ],
)
def test_an_input_is_a_function_or_a_literal_of_its_type(tmp_path: Path, given: str) -> None:
    assert _load(tmp_path, client(f"inputs: {given}"), NEEDS_RISK) == []


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ("{risk: {value: low}}", "low"),
        ("{risk: {value: null}}", "null"),
        ("{risk: {value: {score: 1.5}}}", "{score: 1.5}"),
        ("{risk: {value: {score: 1, more: 2}}}", "{score: 1, more: 2}"),
        ("{risk: 'm:f', tier: {value: 3}}", "3"),
        ("{risk: 'm:f', tier: {value: true}}", "true"),
        ("{risk: 'm:f', tier: {value: platinum}}", "platinum"),
    ],
)
def test_a_literal_of_another_type_is_refused_at_its_place(
    tmp_path: Path, given: str, place: str
) -> None:
    found = _found(tmp_path, client(f"inputs: {given}"), NEEDS_RISK)
    assert found == [("input-type", place)]


def test_an_input_that_no_flow_of_the_client_declares_is_refused(tmp_path: Path) -> None:
    (found,) = _load(tmp_path, client("inputs: {risk: 'm:f', teir: 'm:f'}"), NEEDS_RISK)
    assert (found.rule, deployments.spanned(found)) == ("unknown-input", "teir")
    assert found.hint == "did you mean 'tier'?"
    assert _found(tmp_path, client("inputs: {risk: 'm:f'}"), FLOW) == [("unknown-input", "risk")]


def test_user_auth_is_served_where_the_flow_can_be_started_by_it(tmp_path: Path) -> None:
    text = SMALL.replace("USER_PASSWORD_AUTH:", "USER_AUTH:")
    assert _load(tmp_path, text, FLOW.replace("USER_PASSWORD_AUTH", "USER_AUTH")) == []
    assert _found(tmp_path, text, FLOW) == [("auth-flow-not-offered", "USER_AUTH")]


TRIGGERED = (
    FLOW.replace("USER_PASSWORD_AUTH", "CUSTOM_AUTH")
    .replace(
        PASSWORD,
        "    challenge: CUSTOM_CHALLENGE\n    responses: [ANSWER]\n"
        "    create: {call: create_auth_challenge}\n    verify: responses.ANSWER == private.code\n"
        "    evidence: code\n",
    )
    .replace("require: [proved.password]", "evidence: {code: mailbox}\nrequire: [proved.code]")
)


def test_a_flow_that_calls_a_trigger_needs_a_pool_that_has_it(tmp_path: Path) -> None:
    text = SMALL.replace("USER_PASSWORD_AUTH", "CUSTOM_AUTH")
    (found,) = _load(tmp_path, text, TRIGGERED)
    assert found.rule == "trigger-missing"
    assert deployments.spanned(found) == "sign-in"
    assert found.message == (
        "flow 'sign-in' calls 'create_auth_challenge', and pool 'main' has no such trigger"
    )
    given = pool("triggers: {create_auth_challenge: 'm:f'}").replace(
        "USER_PASSWORD_AUTH", "CUSTOM_AUTH"
    )
    assert _load(tmp_path, given, TRIGGERED) == []


LEVELS = (
    FLOW.replace("version: 1\n", "version: 1\ndefine: {low: proved.password, high: proved.totp}\n")
    .replace("end: success", "end: success\n    level: low")
    .replace("nodes:\n", "nodes:\n  up:\n    end: success\n    level: high\n")
)


def test_a_pool_names_levels_that_its_clients_flows_have_each_by_its_own_name(
    tmp_path: Path,
) -> None:
    good = pool("acr: {low: 'urn:cognito:loa:1', high: low}")
    assert _found(tmp_path, good, LEVELS) == []
    assert _found(tmp_path, pool("acr: {hihg: a}"), LEVELS) == [("unknown-level", "hihg")]
    assert _found(tmp_path, pool("acr: {low: a}"), FLOW) == [("unknown-level", "low")]
    same = [("duplicate-level", "a")]
    assert _found(tmp_path, pool("acr: {low: a, high: a}"), LEVELS) == same
    assert _found(tmp_path, pool("acr: {high: low}"), LEVELS) == [("duplicate-level", "low")]


def test_before_anyone_is_named_no_input_is_a_function_of_the_user(tmp_path: Path) -> None:
    flow = NEEDS_RISK.replace("auth_flows: [USER_PASSWORD_AUTH]", NOBODY)
    assert NOBODY in flow
    flow = flow.replace("responses: [PASSWORD]", "responses: [USERNAME, PASSWORD]")
    deployed = client("inputs: {risk: 'm:f'}").replace("USER_PASSWORD_AUTH", "USER_AUTH")
    (found,) = _load(tmp_path, deployed, flow)
    assert (found.rule, deployments.spanned(found)) == ("input-of-nobody", "'m:f'")
    literal = deployed.replace("'m:f'", "{value: {score: 3}}")
    assert _load(tmp_path, literal, flow) == []


NOBODY = "auth_flows: {USER_AUTH: {names_user: false}}"
