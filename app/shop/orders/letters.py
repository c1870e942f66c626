"""Letters about orders, in the transaction of what they tell. Needs an order with its lines."""

from babel import Locale

from ..mail import service as mail
from ..mail.letters import Kind, Line, OrderLetter
from ..markets import get as get_market
from ..money import show
from ..web import public_url
from .models import Order


def write(kind: Kind, order: Order) -> bool:
    """Write to whoever ordered, once for each kind; False when there is no letter. Raises nothing for odd addresses."""
    return mail.about_order(kind, order.email, about(kind, order))


def about(kind: Kind, order: Order) -> OrderLetter:
    """What a letter of this kind says of an order."""

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
        goes_to=() if kind is Kind.REJECTED else _goes_to(order.shipping),
        address=public_url("orders.show", number=order.number) if order.user_id else "",
    )


def _goes_to(address: dict[str, str]) -> tuple[str, ...]:
    """The lines of an address, empty ones left out."""

    def joined(*names: str) -> str:
        return " ".join(filter(None, (address.get(name, "") for name in names)))

    country = Locale("en").territories.get(address.get("country", ""), address.get("country", ""))
    lines = (
        joined("given_name", "family_name"),
        joined("street_address"),
        joined("street_address2"),
        joined("postal_code", "city", "region"),
        country,
    )
    return tuple(line for line in lines if line)
