"""``python -m app`` as a person starts it: a process of its own, databases in a folder, ended by Ctrl-C."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY = re.compile(r"^ready: shop (http://localhost:\d+) klarna (http://localhost:\d+)$")


@dataclass(frozen=True)
class Addresses:
    """Where the programs are, and what was said before they were."""

    shop: str
    klarna: str
    said: tuple[str, ...] = ()

    @property
    def klarna_port(self) -> int:
        return int(self.klarna.rpartition(":")[2])


def share() -> range:
    """Ports below those that a system gives to whoever calls somebody: those of this process among pytest-xdist's."""
    worker, workers = os.environ.get("PYTEST_XDIST_WORKER", "gw0"), os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")
    return range(15_000 + int(worker.removeprefix("gw")), 30_000, int(workers))


untried = iter(random.sample(share(), len(share())))


def free_port() -> int:
    """A port nobody has, and nobody here was or will be given: it stays free."""
    for port in untried:
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


def command(shop_port: int = 0, klarna_port: int = 0, *more: str) -> list[str]:
    return [sys.executable, "-m", "app", "--shop-port", str(shop_port), "--klarna-port", str(klarna_port), *more]


@contextmanager
def main_job(folder: Path, shop_port: int = 0, klarna_port: int = 0, *more: str) -> Iterator[Addresses]:
    """Both programs until the block ends. The last line before they serve names their addresses."""
    process = subprocess.Popen(
        command(shop_port, klarna_port, *more),
        cwd=ROOT,
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    try:
        said = []
        while line := process.stdout.readline():
            said.append(line.strip())
            if READY.match(said[-1]):
                break
        ready = READY.match(said[-1]) if said else None
        assert ready is not None, f"no ready line, exit status {process.wait()}: {said}"
        threading.Thread(target=process.stdout.read, daemon=True).start()  # or a full pipe would stop the programs
        yield Addresses(ready[1], ready[2], tuple(said))
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=60) == 0
