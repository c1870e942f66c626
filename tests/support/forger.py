"""An OpenID provider that says whatever a test wants said: a witness of what the shop must not believe.

It runs on a real port. `lie` changes the next id_token or the next answer; with nothing changed it tells the truth.
"""

from __future__ import annotations

import base64
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask, Response, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey
from werkzeug.serving import make_server

from app.klarna import Region
from app.shop import providers
from app.shop.config import SignInConfig

from .programs import Programs, serving

CLIENT_ID = "klarna_test_client_forged"
CLIENT_SECRET = "klarna_test_api_forged_long_enough_for_hs256"
ACCESS_TOKEN = "ory_at_of-the-forger"
PERSON = {
    "sub": "krn:kuid:5fOrGeRpErSoNfOrTeStS",
    "email": "customer@email.de",
    "email_verified": True,
    "given_name": "Mock",
    "family_name": "Mock",
}

Sign = Callable[["Forger", dict[str, Any], dict[str, Any]], Any]


def key(kid: str, **more: str) -> RSAKey:
    named: Any = {"kid": kid, "use": "sig", "alg": "RS256"} | more
    return RSAKey.generate_key(2048, named, private=True)


@dataclass
class Forger:
    """What is known of the last authorization request, and what to answer the next token request with."""

    url: str = ""
    signing: RSAKey = field(default_factory=lambda: key("public:first"))
    other: RSAKey = field(default_factory=lambda: key("public:second"))
    for_encryption: RSAKey = field(default_factory=lambda: key("public:enc", use="enc"))
    curve: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "public:curve"}, private=True))
    outsider: RSAKey = field(default_factory=lambda: key("public:outsider"))
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)
    discovery: dict[str, Any] = field(default_factory=dict)
    sign: Sign | None = None
    responses: dict[str, Response | Callable[[], Response]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reset(self) -> None:
        """The truth again."""
        self.claims, self.header, self.answer, self.sign = {}, {}, {}, None
        self.responses, self.discovery, self.asked, self.calls = {}, {}, [], []

    def saw(self, authorization_url: str) -> dict[str, str]:
        """Take note of where a browser was sent."""
        self.asked.append({name: values[0] for name, values in parse_qs(urlsplit(authorization_url).query).items()})
        return self.asked[-1]

    def id_token(self) -> Any:
        now = int(time.time())
        half = hashlib.sha256(ACCESS_TOKEN.encode()).digest()[:16]
        honest: dict[str, Any] = PERSON | {
            "iss": self.url,
            "aud": [CLIENT_ID],
            "exp": now + 3600,
            "iat": now,
            "auth_time": now,
            "nonce": self.asked[-1]["nonce"] if self.asked else "",
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
        }
        claims = {name: value for name, value in (honest | self.claims).items() if value is not None}
        header = {"alg": "RS256", "kid": self.signing.kid} | self.header
        header = {name: value for name, value in header.items() if value is not None}
        return self.sign(self, header, claims) if self.sign else jwt.encode(header, claims, self.signing)

    def tokens(self) -> dict[str, Any]:
        honest = {
            "access_token": ACCESS_TOKEN,
            "refresh_token": f"ory_rt_of-the-forger-{len(self.calls)}",
            "token_type": "bearer",
            "expires_in": 300,
        }
        told = honest | {"id_token": self.id_token()} | self.answer
        return {name: value for name, value in told.items() if value is not None}


def application(forger: Forger) -> Flask:
    app = Flask("forger")

    @app.before_request
    def answer_otherwise() -> Response | None:
        with forger.lock:
            forger.calls.append(request.path)
        instead = forger.responses.get(request.path)
        return instead() if callable(instead) and not isinstance(instead, Response) else instead

    @app.get("/.well-known/openid-configuration")
    def discovery() -> Response:
        paths = {
            "authorization_endpoint": "auth",
            "token_endpoint": "token",
            "jwks_uri": "keys",
            "revocation_endpoint": "revoke",
        }
        said = {"issuer": forger.url} | {name: f"{forger.url}/{path}" for name, path in paths.items()}
        return jsonify(said | forger.discovery)

    @app.get("/keys")
    def keys() -> Response:
        published = KeySet([forger.signing, forger.for_encryption, forger.other, forger.curve])
        return jsonify(published.as_dict(private=False))

    @app.get("/auth")
    def auth() -> Any:
        asked = forger.saw(request.url)
        return redirect(f"{asked['redirect_uri']}?code=ory_ac_forged&state={asked['state']}")

    @app.post("/token")
    def token() -> Response:
        return jsonify(forger.tokens())

    @app.post("/revoke")
    def revoke() -> Response:
        return Response(status=200)

    return app


@contextmanager
def running() -> Iterator[Forger]:
    forger = Forger()
    server = make_server("localhost", 0, application(forger), threaded=True)
    forger.url = f"http://localhost:{server.port}"
    with serving(server):
        yield forger


def config(issuer: str, scope: str = "openid offline_access customer:login profile:email", **more: Any) -> SignInConfig:
    """Settings of a shop that signs in at ``issuer``."""
    values: dict[str, Any] = {
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "auth_method": "client_secret_basic",
        "refresh_token_life": timedelta(days=60),
        "read_timeout": 10.0,
    }
    return SignInConfig(issuer=issuer, scope=scope, **(values | more))


def everywhere(sign_in: SignInConfig) -> dict[Region, SignInConfig]:
    return dict.fromkeys(Region, sign_in)


@contextmanager
def signing_in_at(programs: Programs, sign_in: SignInConfig) -> Iterator[None]:
    """As long as this lasts, the shop's sign-in is at another issuer; its documents are read anew."""
    shop = programs.shop
    settings, known = shop.config["SHOP"], shop.extensions["sign_in"]
    shop.config["SHOP"] = replace(settings, sign_in=everywhere(sign_in))
    shop.extensions["sign_in"] = providers(shop.config["SHOP"])
    try:
        yield
    finally:
        shop.config["SHOP"], shop.extensions["sign_in"] = settings, known
