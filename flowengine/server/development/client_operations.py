"""The operations on clients, between the wire and the estate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flowengine.accounts.pool import Client
from flowengine.engine.engine import AsyncEngine
from flowengine.engine.requests import RequestOrigin
from flowengine.operations.describe_user_pool_client import describe_user_pool_client
from flowengine.operations.estate import Estate
from flowengine.operations.users import pool_named
from flowengine.server.descriptions import client_body
from flowengine.server.development.clients import read_client
from flowengine.server.development.paging import page
from flowengine.server.development.refusing import refuse

Members = Mapping[str, Any]
Body = dict[str, Any]


async def create_user_pool_client(
    estate: Estate, _: AsyncEngine, members: Members, __: RequestOrigin
) -> Body:
    """CreateUserPoolClient."""
    pool = estate.made_pool(members["UserPoolId"])
    label = members["ClientName"]
    secret = estate.new_secret() if members.get("GenerateSecret") else None
    new = Client(estate.new_client_id(), estate.new_name(label), pool.id, secret)
    return {"UserPoolClient": _keep(estate, members, new)}


async def update_user_pool_client(
    estate: Estate, _: AsyncEngine, members: Members, __: RequestOrigin
) -> Body:
    """UpdateUserPoolClient: what is not sent is as in a new client, but for name and secret."""
    pool = estate.made_pool(members["UserPoolId"])
    known = describe_user_pool_client(estate.parts, pool.id, members["ClientId"])
    return {"UserPoolClient": _keep(estate, members, known)}


async def delete_user_pool_client(
    estate: Estate, _: AsyncEngine, members: Members, __: RequestOrigin
) -> Body:
    """DeleteUserPoolClient."""
    estate.remove_client(members["UserPoolId"], members["ClientId"])
    return {}


async def list_user_pool_clients(
    estate: Estate, _: AsyncEngine, members: Members, __: RequestOrigin
) -> Body:
    """ListUserPoolClients."""
    refuse(members, ["ClientType"])
    pool = pool_named(estate.parts, members["UserPoolId"])
    clients = {client.id: client for client in estate.clients_of(pool.id)}
    shown, token = page(list(clients), members)
    described = [
        {"ClientId": one, "UserPoolId": pool.id, "ClientName": _label(clients[one])}
        for one in shown
    ]
    return {"UserPoolClients": described, **token}


def _keep(estate: Estate, members: Members, client: Client) -> Body:
    made = estate.made(client.pool_id)
    factors = frozenset[str]() if made is None else made.factors
    pool = pool_named(estate.parts, client.pool_id)
    kept = read_client(members, client, estate.parts.flows, factors, pool)
    estate.keep_client(kept)
    return client_body(kept)


def _label(client: Client) -> str:
    return client.label or client.name
