"""Letters about orders, in the transaction of what they tell. Needs an order with its lines."""

from ..mail import service as mail
from ..mail.letters import Kind, Line, OrderLetter
from ..markets import address_lines
from ..markets import get as get_market
from ..money import show
from ..web import public_url
from .models import Order


def write(kind: Kind, order: Order) -> bool:
    """Write to whoever ordered, once for each kind; False when there is no letter. Raises nothing for odd addresses."""
    return mail.about_order(kind, order.email, _letter(kind, order))


def _letter(kind: Kind, order: Order) -> OrderLetter:
    def worded(amount: int) -> str:
        return show(amount, order.currency, get_market(order.market).babel_locale)

    lines = [(line.kind, Line(line.name, line.quantity, worded(line.total))) for line in order.lines]
    taxed = any(of == "sales_tax" for of, _ in lines)
    return OrderLetter(
        number=order.number,
        goods=tuple(line for of, line in lines if of == "physical"),
        extras=tuple(line for of, line in lines if of != "physical"),
        total=worded(order.total),
        tax="" if taxed or not order.tax else worded(order.tax),
        paid_by=f"{order.paid_by}, {order.payment_words}" if order.payment_words else order.paid_by,
        goes_to=() if kind is Kind.REJECTED else tuple(address_lines(order.shipping)),
        address=public_url("orders.show", number=order.number) if order.user_id else "",
    )
