"""A situation on order: what each step brings about, and who may ask for one."""

import json
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.sandbox import callbacks, clock, create_app
from app.sandbox.clients import Client
from app.sandbox.config import Settings
from app.sandbox.idp import chains, consents, logins, tokens
from app.sandbox.merchants import Region

from .conftest import Answer, Api, Shop
from .purchases import german

SHOP = "http://localhost:8000"
CLIENT = Client("klarna_test_client_demo", (f"{SHOP}/login/klarna/callback",), "klarna_test_api_demo")
SCOPES = ("openid", "offline_access")
BACK = f"{SHOP}/demo/ready"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, clients=(CLIENT,))


@pytest.fixture
def presenter(app: Flask) -> FlaskClient:
    """The browser of whoever shows the demo."""
    return app.test_client()


def ask(presenter: FlaskClient, steps: Any, back: str = BACK, origin: str = SHOP, **how: Any) -> Answer:
    form = {"return": back, "steps": steps if isinstance(steps, str) else json.dumps(steps)}
    return presenter.post("/prepare", data=form, headers={"Origin": origin}, **how)


def done(presenter: FlaskClient, *steps: dict[str, Any]) -> None:
    answer = ask(presenter, list(steps))
    assert (answer.status_code, answer.headers["Location"]) == (303, BACK), answer.text


def refused(answer: Answer, status: int, words: str) -> None:
    assert answer.status_code == status
    assert "Nothing was prepared" in answer.text
    assert words in answer.text


def person(api: Api, person_id: str = "de-approved") -> dict[str, Any]:
    found: dict[str, Any] = next(p for p in api.control("GET", "people").json if p["id"] == person_id)
    return found


def test_calm_ends_faults_and_odd_outcomes(presenter: FlaskClient, api: Api) -> None:
    api.control("POST", "faults", {"path": "*", "action": {"delay": 0}})
    done(presenter, {"do": "person", "person": "de-approved", "outcome": "refuse"})
    assert person(api)["decision"] == "refuse"
    done(presenter, {"do": "calm"})
    assert api.control("GET", "faults").json == []
    assert person(api)["decision"] == "approve"
    assert person(api, "de-denied")["decision"] == "refuse"


def test_calm_lets_everybody_tell_all_they_may(presenter: FlaskClient, api: Api) -> None:
    done(presenter, {"do": "person", "person": "de-approved", "email_verified": False, "withheld": ["phone"]})
    assert (person(api)["email_verified"], person(api)["withheld"]) == (False, ["phone"])
    done(presenter, {"do": "calm"})
    assert (person(api)["email_verified"], person(api)["withheld"]) == (True, [])


@pytest.mark.parametrize("become", ["rotated", "expired", "revoked"])
def test_every_active_link_of_a_person_ends_and_nobody_elses(presenter: FlaskClient, api: Api, become: str) -> None:
    first, second = (api.buy(german())["customer_token"] for _ in range(2))
    others = api.buy(german(), "de-new-user")["customer_token"]
    done(presenter, {"do": "links", "person": "de-approved", "become": become})
    status = {link["customer_token"]: link["status"] for link in api.control("GET", "customer-tokens").json}
    assert (status[first], status[second]) == (become, become)
    assert status[others] == "active"


def test_the_merchant_is_told_of_a_revoked_link(settings: Settings, shop: Shop) -> None:
    told = Api(create_app(replace(settings, webhook_url=f"{shop.url}/webhooks")))
    told.buy(german())
    done(told.client, {"do": "links", "person": "de-approved", "become": "revoked"})
    with told.app.app_context():
        callbacks.wait()
    [(path, news)] = shop.received
    assert path == "/webhooks"
    assert news["metadata"]["event_type"].endswith("revoked")


@pytest.mark.parametrize("link", [True, False])
def test_an_approval_reaches_the_merchants_server(presenter: FlaskClient, api: Api, shop: Shop, link: bool) -> None:
    urls = {"confirmation": f"{shop.url}/thanks", "authorization": f"{shop.url}/approved"}
    session = api.create(german(merchant_urls=urls)).json
    address = {"given_name": "Mock", "street_address": "Neue Schönhauser Str. 2", "country": "DE"}
    step = {"do": "approve", "client_token": session["client_token"], "person": "de-approved", "link": link}
    done(presenter, step | {"billing_address": address})
    read = api.read(session["session_id"]).json
    assert read["billing_address"]["given_name"] == "Mock"
    answer = api.order(read["authorization_token"], german())
    assert answer.status_code == 200
    assert ("customer_token" in answer.json) is link


def test_a_login_is_this_browsers_and_has_allowed_everything(presenter: FlaskClient, app: Flask) -> None:
    with presenter:
        done(presenter, {"do": "sign_in", "person": "de-approved"})
        login = logins.here(Region.EUROPE)
        assert login is not None
        assert login.person == "de-approved"
        consent = consents.find("de-approved", CLIENT.client_id)
        assert consent is not None
        assert (consent.scopes, consent.declined) == (CLIENT.scopes, ())
    with app.test_client() as other:
        other.get("/")
        assert logins.here(Region.EUROPE) is None


def test_a_sign_out_is_this_browsers_alone(presenter: FlaskClient, app: Flask) -> None:
    with app.test_client() as other:
        done(other, {"do": "sign_in", "person": "de-approved"})
    done(presenter, {"do": "sign_in", "person": "de-approved"}, {"do": "sign_in", "person": "us-approved"})
    done(presenter, {"do": "sign_out"})
    with app.app_context():
        assert [logins.count(name) for name in ("de-approved", "us-approved")] == [1, 0]


