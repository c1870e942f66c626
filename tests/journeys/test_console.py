"""The console watches and never steers: nothing is different with it, no secret gets into it, nobody sees another's."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import requests

from app.shop.console.scenarios import BY_ID, SCENARIOS
from tests.contract.stand_in import CHECKOUT, EUROPE, NORTH_AMERICA
from tests.support.klarna_login import KlarnaLogin
from tests.support.presenter import Presenter
from tests.support.programs import CLIENT, WEBHOOK_SECRET, Programs
from tests.support.visitor import PASSWORD, Page, Visitor, buy

TOKENS = {
    *("access_token", "authorization_token", "client_token", "code", "code_verifier", "customer_token"),
    *("id_token", "klarna_access_token", "refresh_token"),
}


def test_switched_off_there_is_nothing_of_it(programs: Programs) -> None:
    visitor = Visitor(programs)
    for path in ("/", "/cart", "/login"):
        markup = visitor.get(path).markup
        assert "console" not in markup
        assert "demo_visitor" not in visitor.http.cookies
    for path in ("/demo", "/demo/timeline.json", "/demo/start/returning", "/demo/timeline.svg"):
        visitor.get(path, 404)
    assert not {"timeline", "gate"} & set(programs.shop.extensions)
    assert not [rule for rule in programs.shop.url_map.iter_rules() if rule.endpoint.startswith("console")]


def secrets_of(value: Any, name: str = "") -> Iterator[str]:
    """Every token in a JSON value, by the names of Klarna's fields."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from secrets_of(part, key)
    elif isinstance(value, list):
        for part in value:
            yield from secrets_of(part, name)
    elif isinstance(value, str):
        if name.lower() in TOKENS and len(value) > 8:
            yield value
        yield from re.findall(r"/klarna/callbacks/[\w/-]+/([\w-]{16,})", value)


def known_secrets(demo: Programs) -> set[str]:
    """All that went over the wire, and what the programs were started with."""
    exchanges = demo.control("GET", "journal?after=0")
    told = {EUROPE[1], NORTH_AMERICA[1], CHECKOUT[1], CLIENT[1], WEBHOOK_SECRET, PASSWORD}
    told |= {*demo.shop.config["SHOP"].token_keys, demo.shop.config["SECRET_KEY"]}
    return told | set(secrets_of([[e["request"], e["response"]] for e in exchanges])) | set(demo.stored_tokens())


def test_no_secret_is_in_anything_the_console_shows(demo: Programs) -> None:
    linked, signed_in = Presenter(demo), Presenter(demo)
    linked.sign_in(linked.register())
    buy(linked)
    buy(linked)
    signed_in.get("/login")
    KlarnaLogin(signed_in).go()
    buy(signed_in)
    signed_in.add()
    signed_in.get("/klarna-checkout")
    (opened,) = (e for e in demo.journal("/checkout/v3/orders") if e["status"] == 201)
    order_id = opened["response"]["body"]["order_id"]
    demo.control("POST", "checkouts/complete", {"order_id": order_id, "person": "de-approved"})
    demo.wait_for_callbacks()
    demo.wait_for_background()
    secrets = known_secrets(demo)
    assert len(secrets) > 20
    for visitor in (linked, signed_in):
        shown = visitor.everything()
        assert "place order" in shown
        assert "callback" in shown
        assert not [secret for secret in secrets if secret in shown]
        assert visitor.http.cookies["shop_session"] not in shown


def test_a_callback_is_shown_to_whom_it_is_about_with_what_klarna_said(demo: Programs) -> None:
    buyer, stranger = Presenter(demo), Presenter(demo)
    buyer.register()
    stranger.get("/")
    buyer.add()
    checkout = buyer.checkout()
    checkout.approve()
    demo.wait_for_callbacks()
    (entry,) = buyer.all_of("authorization callback")
    assert entry["request"]["sent"]["authorization_token"] == "•••"
    assert entry["request"]["sent"]["session_id"] == checkout.session_id
    assert entry["status"] == 204
    assert "authorization callback" not in stranger.everything()
    told = demo.journal("/sessions")[-1]["request"]["body"]["merchant_urls"]["authorization"]
    assert "demo_visitor" not in requests.post(told, json={}, timeout=60).cookies


