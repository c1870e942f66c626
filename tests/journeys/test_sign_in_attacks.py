"""What must not sign anybody in: forged id_tokens, crooked callbacks, a provider that fails. All on the wire.

Each row: a plain page with a way on, nobody signed in, no account, nothing kept.
"""

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from flask import Response, jsonify
from joserfc import jws, jwt
from joserfc.jwk import RSAKey
from sqlalchemy import func, select

from app.shop.accounts.models import User
from app.shop.extensions import db
from app.shop.signin import remembered
from app.shop.signin.models import HeldSignIn, KlarnaIdentity, SignInStart
from app.shop.signin.provider import KEYS_REST, checked
from tests.support import forger as forging
from tests.support.forger import CLIENT_ID, Forger
from tests.support.programs import Programs
from tests.support.visitor import Visitor

DAY = 24 * 3600


@pytest.fixture(scope="module")
def the_forger() -> Iterator[Forger]:
    with forging.running() as forger:
        yield forger


@pytest.fixture
def forger(the_forger: Forger, programs: Programs) -> Iterator[Forger]:
    the_forger.reset()
    with forging.signing_in_at(programs, forging.config(the_forger.url)):
        yield the_forger


def begin(visitor: Visitor, forger: Forger, **query: str) -> dict[str, str]:
    """The start of a sign-in: what the shop asked Klarna for."""
    path = f"/login/klarna?{urlencode(query)}"
    answer = visitor.http.get(visitor.programs.shop_url + path, allow_redirects=False, timeout=60)
    assert answer.status_code == 302, answer.text[:300]
    return forger.saw(answer.headers["Location"])


def come_back(visitor: Visitor, **query: str) -> requests.Response:
    address = f"{visitor.programs.shop_url}/login/klarna/callback?{urlencode(query)}"
    return visitor.http.get(address, allow_redirects=False, timeout=60)


def assert_nothing_happened(visitor: Visitor, answer: requests.Response, statuses: tuple[int, ...] = (400,)) -> None:
    assert answer.status_code in statuses, (answer.status_code, answer.headers.get("Location"))
    assert "Traceback" not in answer.text
    assert "<h1>" in answer.text
    assert any(way in answer.text for way in ("Continue with", "Sign in with a password", "Back to your account"))
    account = visitor.http.get(visitor.programs.shop_url + "/account", allow_redirects=False, timeout=60)
    assert account.status_code == 302, "somebody is signed in"
    assert counts(visitor.programs) == (0, 0, 0)


def counts(programs: Programs) -> tuple[int, ...]:
    """Accounts, identities, sign-ins held for a question."""
    with programs.shop.app_context():
        tables = (User, KlarnaIdentity, HeldSignIn)
        return tuple(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


def test_the_truth_signs_in(programs: Programs, forger: Forger) -> None:
    """Without this, everything below could pass because nothing works at all."""
    visitor = Visitor(programs)
    asked = begin(visitor, forger, next="/cart")
    answer = come_back(visitor, code="ory_ac_forged", state=asked["state"])
    assert (answer.status_code, answer.headers["Location"]) == (302, "/cart")
    assert counts(programs) == (1, 1, 0)
    assert "customer@email.de" in visitor.get("/account").text


def test_what_the_shop_asks_for(programs: Programs, forger: Forger) -> None:
    asked = begin(Visitor(programs), forger)
    assert asked["response_type"] == "code"
    assert asked["client_id"] == CLIENT_ID
    assert asked["redirect_uri"] == f"{programs.shop_url}/login/klarna/callback"
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["code_challenge"]) == 43
    assert min(len(asked["state"]), len(asked["nonce"])) >= 32
    assert asked["scope"].split()[0] == "openid"


# --- id_tokens


def unsigned(alg: str) -> forging.Sign:
    def sign(_forger: Forger, header: dict[str, Any], claims: dict[str, Any]) -> str:
        return f"{part(header | {'alg': alg})}.{part(claims)}."

    return sign


def part(value: Any) -> str:
    return text(json.dumps(value).encode())


