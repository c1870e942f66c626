"""The demo console in a real browser: the drawer follows a purchase, explains it, holds it back, and is kept."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Route, expect

from tests.browser.demo import bar, clear, detail, open_drawer, rows, start, step
from tests.browser.shopper import Shopper, confirm
from tests.browser.test_pages import overflow, violations
from tests.contract import stand_in as stand_ins
from tests.journeys.test_console import known_secrets
from tests.support.main_job import free_port
from tests.support.programs import Programs, klarna_account, running_shop

pytestmark = pytest.mark.browser
SIZES = pytest.mark.parametrize("size", [(360, 740), (1280, 900)], ids=["phone", "desk"])


@pytest.fixture
def presenter(browser: Browser, demo: Programs) -> Iterator[Shopper]:
    """Somebody who shows the demo; what the browser complained about fails the test."""
    someone = Shopper(browser, demo.shop_url)
    yield someone
    someone.leave()


def paid_at_the_drawer(presenter: Shopper) -> None:
    """A returning shopper's purchase, with nothing else in the timeline, and the drawer open."""
    start(presenter, "returning")
    presenter.sees_klarna_ready()
    open_drawer(presenter.page)
    for call in ("init", "load"):  # which the page tells after it is ready
        expect(step(presenter.page, f"Klarna.Payments.{call}").locator(".demo-facts")).to_contain_text("ms")
    clear(presenter.page)
    open_drawer(presenter.page).get_by_role("button", name="Close the timeline").click()
    confirm(presenter.pay())
    presenter.sees("Thank you")
    open_drawer(presenter.page)
    expect(step(presenter.page, "place order")).to_be_attached()


def test_the_drawer_shows_a_purchase_live_in_three_lanes(presenter: Shopper, demo: Programs) -> None:
    start(presenter, "returning")
    presenter.sees_klarna_ready()
    page = presenter.page
    open_drawer(page)
    expect(step(page, "GET /checkout")).to_be_attached()
    paid_at_the_drawer(presenter)
    for title, lanes in {
        "place order": ("shop", "klarna"),
        "Klarna.Payments.authorize": ("browser", "klarna"),
        "POST /checkout/orders": ("browser", "shop"),
        "authorization callback": ("klarna", "shop"),
    }.items():
        row = step(page, title)
        expect(row).to_have_attribute("data-from", lanes[0])
        expect(row).to_have_attribute("data-to", lanes[1])