@pytest.mark.parametrize("method", ["GET", "POST", "PUT"])
@pytest.mark.parametrize("end", ["", "/", "/more", "x"])
def test_a_callback_at_a_wrong_address_does_not_show_the_secret(demo: Programs, method: str, end: str) -> None:
    address = f"{demo.shop_url}/klarna/callbacks/webhooks/{WEBHOOK_SECRET}{end}"
    requests.request(method, address, json={}, timeout=60)
    somebody = Presenter(demo)
    assert any(entry["kind"] == "callback" for entry in somebody.entries())
    assert WEBHOOK_SECRET not in somebody.everything()


ODD = ["", "{", "null", "[" * 100_000, '{"a": NaN}', '"' + "x" * 300_000 + '"']


@pytest.mark.parametrize("path", ["/checkout/orders", f"/klarna/callbacks/webhooks/{WEBHOOK_SECRET}", "/cart/add"])
@pytest.mark.parametrize("body", ODD, ids=["empty", "half", "null", "deep", "nan", "long"])
def test_odd_bodies_are_answered_as_without_it(programs: Programs, demo: Programs, path: str, body: str) -> None:
    statuses = []
    for shop in (programs, demo):
        visitor = Visitor(shop)
        visitor.get("/cart")
        headers = {"Content-Type": "application/json", "X-CSRFToken": visitor.csrf}
        statuses.append(visitor.http.post(shop.shop_url + path, data=body, headers=headers, timeout=60).status_code)
    assert statuses[0] == statuses[1] < 500


def test_visitors_see_their_own_and_what_the_shop_does_by_itself(demo: Programs) -> None:
    anna, ben = Presenter(demo), Presenter(demo)
    anna.get("/products/house-blend")
    ben.get("/products/paper-filters")
    (entry,) = (entry for entry in anna.entries() if entry["kind"] == "page")
    assert entry["title"] == "GET /products/house-blend"
    assert ben.http.get(f"{demo.shop_url}/demo/timeline/{entry['id']}.json", timeout=60).status_code == 404
    assert entry["title"] not in ben.everything()


def test_a_visitor_whose_cookie_is_empty_becomes_somebody(demo: Programs) -> None:
    somebody = Presenter(demo)
    somebody.http.headers["Cookie"] = "demo_visitor="
    answer = somebody.http.get(f"{demo.shop_url}/cart", timeout=60)
    assert answer.cookies["demo_visitor"]


def test_a_purchase_is_told_call_by_call(demo: Programs) -> None:
    presenter = Presenter(demo)
    presenter.register()
    buy(presenter)
    buy(presenter, "paper-filters")
    first, second = presenter.all_of("create session")
    assert "buy_and_link" in first["rule"]
    assert first["page"].startswith("https://docs.klarna.com/")
    assert first["place"].startswith("app/shop/checkout/attempts.py:")
    assert {"path": "request.customer.customer_token", "before": None, "after": "•••"} in second["differences"]
    assert second["since"] == first["id"]
    assert '"$KLARNA_USERNAME":"$KLARNA_PASSWORD"' in second["curl"]
    placed = presenter.all_of("place order")
    assert [entry["status"] for entry in placed] == [200, 200]
    assert placed[0]["path"] == "/payments/v1/authorizations/•••/order"
    titles = [entry["title"] for entry in presenter.entries()]
    assert titles.index("POST /checkout/orders") < titles.index("place order") < titles.index("account link: linked")


def test_the_drawing_shows_what_was_filtered(demo: Programs) -> None:
    presenter = Presenter(demo)
    presenter.register()
    buy(presenter)
    shown = presenter.get("/demo/timeline.svg?lane=klarna&lane=moon&text=Session").markup
    assert "Klarna, “session”" in shown
    assert "create session" in shown
    for left_out in ("GET /cart", "place order", "account link: linked"):
        assert left_out not in shown
    assert "place order" in presenter.get("/demo/timeline.svg?lane=&text=").markup
    nothing = presenter.get("/demo/timeline.svg?text=%3Cb%3Enothing%26").markup
    assert "“&lt;b&gt;nothing&amp;”" in nothing
    assert "create session" not in nothing


def test_reset_makes_this_browser_new_and_leaves_the_others_alone(demo: Programs) -> None:
    anna, ben = Presenter(demo), Presenter(demo)
    for somebody in (anna, ben):
        somebody.email = somebody.register()
        buy(somebody)
        somebody.add()
        somebody.sign_out()
        somebody.get("/login")
        somebody.post("/login", {"email": somebody.email, "password": PASSWORD, "remember": "1"})
    demo.wait_for_callbacks()
    demo.wait_for_background()
    seen = [entry["id"] for entry in ben.entries()]
    anna.reset()
    assert "Your cart is empty" in anna.get("/cart").text
    assert anna.http.get(f"{demo.shop_url}/account", allow_redirects=False, timeout=60).status_code == 302
    assert {entry["title"] for entry in anna.entries()} <= {"GET /", "GET /cart", "GET /account"}
    assert [entry["id"] for entry in ben.entries()][: len(seen)] == seen
    assert "House blend" in ben.get("/cart").text
    assert ben.email in ben.get("/account").text


