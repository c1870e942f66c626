"""Whose order is this: a user's by account, a guest's by the browser that bought."""

from flask import abort, session
from flask_login import current_user

from . import service
from .models import Order

SESSION_KEY = "orders"
REMEMBERED = 20


def own_order(number: str) -> Order:
    """The order, when it belongs to whoever asks; 404 otherwise, so that numbers cannot be tried out."""
    order = service.find(number)
    return order if order is not None and _is_mine(order) else abort(404)


def remember_guest_order(number: str) -> None:
    """Let this browser see an order that belongs to no account."""
    known = [n for n in guest_orders() if n != number]
    session[SESSION_KEY] = [*known, number][-REMEMBERED:]


def guest_orders() -> list[str]:
    """Numbers of the orders this browser made as a guest."""
    known = session.get(SESSION_KEY, [])
    return [n for n in known if isinstance(n, str)] if isinstance(known, list) else []


def _is_mine(order: Order) -> bool:
    if order.user_id is not None:
        return bool(current_user.is_authenticated and current_user.id == order.user_id)
    return order.number in guest_orders()
