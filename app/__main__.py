"""``python -m app``: prepares ``instance/``, then runs the offline Klarna and the shop as two child processes.

Imports neither of the two: each runs in a process of its own, as on two machines. With playground or live
credentials only the shop is started.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from subprocess import DEVNULL, PIPE

from dotenv import dotenv_values

from . import ports
from .ports import Ports

ROOT = Path(__file__).resolve().parents[1]
SHOP = "app:create_app"
KLARNA = "app.sandbox:create_app"
PATIENCE = 60.0
STAFF = "staff@example.com"


def main(arguments: list[str] | None = None) -> int:
    """Run until interrupted. Exit status 2 for a taken port or a setting at fault, 1 when a program dies."""
    options = parse(arguments)
    offline = setting("KLARNA_ENVIRONMENT") == "offline"
    files = databases()
    kept = files[0].with_name("ports.json")
    before = ports.last(kept)
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        claimed = [ports.claim(file) for file in files if offline and file and file.parent.is_dir()]
        chosen = ports.choose(Ports(options.shop_port, options.klarna_port), before, offline)
        if options.fresh:
            forget(files)
    except OSError as no:
        print(no, file=sys.stderr)
        return 2
    environment = child_environment(chosen)
    failed = prepare(environment, offline)
    if failed:
        return failed
    if offline:
        if not options.fresh:
            tell_if_moved(before.klarna, chosen.klarna)
        ports.keep(kept, chosen)
    programs = [(SHOP, chosen.shop)] + ([(KLARNA, chosen.klarna)] if offline else [])
    try:
        return run(programs, environment)
    finally:
        for lock in claimed:
            lock.close()


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m app", description="The shop and its offline Klarna.")
    parser.add_argument(
        "--shop-port", type=int, default=8000, help="0 = that of the last run, or any free port (default 8000)"
    )
    parser.add_argument(
        "--klarna-port", type=int, default=8001, help="0 = that of the last run, or any free port (default 8001)"
    )
    parser.add_argument(
        "--fresh", action="store_true", help="forget all accounts, orders and links first; offline only"
    )
    return parser.parse_args(arguments)


def tell_if_moved(before: int, now: int) -> None:
    """Who signed in with Klarna is known by the address they did it at; another one knows nobody."""
    if before not in (0, now):
        print(
            f"Klarna was at port {before} last time and is at {now} now: the shop takes everybody who signed in with "
            f"Klarna there for somebody else. Start with --klarna-port {before}, or begin afresh with --fresh.",
            file=sys.stderr,
        )


def setting(name: str) -> str:
    """A setting as the two programs will read it."""
    layers: list[Mapping[str, str | None]] = [
        os.environ,
        dotenv_values(ROOT / ".env"),
        dotenv_values(ROOT / ".env.example"),
    ]
    return next((layer[name] or "" for layer in layers if layer.get(name) is not None), "")


def databases() -> tuple[Path, Path | None]:
    """The files of the offline Klarna and of the shop; the shop's is None where its database is no file."""
    klarna = ROOT / (setting("SANDBOX_DATABASE") or "instance/sandbox.sqlite3")
    address = setting("DATABASE_URL") or "sqlite:///shop.sqlite3"
    kind, _, path = address.partition(":///")
    return klarna, ROOT / "instance" / path if kind == "sqlite" and path else None


def forget(files: tuple[Path, Path | None]) -> None:
    """Begin afresh: accounts, orders and links are gone, here and at the offline Klarna. Raises OSError, in words."""
    if setting("KLARNA_ENVIRONMENT") != "offline" or None in files:
        raise OSError("--fresh is for the offline Klarna and databases in files; DATABASE_URL is yours to empty.")
    for file in filter(None, files):
        for name in ("", "-wal", "-shm"):
            file.with_name(file.name + name).unlink(missing_ok=True)


