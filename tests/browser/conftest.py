"""A shopper in a real Chromium."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.shopper import Shopper
from tests.support.programs import Programs


@pytest.fixture
def shopper(browser: Browser, programs: Programs) -> Iterator[Shopper]:
    """Somebody with a fresh browser; what the browser complained about fails the test."""
    someone = Shopper(browser, programs.shop_url)
    yield someone
    someone.leave()