def test_a_step_is_explained_compared_and_copied(presenter: Shopper) -> None:
    start(presenter, "returning")
    presenter.sees_klarna_ready()
    page = presenter.page
    open_drawer(page)
    step(page, "create session").click()
    shown = detail(page)
    expect(shown.get_by_role("heading", name="create session")).to_be_visible()
    expect(shown.get_by_text("the intent is buy_and_link")).to_be_visible()
    expect(shown.get_by_role("link", name="Klarna’s page")).to_have_attribute(
        "href", re.compile("^https://docs.klarna")
    )
    expect(shown.get_by_role("row", name="request.customer.customer_token – •••")).to_be_visible()
    shown.get_by_text("As a command").click()
    expect(shown.get_by_text("$KLARNA_USERNAME")).to_be_visible()
    presenter.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown.get_by_role("button", name="Copy as curl").click()
    expect(shown.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("curl -X POST")


def test_the_timeline_is_walked_by_keyboard_and_closed_by_escape(presenter: Shopper) -> None:
    presenter.open("/")
    page = presenter.page
    clear(page)
    presenter.open("/cart")
    presenter.open("/login")
    drawer = open_drawer(page)
    expect(step(page, "GET /login")).to_be_visible()
    rows(page).focus()
    for key, title in [("ArrowDown", "GET /cart"), ("ArrowDown", "GET /login"), ("ArrowUp", "GET /cart")]:
        rows(page).press(key)
        expect(step(page, title)).to_have_attribute("aria-selected", "true")
        expect(detail(page).get_by_role("heading", name=title)).to_be_visible()
    rows(page).press("Escape")
    expect(drawer).to_be_hidden()
    expect(bar(page).get_by_role("button", name="Timeline", exact=True)).to_be_focused()


def test_a_call_waits_until_it_is_let_go(presenter: Shopper, demo: Programs) -> None:
    start(presenter, "first-purchase")
    presenter.sees_klarna_ready()
    page = presenter.page
    drawer = open_drawer(page)
    with page.expect_response("**/demo/pace"):
        drawer.get_by_label("Calls to Klarna").select_option("wait for me")
    before = len(demo.journal("/payments/v1/sessions"))
    other = presenter.context.new_page()
    other.goto(f"{demo.shop_url}/products/paper-filters")
    other.get_by_role("button", name="Add to cart", exact=True).click()
    expect(other.get_by_text("Added to your cart.")).to_be_visible()
    other.evaluate("location.href = '/checkout'")
    page.bring_to_front()
    expect(drawer.get_by_text("Waiting before: update session")).to_be_visible()
    assert len(demo.journal("/payments/v1/sessions")) == before
    drawer.get_by_role("button", name="Let it go").click()
    expect(other.get_by_role("heading", name="Checkout", exact=True)).to_be_visible()
    expect(drawer.get_by_text("Waiting before")).to_be_hidden()
    drawer.get_by_label("Calls to Klarna").select_option("go at once")
    expect(step(page, "update session")).to_be_attached()


def test_the_timeline_is_kept_as_a_drawing_and_can_be_cleared(presenter: Shopper, tmp_path: Path) -> None:
    presenter.open("/cart")
    page = presenter.page
    drawer = open_drawer(page)
    expect(step(page, "GET /cart")).to_be_visible()
    with page.expect_download() as kept:
        drawer.get_by_role("link", name="Export SVG").click()
    assert kept.value.suggested_filename == "morrow-klarna-timeline.svg"
    kept.value.save_as(tmp_path / "timeline.svg")
    assert "GET /cart" in (tmp_path / "timeline.svg").read_text()
    drawer.get_by_role("button", name="Clear", exact=True).click()
    expect(drawer.get_by_text("Nothing yet.")).to_be_visible()


def test_no_token_gets_into_the_drawer(presenter: Shopper, demo: Programs) -> None:
    paid_at_the_drawer(presenter)
    page = presenter.page
    chosen = rows(page).get_by_role("option", selected=True)
    seen: list[str] = []
    while not seen or chosen.get_attribute("aria-setsize") != str(len(seen)):  # what comes late is looked at, too
        page.get_by_role("button", name="Next step").click()
        expect(chosen).to_have_attribute("aria-posinset", str(len(seen) + 1))
        expect(detail(page).get_by_role("heading")).to_have_text(chosen.locator(".demo-label").inner_text())
        seen.append(page.locator("#demo").inner_html())
    secrets = known_secrets(demo)
    assert len(secrets) > 10
    assert not [secret for secret in secrets if secret in json.dumps(seen, ensure_ascii=False)]


@SIZES
def test_everybody_can_read_it(browser: Browser, demo: Programs, size: tuple[int, int]) -> None:
    presenter = Shopper(browser, demo.shop_url, size)
    start(presenter, "returning")
    for path in ("/demo", "/demo/start/returning", "/cart"):
        presenter.open(path)
        assert not violations(presenter), path
        assert overflow(presenter) <= 0, path
    open_drawer(presenter.page)
    step(presenter.page, "create session").click()
    expect(detail(presenter.page).get_by_text("As a command")).to_be_visible()
    assert not violations(presenter)
    assert overflow(presenter) <= 0
    presenter.page.get_by_role("button", name="larger text").click()
    assert not violations(presenter)
    presenter.leave()


def test_without_scripts_a_scenario_is_prepared_by_its_button(browser: Browser, demo: Programs) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{demo.shop_url}/demo/start/other-browser")
    page.get_by_role("main").get_by_role("button", name="Start").click()
    for _ in range(2):
        expect(page.get_by_role("heading", name="Preparing Klarna’s side")).to_be_visible()
        page.get_by_role("button", name="Go on").click()
    expect(page).to_have_url(f"{demo.shop_url}/account")
    context.close()


def test_the_timeline_shows_some_lanes_and_some_words_by_keyboard_alone(presenter: Shopper, tmp_path: Path) -> None:
    paid_at_the_drawer(presenter)
    page, drawer = presenter.page, open_drawer(presenter.page)
    placed, asked, linked = step(page, "place order"), step(page, "POST /checkout/orders"), step(page, "order: placed")
    lanes = drawer.get_by_role("group", name="Show only")
    klarna, find = lanes.get_by_role("button", name="Klarna"), drawer.get_by_role("searchbox", name="Find steps")
    klarna.focus()
    klarna.press("Enter")
    expect(klarna).to_have_attribute("aria-pressed", "true")
    expect(placed).to_be_attached()
    expect(asked).to_have_count(0)
    expect(linked).to_have_count(0)
    find.focus()
    page.keyboard.type("ORDER plac")
    expect(rows(page).get_by_role("option")).to_have_count(1)
    expect(placed).to_have_attribute("aria-setsize", "1")
    expect(drawer.get_by_role("status").get_by_text(re.compile(r"^1 of \d+ steps fit\.$"))).to_be_visible()
    rows(page).press("ArrowDown")
    expect(detail(page).get_by_role("heading", name="place order")).to_be_visible()
    with page.expect_download() as kept:
        drawer.get_by_role("link", name="Export SVG").click()
    kept.value.save_as(tmp_path / "some.svg")
    drawn = (tmp_path / "some.svg").read_text()
    assert "Klarna, “order plac”" in drawn
    assert "POST /checkout/orders" not in drawn
    find.press("Escape")
    expect(drawer).to_be_visible()
    expect(find).to_have_value("")
    klarna.press("Space")
    expect(asked).to_be_attached()
    expect(drawer.get_by_role("button", name="Show all")).to_be_hidden()


def test_the_filter_is_this_tabs_own_and_counts_for_what_comes(presenter: Shopper) -> None:
    presenter.open("/cart")
    page = presenter.page
    drawer = open_drawer(page)
    expect(step(page, "GET /cart")).to_be_attached()
    drawer.get_by_role("searchbox", name="Find steps").fill("/login")
    drawer.get_by_role("group", name="Show only").get_by_role("button", name="Browser").click()
    expect(drawer.get_by_text(re.compile(r"^0 of \d+ steps fit\.$"))).to_be_visible()
    presenter.open("/login")
    expect(step(page, "GET /login")).to_be_attached()
    expect(step(page, "GET /cart")).to_have_count(0)
    expect(drawer.get_by_role("searchbox", name="Find steps")).to_have_value("/login")
    expect(drawer.get_by_role("link", name="Export SVG")).to_have_attribute(
        "href", re.compile("lane=browser&text=%2Flogin")
    )
    other = presenter.context.new_page()
    other.goto(f"{presenter.shop_url}/register")
    open_drawer(other)
    expect(step(other, "GET /cart")).to_be_attached()
    page.bring_to_front()
    drawer.get_by_role("button", name="Show all").click()
    expect(step(page, "GET /register")).to_be_attached()
    expect(step(page, "GET /cart")).to_be_attached()


def test_of_many_steps_only_those_in_sight_are_drawn_whatever_is_looked_for(presenter: Shopper) -> None:
    presenter.open("/demo")
    page = presenter.page
    tell = """(csrf) => Promise.all(Array.from({length: 400}, (_, i) => fetch("/demo/timeline", {
        method: "POST", headers: {"X-CSRFToken": csrf, "Content-Type": "application/json"},
        body: JSON.stringify({call: `Klarna.Payments.${i % 2 ? "load" : "init"}`, key: `k${i}`})})))"""
    page.evaluate(tell, page.locator("#demo").get_attribute("data-csrf"))
    drawer = open_drawer(page)
    drawer.get_by_role("searchbox", name="Find steps").fill("payments.load")
    expect(drawer.get_by_text(re.compile(r"^200 of 4\d\d steps fit\.$"))).to_be_visible()
    last = rows(page).get_by_role("option").last
    expect(last).to_have_attribute("aria-posinset", "200")
    expect(last).to_be_in_viewport()
    assert rows(page).get_by_role("option").count() < 60
    expect(step(page, "Klarna.Payments.init")).to_have_count(0)
    drawer.get_by_role("searchbox", name="Find steps").fill("")
    expect(rows(page).get_by_role("option").last).to_have_attribute("aria-setsize", re.compile(r"^4\d\d$"))


def test_what_was_on_its_way_when_the_timeline_was_cleared_does_not_come_back(presenter: Shopper) -> None:
    presenter.open("/cart")
    page, asked = presenter.page, "**/demo/timeline.json*"
    held: list[Route] = []
    page.route(asked, lambda route: route.continue_() if held else held.append(route))
    with page.expect_request(asked):
        drawer = open_drawer(page)
    clear(page)
    line = {"id": 1, "revision": 1, "at": 0, "kind": "page", "title": "GET /cart", "words": "get /cart", "run": ""}
    line |= {"source": "browser", "target": "shop", "status": 200, "seconds": 0, "attempts": 1}
    with page.expect_request(asked):  # the next question: what was answered before is read by then
        held[0].fulfill(json={"timeline": "", "entries": [line], "held": [], "pace": "free"})
    expect(drawer.get_by_text("Nothing yet.")).to_be_visible()


def test_a_page_that_is_open_over_a_restart_of_the_shop_goes_on(browser: Browser, tmp_path: Path) -> None:
    port = free_port()
    more = {"SHOP_CONSOLE": "1", "DATABASE_URL": f"sqlite:///{tmp_path / 'shop.sqlite3'}"}
    with stand_ins.running(tmp_path, rate_limits="off", **klarna_account(f"http://localhost:{port}")) as klarna:
        with running_shop(tmp_path, klarna, port, **more) as shop:
            presenter = Shopper(browser, shop.shop_url)
            for path in ("/register", "/", "/search?q=tea", "/cart"):
                presenter.open(path)
            page = presenter.page
            drawer = open_drawer(page)
            step(page, "GET /cart").click()
            expect(detail(page).get_by_role("heading", name="GET /cart")).to_be_visible()
        with running_shop(tmp_path, klarna, port, **more):
            other = presenter.context.new_page()
            other.goto(f"{presenter.shop_url}/login")
            page.bring_to_front()
            expect(step(page, "GET /login")).to_be_attached()
            expect(step(page, "GET /cart")).to_have_count(0)
            step(page, "GET /login").click()
            expect(detail(page).get_by_role("heading", name="GET /login")).to_be_visible()
            drawer.get_by_role("button", name="Clear", exact=True).click()
            expect(drawer.get_by_text("Nothing yet.")).to_be_visible()
            presenter.context.close()  # what the browser said while the shop was away is no complaint about a page