def test_reset_lets_calls_go_again(demo: Programs) -> None:
    presenter = Presenter(demo)
    presenter.get("/demo")
    presenter.post("/demo/pace", {"pace": "paused"}, 204)
    presenter.reset()
    presenter.add()
    assert presenter.checkout().attempt


@pytest.mark.parametrize("pace", ["", "fast", "FREE"])
def test_an_unknown_pace_is_refused_in_words(demo: Programs, pace: str) -> None:
    presenter = Presenter(demo)
    presenter.get("/demo")
    assert "That did not work" in presenter.post("/demo/pace", {"pace": pace}, 400).text


CALL = {"call": "Klarna.Payments.authorize", "key": "k1", "script": "static/shop/checkout.js"}


def test_a_call_of_klarnas_script_begins_and_ends(demo: Programs) -> None:
    presenter = Presenter(demo)
    presenter.get("/demo")
    presenter.tell(CALL | {"request": {"options": {"client_token": "s3cret"}}})
    (begun,) = presenter.all_of("Klarna.Payments.authorize")
    assert (begun["seconds"], begun["request"]) == (None, {"options": {"client_token": "•••"}})
    presenter.tell(CALL | {"response": {"approved": True, "authorization_token": "s3cret"}, "seconds": 1.5})
    (ended,) = presenter.all_of("Klarna.Payments.authorize")
    assert (ended["seconds"], ended["response"]) == (1.5, {"approved": True, "authorization_token": "•••"})
    assert ended["place"] == "static/shop/checkout.js"


def test_klarna_speaks_the_language_of_the_market_where_the_demo_says_so(demo: Programs) -> None:
    presenter = Presenter(demo)
    presenter.register()
    presenter.add()
    presenter.checkout()
    presenter.post("/demo/language", {"own": "1"})
    checkout = presenter.checkout()
    spoken = [
        (e["path"], e["request"]["body"]["locale"])
        for e in demo.journal("/payments/v1/sessions")
        if e["request"]["body"]
    ]
    assert [locale for _, locale in spoken] == ["en-DE", "de-DE"]
    assert spoken[1][0].endswith(checkout.session_id)
    checkout.pay()
    away = presenter.http.get(f"{demo.shop_url}/login/klarna", allow_redirects=False, timeout=60)
    assert "ui_locales=de-DE" in away.headers["Location"]
    presenter.shop_in("GB")
    presenter.add()
    presenter.checkout()
    assert "Klarna speaks English here now." in presenter.post("/demo/language", {}).text
    assert demo.journal("/payments/v1/sessions")[-1]["request"]["body"]["locale"] == "en-GB"


def test_the_end_of_a_call_that_was_forgotten_is_forgotten_too(demo: Programs) -> None:
    presenter = Presenter(demo)
    presenter.get("/demo")
    presenter.tell(CALL)
    presenter.post("/demo/timeline/forget", {}, 204)
    presenter.tell(CALL | {"response": {"approved": True}, "seconds": 1.5})
    assert presenter.entries() == []


@pytest.mark.parametrize(
    "told",
    [
        *("", "[", "[]", "null", "7", "[" * 100_000, "{}"),
        *(CALL | {"call": "alert(1)"}, CALL | {"call": None}, CALL | {"key": 7}, CALL | {"script": ["x"]}),
        *(CALL | {"call": "Klarna." + "x" * 99}, {"call": CALL["call"]}),
        *(
            [{"event": "Load all"}],
            [{"event": 7}],
            [{}],
            [[]],
            [None],
            [CALL],
            {"event": "load"},
            [{"event": "x" * 41}],
        ),
    ],
    ids=lambda told: str(told)[:30],
)
def test_what_is_no_such_call_is_dropped_without_a_word(demo: Programs, told: Any) -> None:
    presenter = Presenter(demo)
    presenter.get("/demo")
    assert presenter.tell(told) == 204
    assert {entry["place"] for entry in presenter.all_of("Klarna.Payments.authorize")} <= {""}
    assert not [entry for entry in presenter.entries() if entry["kind"] == "event"]


