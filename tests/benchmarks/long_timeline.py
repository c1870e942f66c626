"""How smooth the drawer stays when its timeline is long: the same moves with thirty steps and with ten thousand."""

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, expect, sync_playwright

from app.shop.console.timeline import LIMIT
from tests.__main__ import find_chromium
from tests.browser.demo import clear, rows
from tests.support.demo import running_demo
from tests.support.long_timeline import fill, visitor_of
from tests.support.programs import Programs

# Scrolls from end to end in 120 frames, then walks 60 steps by keyboard; times in milliseconds.
MOVES = """async (list) => {
  const frame = () => new Promise(requestAnimationFrame);
  const frames = [];
  list.scrollTop = 0;
  await frame();
  for (let i = 1, before = await frame(); i <= 120; i += 1) {
    list.scrollTop = (list.scrollHeight - list.clientHeight) * i / 120;
    const now = await frame();
    frames.push(now - before);
    before = now;
  }
  const steps = [];
  for (let i = 0; i < 60; i += 1) {
    const began = performance.now();
    list.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp" }));
    list.getBoundingClientRect();
    steps.push(performance.now() - began);
    await frame();
  }
  const drawn = list.querySelectorAll("[role=option]").length;
  return { frames, steps, drawn, heap: performance.memory.usedJSHeapSize };
}"""


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    with running_demo(folder) as demo, sync_playwright() as playwright:
        exact = ["--no-sandbox", "--enable-precise-memory-info"]
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=exact)
        for length in (30, LIMIT):
            told = measured(browser, demo, length)
            print(
                f"{length:6} steps: frame {middle(told['frames']):5.1f} ms (95 % under {late(told['frames']):5.1f}), "
                f"step {middle(told['steps']):5.2f} ms (95 % under {late(told['steps']):5.2f}), "
                f"{told['drawn']} rows drawn, heap {told['heap'] / 1e6:.1f} MB"
            )
        browser.close()


def measured(browser: Browser, demo: Programs, length: int) -> dict[str, Any]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(demo.shop_url)
    clear(page)
    fill(demo.shop, visitor_of(page), length)
    expect(rows(page).get_by_role("option").filter(has_text=f"step {length}")).to_be_in_viewport(timeout=60_000)
    told: dict[str, Any] = rows(page).evaluate(MOVES)
    page.close()
    return told


def middle(times: list[float]) -> float:
    return sorted(times)[len(times) // 2]


def late(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]
