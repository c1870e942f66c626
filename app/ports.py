"""Where the two programs stand, and where they stood last time.

The offline Klarna's address is its issuer's, and so a part of who somebody is that signed in with Klarna: on another
port the shop knows nobody any more. So 0 means the port of the last run while that is free. It is remembered beside
the offline Klarna's database, with the people it belongs to.
"""

import json
import socket
import sqlite3
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Ports:
    """One for each program; 0 is none, or any."""

    shop: int = 0
    klarna: int = 0


def last(kept: Path) -> Ports:
    """Those of the last run; none when nothing readable is kept."""
    try:
        found = json.loads(kept.read_text())
        return Ports(int(found["shop"]), int(found["klarna"]))
    except (OSError, ValueError, TypeError, KeyError):
        return Ports()


def keep(kept: Path, ports: Ports) -> None:
    kept.write_text(json.dumps(asdict(ports)))


def claim(database: Path) -> sqlite3.Connection:
    """One run at a time with a database, as long as what is returned is open. Raises OSError, in words.

    A second one would be another issuer to the same shoppers. The lock is SQLite's: it works on every system, and
    ends with the process, however that ends.
    """
    beside = database.with_name(f"{database.name}.lock")
    try:
        lock = sqlite3.connect(beside, timeout=0, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as held:
        if held.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise OSError(f"{beside}: {held}.") from held
        where = f" at http://localhost:{shop}" if (shop := last(database.with_name("ports.json")).shop) else ""
        own = "SANDBOX_DATABASE and DATABASE_URL"
        raise OSError(f"{database.name} is in use{where}: stop that first, or set {own} to others.") from held
    return lock


def choose(asked: Ports, before: Ports, offline: bool) -> Ports:
    """The ports to serve on. Raises OSError, in words, when one is taken; Klarna has one only offline."""
    shop = _free(asked.shop, before.shop)
    return Ports(shop, _free(asked.klarna, before.klarna, shop) if offline else 0)


def _free(port: int, before: int, other: int = 0) -> int:
    if port and port == other:
        raise OSError(f"Port {port} was given twice: shop and Klarna need one each.")
    if not port and before and before != other:
        try:
            return _probe(before)
        except OSError:
            return _any_but(other)
    return _probe(port) if port else _any_but(other)


def _any_but(other: int) -> int:
    """The system may name a port twice while nobody listens there."""
    port = _probe(0)
    return port if port != other else _any_but(other)


def _probe(port: int) -> int:
    with socket.socket(socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as taken:
            raise OSError(
                f"Port {port} is taken or not allowed; choose another with --shop-port or --klarna-port."
            ) from taken
        return int(probe.getsockname()[1])
