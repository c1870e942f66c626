"""Three shoppers buy next to each other on one page, by real clicks, and the page says what it took."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, FrameLocator, Locator, Page, Route, expect

from tests.browser.shopper import Shopper, close
from tests.support.programs import Programs

pytestmark = pytest.mark.browser
FIRST, LINKED, SIGNED_IN = "First purchase", "Linked", "Signed in with Klarna"
ALL = (FIRST, LINKED, SIGNED_IN)


@pytest.fixture
def presenter(browser: Browser, demo: Programs) -> Iterator[Shopper]:
    """Somebody in front of the side by side; what the browser complained about fails the test."""
    someone = Shopper(browser, demo.shop_url)
    someone.context.grant_permissions(["clipboard-read", "clipboard-write"])
    someone.open("/demo/side-by-side")
    yield someone
    someone.leave()


def lane(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


def frame(page: Page, name: str) -> FrameLocator:
    return page.frame_locator(f'iframe[title="{name}: the shop"]')


def start(presenter: Shopper) -> None:
    presenter.press("Start")
    for name in ALL:
        expect(lane(presenter.page, name).get_by_role("status")).to_have_text("Ready to pay")


def press_pay(page: Page, name: str) -> Page:
    with page.expect_popup() as opened:
        frame(page, name).get_by_role("button", name="Pay with Klarna", exact=True).click()
    return opened.value


def type_into(window: Page, label: str, text: str) -> None:
    """By the keyboard, as soon as the window listens: its script puts the focus where one goes on."""
    expect(window.get_by_label(label, exact=True)).to_be_focused()
    window.keyboard.type(text)
    window.get_by_role("button", name="Continue", exact=True).click()


def confirm(page: Page, name: str, window: Page) -> None:
    expect(window.get_by_role("heading", name="Pay Morrow", exact=True)).to_be_focused()
    window.get_by_role("button", name="Confirm and pay", exact=True).click()
    expect(frame(page, name).get_by_role("heading", name="Thank you", exact=True)).to_be_visible()
    expect(lane(page, name).get_by_role("status")).to_have_text("Thank you")


def buy(page: Page, name: str) -> None:
    window = press_pay(page, name)
    if name == FIRST:
        type_into(window, "Mobile number", "01761 4284340")
        type_into(window, "Code", "123456")
    confirm(page, name, window)


def counted(page: Page, name: str) -> list[str]:
    """Clicks, keystrokes and screens, as they stand large above the frame."""
    terms = lane(page, name).locator("dl dd").all_inner_texts()
    return terms[:3]


def table(page: Page) -> dict[str, list[str]]:
    """The figures of the table but the seconds, by shopper."""
    rows = page.get_by_role("table").get_by_role("row").all()[1:]
    cells = [row.locator("th, td").all_inner_texts() for row in rows]
    return {name: more[1:4] + more[5:] for name, *more in cells}


def test_a_linked_purchase_takes_two_clicks_and_the_first_one_a_login(presenter: Shopper) -> None:
    page = presenter.page
    start(presenter)
    for name in (LINKED, FIRST, SIGNED_IN):  # in another order than they stand
        buy(page, name)
    assert counted(page, LINKED) == counted(page, SIGNED_IN) == ["2", "0", "3"]
    assert counted(page, FIRST) == ["4", "19", "5"]
    assert table(page) == {
        FIRST: ["4", "19", "5", "counted"],
        LINKED: ["2", "0", "3", "counted"],
        SIGNED_IN: ["2", "0", "3", "counted"],
    }
    expect(page.get_by_text("Linking saves 2 clicks, 19 keystrokes")).to_be_visible()
    assert len(Axe().run(page).response["violations"]) == 0


def test_the_figures_stay_until_they_are_forgotten_and_can_be_taken_along(presenter: Shopper, tmp_path: Path) -> None:
    page = presenter.page
    expect(page.get_by_role("table")).to_be_hidden()
    start(presenter)
    buy(page, LINKED)
    page.reload()
    expect(page.get_by_role("table")).to_be_visible()
    assert table(page)[LINKED] == ["2", "0", "3", "counted"]
    assert table(page)[FIRST] == ["–", "–", "–", "–"]
    with page.expect_download() as saved:
        presenter.press("Export SVG")
    saved.value.save_as(tmp_path / "kept.svg")
    words = [part.text for part in ElementTree.parse(tmp_path / "kept.svg").iter() if part.text]  # noqa: S314 - ours
    assert {"Clicks", "Keystrokes", "Linked", "not bought yet", "2"} <= set(words)
    presenter.press("Copy as table")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    pasted = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert [line.split("\t")[0] for line in pasted] == ["Shopper", *ALL]
    presenter.press("Forget these figures")
    expect(page.get_by_role("table")).to_be_hidden()
    page.reload()
    expect(page.get_by_role("button", name="Start", exact=True)).to_be_enabled()
    expect(page.get_by_role("table")).to_be_hidden()


def test_a_window_of_klarnas_that_tells_nothing_is_not_guessed_at(presenter: Shopper) -> None:
    """As with real Klarna, whose window reports to nobody."""

    def mute(route: Route) -> None:
        script = route.fetch()
        route.fulfill(response=script, body=script.text().replace("klarna:effort", "klarna:nothing"))

    presenter.context.route("**/static/window.js", mute)
    start(presenter)
    buy(presenter.page, LINKED)
    assert table(presenter.page)[LINKED] == ["1", "0", "2", "not counted"]


def test_starting_again_begins_anew_and_strangers_count_for_nothing(presenter: Shopper) -> None:
    page = presenter.page
    start(presenter)
    close(press_pay(page, LINKED))
    expect(lane(page, LINKED).get_by_role("status")).to_have_text("Under way")
    start(presenter)
    page.evaluate("window.postMessage({ type: 'lane:effort', clicks: 40 }, '*')")
    buy(page, LINKED)
    assert counted(page, LINKED) == ["2", "0", "3"]


def test_a_shopper_who_could_not_be_brought_about_is_told_of(presenter: Shopper) -> None:
    ready = f"{presenter.shop_url}/demo/lane/returning/demo/side-by-side/ready"
    nothing_begun = ready.replace("/side-by-side", "")
    presenter.context.route(ready, lambda route: route.continue_(url=nothing_begun))
    presenter.press("Start")
    expect(lane(presenter.page, LINKED).get_by_role("status")).to_have_text("Not ready: “Start” again")
    expect(frame(presenter.page, LINKED).get_by_text("Start the scenario once more.")).to_be_visible()
    presenter.context.unroute(ready)
    start(presenter)


@pytest.mark.parametrize("width", [320, 1280])
def test_it_fits_phones_and_can_be_used_by_everybody(presenter: Shopper, width: int) -> None:
    page = presenter.page
    page.set_viewport_size({"width": width, "height": 800})
    start(presenter)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    below = page.evaluate("Array.from(document.querySelectorAll('iframe'), (one) => one.getBoundingClientRect().top)")
    assert (len(set(below)) == 1) == (width == 1280)
    assert len(Axe().run(page).response["violations"]) == 0
