"""What a refresh asks for anew: the present ``require``, with what the sign-in proved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flowengine.accounts.account import TotpFactor
from flowengine.accounts.pool import Client
from flowengine.engine.requests import InitiateAuthRequest
from flowengine.flow.compiler import compile_condition
from flowengine.flow.loading import load_source
from flowengine.flow.program import FlowProgram
from flowengine.source import SourceText
from tests import planted
from tests.operations.refreshing import (
    REVOKED,
    ROTATING,
    by_riddle,
    claims_of,
    get_tokens,
    grants_of,
    redeploy,
    refresh,
    refresh_token,
    refused,
    sign_in,
    tokens_of,
    world_of,
)
from tests.operations.world import FLOWS, PASSWORD, RIDDLES, SIGN_IN, WEB, World, run

RULED = """\
flow: sign-in
version: 2
auth_flows: {USER_PASSWORD_AUTH: {start: password}}
INPUTSmetadata: {channel: {enum: [app, web]}}
define: {strong: proved.password}
require: [RULE]
start: password
nodes:
  password: {challenge: PASSWORD, responses: [PASSWORD], next: done}
  done: {end: success, level: strong}
"""


def program(text: str) -> FlowProgram:
    found, diagnostics = load_source(SourceText("test.flow.yaml", text))
    assert found is not None, [d.message for d in diagnostics]
    return found


def ruled(rule: str, inputs: str = "", text: str = RULED) -> FlowProgram:
    written = f"inputs: {{{inputs}}}\n" if inputs else ""
    return program(text.replace("RULE", rule).replace("INPUTS", written))


def runs(world: World, *programs: FlowProgram, client: Client | None = None) -> None:
    """Run other flows, and perhaps another ``WEB``, from here on."""
    flows = {**world.parts.flows, **{one.name: one for one in programs}}
    clients = {**world.parts.clients, **({WEB.id: client} if client else {})}
    redeploy(world, flows=flows, clients=clients)


def begin(world: World, auth_flow: str, metadata: Mapping[str, str], **parameters: str) -> Any:
    request = InitiateAuthRequest(WEB.id, auth_flow, parameters, client_metadata=metadata)
    return world.engine.initiate(request)


def signed_in(rule: str, inputs: str = "", **given: Any) -> tuple[World, str]:
    """Sign in by a flow of one rule."""
    world = world_of(replace(WEB, auth_flows={"USER_PASSWORD_AUTH": "sign-in"}))
    runs(world, ruled(rule, inputs))
    parameters = {"USERNAME": "ada", "PASSWORD": PASSWORD}
    request = InitiateAuthRequest(
        WEB.id, "USER_PASSWORD_AUTH", parameters, client_metadata={"channel": "app"}
    )
    return world, refresh_token(tokens_of(run(world.engine.initiate(request, inputs=given))))


def test_what_the_flow_demands_now_must_have_been_proved_then() -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    runs(world, program(SIGN_IN.replace("  - proved.password\n", "  - proved.totp\n")))
    assert refused(refresh, world, token) == REVOKED
    assert refused(get_tokens, world, token) == REVOKED
    runs(world, program(SIGN_IN))
    refresh(world, token)


def test_what_the_client_demands_now_must_have_been_proved_then() -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    flow = world.parts.flows["sign-in"]
    for rule, good in (("proved.totp", False), ("proved.password", True)):
        redeploy(world, client_require={(WEB.name, flow.name): (compile_condition(flow, rule),)})
        assert good or refused(refresh, world, token) == REVOKED
    refresh(world, token)


def test_a_new_version_of_the_flow_alone_signs_nobody_out() -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    newer = program(SIGN_IN.replace("version: 1", "version: 7"))
    assert newer.digest != world.parts.flows["sign-in"].digest
    runs(world, newer)
    refresh(world, token)


def test_the_flow_that_counts_is_the_one_that_the_auth_flow_runs_now() -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    stricter = program(
        SIGN_IN.replace("flow: sign-in", "flow: stricter").replace(
            "  - proved.password\n", "  - proved.totp\n"
        )
    )
    moved = replace(WEB, auth_flows={**FLOWS, "USER_PASSWORD_AUTH": "stricter"})
    runs(world, stricter, client=moved)
    assert refused(refresh, world, token) == REVOKED


@pytest.mark.parametrize(("kind", "good"), [("knowledge", True), ("possession", False)])
def test_evidence_that_is_of_another_kind_in_the_flow_that_counts_was_not_proved(
    kind: str, *, good: bool
) -> None:
    world = world_of()
    token = refresh_token(by_riddle(world))
    other = program(RIDDLES.replace("flow: riddles", "flow: moved").replace("knowledge", kind))
    runs(world, other, client=replace(WEB, auth_flows={**FLOWS, "CUSTOM_AUTH": "moved"}))
    if good:
        refresh(world, token)
    else:
        assert refused(refresh, world, token) == REVOKED


@pytest.mark.parametrize(
    "auth_flows",
    [
        {"CUSTOM_AUTH": "riddles"},
        {**FLOWS, "USER_PASSWORD_AUTH": "missing"},
        {**FLOWS, "USER_PASSWORD_AUTH": "riddles"},
    ],
)
def test_an_auth_flow_that_the_client_lost_takes_its_sign_ins_along(
    auth_flows: Mapping[str, str],
) -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    runs(world, client=replace(WEB, auth_flows=auth_flows))
    assert refused(refresh, world, token) == REVOKED


def test_a_flow_that_the_auth_flow_cannot_start_any_more_takes_its_sign_ins_along() -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    runs(world, program(SIGN_IN.replace("  USER_PASSWORD_AUTH: {start: plain-password}\n", "")))
    assert refused(refresh, world, token) == REVOKED


def test_evidence_of_one_flow_is_not_that_of_another() -> None:
    world = world_of()
    token = refresh_token(by_riddle(world))
    renamed = RIDDLES.replace("riddle: knowledge", "quiz: knowledge")
    renamed = renamed.replace("proved.riddle", "proved.quiz").replace(
        "evidence: riddle", "evidence: quiz"
    )
    refresh(world, token)
    runs(world, program(renamed))
    assert refused(refresh, world, token) == REVOKED


def test_a_user_who_has_set_up_an_app_must_have_used_it() -> None:
    """Which is what the flow says: whoever has one must prove it."""
    world = world_of()
    by_password, by_answer = refresh_token(sign_in(world)), refresh_token(by_riddle(world))
    account = world.user()
    with_app = replace(account, totp=TotpFactor(planted.TOTP_SECRET), stamp="2")
    assert run(world.directory.save(with_app, account.stamp))
    assert refused(refresh, world, by_password) == REVOKED
    refresh(world, by_answer)


def test_a_refused_rotation_leaves_the_token_as_it_was() -> None:
    world = world_of(ROTATING)
    token = refresh_token(sign_in(world))
    runs(world, program(SIGN_IN.replace("  - proved.password\n", "  - proved.totp\n")))
    assert refused(get_tokens, world, token) == REVOKED
    runs(world, program(SIGN_IN))
    world.clock.advance(timedelta(hours=1))
    get_tokens(world, token)


def test_age_counts_on() -> None:
    world, token = signed_in("'age.password < duration(\"8h\")'")
    world.clock.advance(timedelta(hours=8) - timedelta(microseconds=1))
    refresh(world, token)
    world.clock.advance(timedelta(microseconds=1))
    assert refused(refresh, world, token) == REVOKED


def test_the_inputs_are_those_of_the_sign_in() -> None:
    world, token = signed_in("risk < 20", "risk: {type: int, default: 100}", risk=7)
    refresh(world, token)
    for changed, good in (
        ("risk: {type: int}", True),
        ("risk: {type: string, default: low}, n: {type: int, default: 1}", False),
        ("risk: {type: int}, more: {type: int}", False),
        ("risk: {type: int}, more: {type: int, default: 1}", True),
    ):
        rule = "risk < 20" if "string" not in changed else "n < 20"
        runs(world, ruled(rule, changed))
        if good:
            refresh(world, token)
        else:
            assert refused(refresh, world, token) == REVOKED
    runs(world, ruled("risk < 7", "risk: {type: int}"))
    assert refused(refresh, world, token) == REVOKED


def test_metadata_is_the_refreshs_own() -> None:
    rule = '\'request.metadata["channel"] == "app"\''
    world, token = signed_in(rule)
    assert refused(refresh, world, token) == REVOKED
    for channel, refusal in (
        ("app", None),
        ("web", REVOKED),
        ("tv", ("InvalidParameterException", "Invalid value for parameter channel")),
    ):
        call = begin(world, "REFRESH_TOKEN_AUTH", {"channel": channel}, REFRESH_TOKEN=token)
        if refusal is None:
            run(call)
        else:
            assert refused(run, call) == refusal


def test_a_key_of_metadata_that_a_sign_in_needs_need_not_come_with_a_refresh() -> None:
    world, token = signed_in("proved.password")
    refresh(world, token)


def test_the_level_is_kept_and_proved_anew() -> None:
    world, token = signed_in("proved.password")
    assert claims_of(refresh(world, token).access_token)["acr"] == "strong"
    stronger = RULED.replace("strong: proved.password", "strong: proved.totp")
    renamed = RULED.replace("strong", "mighty")
    without = RULED.replace(", level: strong", "")
    for text in (stronger, renamed, without):
        runs(world, ruled("proved.password", text=text))
        assert refused(refresh, world, token) == REVOKED
    runs(world, ruled("proved.password"))
    refresh(world, token)


def test_a_record_of_another_version_is_not_read() -> None:
    world = world_of()
    token = refresh_token(sign_in(world))
    grants = grants_of(world)
    (grant,) = grants._grants.values()
    other = grant.record.replace('{"record":1,', '{"record":0,')
    assert other != grant.record
    grants._grants[grant.family] = replace(grant, record=other)
    assert refused(refresh, world, token) == REVOKED