def text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def shared_secret(secret: Callable[[Forger], bytes]) -> forging.Sign:
    """HS256 with something everybody can read: works against whoever lets the token choose."""

    def sign(forger: Forger, header: dict[str, Any], claims: dict[str, Any]) -> str:
        signed = f"{part(header | {'alg': 'HS256'})}.{part(claims)}"  # by hand: libraries do not take such keys
        return f"{signed}.{text(hmac.digest(secret(forger), signed.encode(), 'sha256'))}"

    return sign


def by(algorithm: str) -> forging.Sign:
    """A good signature by a published key, and not by the one algorithm that counts."""

    def sign(forger: Forger, header: dict[str, Any], claims: dict[str, Any]) -> str:
        said = {name: value for name, value in forger.signing.as_dict(private=True).items() if name != "alg"}
        key = forger.curve if algorithm == "ES256" else RSAKey.import_key(said)
        return jwt.encode(header | {"alg": algorithm, "kid": key.kid}, claims, key, algorithms=[algorithm])

    return sign


def outsider(_forger: Forger, header: dict[str, Any], claims: dict[str, Any]) -> str:
    return jwt.encode(header, claims, _forger.outsider)


def outsider_brings_its_key(forger: Forger, header: dict[str, Any], claims: dict[str, Any]) -> str:
    public = forger.outsider.as_dict(private=False)
    return jwt.encode(header | {"kid": forger.outsider.kid, "jwk": public}, claims, forger.outsider)


def wrong_pair(forger: Forger, header: dict[str, Any], claims: dict[str, Any]) -> str:
    return jwt.encode(header | {"kid": forger.other.kid}, claims, forger.signing)


def encryption_key(forger: Forger, header: dict[str, Any], claims: dict[str, Any]) -> str:
    signer = forging.RSAKey.import_key(forger.for_encryption.as_dict(private=True) | {"use": "sig"})
    return jwt.encode(header | {"kid": forger.for_encryption.kid}, claims, signer)


def tampered(change: Callable[[list[str]], list[str]]) -> forging.Sign:
    def sign(forger: Forger, header: dict[str, Any], claims: dict[str, Any]) -> str:
        return ".".join(change(jwt.encode(header, claims, forger.signing).split(".")))

    return sign


def not_an_object(forger: Forger, header: dict[str, Any], _claims: dict[str, Any]) -> str:
    return jws.serialize_compact(header, b'["sub"]', forger.signing, algorithms=["RS256"])


def an_other_person(parts: list[str]) -> list[str]:
    claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
    return [parts[0], part(claims | {"sub": "krn:kuid:somebody-else"}), parts[2]]


