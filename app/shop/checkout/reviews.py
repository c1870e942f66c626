"""What Klarna's review of a payment means for an order. Pure: no database, no clock, no network.

https://docs.klarna.com/payments/after-payments/order-management/more-actions/pending-orders/
"""

from app.klarna.orders import OrderStatus
from app.klarna.payments import FraudStatus

from ..orders.states import NEXT, OrderState

# What an order becomes by Klarna's verdict, the first that it may become.
BY_VERDICT: dict[FraudStatus, tuple[OrderState, ...]] = {
    FraudStatus.ACCEPTED: (OrderState.PLACED,),
    FraudStatus.REJECTED: (OrderState.REJECTED, OrderState.STOPPED),
    FraudStatus.PENDING: (),
}
ENDED = (OrderStatus.CANCELLED, OrderStatus.EXPIRED)

WORDS = {
    OrderState.PLACED: "Klarna approved the payment.",
    OrderState.PENDING: "Klarna is reviewing the payment.",
    OrderState.REJECTED: "Klarna did not approve the payment. Nothing was charged.",
    OrderState.STOPPED: "Klarna stopped the payment. The order is on hold and will not be sent.",
    OrderState.CANCELLED: "The order was cancelled at Klarna before its review ended. Nothing was charged.",
}
AT_FIRST = {
    FraudStatus.ACCEPTED: OrderState.PLACED,
    FraudStatus.PENDING: OrderState.PENDING,
    FraudStatus.REJECTED: OrderState.REJECTED,
}


def outcome(state: OrderState, verdict: FraudStatus, status: OrderStatus) -> OrderState | None:
    """Where an order goes that Klarna now shows like this; None when it stays as it is.

    After a no Klarna itself cancels within four hours, so the verdict counts before the status.
    """
    if state is OrderState.PENDING and status in ENDED and verdict is not FraudStatus.REJECTED:
        return OrderState.CANCELLED
    return next((target for target in BY_VERDICT[verdict] if target in NEXT[state]), None)
