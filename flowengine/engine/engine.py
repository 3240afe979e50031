"""The engine as a backend embeds it: one conversation, two drivers."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any, Self, TypeVar

from flowengine.accounts.pool import Client, FunctionInput, Pool
from flowengine.accounts.triggers import CUSTOM_AUTH_TRIGGERS, pool_function
from flowengine.accounts.user import UserFacts
from flowengine.engine import advancing, beginning, conversation
from flowengine.engine.advancing import AdvanceReply
from flowengine.engine.functions import AsyncFunctions, BlockingFunctions
from flowengine.engine.parts import Parts, PoolKeys
from flowengine.engine.ports import (
    Clock,
    Counters,
    Delivery,
    Devices,
    Directory,
    Entropy,
    Functions,
    Grants,
    Observer,
    SessionStore,
    Work,
)
from flowengine.engine.replies import Reply
from flowengine.engine.requests import (
    InitiateAuthRequest,
    RequestOrigin,
    RespondToAuthChallengeRequest,
)
from flowengine.engine.system import (
    InlineWork,
    LogObserver,
    SystemClock,
    SystemEntropy,
    ThreadWork,
)
from flowengine.engine.triggers.registering import PoolTriggers, registered
from flowengine.errors import UnavailableError
from flowengine.flow.compiler import compile_condition
from flowengine.flow.program import ChallengeNode, Condition, FlowProgram

Result = TypeVar("Result")

LOCAL_POOL = Pool(id="local_Embedded", name="embedded")
LOCAL_CLIENT = Client(id="embedded", name="embedded", pool_id=LOCAL_POOL.id)
"""What an engine without a deployment uses: a script that vouches for its users."""

_NOBODY = RequestOrigin()
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class _Facade:
    """What both drivers share: how the parts are put together."""

    def __init__(
        self,
        flows: Iterable[FlowProgram],
        *,
        sessions: SessionStore,
        counters: Counters,
        directory: Directory | None = None,
        grants: Grants | None = None,
        devices: Devices | None = None,
        delivery: Delivery | None = None,
        functions: Mapping[str, Callable[..., Any]] = _NOTHING,
        triggers: Mapping[str, PoolTriggers] = _NOTHING,
        pools: Iterable[Pool] = (LOCAL_POOL,),
        clients: Iterable[Client] = (LOCAL_CLIENT,),
        signing: Mapping[str, PoolKeys] = _NOTHING,
        decoy_secret: bytes | None = None,
        clock: Clock | None = None,
        entropy: Entropy | None = None,
        work: Work | None = None,
        observer: Observer | None = None,
    ) -> None:
        """Put an engine together.

        Args:
            flows: Compiled programs; see ``flowengine.load_flow``.
            directory: None for an engine that is told who the user is at ``start``.
            delivery: What sends codes; flows that send none need none.
            functions: What flows call, by name.
            triggers: What each pool calls around its sign-ins, by pool id.
            signing: Keys by pool id; without them a success carries no tokens.
            decoy_secret: At least 32 bytes, kept over restarts, so that an unknown user
                always looks the same; drawn anew where none is given.

        Raises:
            UnavailableError: A flow needs a directory, a delivery or a function that is
                not there.
        """
        programs = {program.name: program for program in flows}
        by_id = {client.id: client for client in clients}
        drawn = entropy or SystemEntropy()
        self._parts = Parts(
            flows=MappingProxyType(programs),
            pools=MappingProxyType({pool.id: pool for pool in pools}),
            clients=MappingProxyType(by_id),
            client_require=MappingProxyType(_client_require(by_id.values(), programs)),
            sessions=sessions,
            counters=counters,
            directory=directory,
            grants=grants,
            devices=devices,
            delivery=delivery,
            functions=self._make_functions({**functions, **registered(triggers)}),
            signing=MappingProxyType(dict(signing)),
            decoy_secret=decoy_secret or drawn.draw(32),
            work=work or self._make_work(),
            clock=clock or SystemClock(),
            entropy=drawn,
            observer=observer or LogObserver(),
        )
        _check_complete(self._parts)

    @classmethod
    def over(cls, parts: Parts) -> Self:
        """Put an engine around the parts of another one, with changes; they are not checked."""
        engine = cls.__new__(cls)
        engine._parts = parts  # noqa: SLF001 - its own, made without asking for them one by one
        return engine

    def __repr__(self) -> str:
        return f"{type(self).__name__}(flows={sorted(self._parts.flows)})"

    @property
    def parts(self) -> Parts:
        """The parts, for the operations that surround a sign-in."""
        return self._parts

    def _make_functions(self, functions: Mapping[str, Callable[..., Any]]) -> Functions:
        raise NotImplementedError

    def _make_work(self) -> Work:
        raise NotImplementedError

    def _only_client(self, client_id: str | None) -> Client:
        if client_id is not None:
            return self._parts.client(client_id)
        clients = list(self._parts.clients.values())
        if len(clients) != 1:
            raise UnavailableError("there are several clients: say which one by client_id=")
        return clients[0]


class Engine(_Facade):
    """The engine for blocking code: every port answers without suspending.

    It drives the conversation by hand, with one ``send(None)``: no event loop is involved.
    A port that suspends is a mistake in how it was put together and raises.
    """

    def _make_functions(self, functions: Mapping[str, Callable[..., Any]]) -> Functions:
        return BlockingFunctions(functions)

    def _make_work(self) -> Work:
        return InlineWork()

    def start(
        self,
        flow: str,
        *,
        user: UserFacts,
        inputs: Mapping[str, Any] = _NOTHING,
        client_id: str | None = None,
        origin: RequestOrigin = _NOBODY,
        earlier: Mapping[str, datetime] = _NOTHING,
    ) -> Reply:
        """Begin a flow for a user that the caller vouches for.

        Args:
            user: Who it is. Where there is a directory, only the name counts: the facts are its
                own.
            earlier: What this user has proved before, and when, as ``SuccessReply.proved`` of
                another sign-in has it. Only ``age`` sees it; it is no evidence.

        Raises:
            CallerError: The flow refuses at once, or an input is missing or unknown.
        """
        client = self._only_client(client_id)
        return run(
            beginning.start(
                self._parts, flow, user, client, inputs=inputs, origin=origin, earlier=earlier
            )
        )

    def initiate(
        self,
        request: InitiateAuthRequest,
        origin: RequestOrigin = _NOBODY,
        *,
        inputs: Mapping[str, Any] = _NOTHING,
        admin: bool = False,
    ) -> Reply:
        """Begin a sign-in by an auth flow of its client.

        Raises:
            CallerError: Refused, under Cognito's name of the exception.
        """
        return run(beginning.initiate(self._parts, request, origin, inputs=inputs, admin=admin))

    def respond(
        self, request: RespondToAuthChallengeRequest, origin: RequestOrigin = _NOBODY
    ) -> Reply:
        """Take one answer.

        Raises:
            CallerError: Refused, under Cognito's name of the exception.
        """
        return run(conversation.respond(self._parts, request, origin))

    def advance(
        self, session: str, operation: str, arguments: Mapping[str, str] = _NOTHING
    ) -> AdvanceReply:
        """Do an operation inside a sign-in: ``AssociateSoftwareToken``, ``VerifySoftwareToken``.

        Args:
            session: The newest one; the reply has the one that takes its place.
            arguments: ``UserCode`` and ``FriendlyDeviceName``.

        Raises:
            CallerError: Refused, under Cognito's name of the exception.
        """
        return run(advancing.advance(self._parts, session, operation, arguments))


class AsyncEngine(_Facade):
    """The engine for an event loop; slow arithmetic and plain functions run in threads."""

    def _make_functions(self, functions: Mapping[str, Callable[..., Any]]) -> Functions:
        return AsyncFunctions(functions)

    def _make_work(self) -> Work:
        return ThreadWork()

    async def start(
        self,
        flow: str,
        *,
        user: UserFacts,
        inputs: Mapping[str, Any] = _NOTHING,
        client_id: str | None = None,
        origin: RequestOrigin = _NOBODY,
        earlier: Mapping[str, datetime] = _NOTHING,
    ) -> Reply:
        """Begin a flow for a user that the caller vouches for; as :meth:`Engine.start`."""
        client = self._only_client(client_id)
        return await beginning.start(
            self._parts, flow, user, client, inputs=inputs, origin=origin, earlier=earlier
        )

    async def initiate(
        self,
        request: InitiateAuthRequest,
        origin: RequestOrigin = _NOBODY,
        *,
        inputs: Mapping[str, Any] = _NOTHING,
        admin: bool = False,
    ) -> Reply:
        """Begin a sign-in by an auth flow; as :meth:`Engine.initiate`."""
        return await beginning.initiate(self._parts, request, origin, inputs=inputs, admin=admin)

    async def respond(
        self, request: RespondToAuthChallengeRequest, origin: RequestOrigin = _NOBODY
    ) -> Reply:
        """Take one answer; as :meth:`Engine.respond`."""
        return await conversation.respond(self._parts, request, origin)

    async def advance(
        self, session: str, operation: str, arguments: Mapping[str, str] = _NOTHING
    ) -> AdvanceReply:
        """Do an operation inside a sign-in; as :meth:`Engine.advance`."""
        return await advancing.advance(self._parts, session, operation, arguments)


def run(conversed: Coroutine[Any, Any, Result]) -> Result:
    """Drive a coroutine that never suspends to its end.

    Raises:
        RuntimeError: It suspended: an asynchronous adapter was given to ``Engine``.
    """
    try:
        conversed.send(None)
    except StopIteration as finished:
        result: Result = finished.value
        return result
    conversed.close()
    raise RuntimeError("an adapter suspended: Engine takes blocking adapters only")


def _client_require(
    clients: Iterable[Client], programs: Mapping[str, FlowProgram]
) -> dict[tuple[str, str], tuple[Condition, ...]]:
    """Compile each client's ``require`` in the scope of each flow that it runs."""
    return {
        (client.name, name): tuple(
            compile_condition(programs[name], text) for text in client.require
        )
        for client in clients
        if client.require
        for name in set(client.auth_flows.values()) & set(programs)
    }


