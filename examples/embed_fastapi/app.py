"""FastAPI with its own users and a plain HTML login page; flowengine decides who gets in.

Run it: ``uvicorn app:app`` in this folder, then open http://127.0.0.1:8000/. The demo users are
alice (password only) and bob (password and an authenticator app, whose secret is printed).
"""

import base64
import html
import os
import secrets
from pathlib import Path
from typing import Annotated

from fastapi import Cookie, FastAPI, Form
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from people import People  # type: ignore[import-not-found]  # beside this file

from flowengine import (
    AsyncEngine,
    ChallengeReply,
    Client,
    HashCredential,
    InitiateAuthRequest,
    Pool,
    Reply,
    RespondToAuthChallengeRequest,
    SqliteCounters,
    SqliteFile,
    SqliteSessions,
    load_flow,
    make_password,
)
from flowengine.errors import CallerError

HERE = Path(__file__).parent
DATA = Path(os.environ.get("EMBED_DATA", HERE))
POOL = Pool(id="local_FastapiDemo", name="fastapi", srp=False)
CLIENT = Client("page", "page", POOL.id, auth_flows={"USER_PASSWORD_AUTH": "sign-in"})
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in</title>
<style>body{{font:16px system-ui;max-width:22rem;margin:4rem auto}}input,button{{font:inherit;
display:block;width:100%;box-sizing:border-box;margin:.3rem 0 1rem;padding:.5rem}}
.error{{color:#b00020}}</style><h1>{title}</h1>{body}</html>"""

people = People(DATA / "people.db")
sign_ins = SqliteFile(DATA / "sign-ins.db")
engine = AsyncEngine(
    [load_flow(HERE / "sign-in.flow.yaml")],
    sessions=SqliteSessions(sign_ins),
    counters=SqliteCounters(sign_ins),
    directory=people,
    pools=[POOL],
    clients=[CLIENT],
)
app = FastAPI()
signed_in: dict[str, str] = {}  # a real application has sessions of its own


def seed() -> None:
    """Give the demo its two users."""
    secret = base64.b32decode(os.environ.get("EMBED_TOTP", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"))
    for login, name, totp in (("alice", "Alice", None), ("bob", "Bob", secret)):
        password = os.environ.get("EMBED_PASSWORD", "correct horse battery staple")
        credential = make_password(POOL, login, password, secrets.token_bytes)
        if not isinstance(credential, HashCredential):
            raise TypeError("this pool keeps hashes")
        people.join(login, name, credential.phc, totp, secrets.token_hex(16))


seed()


def page(title: str, body: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(PAGE.format(title=html.escape(title), body=body), status)


def password_form(error: str = "") -> HTMLResponse:
    body = f"""<p class="error">{html.escape(error)}</p><form method="post" action="/password">
    <label>Name<input name="login" autocomplete="username" required autofocus></label>
    <label>Password<input name="password" type="password" required></label>
    <button>Sign in</button></form>"""
    return page("Sign in", body, 401 if error else 200)


def code_form(login: str, session: str, error: str = "") -> HTMLResponse:
    body = f"""<p class="error">{html.escape(error)}</p><form method="post" action="/code">
    <input type="hidden" name="login" value="{html.escape(login)}">
    <input type="hidden" name="session" value="{html.escape(session)}">
    <label>Code<input name="code" inputmode="numeric" pattern="[0-9]{{6}}" required></label>
    <button>Continue</button></form>"""
    return page("Enter the code of your app", body, 401 if error else 200)


def go_on(reply: Reply) -> Response:
    """Ask what the flow asks next, or let the user in."""
    if isinstance(reply, ChallengeReply):
        return code_form(reply.challenge_parameters["USER_ID_FOR_SRP"], reply.session or "")
    ticket = secrets.token_urlsafe(32)
    signed_in[ticket] = reply.user.attributes["name"]
    response = RedirectResponse("/", 303)
    response.set_cookie("ticket", ticket, httponly=True, samesite="lax")
    return response


@app.get("/")
async def home(ticket: Annotated[str, Cookie()] = "") -> HTMLResponse:
    name = signed_in.get(ticket)
    return page(f"Hello, {name}", "<p>You are signed in.</p>") if name else password_form()


@app.post("/password")
async def password_step(
    login: Annotated[str, Form()], password: Annotated[str, Form()]
) -> Response:
    parameters = {"USERNAME": login, "PASSWORD": password}
    try:
        return go_on(
            await engine.initiate(InitiateAuthRequest("page", "USER_PASSWORD_AUTH", parameters))
        )
    except CallerError as refused:
        return password_form(refused.message)


@app.post("/code")
async def code_step(
    login: Annotated[str, Form()], session: Annotated[str, Form()], code: Annotated[str, Form()]
) -> Response:
    responses = {"USERNAME": login, "SOFTWARE_TOKEN_MFA_CODE": code}
    request = RespondToAuthChallengeRequest("page", "SOFTWARE_TOKEN_MFA", session, responses)
    try:
        return go_on(await engine.respond(request))
    except CallerError as refused:
        if refused.code == "CodeMismatchException":
            return code_form(login, session, refused.message)
        return password_form(refused.message)
