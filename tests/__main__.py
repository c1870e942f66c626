"""``python -m tests``: runs every test, after making sure that there is a Chromium to run them in.

Looks for one on the machine, else installs one by Playwright's own installer, else by the system's package
manager. What follows on the command line goes to pytest; ``--long`` adds the tests that take minutes. All of them run
on several processes, each with programs and a browser of its own; what is named, or shares a database, on one.
``--scenarios [FILE]`` plays every scenario of the demo instead and writes the checklist's report.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

# Chromium's own headless build first: the same engine without windows nobody sees, in two thirds of the time.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ROOT = Path(__file__).resolve().parents[1]


def find_chromium() -> str:
    """Where Chromium is; empty when there is none. The tests' own variable CHROMIUM names one."""
    named = os.environ.get("CHROMIUM", "")
    if named:
        return named if Path(named).is_file() else ""
    return next((path for name in NAMES if (path := shutil.which(name))), "") or playwrights_own()


def playwrights_own() -> str:
    """The browser that Playwright installed for itself, if it did."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).is_file() else ""


def install_chromium() -> str:
    """Try each way in turn; where the browser is then, or empty."""
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    update, apt = [*as_root, "apt-get", "update", "-q"], [*as_root, "apt-get", "install", "-y", "-q"]
    ways = [
        [[sys.executable, "-m", "playwright", "install", "chromium"]],
        [update, [*apt, "chromium-headless-shell"]],
        [[*apt, "chromium"]],
        [[*as_root, "dnf", "install", "-y", "chromium"]],
        [["brew", "install", "--cask", "chromium"]],
    ]
    for way in ways:
        if all(succeeds(command) for command in way) and (found := find_chromium()):
            return found
    return ""


def succeeds(command: list[str]) -> bool:
    if shutil.which(command[0]) is None:
        return False
    print("no Chromium yet:", *command, flush=True)
    return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode == 0


def main(arguments: list[str]) -> int:
    chromium = find_chromium() or install_chromium()
    if not chromium:
        print("There is no Chromium and none could be installed. Set CHROMIUM to the path of one.", file=sys.stderr)
        return 2
    os.environ["CHROMIUM"] = chromium
    os.chdir(ROOT)
    if arguments[:1] == ["--scenarios"]:
        return play_scenarios(chromium, *arguments[1:])
    return int(pytest.main(side_by_side(arguments) + arguments))


def play_scenarios(chromium: str, report: str = "instance/scenarios.html") -> int:
    """Every scenario of the demo in a browser, with a report as the checklist exports it."""
    from tests.scenarios.run import run

    return run(chromium, Path(report))


def side_by_side(arguments: list[str]) -> list[str]:
    """Options for running the whole suite on several processes; a module stays on one.

    Modules go in their own order. By number of tests the longest single test would come last, and be waited for.
    """
    named = any(not argument.startswith("-") for argument in arguments)
    if named or os.environ.get("SHOP_TEST_DATABASE_URL"):
        return []
    return ["-n", str(os.cpu_count() or 1), "--dist", "loadfile", "--no-loadscope-reorder"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
