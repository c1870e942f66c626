"""The QA checklist and the demo's script in a real browser, and scenarios played as their cards say."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, Route, expect

from app.shop.console.scenarios import BY_ID, SCENARIOS
from tests.browser.demo import start
from tests.browser.shopper import Shopper
from tests.browser.test_pages import overflow, violations
from tests.journeys.test_console import known_secrets
from tests.scenarios import after, players
from tests.scenarios.run import export, tick
from tests.support.programs import Programs

pytestmark = pytest.mark.browser


@pytest.fixture
def presenter(browser: Browser, demo: Programs) -> Iterator[Shopper]:
    """Somebody with a list; what the browser complained about fails the test."""
    someone = Shopper(browser, demo.shop_url)
    yield someone
    someone.leave()


def test_every_scenario_has_a_player() -> None:
    assert after
    assert set(players.PLAYERS) == set(BY_ID)


@pytest.mark.parametrize("scenario_id", ["returning", "rotated", "kco-signed-in"])
def test_a_scenario_goes_as_its_card_says(presenter: Shopper, demo: Programs, scenario_id: str) -> None:
    players.play(presenter, demo, scenario_id)


def test_what_is_ticked_stays_and_is_exported(presenter: Shopper, demo: Programs, tmp_path: Path) -> None:
    start(presenter, "returning")
    presenter.sees_klarna_ready()
    tick(presenter, BY_ID["returning"], "")
    tick(presenter, BY_ID["rotated"], '=1+1 <b>"bold"</b>')
    presenter.open("/demo/checklist")
    page = presenter.page
    expect(page.get_by_text(f"1 pass · 1 fail · {len(SCENARIOS) - 2} untested")).to_be_visible()
    row = page.get_by_role("group", name=BY_ID["rotated"].title, exact=True)
    expect(row.get_by_role("radio", name="Fail")).to_be_checked()
    export(presenter, tmp_path / "report.html")
    with page.expect_download() as kept:
        presenter.press("Export CSV")
    kept.value.save_as(tmp_path / "report.csv")
    table = list(csv.reader((tmp_path / "report.csv").read_text("utf-8-sig").splitlines()))
    told = {line[0]: line[2:] for line in table if len(line) == 5}
    assert told["returning"][0] == "pass"
    assert re.fullmatch(r"\d+–\d+(, \d+(–\d+)?)*", told["returning"][2])
    assert told["rotated"] == ["fail", '\'=1+1 <b>"bold"</b>', ""]
    report = (tmp_path / "report.html").read_text()
    assert "&lt;b&gt;" in report
    assert "Python" in report
    assert demo.shop_url in report
    both = report + (tmp_path / "report.csv").read_text("utf-8-sig")
    assert not [secret for secret in known_secrets(demo) if secret in both]
    presenter.press("Clear all")
    page.reload()
    expect(page.get_by_text(f"0 pass · 0 fail · {len(SCENARIOS)} untested")).to_be_visible()


def test_what_is_ticked_before_the_page_listens_counts(presenter: Shopper) -> None:
    page, row = presenter.page, presenter.page.get_by_role("group", name=BY_ID["rotated"].title, exact=True)

    def tick_first(route: Route) -> None:
        row.get_by_role("radio", name="Pass").check()
        expect(page.get_by_role("button", name="Clear all")).to_be_disabled()
        route.continue_()

    page.route("**/js/console/checklist.js*", tick_first)
    page.goto(f"{presenter.shop_url}/demo/checklist")
    expect(page.get_by_text(f"1 pass · 0 fail · {len(SCENARIOS) - 1} untested")).to_be_visible()
    page.unroute("**/js/console/checklist.js*")
    page.reload()
    expect(row.get_by_role("radio", name="Pass")).to_be_checked()
    expect(page.get_by_text(f"1 pass · 0 fail · {len(SCENARIOS) - 1} untested")).to_be_visible()


@pytest.mark.parametrize("size", [(360, 740), (1280, 900)], ids=["phone", "desk"])
@pytest.mark.parametrize("path", ["/demo/checklist", "/demo/script"])
def test_everybody_can_read_it(browser: Browser, demo: Programs, path: str, size: tuple[int, int]) -> None:
    presenter = Shopper(browser, demo.shop_url, size)
    presenter.open(path)
    assert not violations(presenter)
    assert overflow(presenter) <= 0
    presenter.leave()


def test_the_script_can_be_followed_to_the_letter(browser: Browser, demo: Programs) -> None:
    presenter, reader = Shopper(browser, demo.shop_url), Shopper(browser, demo.shop_url)
    presenter.open("/")
    reader.open("/demo/script")
    for written in reader.page.locator(".demo-script > li").all():
        follow(presenter, written)
    reader.leave()
    presenter.leave()


def follow(presenter: Shopper, written: Locator) -> None:
    """One step: each click where it says, and what one sees at its end."""
    private = Shopper(presenter.browser, presenter.shop_url)
    windows = {"SHOP": presenter.page, "CARD": presenter.page, "PRIVATE": private.page}
    frames = {
        name: presenter.page.frame_locator(f'iframe[title="{shopper}: the shop"]')
        for name, shopper in {
            "FIRST": "First purchase",
            "LINKED": "Linked",
            "SIGNED_IN": "Signed in with Klarna",
        }.items()
    }
    for line in written.locator("dl ol > li").all():
        where = line.get_attribute("data-where") or ""
        act(private, windows, windows.get(where) or frames[where], line)
    last = private.page if private.page.url.startswith(presenter.shop_url) else presenter.page
    expect(last.get_by_role("heading", name=written.locator("[data-ends]").inner_text(), exact=True)).to_be_visible()
    private.leave()


def act(private: Shopper, windows: dict[str, Page], here: Page | FrameLocator, line: Locator) -> None:
    """One click. What a context menu opens in a private window is opened in a browser without a past."""
    label = line.locator("b").inner_text()
    found = here.get_by_role(line.get_attribute("data-role"), name=label, exact=True)  # type: ignore[arg-type]
    if line.get_attribute("data-gesture") == "PRIVATE":
        expect(found).to_be_visible()
        assert private.context.cookies() == []
        private.open(found.get_attribute("href") or "")
    elif label == "Pay with Klarna":
        expect(here.locator("#payment-status")).to_have_text("")
        with (here if isinstance(here, Page) else windows["SHOP"]).expect_popup() as opened:
            found.click()
        windows["KLARNA"] = opened.value
    else:
        found.click()


@pytest.mark.parametrize("size", [(360, 740), (1280, 900)], ids=["phone", "desk"])
def test_the_other_browser_is_a_link_on_the_card(browser: Browser, demo: Programs, size: tuple[int, int]) -> None:
    presenter, elsewhere = Shopper(browser, demo.shop_url, size), Shopper(browser, demo.shop_url, size)
    presenter.context.grant_permissions(["clipboard-read", "clipboard-write"])
    start(presenter, "other-browser")
    page = presenter.page
    if not page.get_by_text("Open as this shopper", exact=True).is_visible():
        page.locator(".demo-card summary").click()
    assert not violations(presenter)
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    elsewhere.page.goto(page.evaluate("navigator.clipboard.readText()"))
    assert not violations(elsewhere)
    assert overflow(elsewhere) <= 0
    elsewhere.press("Sign in here")
    elsewhere.sees("Your cart")
    page.get_by_role("link", name="QR code").click()
    expect(page.get_by_role("img", name="QR code that signs in as")).to_be_visible()
    assert not violations(presenter)
    assert overflow(presenter) <= 0
    presenter.leave()
    elsewhere.leave()