def test_time_goes_on(presenter: FlaskClient, api: Api) -> None:
    session_id = api.open(german())
    done(presenter, {"do": "advance", "seconds": 48 * 3600 + 60})
    assert api.read(session_id).status_code == 404


def test_a_fault_meets_the_next_calls(presenter: FlaskClient, api: Api) -> None:
    rule = {"method": "POST", "path": "/payments/v1/sessions", "times": 1, "action": {"status": 503, "body": {}}}
    done(presenter, {"do": "fault", **rule})
    assert [api.create(german()).status_code for _ in range(2)] == [503, 200]


def test_steps_are_done_in_turn_and_none_is_fine(presenter: FlaskClient, api: Api) -> None:
    done(presenter)
    done(presenter, {"do": "person", "person": "de-approved", "outcome": "pend"}, {"do": "calm"})
    assert person(api)["outcome"] == "approve"


def test_the_sign_ins_of_a_person_end_and_nobody_elses(presenter: FlaskClient, app: Flask) -> None:
    with app.test_request_context():
        issued = {
            name: tokens.issue(tokens.Kind.REFRESH, sign_in_of(name), SCOPES) for name in ("de-approved", "se-approved")
        }
    done(presenter, {"do": "end_sign_ins", "person": "de-approved"})
    with app.app_context():
        status = {name: found.status for name, token in issued.items() if (found := tokens.find(token))}
    assert status == {"de-approved": tokens.Status.EXPIRED, "se-approved": tokens.Status.ACTIVE}


def sign_in_of(person_id: str) -> chains.Chain:
    back = CLIENT.redirect_uris[0]
    what = chains.Beginning(
        Region.EUROPE,
        CLIENT.client_id,
        person_id,
        SCOPES,
        back,
        None,
        None,
        sid=person_id,
        authenticated_at=clock.now(),
    )
    return chains.begin(what)


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://localhost:9999", "null", "", f"{SHOP}.evil.example"]
)
def test_a_page_of_somebody_else_prepares_nothing(presenter: FlaskClient, api: Api, origin: str) -> None:
    step = {"do": "person", "person": "de-approved", "outcome": "refuse"}
    refused(ask(presenter, [step], origin=origin), 403, "Only a page of the merchant")
    assert person(api)["decision"] == "approve"


@pytest.mark.parametrize(
    "back",
    ["https://evil.example/", "//evil.example", "", "/demo/ready", "javascript:alert(1)", f"{SHOP}@evil.example"],
)
def test_the_way_back_leads_to_the_merchant_only(presenter: FlaskClient, back: str) -> None:
    answer = ask(presenter, [], back=back)
    refused(answer, 403, "Only a page of the merchant")
    assert "Location" not in answer.headers


def test_another_machine_prepares_nothing(presenter: FlaskClient) -> None:
    refused(ask(presenter, [], environ_base={"REMOTE_ADDR": "192.0.2.7"}), 403, "on this computer")


def test_a_foreign_name_for_this_machine_prepares_nothing(presenter: FlaskClient) -> None:
    form = {"return": BACK, "steps": "[]"}
    answer = presenter.post("/prepare", data=form, headers={"Origin": SHOP, "Host": "rebound.example"})
    refused(answer, 403, "on this computer")


ODD_STEPS = [
    ("{", "steps has to be"),
    ("null", "steps has to be"),
    ('{"do": "calm"}', "steps has to be"),
    ('["calm"]', "steps has to be"),
    ("[" * 100_000, "steps has to be"),
    ('[{"do": "explode"}]', "do"),
    ('[{"do": []}]', "do"),
    ("[{}]", "do"),
    ('[{"do": "links", "person": "de-approved", "become": "gone"}]', "become"),
    ('[{"do": "links", "person": "nobody", "become": "rotated"}]', "nobody"),
    ('[{"do": "person", "person": "nobody", "outcome": "pend"}]', "nobody"),
    ('[{"do": "person", "person": "de-approved", "outcome": "fly"}]', "outcome"),
    ('[{"do": "person", "person": "de-approved", "outcome": {}}]', "outcome"),
    ('[{"do": "sign_in"}]', "None"),
    ('[{"do": "end_sign_ins", "person": 7}]', "7"),
    ('[{"do": "approve", "client_token": "x", "person": "de-approved"}]', "token"),
    ('[{"do": "approve", "client_token": null, "person": "de-approved"}]', "token"),
    ('[{"do": "advance"}]', "seconds"),
    ('[{"do": "advance", "seconds": true}]', "seconds"),
    ('[{"do": "advance", "seconds": NaN}]', ""),
    ('[{"do": "advance", "seconds": Infinity}]', ""),
    ('[{"do": "advance", "seconds": -1}]', ""),
    ('[{"do": "fault", "path": 7}]', ""),
    ('[{"do": "fault", "path": "*", "action": {"explode": 1}}]', ""),
]


@pytest.mark.parametrize(("steps", "words"), ODD_STEPS)
def test_odd_steps_are_refused_in_words(presenter: FlaskClient, steps: str, words: str) -> None:
    refused(ask(presenter, steps), 400, words)


def test_a_person_of_no_known_step_is_left_alone(presenter: FlaskClient, api: Api) -> None:
    before = person(api)
    done(presenter, {"do": "person", "person": "de-approved", "shoe_size": 43})
    assert person(api) == before
