"""The main job as a person runs it: started, used, ended, started again."""

import socket
import subprocess
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, expect

from tests.browser.shopper import Shopper, confirm, first_purchase
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
        orders = requests.get(f"{addresses.klarna}/_sandbox/orders", timeout=10).json()
        assert len(orders) == 2


def start(folder: Path, shop_port: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(shop_port),
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


@pytest.mark.parametrize(
    ("setting", "value"), [("KLARNA_ENVIRONMENT", "moon"), ("TOKEN_KEYS", "nonsense"), ("SANDBOX_URL", "nowhere")]
)
def test_a_setting_at_fault_is_named(tmp_path: Path, setting: str, value: str) -> None:
    done = start(tmp_path, 0, **{setting: value})
    assert done.returncode in (1, 2)
    assert setting in done.stderr
