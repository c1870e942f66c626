"""Somebody of the staff at the back office, as far as HTTP goes."""

import re
from dataclasses import dataclass, field
from typing import Any

import requests
from sqlalchemy import select

from app.shop.accounts import service as accounts
from app.shop.extensions import db
from app.shop.orders.models import Order, OrderAction, OrderLine

from .programs import Programs
from .visitor import Page, Visitor

EMAIL, PASSWORD = "staff@example.com", "password of the staff"


@dataclass
class Clerk:
    """A browser signed in as staff, with one order in view."""

    programs: Programs
    number: str
    visitor: Visitor = field(init=False)

    def __post_init__(self) -> None:
        with self.programs.shop.app_context():
            assert accounts.keep_staff(EMAIL, PASSWORD)
        self.visitor = Visitor(self.programs)
        self.visitor.sign_in(EMAIL, PASSWORD)

    @property
    def path(self) -> str:
        return f"/admin/orders/{self.number}"

    def look(self) -> Page:
        return self.visitor.get(self.path)

    def form(self, kind: str, **said: Any) -> dict[str, Any]:
        """The form of an action as the page shows it, with what the clerk changes."""
        values = {name: value for name, value in self.look().values.items() if name.startswith(f"{kind}-")}
        values.pop("refund-everything", None)
        return values | {f"{kind}-{name}": value for name, value in said.items()}

    def send(self, kind: str, form: dict[str, Any], status: int = 200) -> Page:
        return self.visitor.post(f"{self.path}/{kind}", form, status)

    def do(self, kind: str, status: int = 200, /, **said: Any) -> Page:
        return self.send(kind, self.form(kind, **said), status)

    def post(self, kind: str, form: dict[str, Any]) -> requests.Response:
        return self.visitor.send(f"{self.path}/{kind}", form)

    def ask_again(self) -> Page:
        found = re.search(rf'action="({self.path}/actions/\d+)"', self.look().markup)
        assert found, "nothing to ask again"
        return self.visitor.post(found[1], {})

    @property
    def order(self) -> Order:
        with self.programs.shop.app_context():
            order = db.session.scalars(select(Order).where(Order.number == self.number)).one()
            db.session.expunge(order)
            return order

    @property
    def money(self) -> tuple[str, int, int, int]:
        """State, captured, refunded and released."""
        order = self.order
        return order.state, order.captured, order.refunded, order.released

    @property
    def at_klarna(self) -> tuple[str, int, int, int]:
        """Status, captured, refunded and what is left."""
        (found,) = (o for o in self.programs.klarna_orders() if o["order_id"] == self.order.klarna_order_id)
        amounts = (found[name] for name in ("captured_amount", "refunded_amount", "remaining_authorized_amount"))
        captured, refunded, left = amounts
        return found["status"], captured, refunded, left

    def line(self, slug: str) -> str:
        """The name of a line's field."""
        with self.programs.shop.app_context():
            mine = select(OrderLine.id).join(Order).where(Order.number == self.number, OrderLine.reference == slug)
            named = select(OrderLine.id).join(Order).where(Order.number == self.number, OrderLine.slug == slug)
            return f"line_{db.session.scalar(named) or db.session.scalars(mine).one()}"

    def actions(self) -> list[tuple[str, str]]:
        with self.programs.shop.app_context():
            found = db.session.execute(select(OrderAction.kind, OrderAction.state).order_by(OrderAction.id))
            return [(kind, state) for kind, state in found]
