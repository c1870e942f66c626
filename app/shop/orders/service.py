"""Orders: opened, moved from state to state, found by their owner."""

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from blinker import Namespace
from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import selectinload

from ..catalogue import service as catalogue
from ..extensions import db, rows_changed, utcnow
from ..paging import Page, stretch
from .models import Order, OrderEvent, OrderLine
from .sold import Sold
from .states import OrderState, Way, before

# Sent in the transaction, with the order's id as sender and ``state``, the one it reached; receivers do not commit.
moved = Namespace().signal("order moved")

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # nothing that reads like something else
PER_PAGE = 10
JUST_NOW = timedelta(minutes=15)
NOTHING_COMES = (OrderState.FAILED, OrderState.REJECTED)


@dataclass(frozen=True)
class OrderRow:
    """An order in the list; ``total`` in minor units of ``currency``."""

    number: str
    placed_at: datetime
    state: str
    state_text: str
    paid_by: str
    total: int
    currency: str
    refunded: int
    count: int
    travels: bool
    images: list[str]


def new_number() -> str:
    """An order number nobody can guess and everybody can read out: ``M-7K3F-92QD-5XTA``."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))
    return "M-" + "-".join(groups)


def open_order(
    number: str,
    user_id: int | None,
    sold: Sold,
    email: str,
    billing: dict[str, str],
    way: Way = Way.PAYMENTS,
    said: str = "You confirmed the order.",
) -> Order:
    """Write an order before Klarna is called, in the caller's transaction. Klarna Checkout's is written after.

    ``said`` begins its history.
    """
    order = Order(
        number=number,
        user_id=user_id,
        state=OrderState.OPENED,
        way=way,
        market=sold.market,
        currency=sold.currency,
        goods=sold.goods,
        delivery_fee=sold.delivery_fee,
        tax=sold.tax,
        total=sold.total,
        delivery_name=sold.delivery_name,
        email=email,
        billing=billing,
        lines=[OrderLine(**asdict(line)) for line in sold.lines],
        events=[OrderEvent(text=said)],
    )
    db.session.add(order)
    db.session.flush()
    return order


def tell(order_id: int, text: str) -> None:
    """Something happened to an order, in words for its owner; in the caller's transaction."""
    db.session.add(OrderEvent(order_id=order_id, text=text))


def move(order_id: int, target: OrderState, text: str, **values: Any) -> bool:
    """Move an order on, in the caller's transaction; False when somebody else did before.

    Of an order nobody will pay nothing is left to capture.
    """
    if target in (OrderState.REJECTED, OrderState.CANCELLED):
        values["released"] = Order.total - Order.captured
    condition = (Order.id == order_id, Order.state.in_(before(target)))
    mine = rows_changed(update(Order).where(*condition).values(state=target, **values))
    if mine:
        db.session.add(OrderEvent(order_id=order_id, text=text))
        moved.send(order_id, state=target)
    return bool(mine)


def follow_charge(order: Order, captured: int) -> None:
    """Klarna has ``captured`` so much: all of what does not travel is charged with its yes, and nobody asks for it.

    In the caller's transaction. Needs the lines.
    """
    if not order.travels and captured == order.total:
        move(order.id, OrderState.CAPTURED, f"We charged {order.worded(captured)}.", captured=captured)


def give_back_stock(order: Order) -> None:
    """What will not be sent after all is on the shelf again, in the caller's transaction. Needs the lines.

    Always in one order, so that two of these never wait crosswise.
    """
    for product_id, quantity in sorted((line.product_id, line.quantity) for line in order.lines if line.product_id):
        catalogue.give_back_stock(product_id, quantity)


def find(number: str) -> Order | None:
    """An order with its lines, events and actions, whoever owns it."""
    return db.session.scalar(whole().where(Order.number == number))


def whole() -> Select[Order]:
    """Orders with all that hangs on them, in as many queries for many as for one."""
    parts = (selectinload(Order.lines), selectinload(Order.events), selectinload(Order.actions))
    return select(Order).options(*parts)


def give_to(number: str, user_id: int) -> bool:
    """Let a guest's order belong to an account, in the caller's transaction; False when it has an owner."""
    ownerless = update(Order).where(Order.number == number, Order.user_id.is_(None))
    return bool(rows_changed(ownerless.values(user_id=user_id)))


def just_ordered(user_id: int) -> str | None:
    """The number of what a user ordered out of a cart within the last minutes, or None.

    What a token paid came out of no cart: the bags of a subscription, and what is not sent at all.
    """
    lately = (Order.user_id == user_id, Order.state.not_in(NOTHING_COMES), Order.created_at > utcnow() - JUST_NOW)
    return db.session.scalar(
        select(Order.number)
        .where(*lately, Order.way != Way.SUBSCRIPTION, Order.lines.any(OrderLine.kind == "physical"))
        .order_by(Order.id.desc())
        .limit(1)
    )


def listing(user_id: int, page: int) -> Page[OrderRow]:
    """A user's orders, newest first. What never was placed is left out."""
    mine = select(Order).where(Order.user_id == user_id, Order.state != OrderState.FAILED)
    total = db.session.scalar(select(func.count()).select_from(mine.subquery())) or 0
    shown = stretch(total, page, PER_PAGE)
    newest = mine.options(selectinload(Order.lines)).order_by(Order.id.desc())
    rows = db.session.scalars(newest.limit(PER_PAGE).offset(shown.offset))
    return Page([_row(order) for order in rows], shown.number, shown.pages, total)


def _row(order: Order) -> OrderRow:
    return OrderRow(
        number=order.number,
        placed_at=order.created_at,
        state=order.state,
        state_text=order.state_text,
        paid_by=order.paid_by,
        total=order.total,
        currency=order.currency,
        refunded=order.refunded,
        count=order.count,
        travels=order.travels,
        images=[line.slug for line in order.lines if line.slug][:4],
    )