def _check_complete(parts: Parts) -> None:
    for program in parts.flows.values():
        if parts.directory is None and program.needs_directory:
            raise UnavailableError(
                f"flow {program.name} verifies stored credentials and needs a directory"
            )
        _check_doors(parts, program)
        for name in program.functions:
            if not _has_function(parts, name):
                raise UnavailableError(f"flow {program.name}: function {name} is not registered")
        for node in program.nodes.values():
            if isinstance(node, ChallengeNode):
                _check_delivery(parts, program, node)
    for client in parts.clients.values():
        for source in client.inputs.values():
            if isinstance(source, FunctionInput) and not parts.functions.has(source.function):
                raise UnavailableError(
                    f"client {client.name}: function {source.function} is not registered"
                )
        missing = sorted(set(client.auth_flows.values()) - set(parts.flows))
        if missing:
            raise UnavailableError(f"client {client.name} names the unknown flow {missing[0]}")


def _has_function(parts: Parts, name: str) -> bool:
    """Say whether a function is there, as a trigger of one pool at least if it is one.

    A sign-in of a pool without it is told so in Cognito's words.
    """
    if parts.functions.has(name):
        return True
    return name in CUSTOM_AUTH_TRIGGERS and any(
        parts.functions.has(pool_function(pool_id, name)) for pool_id in parts.pools
    )


def _check_doors(parts: Parts, program: FlowProgram) -> None:
    for door in program.doors.values():
        if door.token_start is not None and (parts.grants is None or not parts.signing):
            raise UnavailableError(
                f"flow {program.name}: {door.name} continues sign-ins, which needs grants and keys"
            )
        asks = (c for c in parts.clients.values() if c.auth_flows.get(door.name) == program.name)
        for client in asks if not door.names_user else ():
            called = (n for n, s in client.inputs.items() if isinstance(s, FunctionInput))
            for name in program.inputs.keys() & called:
                raise UnavailableError(
                    f"client {client.name}: input {name} is a function of the user, and "
                    f"{door.name} of flow {program.name} begins before anyone is named"
                )


def _check_delivery(parts: Parts, program: FlowProgram, node: ChallengeNode) -> None:
    if parts.delivery is None and node.sends:
        raise UnavailableError(
            f"flow {program.name}, node {node.name}: it sends codes and needs a delivery"
        )
