"""The shop with its demo console on, beside an offline Klarna of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.contract import stand_in as stand_ins

from .main_job import free_port
from .programs import Programs, klarna_account, running_shop


@contextmanager
def running_demo(folder: Path) -> Iterator[Programs]:
    """Both programs, each with a database in ``folder``, whatever database the other tests use."""
    port = free_port()
    with stand_ins.running(folder, rate_limits="off", **klarna_account(f"http://localhost:{port}")) as klarna:
        more = {
            "SHOP_CONSOLE": "1",
            "KLARNA_CONSOLE_URL": f"{klarna.url}/",
            "SHOP_STAFF_PASSWORD": "the till is by the door",
            "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
        }
        with running_shop(folder, klarna, port, **more) as demo:
            yield demo
