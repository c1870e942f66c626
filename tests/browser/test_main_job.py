"""The main job as a person runs it: started, used, ended, started again."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, expect

from app import ports
from app.ports import Ports
from tests.browser.shopper import Shopper, confirm, first_purchase, log_in
from tests.browser.test_sign_in import EMAIL, continue_with_klarna, is_signed_in_as
from tests.support.main_job import ROOT, command, environment, free_port, main_job


@pytest.mark.browser
def test_a_restart_of_both_programs_between_two_purchases_changes_nothing(browser: Browser, tmp_path: Path) -> None:
    ports = free_port(), free_port()
    with main_job(tmp_path, *ports) as addresses:
        first = Shopper(browser, addresses.shop)
        first_purchase(first)
        first.leave()
    with main_job(tmp_path, *ports) as addresses:
        again = Shopper(browser, addresses.shop)
        again.sign_in(first.email)
        again.add()
        again.go_to_checkout()
        window = again.pay()
        expect(window.get_by_text("Recognised as")).to_be_visible()
        confirm(window)
        again.sees("Thank you")
        again.leave()
        orders = requests.get(f"{addresses.klarna}/_sandbox/orders", timeout=60).json()
        assert len(orders) == 2


def signs_in_with_klarna(browser: Browser, shop_url: str) -> None:
    """In a browser without a past; no question may come in between."""
    shopper = Shopper(browser, shop_url)
    shopper.open("/login")
    continue_with_klarna(shopper.page)
    is_signed_in_as(shopper, EMAIL)
    shopper.leave()


@pytest.mark.browser
def test_whom_klarna_signed_in_is_known_after_a_restart_on_any_port(browser: Browser, tmp_path: Path) -> None:
    with main_job(tmp_path, free_port(), free_port()) as first:
        signs_in_with_klarna(browser, first.shop)
    with main_job(tmp_path) as again:
        assert (again.shop, again.klarna) == (first.shop, first.klarna)
        shopper = Shopper(browser, again.shop)
        shopper.open("/login")
        shopper.page.get_by_role("main").get_by_role("link", name="Continue with Klarna", exact=True).click()
        log_in(shopper.page)
        expect(shopper.page.get_by_role("button", name="Sign out")).to_be_attached()
        is_signed_in_as(shopper, EMAIL)
        shopper.leave()


@pytest.mark.browser
def test_another_port_for_klarna_is_told_and_a_fresh_start_helps(browser: Browser, tmp_path: Path) -> None:
    with main_job(tmp_path, free_port(), free_port()) as first:
        signs_in_with_klarna(browser, first.shop)
    with main_job(tmp_path, klarna_port=free_port()) as moved:
        assert any(f"--klarna-port {first.klarna_port}" in line and "--fresh" in line for line in moved.said)
    with main_job(tmp_path, 0, free_port(), "--fresh") as fresh:
        assert not any("--klarna-port" in line for line in fresh.said)
        signs_in_with_klarna(browser, fresh.shop)


def test_a_taken_port_of_the_last_run_is_not_insisted_on(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        kept, port = tmp_path / "ports.json", taken.getsockname()[1]
        ports.keep(kept, Ports(port, port))
        chosen = ports.choose(Ports(), ports.last(kept), offline=True)
    assert port not in (chosen.shop, chosen.klarna)
    assert chosen.shop != chosen.klarna


@pytest.mark.parametrize("kept", ["", "nonsense", "[]", '{"shop": 1}', '{"shop": 1, "klarna": null}'])
def test_an_unreadable_memory_of_ports_is_none(tmp_path: Path, kept: str) -> None:
    (tmp_path / "ports.json").write_text(kept)
    assert ports.last(tmp_path / "ports.json") == Ports()


def test_a_fresh_start_empties_nobody_elses_database(tmp_path: Path) -> None:
    done = start(tmp_path, 0, "--fresh", DATABASE_URL="postgresql://u@localhost:9/shop")
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "--fresh" in line


def test_a_second_start_beside_a_running_one_is_told_and_takes_nothing_away(tmp_path: Path) -> None:
    with main_job(tmp_path, free_port(), free_port()) as running:
        requests.post(f"{running.klarna}/_sandbox/clock", json={"advance": 60}, timeout=60).raise_for_status()
        elsewhere = {"SANDBOX_DATABASE": str(tmp_path / "elsewhere" / "klarna.sqlite3")}
        for database, other in (("klarna.sqlite3", {}), ("shop.sqlite3", elsewhere)):
            done = start(tmp_path, 0, "--fresh", **other)
            assert done.returncode == 2
            (line,) = done.stderr.splitlines()
            assert f"{database} is in use at {running.shop}" in line
        assert requests.get(f"{running.shop}/products/house-blend", timeout=60).status_code == 200
        assert requests.get(f"{running.klarna}/_sandbox/clock", timeout=60).json()["offset"] == 60
    with main_job(tmp_path):
        pass


def start(folder: Path, shop_port: int = 0, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(shop_port, 0, *options),
        cwd=ROOT,
        env=environment(folder, **more),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_taken_port_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = start(tmp_path, shop_port=port)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert f"Port {port} is taken" in line


AT_FAULT = [
    ("KLARNA_ENVIRONMENT", "moon"),
    ("SHOP_URL", "http://localhost:port"),
    ("DATABASE_URL", "sqlite:////nowhere/shop.sqlite3"),
]


@pytest.mark.parametrize(("setting", "value"), [*AT_FAULT, ("SANDBOX_URL", "nowhere")])
def test_a_setting_at_fault_is_one_line_that_names_it(tmp_path: Path, setting: str, value: str) -> None:
    done = start(tmp_path, 0, **{setting: value})
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(setting)


@pytest.mark.parametrize(("setting", "value"), AT_FAULT)
def test_a_command_ends_in_one_line_too(tmp_path: Path, setting: str, value: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "app", "db", "upgrade"],
        cwd=ROOT,
        env=environment(tmp_path, **{setting: value}),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"Error: {setting}")