NOW = int(time.time())
FORGED: dict[str, dict[str, Any]] = {
    "iss of somebody else": {"claims": {"iss": "https://login.example"}},
    "iss missing": {"claims": {"iss": None}},
    "iss with a slash more": {"claims": {"iss": "SLASH"}},
    "iss as a list": {"claims": {"iss": ["https://login.example"]}},
    "aud of another client": {"claims": {"aud": ["another-client"]}},
    "aud of another client, as text": {"claims": {"aud": "another-client"}},
    "aud of two": {"claims": {"aud": [CLIENT_ID, "another-client"]}},
    "aud of two, azp ours": {"claims": {"aud": [CLIENT_ID, "another-client"], "azp": CLIENT_ID}},
    "aud missing": {"claims": {"aud": None}},
    "aud empty": {"claims": {"aud": []}},
    "azp of another client": {"claims": {"azp": "another-client"}},
    "exp over": {"claims": {"exp": NOW - DAY}},
    "exp missing": {"claims": {"exp": None}},
    "exp as text": {"claims": {"exp": str(NOW + DAY)}},
    "exp as true": {"claims": {"exp": True}},
    "iat from the future": {"claims": {"iat": NOW + DAY}},
    "iat missing": {"claims": {"iat": None}},
    "iat as text": {"claims": {"iat": "now"}},
    "nbf not yet": {"claims": {"nbf": NOW + DAY}},
    "nonce missing": {"claims": {"nonce": None}},
    "nonce of nobody": {"claims": {"nonce": "n" * 43}},
    "nonce empty": {"claims": {"nonce": ""}},
    "nonce as a number": {"claims": {"nonce": 7}},
    "sub missing": {"claims": {"sub": None}},
    "sub empty": {"claims": {"sub": ""}},
    "sub as a number": {"claims": {"sub": 1}},
    "sub endless": {"claims": {"sub": "k" * 300}},
    "sub with a line break": {"claims": {"sub": "krn:kuid:a\nb"}},
    "at_hash of another token": {"claims": {"at_hash": "x" * 22}},
    "at_hash empty": {"claims": {"at_hash": ""}},
    "access token exchanged": {"answer": {"access_token": "ory_at_of-somebody-else"}},
    "alg none": {"sign": unsigned("none")},
    "alg None": {"sign": unsigned("None")},
    "alg RS256 without a signature": {"sign": unsigned("RS256")},
    "HS256 with the public key as PEM": {"sign": shared_secret(lambda f: f.signing.as_pem(private=False))},
    "HS256 with the public key as JWK": {
        "sign": shared_secret(lambda f: json.dumps(f.signing.as_dict(private=False)).encode())
    },
    "HS256 with the client's secret": {
        "sign": shared_secret(lambda _: forging.CLIENT_SECRET.encode()),
    },
    "RS512": {"sign": by("RS512")},
    "PS256": {"sign": by("PS256")},
    "ES256": {"sign": by("ES256")},
    "kid missing": {"header": {"kid": None}},
    "kid unknown": {"header": {"kid": "public:unknown"}},
    "kid of another key": {"sign": wrong_pair},
    "key for encryption": {"sign": encryption_key},
    "outsider under a known kid": {"sign": outsider},
    "outsider brings its own key": {"sign": outsider_brings_its_key},
    "something critical we do not know": {"header": {"crit": ["b64"], "b64": True}},
    "payload changed": {"sign": tampered(an_other_person)},
    "signature cut": {"sign": tampered(lambda parts: [parts[0], parts[1], parts[2][:-8]])},
    "signature gone": {"sign": tampered(lambda parts: parts[:2])},
    "five parts": {"sign": tampered(lambda parts: [*parts, *parts[:2]])},
    "no JWT": {"answer": {"id_token": "id_token"}},
    "no text": {"answer": {"id_token": {"sub": "krn:kuid:x"}}},
    "payload no object": {"sign": not_an_object},
    "endless": {"claims": {"padding": "x" * 20_000}},
    "missing": {"answer": {"id_token": None}},
}


@pytest.mark.parametrize("lie", FORGED)
def test_a_forged_id_token_signs_nobody_in(programs: Programs, forger: Forger, lie: str) -> None:
    visitor = Visitor(programs)
    asked = begin(visitor, forger)
    for name, value in FORGED[lie].items():
        setattr(forger, name, {"iss": f"{forger.url}/"} if value == {"iss": "SLASH"} else value)
    answer = come_back(visitor, code="ory_ac_forged", state=asked["state"])
    assert_nothing_happened(visitor, answer, (400, 502))
    assert "/token" in forger.calls, "it was refused before it was seen"


@pytest.mark.parametrize(
    "lie", [lie for lie in FORGED if lie.startswith(("HS256", "RS512", "PS256", "ES256", "alg n"))]
)
def test_it_is_the_algorithm_that_refuses_a_good_signature_by_another_one(
    programs: Programs, forger: Forger, lie: str
) -> None:
    reasons: list[str] = []

    def note(_sender: object, refused: str, **_claims: object) -> None:
        reasons.append(refused)

    visitor = Visitor(programs)
    asked = begin(visitor, forger)
    forger.sign = FORGED[lie]["sign"]
    with checked.connected_to(note):
        come_back(visitor, code="ory_ac_forged", state=asked["state"])
    assert reasons == ["alg is not RS256"]


