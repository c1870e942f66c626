"""The shop several times in one browser: under ``/demo/lane/<name>/`` it stands once more, with a session of its own.

A lane is nothing but a prefix, the WSGI application's SCRIPT_NAME, so whatever `url_for` builds stays in it. Where the
console is off there is no such address.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from flask import Flask, Response, has_request_context, redirect, request
from flask.sessions import SecureCookieSessionInterface
from flask.typing import ResponseReturnValue

from ..accounts.sessions import REMEMBERED
from ..encryption import digest
from ..web import public_url, settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

NAMES = ("first", "returning", "signed-in")
PREFIX = "/demo/lane/"
ADDRESS = re.compile(rf"{PREFIX}({'|'.join(NAMES)})(/.*)?")
KEY = "shop.lane"
START, CALLBACK = "signin.start", "signin.callback"
SIGN_IN_COOKIE = "demo_sign_in_"
SIGN_IN_LASTS = 30 * 60  # seconds


def install(app: Flask) -> None:
    """Serve an application in lanes as well. What it says of framing is read after the application said it."""
    app.wsgi_app = Lanes(app.wsgi_app)  # type: ignore[method-assign]
    app.session_interface = LaneSessions()
    app.before_request(_back_into_lane)
    app.after_request(_in_lane)


def current() -> str:
    """The lane the request under way is in; empty outside of one."""
    return str(request.environ.get(KEY, "")) if has_request_context() else ""


def address_of(name: str, path: str) -> str:
    """A path of the shop in a lane."""
    return f"{PREFIX}{name}{path}"


class Lanes:
    """Moves a lane's prefix from the path to where the application is mounted."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        found = ADDRESS.fullmatch(environ.get("PATH_INFO", ""))
        if found:
            environ[KEY] = found[1]
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + PREFIX + found[1]
            environ["PATH_INFO"] = found[2] or "/"
            environ["HTTP_COOKIE"] = _without_remembered(environ.get("HTTP_COOKIE", ""))
        return self._app(environ, start_response)


class LaneSessions(SecureCookieSessionInterface):
    """A session cookie for each lane, sent to that lane only; outside of lanes everything as usual."""

    def get_cookie_name(self, app: Flask) -> str:
        name = super().get_cookie_name(app)
        return f"{name}_{current()}" if current() else name

    def get_cookie_path(self, app: Flask) -> str:
        return request.script_root if current() else super().get_cookie_path(app)


def _without_remembered(cookies: str) -> str:
    """Who is remembered in this browser is nobody in a lane."""
    return "; ".join(part for part in cookies.split("; ") if not part.startswith(f"{REMEMBERED}="))


def _back_into_lane() -> ResponseReturnValue | None:
    """Klarna knows one address to come back to after a sign-in: what began in a lane goes on there."""
    if current() or request.endpoint != CALLBACK:
        return None
    mark = digest(request.args.get("state", ""))
    name = next((name for name in NAMES if request.cookies.get(SIGN_IN_COOKIE + name) == mark), None)
    return redirect(address_of(name, request.full_path)) if name else None


def _in_lane(response: Response) -> Response:
    """A page of a lane may stand in a frame of the shop, and leaves no trace in the shop outside."""
    if not current():
        return response
    policy = response.headers.get("Content-Security-Policy", "")
    response.headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
    cookies = response.headers.getlist("Set-Cookie")
    response.headers.setlist("Set-Cookie", [one for one in cookies if not one.startswith(f"{REMEMBERED}=")])
    if request.endpoint == START and response.location:
        _note_sign_in(response)
    return response


def _note_sign_in(response: Response) -> None:
    """The browser keeps in which lane a sign-in began, by the digest of its state, for the callback's address alone."""
    state = parse_qs(urlsplit(response.location or "").query).get("state", [""])[0]
    response.set_cookie(
        SIGN_IN_COOKIE + current(),
        digest(state),
        max_age=SIGN_IN_LASTS,
        path=urlsplit(public_url(CALLBACK)).path,
        secure=settings().secure,
        httponly=True,
        samesite="Lax",
    )
