"""Ten thousand steps in the drawer: all can be reached, and the page holds no more of them than one sees."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Route, expect

from app.shop.console.timeline import LIMIT
from tests.browser.demo import clear, detail, rows
from tests.browser.shopper import Shopper
from tests.support.long_timeline import fill, visitor_of
from tests.support.programs import Programs

pytestmark = pytest.mark.browser
MOST_DRAWN = 80
DETAIL = re.compile(r"/demo/timeline/\d+\.json")


@pytest.fixture
def presenter(browser: Browser, demo: Programs) -> Iterator[Shopper]:
    """Somebody whose timeline is full, at the open drawer."""
    someone = Shopper(browser, demo.shop_url)
    someone.open("/")
    clear(someone.page)
    fill(demo.shop, visitor_of(someone.page), LIMIT)
    yield someone
    clear(someone.page)
    someone.leave()


def option(presenter: Shopper, name: str) -> Locator:
    return rows(presenter.page).get_by_role("option").filter(has_text=name)


def test_the_newest_is_in_view_and_few_are_drawn(presenter: Shopper) -> None:
    expect(option(presenter, f"step {LIMIT}")).to_be_in_viewport()
    assert rows(presenter.page).get_by_role("option").count() < MOST_DRAWN


def test_every_end_is_reached_by_keyboard(presenter: Shopper) -> None:
    last = option(presenter, f"step {LIMIT}")
    expect(last).to_be_in_viewport()
    last.click()
    presenter.page.keyboard.press("PageUp")
    expect(option(presenter, f"step {LIMIT - 10}")).to_have_attribute("aria-selected", "true")
    expect(detail(presenter.page).get_by_role("heading")).to_have_text(f"step {LIMIT - 10}")
    presenter.page.keyboard.press("Home")
    first = rows(presenter.page).locator("[aria-posinset='1']")
    expect(first).to_be_in_viewport()
    expect(first).to_have_attribute("aria-selected", "true")
    presenter.page.keyboard.press("End")
    expect(last).to_have_attribute("aria-selected", "true")
    expect(last).to_be_in_viewport()


def test_whoever_walks_fast_sees_the_step_where_they_stopped(presenter: Shopper) -> None:
    last = option(presenter, f"step {LIMIT}")
    expect(last).to_be_in_viewport()
    page, late = presenter.page, list[Route]()
    page.route(DETAIL, lambda route: route.continue_() if late else late.append(route))
    last.click()
    page.keyboard.press("ArrowUp")
    heading = detail(page).get_by_role("heading")
    expect(heading).to_have_text(f"step {LIMIT - 1}")
    with page.expect_response(DETAIL) as answered:
        late[0].continue_()
    answered.value.finished()
    page.evaluate("new Promise(requestAnimationFrame)")
    expect(heading).to_have_text(f"step {LIMIT - 1}")


def test_more_than_ten_thousand_push_the_oldest_out(presenter: Shopper, demo: Programs) -> None:
    expect(option(presenter, f"step {LIMIT}")).to_be_in_viewport()
    fill(demo.shop, visitor_of(presenter.page), 3, first=LIMIT + 1)
    expect(option(presenter, f"step {LIMIT + 3}")).to_be_in_viewport()
    expect(option(presenter, f"step {LIMIT + 3}")).to_have_attribute("aria-setsize", str(LIMIT))