def test_an_id_token_swapped_between_two_sign_ins_is_refused(programs: Programs, forger: Forger) -> None:
    first, second = Visitor(programs), Visitor(programs)
    mine, theirs = begin(first, forger), begin(second, forger)
    forger.claims = {"nonce": theirs["nonce"]}
    assert_nothing_happened(first, come_back(first, code="ory_ac_forged", state=mine["state"]))


def test_the_refresh_token_that_came_with_a_forged_id_token_is_revoked(programs: Programs, forger: Forger) -> None:
    visitor = Visitor(programs)
    asked = begin(visitor, forger)
    forger.claims = {"aud": ["another-client"]}
    come_back(visitor, code="ory_ac_forged", state=asked["state"])
    programs.wait_for_background()
    assert forger.calls[-1] == "/revoke"


# --- callbacks


def test_an_issuer_that_always_names_itself_is_not_believed_without_its_name(
    programs: Programs, forger: Forger
) -> None:
    forger.discovery = {"authorization_response_iss_parameter_supported": True}
    visitor = Visitor(programs)
    asked = begin(visitor, forger)
    assert_nothing_happened(visitor, come_back(visitor, code="ory_ac_forged", state=asked["state"]))
    assert "/token" not in forger.calls
    asked = begin(visitor, forger)
    named = come_back(visitor, code="ory_ac_forged", state=asked["state"], iss=forger.url)
    assert (named.status_code, counts(programs)) == (302, (1, 1, 0))


def replayed(visitor: Visitor, asked: dict[str, str], _forger: Forger) -> requests.Response:
    come_back(visitor, error="access_denied", state=asked["state"])
    return come_back(visitor, code="ory_ac_forged", state=asked["state"])


def other_browser(visitor: Visitor, asked: dict[str, str], _forger: Forger) -> requests.Response:
    return come_back(Visitor(visitor.programs), code="ory_ac_forged", state=asked["state"])


def too_late(visitor: Visitor, asked: dict[str, str], _forger: Forger) -> requests.Response:
    visitor.programs.let_time_pass(timedelta(minutes=31))
    return come_back(visitor, code="ory_ac_forged", state=asked["state"])


def twice(visitor: Visitor, asked: dict[str, str], _forger: Forger) -> requests.Response:
    query = f"code=ory_ac_forged&state={asked['state']}&state={asked['state']}"
    address = f"{visitor.programs.shop_url}/login/klarna/callback?{query}"
    return visitor.http.get(address, allow_redirects=False, timeout=60)


def sent(**query: str) -> Callable[[Visitor, dict[str, str], Forger], requests.Response]:
    def send(visitor: Visitor, asked: dict[str, str], _forger: Forger) -> requests.Response:
        return come_back(visitor, **{name: value or asked["state"] for name, value in query.items()})

    return send


CROOKED: dict[str, Callable[[Visitor, dict[str, str], Forger], requests.Response]] = {
    "no state": sent(code="ory_ac_forged"),
    "wrong state": sent(code="ory_ac_forged", state="w" * 43),
    "state of another kind": sent(code="ory_ac_forged", state="'; DROP TABLE user; --"),
    "endless state": sent(code="ory_ac_forged", state="s" * 5000),
    "state used before": replayed,
    "state of another browser": other_browser,
    "state twice": twice,
    "state too old": too_late,
    "nothing at all": sent(),
    "no code": sent(state=""),
    "another issuer answers": sent(code="ory_ac_forged", state="", iss="https://login.example"),
    "implicit tokens in the query": sent(id_token="x.y.z", access_token="ory_at_x", state=""),
    **{
        f"error={error}": sent(error=error, state="")
        for error in (
            *("invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope", "server_error"),
            *("temporarily_unavailable", "login_required", "consent_required", "interaction_required", "x" * 3000),
        )
    },
    "error without a state": sent(error="access_denied"),
    "error with a script": sent(error="<script>alert(1)</script>", state=""),
}


@pytest.mark.parametrize("name", CROOKED)
def test_a_crooked_callback_signs_nobody_in(programs: Programs, forger: Forger, name: str) -> None:
    visitor = Visitor(programs)
    asked = begin(visitor, forger)
    answer = CROOKED[name](visitor, asked, forger)
    assert "<script>alert" not in answer.text
    assert_nothing_happened(visitor, answer)
    assert "/token" not in forger.calls


