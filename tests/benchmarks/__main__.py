"""``python -m tests.benchmarks``: what the pages of a purchase cost, as ratios to the cheapest page of one run.

``--console`` compares pages of a shop whose demo console is on with the same pages of one whose console is off;
``--timeline`` moves through the console's drawer in Chromium with a short timeline and with a full one.
Nothing is asserted: machines differ and are noisy. Medians of interleaved requests over real ports.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import requests

from tests.benchmarks import long_timeline
from tests.contract import stand_in as stand_ins
from tests.support.demo import running_demo
from tests.support.main_job import free_port
from tests.support.programs import running_shop
from tests.support.visitor import Visitor

ROUNDS = 300


def milliseconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def fetch(visitor: Visitor, path: str) -> None:
    """A page, not read: reading it is not the shop's work."""
    visitor.http.get(visitor.programs.shop_url + path, timeout=20).raise_for_status()


def compare_console() -> None:
    """The same pages of two shops that differ in the console alone, asked in turn; medians and their ratio."""
    folder = Path(tempfile.mkdtemp())
    (folder / "plain").mkdir()
    account = {"rate_limits": "off"}
    with (
        stand_ins.running(folder / "plain", **account) as klarna,
        running_shop(folder / "plain", klarna, free_port()) as plain,
        running_demo(folder) as demo,
    ):
        visitors = {"off": Visitor(plain), "on": Visitor(demo)}
        for visitor in visitors.values():
            visitor.register()
            visitor.add()
        for path in ("/", "/category/coffee", "/products/house-blend", "/cart"):
            times: dict[str, list[float]] = {name: [] for name in visitors}
            for _ in range(ROUNDS):
                for name, visitor in visitors.items():
                    times[name].append(milliseconds(lambda asks=visitor, at=path: fetch(asks, at)))  # type: ignore[misc]
            off, on = (statistics.median(times[name]) for name in ("off", "on"))
            print(f"{path:24} off {off:6.1f} ms   on {on:6.1f} ms   {on / off:5.2f} x")


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    with stand_ins.running(folder, rate_limits="off") as klarna, running_shop(folder, klarna, free_port()) as programs:
        programs.reset()
        visitor = Visitor(programs)
        visitor.register()
        visitor.add()
        checkout = visitor.checkout()
        checkout.approve()
        programs.wait_for_callbacks()
        (callback,) = [e for e in programs.journal(actor="callback") if checkout.attempt in e["path"]]
        calls: dict[str, Callable[[], object]] = {
            "/healthz": lambda: fetch(visitor, "/healthz"),
            "home": lambda: fetch(visitor, "/"),
            "category": lambda: fetch(visitor, "/category/coffee"),
            "product": lambda: fetch(visitor, "/products/house-blend"),
            "cart": lambda: fetch(visitor, "/cart"),
            "callback": lambda: requests.post(callback["path"], json=callback["request"]["body"], timeout=5),
        }
        times: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(ROUNDS):
            for name, call in calls.items():
                times[name].append(milliseconds(call))
    base = statistics.median(times["/healthz"])
    for name, taken in times.items():
        median = statistics.median(taken)
        print(f"{name:10} {median:7.1f} ms  {median / base:5.1f} x /healthz")


if __name__ == "__main__":
    if "--console" in sys.argv:
        compare_console()
    elif "--timeline" in sys.argv:
        long_timeline.main()
    else:
        main()