def test_what_klarna_checkouts_frame_tells_comes_in_its_order_and_masked(demo: Programs) -> None:
    presenter = Presenter(demo)
    presenter.get("/demo")
    told = [
        {"event": "load", "data": {"customer": {"type": "person"}}},
        {"event": "order_total_change", "data": {"order_total": 1780}},
        {"event": "redirect_initiated", "data": True},
        {"event": "something_new", "data": {"client_token": "s3cret"}},
    ]
    assert presenter.tell(told) == 204
    assert presenter.tell([{"event": "order_total_change", "data": {"order_total": 2580}}]) == 204
    events = [presenter.entry(entry["id"]) for entry in presenter.entries() if entry["kind"] == "event"]
    names = ("load", "order_total_change", "redirect_initiated", "something_new", "order_total_change")
    assert [event["title"] for event in events] == [f"frame: {name}" for name in names]
    assert [event["response"] for event in events[1:4]] == [{"order_total": 1780}, True, {"client_token": "•••"}]
    assert events[4]["differences"] == [{"path": "response.order_total", "before": 1780, "after": 2580}]
    assert [bool(event["rule"]) for event in events] == [True, True, True, False, True]
    assert {(entry["source"], entry["target"]) for entry in presenter.entries() if entry["kind"] == "event"} == {
        ("klarna", "browser")
    }


def test_nobody_fills_the_timeline_with_one_word(demo: Programs) -> None:
    presenter = Presenter(demo)
    presenter.get("/demo")
    presenter.tell([{"event": "change"}] * 3000)
    assert 0 < len([entry for entry in presenter.entries() if entry["kind"] == "event"]) <= 50


def test_a_call_that_is_nested_without_end_is_not_kept_whole(demo: Programs) -> None:
    presenter = Presenter(demo)
    presenter.get("/demo")
    assert presenter.tell(json.dumps(CALL)[:-1] + ', "request": ' + "[" * 600 + "]" * 600 + "}") == 204
    (entry,) = presenter.all_of("Klarna.Payments.authorize")
    assert len(json.dumps(entry["request"])) < 200


@pytest.mark.parametrize("seconds", ["1e999", "NaN", "-1", "1" + "0" * 400, '"soon"', "true", "[]", "null"])
def test_an_odd_time_is_no_time(demo: Programs, seconds: str) -> None:
    presenter = Presenter(demo)
    presenter.get("/demo")
    presenter.tell(CALL)
    assert presenter.tell(json.dumps(CALL)[:-1] + f', "seconds": {seconds}}}') == 204
    (ended,) = presenter.all_of("Klarna.Payments.authorize")
    assert ended["seconds"] in (0.0, 1.0)


@pytest.mark.parametrize("scenario_id", sorted(BY_ID))
def test_every_scenario_can_be_started_and_lands_where_it_says(demo: Programs, scenario_id: str) -> None:
    presenter, scenario = Presenter(demo), BY_ID[scenario_id]
    page = presenter.start(scenario_id)
    down = 502 if scenario_id == "klarna-down" else 200
    assert (page.url, page.status_code) == (demo.shop_url + scenario.path, page.status_code)
    assert page.status_code in (200, down), page.text[:500]
    assert scenario.title in page.text
    assert [entry["title"] for entry in presenter.entries() if entry["title"].startswith("scenario")] == [
        f"scenario: {scenario_id}"
    ]


def test_scenarios_follow_each_other_in_one_browser(demo: Programs) -> None:
    presenter = Presenter(demo)
    for scenario in SCENARIOS:
        page = presenter.start(scenario.id)
        assert page.url == demo.shop_url + scenario.path, scenario.id
    assert len(presenter.entries()) > 100


def test_an_unknown_scenario_is_not_here(demo: Programs) -> None:
    presenter = Presenter(demo)
    presenter.get("/demo/start/nothing", 404)
    presenter.get("/demo")
    presenter.post("/demo/start/nothing", {}, 404)
    assert "No scenario was started" in presenter.get("/demo/ready").text


@pytest.fixture
def by_hand(demo: Programs) -> Iterator[Programs]:
    """A demo whose Klarna has no console, as real Klarna has none."""
    settings = demo.shop.config["SHOP"]
    demo.shop.config["SHOP"] = replace(settings, console_url="")
    yield demo
    demo.shop.config["SHOP"] = settings


@pytest.mark.parametrize("scenario_id", sorted(BY_ID))
def test_without_a_console_of_klarnas_a_scenario_says_what_is_done_by_hand(by_hand: Programs, scenario_id: str) -> None:
    landed = Presenter(by_hand).start(scenario_id)
    assert landed.status_code == 200
    assert BY_ID[scenario_id].by_hand in Page(landed.text).text
