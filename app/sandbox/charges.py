"""Charging a payment token: an order without a shopper who confirms it.

https://docs.klarna.com/acquirer/klarna/web-payments/integrate-with-klarna-payments/tokenized-payments/charge-a-subscription/
Codes and their meanings: https://docs.klarna.com/kco/use-cases/place-order-token . Two charges are two orders; only an
idempotency key makes a repeated call the same one.
"""

from typing import Any

from . import callbacks, order_entries, outcomes, payment_tokens, step_ups, store, timetable, token_kinds
from .api import validation
from .api.errors import ApiError, invalid_operation
from .callbacks import messages
from .config import current
from .merchants import Merchant
from .order_entries import Entry
from .orders import Origin, redirect_url
from .payment_tokens import NextCharge, PaymentToken, Status
from .people import Outcome

# One L in the code, two in the status.
_UNUSABLE = {
    Status.CANCELLED: ("TOKEN_CANCELED", "The customer token was cancelled"),
    Status.SUSPENDED: ("TOKEN_SUSPENDED", "The customer token is suspended"),
}
_DECLINED = (Outcome.REFUSE, Outcome.REJECT_ORDER)


def create(merchant: Merchant, token_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Answer a charge; raises ApiError 400, 403 or 404."""
    failure: ApiError | None = None
    deliveries: list[int] = []
    answer: dict[str, Any] = {}
    with store.transaction():
        token = _usable(merchant, token_id)
        request = validation.charge(body, token.request, merchant.region, current().insecure_merchant_urls)
        failure = _failure(token, request)
        if failure is None:
            answer, deliveries = _place(token, request, body)
    callbacks.start(deliveries)
    if failure:
        raise failure
    timetable.catch_up()
    return answer


def _usable(merchant: Merchant, token_id: str) -> PaymentToken:
    if token_kinds.kind_of(token_id) == token_kinds.LINKING:
        # Such a token says who somebody is and pays nothing; the code is inferred.
        raise invalid_operation(*token_kinds.mistaken(token_id, token_kinds.PAYMENT))
    token = payment_tokens.of_merchant(merchant, token_id)
    if token is None:
        mistaken = token_kinds.mistaken(token_id, token_kinds.PAYMENT)
        raise ApiError(404, "TOKEN_NOT_FOUND", "The customer token could not be found", *mistaken)
    if token.status in _UNUSABLE:
        raise ApiError(403, *_UNUSABLE[token.status])
    return token


def _failure(token: PaymentToken, request: dict[str, Any]) -> ApiError | None:
    """What was decided about this charge is used up by it, kept also when the charge fails."""
    wanted = token.next_charge
    if wanted is not NextCharge.APPROVE:
        payment_tokens.put(token.token_id, None, NextCharge.APPROVE)
    if wanted is NextCharge.STEP_UP:
        # The code after which Klarna advises to let the shopper choose anew; the other one is worth trying again.
        return _refusal("UNAVAILABLE_PAYMENT_METHOD", "STEP_UP_REQUIRED", **_step_up(token, request))
    declined = wanted is NextCharge.DECLINE or outcomes.of(_purchase(token, request), token.person) in _DECLINED
    return _refusal("PAYMENT_METHOD_FAILED", "DECLINED") if declined else None


def _step_up(token: PaymentToken, request: dict[str, Any]) -> dict[str, str]:
    """An id for who said that the shopper is there to use it; a subscription is charged without them."""
    subscription = token.subscription or any("subscription" in line for line in request["order_lines"])
    present = request.get("step_up") == "SUPPORTED" and not subscription
    return {"step_up_id": step_ups.open_for(token)} if present else {}


def _refusal(code: str, reason: str, **details: str) -> ApiError:
    """The words and reasons are inferred."""
    words = "The payment method of the customer token could not be charged"
    method = {"type": payment_tokens.METHOD.lower()}
    told: dict[str, Any] = {"fraud_status": "REJECTED", "reason": reason, "authorized_payment_method": method}
    return ApiError(403, code, words, **told, **details)


def _purchase(token: PaymentToken, request: dict[str, Any]) -> dict[str, Any]:
    """What the token was made for, with what is bought now."""
    known = ("purchase_country", "locale", "billing_address", "customer")
    return {name: token.request[name] for name in known if name in token.request} | request


def _place(token: PaymentToken, request: dict[str, Any], body: dict[str, Any]) -> tuple[dict[str, Any], list[int]]:
    purchase = _purchase(token, request)
    order = order_entries.place(
        Entry(
            origin=Origin.CUSTOMER_TOKEN,
            merchant=token.merchant,
            region=token.region,
            person=token.person,
            purchase=purchase,
            request=body,
            urls=request.get("merchant_urls", {}),
            review=outcomes.review(purchase, token.person),
        )
    )
    # The description of the API has an address in every answer.
    answer = order.answer | {"redirect_url": redirect_url(order.order_id)}
    return answer, messages.push(order.urls.get("push"), None)