def test_a_callback_without_a_start_is_refused(programs: Programs, forger: Forger) -> None:
    visitor = Visitor(programs)
    assert_nothing_happened(visitor, come_back(visitor, code="ory_ac_forged", state="s" * 43))


def test_denied_at_klarna_is_told_as_such(programs: Programs, forger: Forger) -> None:
    visitor = Visitor(programs)
    asked = begin(visitor, forger, next="/cart")
    back = come_back(visitor, error="access_denied", state=asked["state"])
    answer = visitor.http.get(programs.shop_url + back.headers["Location"], timeout=60)
    assert "You stopped at Klarna" in answer.text
    assert 'href="/cart"' in answer.text
    assert_nothing_happened(visitor, answer, (200,))


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(programs: Programs, forger: Forger, target: str) -> None:
    visitor = Visitor(programs)
    asked = begin(visitor, forger, next=target)
    answer = come_back(visitor, code="ory_ac_forged", state=asked["state"])
    assert answer.headers["Location"] == "/account"


# --- a provider that fails


def refusing(status: int, body: dict[str, str]) -> Callable[[], Response]:
    return lambda: Response(json.dumps(body), status, content_type="application/json")


TOKEN_ANSWERS: dict[str, Callable[[], Response]] = {
    "code replayed": refusing(400, {"error": "invalid_grant"}),
    "client refused": refusing(401, {"error": "invalid_client"}),
    "our defect": refusing(400, {"error": "invalid_request"}),
    "500": refusing(500, {"error": "server_error"}),
    "200 with an error": refusing(200, {"error": "invalid_grant"}),
    "200 without tokens": refusing(200, {}),
    "token type of another kind": refusing(200, {"access_token": "a", "token_type": "mac", "id_token": "x"}),
    "no JSON": lambda: Response("<html>busy</html>", 200, content_type="text/html"),
    "a list": lambda: Response("[]", 200, content_type="application/json"),
    "elsewhere": lambda: Response(status=307, headers={"Location": "http://localhost:1/token"}),
}


@pytest.mark.parametrize("name", TOKEN_ANSWERS)
def test_a_failing_token_endpoint_signs_nobody_in(programs: Programs, forger: Forger, name: str) -> None:
    visitor = Visitor(programs)
    asked = begin(visitor, forger)
    forger.responses["/token"] = TOKEN_ANSWERS[name]
    answer = come_back(visitor, code="ory_ac_forged", state=asked["state"])
    assert_nothing_happened(visitor, answer, (400, 502))


def test_a_token_endpoint_that_is_slow_signs_nobody_in(programs: Programs, forger: Forger) -> None:
    def late() -> Response:
        time.sleep(2.5)
        return jsonify(forger.tokens())

    visitor = Visitor(programs)
    asked = begin(visitor, forger)
    forger.responses["/token"] = late
    with forging.signing_in_at(programs, forging.config(forger.url, read_timeout=1.0)):
        answer = come_back(visitor, code="ory_ac_forged", state=asked["state"])
    assert_nothing_happened(visitor, answer, (400, 502))


@pytest.mark.parametrize("body", ["", "{}", "[]", "<html>", '{"keys": 7}', '{"keys": [{"kty": "RSA"}]}'])
def test_without_readable_keys_nobody_is_signed_in(programs: Programs, forger: Forger, body: str) -> None:
    visitor = Visitor(programs)
    forger.responses["/keys"] = Response(body, 200, content_type="application/json")
    asked = begin(visitor, forger)
    answer = come_back(visitor, code="ory_ac_forged", state=asked["state"])
    assert_nothing_happened(visitor, answer, (400, 502))


