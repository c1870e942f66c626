"""``python -m app`` as a person starts it: a process of its own, databases in a folder, ended by Ctrl-C."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY = re.compile(r"^ready: shop (http://localhost:\d+) klarna (http://localhost:\d+)$")


@dataclass(frozen=True)
class Addresses:
    shop: str
    klarna: str


def free_port() -> int:
    """A port nobody has, from below those that a system gives to whoever calls somebody: it stays free."""
    for port in random.sample(range(15_000, 30_000), 100):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The machine's, less what would lead elsewhere."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("KLARNA_", "SHOP_", "SANDBOX_"))}
    databases = {
        "DATABASE_URL": f"sqlite:///{folder / 'shop.sqlite3'}",
        "SANDBOX_DATABASE": str(folder / "klarna.sqlite3"),
    }
    return kept | databases | more


def command(shop_port: int = 0, klarna_port: int = 0) -> list[str]:
    return [sys.executable, "-m", "app", "--shop-port", str(shop_port), "--klarna-port", str(klarna_port)]


@contextmanager
def main_job(folder: Path, shop_port: int = 0, klarna_port: int = 0) -> Iterator[Addresses]:
    """Both programs until the block ends. The last line before they serve names their addresses."""
    process = subprocess.Popen(
        command(shop_port, klarna_port), cwd=ROOT, env=environment(folder), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        ready = next((found for line in process.stdout if (found := READY.match(line.strip()))), None)
        assert ready is not None, f"no ready line, exit status {process.wait()}"
        yield Addresses(*ready.groups())
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
