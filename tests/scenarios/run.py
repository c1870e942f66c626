"""Plays every scenario as one person with one browser would, and exports the checklist that person would export."""

import logging
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

from app.shop.console.scenarios import SCENARIOS, Scenario
from tests.browser.shopper import Shopper
from tests.scenarios import after, checkout, link, players, sign_in
from tests.support.demo import running_demo
from tests.support.programs import Programs

CHAPTERS = (link, sign_in, checkout, after)  # their players are known by now


def run(chromium: str, report: Path) -> int:
    """Play all, write the report, say what failed; exit status 1 when something did."""
    expect.set_options(timeout=60_000)
    with tempfile.TemporaryDirectory() as folder, running_demo(Path(folder)) as demo, sync_playwright() as playwright:
        for name in ("werkzeug", "app"):  # a line for each request tells nobody anything here
            logging.getLogger(name).setLevel(logging.ERROR)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        tester = Shopper(browser, demo.shop_url)
        failed = [scenario for scenario in SCENARIOS if not passes(tester, demo, scenario)]
        export(tester, report)
        browser.close()
    print(f"{len(SCENARIOS) - len(failed)} of {len(SCENARIOS)} scenarios as expected; report: {report}")
    return 1 if failed else 0


def passes(tester: Shopper, demo: Programs, scenario: Scenario) -> bool:
    """Play one, and tick it."""
    try:
        players.play(tester, demo, scenario.id)
        trouble = ""
    except Exception as error:  # whatever it was, it goes into the report
        trouble = " ".join(str(error).split())[:500] or type(error).__name__
    print(f"{'FAIL' if trouble else 'pass'}  {scenario.title}", flush=True)
    for window in tester.context.pages[1:]:
        window.close()
    tick(tester, scenario, trouble)
    return not trouble


def tick(tester: Shopper, scenario: Scenario, trouble: str) -> None:
    """On the checklist, as by hand."""
    tester.open("/demo/checklist")
    row = tester.page.get_by_role("group", name=scenario.title, exact=True)
    row.get_by_role("radio", name="Fail" if trouble else "Pass").check()
    row.get_by_label("Note").fill(trouble)


def export(tester: Shopper, report: Path) -> None:
    """The report that the page offers."""
    tester.open("/demo/checklist")
    with tester.page.expect_download() as kept:
        tester.press("Export HTML")
    report.parent.mkdir(parents=True, exist_ok=True)
    kept.value.save_as(report)
