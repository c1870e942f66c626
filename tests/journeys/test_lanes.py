"""The shop several times in one browser: what stays in a lane, and what there is of lanes where the console is off."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from app.shop.console.scenarios import BY_ID
from tests.contract import stand_in as stand_ins
from tests.support.lanes import LANE, bring_about, in_lane
from tests.support.main_job import free_port
from tests.support.programs import Programs, klarna_account, running_shop
from tests.support.visitor import PASSWORD, Visitor

PAGES = (
    "/",
    "/search?q=tea",
    "/products/house-blend",
    "/cart",
    "/checkout",
    "/klarna-checkout",
    "/account",
    "/account/orders",
)
# Whatever leads somewhere: links, forms, and what scripts are told to ask.
ADDRESSES = re.compile(r'(?:href|action|src|data-[a-z-]+)="(/[^"]*)"')


def policy(answer: requests.Response) -> dict[str, str]:
    directives = answer.headers["Content-Security-Policy"].split("; ")
    return dict(directive.partition(" ")[::2] for directive in directives)


def session_bodies(demo: Programs) -> list[dict[str, object]]:
    opened = (e for e in demo.journal("/payments/v1/sessions") if e["method"] == "POST")
    return [e["request"]["body"] for e in opened]


def test_two_lanes_are_two_sessions(demo: Programs) -> None:
    outside = Visitor(demo)
    first, other = in_lane(outside, "first"), in_lane(outside, "returning")
    around = outside.register()
    assert around not in first.get("/account").text
    email = first.register()
    first.shop_in("SE")
    first.add()
    assert email in first.get("/account").text
    assert "kr" in first.get("/cart").text
    for elsewhere in (other, outside):
        assert "Your cart is empty" in elsewhere.get("/cart").text
        assert "€" in elsewhere.get("/products/house-blend").text
        assert email not in elsewhere.get("/account").text
    other.register()
    assert email in first.get("/account").text
    assert around in outside.get("/account").text


@pytest.mark.parametrize("path", PAGES)
def test_whatever_a_page_of_a_lane_leads_to_is_in_the_lane(demo: Programs, path: str) -> None:
    lane = in_lane(Visitor(demo), "returning")
    lane.register()
    lane.add()
    page = lane.get(path)
    found = ADDRESSES.findall(page.markup)
    assert found
    assert [one for one in found if not one.startswith(f"{LANE}returning/")] == []
    assert page.values["next"] == f"{LANE}returning{path}" + ("" if "?" in path else "?")


def test_forms_and_redirects_end_in_the_lane(demo: Programs) -> None:
    lane = in_lane(Visitor(demo), "first")
    asked = lane.http.get(f"{lane.programs.shop_url}/account/orders", timeout=60)
    assert urlsplit(asked.url).path == f"{LANE}first/login"
    email = lane.register()
    lane.sign_out()
    _market, goal = re.findall(r'name="next" value="([^"]*)"', lane.get("/account/orders").markup)
    assert goal == f"{LANE}first/account/orders"
    landed = [lane.send("/login", {"email": email, "password": PASSWORD, "next": goal})]
    page = lane.get("/products/house-blend")
    landed.append(lane.send("/market", {"market": "SE", "next": page.values["next"]}))
    landed.append(lane.send("/cart/add", {"product": "house-blend", "quantity": 1}))
    assert [answer.status_code for answer in landed] == [200] * 3
    assert all(urlsplit(answer.url).path.startswith(f"{LANE}first/") for answer in landed)


def test_each_lane_lands_at_its_checkout_and_klarna_knows_its_shopper_by_another_carrier(demo: Programs) -> None:
    browser = Visitor(demo)
    carried = {}
    for name in ("first", "returning", "signed-in"):
        page, address = bring_about(in_lane(browser, name))
        assert urlsplit(address).path == f"{LANE}{name}/checkout"
        assert page.data["client-token"]
        sent = session_bodies(demo)[-1].get("customer") or {}
        assert isinstance(sent, dict)
        carried[name] = list(sent)
    assert carried == {"first": [], "returning": ["customer_token"], "signed-in": ["klarna_access_token"]}
    assert "Sign in" in browser.get("/").text  # outside, nobody is


def test_a_purchase_in_a_lane_comes_back_into_it(demo: Programs) -> None:
    lane = in_lane(Visitor(demo), "returning")
    lane.register()
    lane.add()
    checkout = lane.checkout()
    (body,) = session_bodies(demo)
    urls = body["merchant_urls"]
    assert isinstance(urls, dict)
    assert urls["confirmation"].startswith(f"{demo.shop_url}{LANE}returning/checkout/confirmation/")
    assert urls["authorization"].startswith(f"{demo.shop_url}/klarna/callbacks/")
    assert urls["notification"].startswith(f"{demo.shop_url}/klarna/callbacks/")
    assert "Thank you" in checkout.pay().text


def test_outside_of_lanes_klarna_is_told_what_it_was_told_before(demo: Programs) -> None:
    visitor = Visitor(demo)
    visitor.add()
    visitor.checkout()
    (body,) = session_bodies(demo)
    assert LANE not in str(body)


def test_a_sign_in_outside_is_not_taken_for_one_of_a_lane(demo: Programs) -> None:
    browser = Visitor(demo)
    bring_about(in_lane(browser, "signed-in"))
    answer = browser.http.get(f"{demo.shop_url}/login/klarna/callback?state=x&code=y", timeout=60)
    assert (answer.status_code, urlsplit(answer.url).path) == (400, "/login/klarna/callback")


def test_who_is_remembered_outside_is_nobody_in_a_lane_and_the_other_way_round(demo: Programs) -> None:
    outside = Visitor(demo)
    lane = in_lane(outside, "first")
    email = outside.register()
    outside.sign_out()
    outside.get("/login")
    outside.post("/login", {"email": email, "password": PASSWORD, "remember": "y"})
    assert "shop_remember" in outside.http.cookies
    assert "Sign in" in lane.get("/account").text
    other = lane.register()
    lane.sign_out()
    lane.get("/login")
    lane.post("/login", {"email": other, "password": PASSWORD, "remember": "y"})
    outside.http.cookies.clear("localhost.local", "/", "shop_session")
    assert email in outside.get("/account").text


def test_only_a_lane_may_be_framed_and_only_by_the_shop_itself(demo: Programs) -> None:
    browser = Visitor(demo)
    outside, inside, around = (
        policy(browser.http.get(demo.shop_url + path, timeout=60))
        for path in ("/checkout", f"{LANE}first/checkout", "/demo/side-by-side")
    )
    assert outside["frame-ancestors"] == around["frame-ancestors"] == "'none'"
    assert inside == outside | {"frame-ancestors": "'self'"}
    assert around == outside | {"frame-src": f"'self' {outside['frame-src']}"}


def test_a_lane_shows_the_shop_alone_and_the_timeline_says_which_lane_it_was(demo: Programs) -> None:
    browser = Visitor(demo)
    browser.get("/")
    lane = in_lane(browser, "first")
    assert 'id="demo"' not in lane.get("/cart").markup
    told = browser.http.get(f"{demo.shop_url}/demo/timeline.json", timeout=60).json()["entries"]
    assert {(entry["title"], entry["run"]) for entry in told} >= {("GET /", ""), ("GET /cart", "first")}


@pytest.mark.parametrize(
    "path", ["nobody/", "first-and-more/", "first/demo/lane/first/", "first/demo/side-by-side", "first/products/none"]
)
def test_there_is_no_other_lane_and_none_in_a_lane(demo: Programs, path: str) -> None:
    Visitor(demo).get(LANE + path, 404)


def test_a_lane_is_made_ready_from_within_only(demo: Programs) -> None:
    Visitor(demo).get("/demo/side-by-side/ready", 404)


def test_with_real_klarna_each_shopper_is_prepared_by_hand(tmp_path: Path) -> None:
    port = free_port()
    account = klarna_account(f"http://localhost:{port}")
    more = {"SHOP_CONSOLE": "1", "KLARNA_CONSOLE_URL": "", "DATABASE_URL": f"sqlite:///{tmp_path / 'shop.sqlite3'}"}
    with (
        stand_ins.running(tmp_path, rate_limits="off", **account) as klarna,
        running_shop(tmp_path, klarna, port, **more) as shop,
    ):
        browser = Visitor(shop)
        page = browser.get("/demo/side-by-side")
        assert BY_ID["returning"].by_hand in page.text
        assert f'href="{LANE}returning/"' in page.markup
        lane = in_lane(browser, "returning")
        lane.add()
        assert lane.get("/demo/side-by-side/ready").data["client-token"]


def test_without_the_console_there_are_no_lanes(programs: Programs) -> None:
    visitor = Visitor(programs)
    for path in (f"{LANE}first/", f"{LANE}first/checkout", "/demo/side-by-side", "/demo/side-by-side/ready"):
        visitor.get(path, 404)
    plain = policy(visitor.http.get(f"{programs.shop_url}/checkout", timeout=60))
    assert plain["frame-ancestors"] == "'none'"
    assert "'self'" not in plain["frame-src"]
