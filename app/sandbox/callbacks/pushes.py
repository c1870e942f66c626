"""When a completed checkout's push comes: repeated by the sandbox's clock until the merchant acknowledges.

https://docs.klarna.com/order-management/manage-orders-with-the-api/view-and-change-orders/acknowledge-your-kco-orders/
First after two minutes, then 5, 15, 30 and 60 minutes and every four hours, 48 hours in all; that these count from the
completion is inferred. Where the clock was put forward past several of them, one push is sent.
"""

from datetime import datetime, timedelta

from .. import clock, store
from . import messages

_FIRST = tuple(timedelta(minutes=minutes) for minutes in (2, 5, 15, 30, 60))
_EVERY = timedelta(hours=4)
FOR = timedelta(hours=48)
TIMES = (*_FIRST, *(_FIRST[-1] + _EVERY * number for number in range(1, (FOR - _FIRST[-1]) // _EVERY + 1)))


def begin(order_id: str, url: str) -> None:
    """From now on the merchant is told of this order, inside the transaction that completes it."""
    now = clock.now()
    store.connection().execute(
        "INSERT INTO pushes (order_id, url, completed_at, due_at) VALUES (?, ?, ?, ?)",
        [order_id, url, clock.stamp(now), clock.stamp(now + TIMES[0])],
    )


def end(order_id: str) -> None:
    """The merchant knows."""
    store.connection().execute("UPDATE pushes SET due_at = NULL WHERE order_id = ?", [order_id])


def next_due() -> str | None:
    """The moment by the sandbox's clock at which the next push of any order is due, as text."""
    moment: str | None = store.connection().execute("SELECT MIN(due_at) FROM pushes").fetchone()[0]
    return moment


def due() -> list[int]:
    """Queue the pushes that are due; whoever takes them has to start them."""
    deliveries: list[int] = []
    with store.transaction() as db:
        now = clock.now()
        for row in db.execute("SELECT * FROM pushes WHERE due_at <= ?", [clock.stamp(now)]).fetchall():
            following = _after(clock.read(row["completed_at"]), now)
            query = "UPDATE pushes SET due_at = ? WHERE order_id = ?"
            db.execute(query, [clock.stamp(following) if following else None, row["order_id"]])
            deliveries += messages.checkout_push(row["url"], row["order_id"])
    return deliveries


def _after(completed_at: datetime, now: datetime) -> datetime | None:
    return next((completed_at + time for time in TIMES if completed_at + time > now), None)
