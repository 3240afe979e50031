from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flowengine.engine.engine import AsyncEngine
from flowengine.engine.replies import Reply
from flowengine.engine.requests import InitiateAuthRequest, RequestOrigin
from flowengine.server.addresses import Proxies
from flowengine.server.app import make_app
from flowengine.server.settings import ServerSettings
from tests.operations.world import PASSWORD, WEB, new_world, programs
from tests.server.wire import post

TRUSTED = Proxies.parse(("10.0.0.0/8", "fd00::1", "192.0.2.7"))


@pytest.mark.parametrize(
    ("peer", "forwarded", "origin"),
    [
        ("203.0.113.5", [], "203.0.113.5"),
        ("203.0.113.5", ["198.51.100.1"], "203.0.113.5"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["198.51.100.1, 203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", ["198.51.100.1, 203.0.113.5, 10.0.0.2"], "203.0.113.5"),
        ("10.0.0.1", ["198.51.100.1", "203.0.113.5, 10.2.3.4", "192.0.2.7"], "203.0.113.5"),
        ("10.0.0.1", ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", ["198.51.100.1, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1, unknown, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["198.51.100.1,"], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1:4711"], "198.51.100.1"),
        ("10.0.0.1", ["[2001:db8::5]:4711"], "2001:db8::5"),
        ("10.0.0.1", ["2001:DB8::5"], "2001:db8::5"),
        ("fd00::1", ["198.51.100.1"], "198.51.100.1"),
        ("fd00::2", ["198.51.100.1"], "fd00::2"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("::ffff:203.0.113.5", ["198.51.100.1"], "203.0.113.5"),
        ("", ["198.51.100.1"], ""),
        ("unix", ["198.51.100.1"], "unix"),
    ],
)
def test_the_origin_is_what_the_nearest_believed_proxies_say(
    peer: str, forwarded: list[str], origin: str
) -> None:
    assert TRUSTED.origin(peer, forwarded) == origin


@given(st.lists(st.text()), st.ip_addresses().map(str))
def test_a_stranger_cannot_choose_an_address(forwarded: list[str], peer: str) -> None:
    assert Proxies(()).origin(peer, forwarded) == Proxies(()).origin(peer, [])


def test_what_is_no_network_is_refused() -> None:
    for written in ("everyone", "10.0.0.0/33", ""):
        with pytest.raises(ValueError, match="does not appear to be"):
            make_app(ServerSettings(new_world().engine, proxies=(written,)))


class _Listening(AsyncEngine):
    origins: list[RequestOrigin]

    async def initiate(
        self,
        request: InitiateAuthRequest,
        origin: RequestOrigin = RequestOrigin(),  # noqa: B008 - a frozen value
        **_more: object,
    ) -> Reply:
        self.origins.append(origin)
        return await super().initiate(request, origin)


def test_the_engine_is_told_the_origin_and_never_what_the_body_claims() -> None:
    world = new_world()
    parts = world.parts
    engine = _Listening(
        programs(),
        sessions=parts.sessions,
        counters=parts.counters,
        directory=parts.directory,
        functions={"make_riddle": lambda: None},
        pools=parts.pools.values(),
        clients=parts.clients.values(),
    )
    engine.origins = []
    app = make_app(ServerSettings(engine, proxies=("10.0.0.1",)))
    members = {
        "AuthFlow": "USER_PASSWORD_AUTH",
        "ClientId": WEB.id,
        "AuthParameters": {"USERNAME": "ada", "PASSWORD": PASSWORD},
        "UserContextData": {"IpAddress": "198.51.100.66"},
    }
    headers = {"x-forwarded-for": "198.51.100.1", "user-agent": "browser"}
    post(app, "InitiateAuth", members, headers=headers, peer="10.0.0.1")
    post(app, "InitiateAuth", members, headers=headers, peer="10.0.0.2")
    assert [origin.ip for origin in engine.origins] == ["198.51.100.1", "10.0.0.2"]
    assert {origin.user_agent for origin in engine.origins} == {"browser"}
