"""Letters about orders, in the transaction of what they tell. Needs an order with its lines."""

from dataclasses import replace

from ..mail import service as mail
from ..mail.letters import Kind, Line, OrderLetter, Parcel
from ..markets import address_lines
from ..web import public_url
from .models import Order, OrderAction
from .states import ActionKind, may_ship

GOODS = ("physical", "digital")
NOTHING_COMES = (Kind.REJECTED, Kind.CANCELLED, Kind.STOPPED)
OF_ACTIONS = {ActionKind.CAPTURE: Kind.SHIPPED, ActionKind.REFUND: Kind.REFUNDED}


def write(kind: Kind, order: Order) -> bool:
    """Write to whoever ordered, once for each kind; False when there is no letter. Raises nothing for odd addresses."""
    return mail.about_order(kind, order.email, about(kind, order))


def about(kind: Kind, order: Order) -> OrderLetter:
    """What a letter of this kind says of an order."""
    lines = [(line.kind, Line(line.name, line.quantity, order.worded(line.total))) for line in order.lines]
    letter = _letter(order, lines, order.total, order.tax)
    return replace(letter, goes_to=()) if kind in NOTHING_COMES else letter


def write_about(action: OrderAction, order: Order) -> bool:
    """Write of what was sent or given back, once for each time, and of the end of an order; False when there is no
    letter: of other actions, and of what does not travel.
    """
    if action.kind == ActionKind.CANCEL:
        return write(Kind.CANCELLED, order)
    kind = OF_ACTIONS.get(ActionKind(action.kind))
    if kind is None or (kind is Kind.SHIPPED and not order.travels):
        return False
    told = action.body.get("order_lines", [])  # none where an amount alone was given back
    lines = [(of["type"], Line(of["name"], of["quantity"], order.worded(of["total_amount"]))) for of in told]
    letter = _letter(order, lines, action.amount, sum(of.get("total_tax_amount", 0) for of in told))
    if kind is Kind.SHIPPED:
        letter = replace(letter, parcel=_parcel(action), more_follows=may_ship(order.state))
    else:
        letter = replace(letter, goes_to=())
    return mail.about_order(kind, order.email, letter, str(action.id))


def _parcel(action: OrderAction) -> Parcel | None:
    sent = action.shipment
    return Parcel(sent.company, sent.number, sent.link) if sent else None


def _letter(order: Order, lines: list[tuple[str, Line]], total: int, tax: int) -> OrderLetter:
    taxed = any(of == "sales_tax" for of, _ in lines)
    return OrderLetter(
        number=order.number,
        goods=tuple(line for of, line in lines if of in GOODS),
        extras=tuple(line for of, line in lines if of not in GOODS),
        total=order.worded(total),
        tax="" if taxed or not tax else order.worded(tax),
        paid_by=f"{order.paid_by}, {order.payment_words}" if order.payment_words else order.paid_by,
        klarna_number=order.klarna_order_id or "",
        goes_to=tuple(address_lines(order.shipping)) if order.travels else (),
        address=public_url("orders.show", number=order.number) if order.user_id else "",
    )