def child_environment(chosen: Ports) -> dict[str, str]:
    """What the children are told: each other's addresses, unless the user said otherwise."""
    said = dict(os.environ)
    told = {"SHOP_CONSOLE": "1"}
    if chosen.klarna:
        klarna = f"http://localhost:{chosen.klarna}"
        told |= {
            "SHOP_URL": f"http://localhost:{chosen.shop}",
            "SANDBOX_URL": klarna,
            "SANDBOX_MERCHANT_NAME": setting("SHOP_NAME"),
            "KLARNA_API_URL": klarna,
            "KLARNA_API_URL_NA": f"{klarna}/na",
            "KLARNA_CHECKOUT_URL": klarna,
            "KLARNA_SDK_URL": f"{klarna}/kp/lib/v1/api.js",
            "KLARNA_CONSOLE_URL": f"{klarna}/",
            "KLARNA_IDENTITY_URL": klarna,
            "KLARNA_ISSUER": klarna,
            "KLARNA_ISSUER_NA": f"{klarna}/na/lp/idp",
        }
        shop = said.get("SHOP_URL") or told["SHOP_URL"]
        told["SANDBOX_REDIRECT_URIS"] = f"{shop}/login/klarna/callback"
        told["SANDBOX_TERMS_URI"] = f"{shop}/terms"
        told["SANDBOX_WEBHOOK_URL"] = f"{shop}/klarna/callbacks/webhooks/{setting('KLARNA_WEBHOOK_SECRET')}"
    filed = {name: value or "" for name, value in dotenv_values(ROOT / ".env").items()}
    return told | filed | said


def prepare(environment: dict[str, str], offline: bool) -> int:
    """Bring schema and catalogue up to date, and look at the offline Klarna's settings; exit status 2 for a fault."""
    steps = [["-m", "flask", "--app", "app", "prepare"]]
    if offline:
        steps.append(["-c", "from app.sandbox import config; config.load()"])
    begun = [
        subprocess.Popen([sys.executable, *step], cwd=ROOT, env=environment, stdout=DEVNULL, stderr=PIPE, text=True)  # noqa: S603
        for step in steps
    ]
    said = [step.communicate()[1] for step in begun]
    faults = [reason(words) for step, words in zip(begun, said, strict=True) if step.returncode]
    if faults:
        print(faults[0], file=sys.stderr)
    return 2 if faults else 0


def reason(stderr: str) -> str:
    """What a setting at fault says is the last line; of anything else all lines are needed."""
    last = stderr.strip().rpartition("\n")[2]
    said = re.fullmatch(r"(?:Error|app\.[\w.]+): (.+)", last)
    return said[1] if said else stderr


def run(programs: list[tuple[str, int]], environment: dict[str, str]) -> int:
    """Start all, say when they are ready, and end all together."""
    # A shell that starts jobs in the background has them ignore Ctrl-C; who sends it to this process means it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for name in {"SIGTERM", "SIGHUP"} & {s.name for s in signal.Signals}:
        signal.signal(signal.Signals[name], lambda *_: sys.exit(0))
    children: list[subprocess.Popen[bytes]] = []
    try:
        children.extend(start(factory, port, environment) for factory, port in programs)
        children.append(start_reconciler(environment))
        for (_, port), child in zip(programs, children, strict=False):
            wait_until_up(port, child)
        addresses = dict(zip(("shop", "klarna"), (f"http://localhost:{port}" for _, port in programs), strict=False))
        addresses.setdefault("klarna", environment.get("KLARNA_ENVIRONMENT") or setting("KLARNA_ENVIRONMENT"))
        password = environment.get("SHOP_STAFF_PASSWORD", setting("SHOP_STAFF_PASSWORD"))
        if len(programs) > 1 and password:
            print(f"back office {addresses['shop']}/admin {STAFF} / {password}")
        print(f"ready: shop {addresses['shop']} klarna {addresses['klarna']}", flush=True)
        while all(child.poll() is None for child in children):
            time.sleep(0.3)
        return 1
    except KeyboardInterrupt:
        return 0
    except RuntimeError as died:
        print(died, file=sys.stderr)
        return 1
    finally:
        stop(children)


def start(factory: str, port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    module, _, function = factory.partition(":")
    serve = (
        f"from waitress import serve; from {module} import {function}; "
        f"serve({function}(), host='127.0.0.1', port={port}, threads=16, ident=None)"
    )
    # A group of its own: Ctrl-C reaches this process, and this process ends the children in order.
    return subprocess.Popen([sys.executable, "-c", serve], cwd=ROOT, env=environment, start_new_session=True)  # noqa: S603


def start_reconciler(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """What was interrupted between shop and Klarna is finished every minute."""
    command = [sys.executable, "-m", "flask", "--app", "app", "reconcile", "--every", "60"]
    return subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)  # noqa: S603


def wait_until_up(port: int, child: subprocess.Popen[bytes]) -> None:
    """Return when the program answers. Raises RuntimeError when it dies or takes too long."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise RuntimeError("A program did not start; the lines above say why.")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"Nothing answers on port {port}.")


def stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        child.terminate()
    for child in children:
        try:
            child.wait(timeout=5)
        except subprocess.TimeoutExpired:
            child.kill()


if __name__ == "__main__":
    sys.exit(main())
