"""Making a payment token of an authorization whose session had an intent for that.

https://docs.klarna.com/acquirer/klarna/web-payments/integrate-with-klarna-payments/tokenized-payments/customer-token/
"""

from typing import Any

from . import authorizations, payment_tokens, people, store
from .api import validation
from .api.errors import invalid_operation, not_matching
from .authorizations import Authorization
from .merchants import Merchant
from .sessions import Session

TOKENIZING = ("tokenize", "buy_and_tokenize", "buy_and_default_tokenize")
_MATCHED = ("purchase_country", "purchase_currency")


def generate(merchant: Merchant, authorization_token: str, body: dict[str, Any]) -> dict[str, Any]:
    """Answer a call that makes a payment token of an authorization; raises ApiError."""
    with store.transaction():
        authorization, session = authorizations.find(merchant, authorization_token)
        authorizations.refuse_gone(authorization)
        _refuse_intent(session)
        if authorization.token_id:
            raise invalid_operation(authorizations.CONSUMED)
        request = validation.customer_token(body, merchant.region)
        _refuse_other_purchase(authorization, request)
        return _issue(merchant, authorization, session, request)


def _refuse_intent(session: Session) -> None:
    """Documented for `buy`; a linking purchase saves no payment method either (inferred)."""
    if session.intent not in TOKENIZING:
        raise invalid_operation(f"Not allowed to create customer token(s) for intent {session.intent}")


def _refuse_other_purchase(authorization: Authorization, request: dict[str, Any]) -> None:
    different = [name for name in _MATCHED if authorization.snapshot[name].upper() != request[name].upper()]
    if different:
        raise not_matching(different)


def _issue(
    merchant: Merchant, authorization: Authorization, session: Session, request: dict[str, Any]
) -> dict[str, Any]:
    """With `tokenize` the authorization is used up; the other intents still want their order (inferred)."""
    used_up = session.intent == "tokenize"
    subscription = any("subscription" in line for line in authorization.snapshot["order_lines"])
    buyer = _buyer(authorization, request)
    with store.transaction() as db:
        token_id = payment_tokens.issue(merchant, authorization.person, request | buyer, subscription)
        status = authorizations.Status.CONSUMED if used_up else authorization.status
        query = "UPDATE authorizations SET token_id = ?, status = ? WHERE token = ?"
        db.execute(query, [token_id, status, authorization.token])
        if used_up:
            db.execute("UPDATE sessions SET status = 'complete' WHERE session_id = ?", [session.session_id])
    return {"token_id": token_id, **buyer}


def _buyer(authorization: Authorization, request: dict[str, Any]) -> dict[str, Any]:
    """Who the token charges: what the merchant said goes over what Klarna knows."""
    person = people.find(authorization.person)
    said = request.get("customer", {}) | authorization.snapshot.get("customer", {})
    customer = {"date_of_birth": person.date_of_birth} | said
    known = {name: customer[name] for name in ("date_of_birth", "gender") if customer.get(name)}
    address = request.get("billing_address") or authorization.snapshot.get("billing_address") or person.address
    return {"billing_address": address, "customer": known}
