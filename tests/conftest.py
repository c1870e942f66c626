"""What all tests share: the two programs on real ports, and a real browser."""

from collections.abc import Iterator

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, expect, sync_playwright

from tests.__main__ import find_chromium
from tests.contract import stand_in as stand_ins
from tests.support.demo import running_demo
from tests.support.main_job import free_port
from tests.support.programs import Programs, klarna_account, running_shop


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the tests that take minutes, too")


# A stall of the machine is no finding; what is not drawn anew each time is found by whoever brought it about.
settings.register_profile("everyday", deadline=None, derandomize=True, database=None)
settings.register_profile("long", deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("long" if config.getoption("--long") else "everyday")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    for item in items:
        if "long" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="takes minutes; asked for by --long"))


@pytest.fixture(scope="session")
def running_programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    """The offline Klarna and the shop, each on a port of its own, with databases of their own."""
    folder = tmp_path_factory.mktemp("programs")
    port = free_port()
    account = klarna_account(f"http://localhost:{port}")
    with (
        stand_ins.running(folder, rate_limits="off", SANDBOX_CALLBACK_DELAY="0.5", **account) as klarna,
        running_shop(folder, klarna, port) as shop,
    ):
        yield shop


@pytest.fixture
def programs(running_programs: Programs) -> Programs:
    """The two programs as at their first start."""
    running_programs.reset()
    return running_programs


@pytest.fixture(scope="session")
def demo_programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    """A second pair, whose shop has its demo console on."""
    with running_demo(tmp_path_factory.mktemp("demo")) as shop:
        yield shop


@pytest.fixture
def demo(demo_programs: Programs) -> Programs:
    """A demo as at its first start."""
    demo_programs.reset()
    return demo_programs


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run; each test opens contexts of its own. Expecting is as patient as acting is."""
    expect.set_options(timeout=60_000)
    chromium = find_chromium()
    if not chromium:
        pytest.fail("no Chromium: python -m tests installs one")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield launched
        launched.close()