@pytest.mark.parametrize(
    "document",
    [
        "",
        "[]",
        "<html>",
        "{}",
        '{"issuer": "https://login.example"}',
        '{"issuer": "ISSUER", "authorization_endpoint": "javascript:alert(1)", "token_endpoint": "x", "jwks_uri": "x"}',
        '{"issuer": "ISSUER", "authorization_endpoint": "ftp://a/", "token_endpoint": "ftp://b", "jwks_uri": "ftp://c"}',
    ],
)
def test_with_an_odd_discovery_document_nobody_is_sent_anywhere(
    programs: Programs, forger: Forger, document: str
) -> None:
    visitor = Visitor(programs)
    said = document.replace("ISSUER", forger.url)
    forger.responses["/.well-known/openid-configuration"] = Response(said, 200, content_type="application/json")
    answer = visitor.http.get(f"{programs.shop_url}/login/klarna", allow_redirects=False, timeout=60)
    assert_nothing_happened(visitor, answer, (502,))
    with programs.shop.app_context():
        assert db.session.scalar(select(func.count()).select_from(SignInStart)) == 0


def test_a_provider_that_is_down_is_not_asked_by_everybody_in_turn(programs: Programs, forger: Forger) -> None:
    forger.responses["/.well-known/openid-configuration"] = Response(status=503)
    began = time.monotonic()
    for _ in range(5):
        assert Visitor(programs).http.get(f"{programs.shop_url}/login/klarna", timeout=60).status_code == 502
    rests = int((time.monotonic() - began) / remembered.REST)
    assert forger.calls.count("/.well-known/openid-configuration") <= 1 + rests


def test_keys_rotated_between_two_sign_ins_are_looked_up_anew(
    programs: Programs, forger: Forger, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Visitor(programs)
    asked = begin(first, forger)
    assert come_back(first, code="ory_ac_forged", state=asked["state"]).status_code == 302
    old, forger.signing = forger.signing, forging.key("public:third")
    try:
        again = Visitor(programs)
        asked = begin(again, forger)
        known = programs.shop.extensions["sign_in"]
        for provider in set(known.values()):
            at, keys = provider._keys._known
            provider._keys._known = (at - 11, keys)  # as if the keys had been read a while ago
        assert come_back(again, code="ory_ac_forged", state=asked["state"]).status_code == 302
    finally:
        forger.signing = old


def test_a_made_up_key_id_does_not_make_the_shop_hammer_the_provider(programs: Programs, forger: Forger) -> None:
    forger.header = {"kid": "public:unknown"}
    began = time.monotonic()
    for _ in range(5):
        visitor = Visitor(programs)
        asked = begin(visitor, forger)
        come_back(visitor, code="ory_ac_forged", state=asked["state"])
    rests = int((time.monotonic() - began) / KEYS_REST)
    assert 1 <= forger.calls.count("/keys") <= 1 + rests


# --- many starts


def test_three_tabs_do_not_break_each_other(programs: Programs, forger: Forger) -> None:
    visitor = Visitor(programs)
    asked = [begin(visitor, forger, next=f"/search?q={tab}") for tab in range(3)]
    for tab in (2, 0, 1):
        forger.claims = {"nonce": asked[tab]["nonce"]}
        answer = come_back(visitor, code="ory_ac_forged", state=asked[tab]["state"])
        assert (answer.status_code, answer.headers["Location"]) == (302, f"/search?q={tab}")
    assert counts(programs) == (1, 1, 0)


def test_thirty_abandoned_starts_neither_grow_the_cookie_nor_get_in_the_way(programs: Programs, forger: Forger) -> None:
    visitor = Visitor(programs)
    begin(visitor, forger)
    small = len(str(visitor.http.cookies.get("shop_session")))
    for _ in range(30):
        asked = begin(visitor, forger)
    assert len(str(visitor.http.cookies.get("shop_session"))) <= small + 8
    assert come_back(visitor, code="ory_ac_forged", state=asked["state"]).status_code == 302


def test_abandoned_starts_are_swept_out(programs: Programs, forger: Forger) -> None:
    visitor = Visitor(programs)
    for _ in range(5):
        begin(visitor, forger)
    programs.let_time_pass(timedelta(hours=1))
    begin(visitor, forger)
    with programs.shop.app_context():
        assert db.session.scalar(select(func.count()).select_from(SignInStart)) == 1
