"""What a presenter does at the demo console, found by label and role."""

from playwright.sync_api import Locator, Page, expect

from app.shop.console.scenarios import BY_ID

from .shopper import Shopper


def start(presenter: Shopper, scenario_id: str) -> None:
    """A scenario of the list, by its button; returns where it begins, once the card is as it stays."""
    scenario = BY_ID[scenario_id]
    presenter.open("/demo")
    presenter.press(f"Start {scenario.title}")
    expect(presenter.page).to_have_url(presenter.shop_url + scenario.path)
    expect(presenter.page.locator(".demo-card summary")).to_have_text(scenario.title)
    expect(bar(presenter.page).get_by_role("button", name="Timeline", exact=True)).to_be_enabled()


def bar(page: Page) -> Locator:
    return page.get_by_role("navigation", name="Demo", exact=True)


def open_drawer(page: Page) -> Locator:
    """The drawer, which stays open from page to page once it is."""
    toggle = bar(page).get_by_role("button", name="Timeline", exact=True)
    expect(toggle).to_be_enabled()
    if toggle.get_attribute("aria-expanded") == "false":
        toggle.click()
    drawer = page.get_by_role("region", name="Timeline", exact=True)
    expect(drawer).to_be_visible()
    return drawer


def clear(page: Page) -> None:
    """An empty timeline; what is not asked for yet looks like one, so the answer is waited for."""
    drawer = open_drawer(page)
    with page.expect_response("**/demo/timeline/forget"):
        drawer.get_by_role("button", name="Clear", exact=True).click()
    expect(drawer.get_by_text("Nothing yet.")).to_be_visible()


def rows(page: Page) -> Locator:
    return page.get_by_role("listbox", name="What happened")


def step(page: Page, title: str) -> Locator:
    """A row of the timeline, the last of this title."""
    named = page.locator(".demo-label").get_by_text(title, exact=True)
    return rows(page).get_by_role("option").filter(has=named).last


def detail(page: Page) -> Locator:
    return page.locator(".demo-detail")
