"""Which Klarna the suite speaks to: the stand-in always, the playground when its credentials are set."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from . import stand_in as stand_ins
from .client import Access, Klarna
from .shopper import Shopper
from .stand_in import Control, StandIn

STAND_IN, PLAYGROUND = "stand-in", "playground"
SETTINGS = ("KLARNA_PLAYGROUND_URL", "KLARNA_PLAYGROUND_USERNAME", "KLARNA_PLAYGROUND_PASSWORD")
"""Variables of the tests alone: no program reads them, so they stand in no settings file."""
PAUSE = 1.0
"""Seconds until the playground's count per second begins anew."""


def playground(suffix: str = "") -> Access | None:
    """The playground of a region, or None when one of its three settings is missing."""
    url, username, password = (os.environ.get(name + suffix, "") for name in SETTINGS)
    return Access(url.rstrip("/"), username, password) if url and username and password else None


def wait_a_second() -> bool:
    time.sleep(PAUSE)
    return True


def never_mind() -> bool:
    return False


@pytest.fixture(scope="session")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """The stand-in without rate limits, so that they do not set the pace of the suite."""
    with stand_ins.running(tmp_path_factory.mktemp("stand-in"), rate_limits="off") as running:
        yield running


@pytest.fixture(scope="session", params=[STAND_IN, *([PLAYGROUND] if playground() else [])])
def target(request: pytest.FixtureRequest) -> str:
    """Which of the two Klarnas this run of a test is about."""
    return str(request.param)


@pytest.fixture(scope="session")
def klarna(target: str, stand_in: StandIn) -> Klarna:
    """Klarna in Europe."""
    access = playground() if target == PLAYGROUND else None
    return Klarna(PLAYGROUND, access, wait_a_second) if access else Klarna(STAND_IN, stand_in.europe, never_mind)


@pytest.fixture(scope="session")
def north_america(target: str, stand_in: StandIn) -> Klarna:
    """Klarna in North America."""
    if target == STAND_IN:
        return Klarna(STAND_IN, stand_in.north_america, never_mind)
    access = playground("_NA")
    if access is None:
        pytest.skip("no credentials for the playground in North America: set " + "_NA, ".join(SETTINGS) + "_NA")
    return Klarna(PLAYGROUND, access, wait_a_second)


@pytest.fixture(scope="session")
def checkout(target: str, stand_in: StandIn) -> Klarna:
    """Klarna Checkout, which has an address and credentials of its own."""
    if target == STAND_IN:
        return Klarna(STAND_IN, stand_in.checkout, never_mind)
    access = playground("_CHECKOUT")
    if access is None:
        settings = ", ".join(f"{name}_CHECKOUT" for name in SETTINGS)
        pytest.skip(f"no credentials for the playground of Klarna Checkout: set {settings}")
    return Klarna(PLAYGROUND, access, wait_a_second)


# --- what only the stand-in allows


@pytest.fixture
def control(target: str, stand_in: StandIn) -> Control:
    """Klarna's clock and customer tokens."""
    if target == PLAYGROUND:
        pytest.skip("only the stand-in lets a test move its clock, rotate or revoke a token, or call a shop here")
    return Control(stand_in)


@pytest.fixture
def shopper(target: str, stand_in: StandIn) -> Shopper:
    """Somebody who confirms purchases."""
    if target == PLAYGROUND:
        pytest.skip("on the playground a purchase is confirmed in a browser only")
    return Shopper(stand_in)


@pytest.fixture(scope="session")
def limited_stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """A second stand-in, with the playground's rate limits."""
    with stand_ins.running(tmp_path_factory.mktemp("limited"), rate_limits="playground") as running:
        yield running


@pytest.fixture
def limited(target: str, limited_stand_in: StandIn) -> Klarna:
    """Klarna in Europe, with a count that begins now, taking a 429 for an answer."""
    if target == PLAYGROUND:
        pytest.skip("the playground is not put under load")
    time.sleep(PAUSE)
    return Klarna(STAND_IN, limited_stand_in.europe, never_mind)


@pytest.fixture
def limited_north_america(limited_stand_in: StandIn) -> Klarna:
    return Klarna(STAND_IN, limited_stand_in.north_america, never_mind)


# --- where the two differ


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """After a run on both: each case that came out differently, with what the one that failed says."""
    outcomes: dict[str, dict[str, tuple[str, str]]] = {}
    for word in ("passed", "failed"):
        for report in terminalreporter.stats.get(word, []):
            case, where = told_apart(report.nodeid)
            if where:
                outcomes.setdefault(case, {})[where] = (word, first_line(report))
    both = [(case, found) for case, found in sorted(outcomes.items()) if len(found) == 2]
    if not both:
        return
    terminalreporter.section("stand-in and playground")
    differing = [(case, found) for case, found in both if found[STAND_IN][0] != found[PLAYGROUND][0]]
    for case, found in differing:
        terminalreporter.line(case)
        for where, (word, why) in sorted(found.items()):
            terminalreporter.line(f"    {where}: {word} {why}".rstrip())
    terminalreporter.line(f"{len(differing)} of {len(both)} cases run on both came out differently")


def told_apart(nodeid: str) -> tuple[str, str]:
    """A test's name without the Klarna it ran on, and that Klarna (empty for tests that speak to none)."""
    found = re.search(rf"(?<=[\[-])({STAND_IN}|{PLAYGROUND})(?=[\]-])", nodeid)
    if "/contract/" not in f"/{Path(nodeid).as_posix()}" or found is None:
        return nodeid, ""
    return nodeid[: found.start()] + "*" + nodeid[found.end() :], found.group()


def first_line(report: object) -> str:
    crash = getattr(getattr(report, "longrepr", None), "reprcrash", None)
    lines = str(getattr(crash, "message", "")).splitlines()
    return lines[0] if lines else ""
