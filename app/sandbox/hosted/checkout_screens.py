"""What each page of the checkout's frame shows, and what it has the merchant's page told. Renders; decides nothing."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import render_template

from .. import clock
from ..checkout import completing, customer, shipping
from ..checkout.checkouts import Checkout, Status
from ..checkout.customer import EMAIL, POSTAL_CODE
from ..checkout.shown import options
from ..config import current
from . import checkout_events, formats, tickets
from .tickets import CheckoutTicket

# https://docs.klarna.com/klarna-checkout/in-depth-knowledge/confirm-purchase/
CONFIRMATION_FOR = timedelta(hours=2)


@dataclass(frozen=True)
class Notice:
    """Something the customer has to read before going on; `event` tells the merchant's page of it."""

    words: str
    event: str = ""


def form(
    ticket: CheckoutTicket,
    checkout: Checkout,
    wrong: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
    notice: Notice | None = None,
) -> str:
    """The form as the checkout is now, and what was typed and is wrong, as it was typed.

    The ticket remembers which cart is shown, so that nothing else gets paid.
    """
    values, errors = customer.values(checkout) | (wrong or {}), errors or {}
    fields = customer.fields(checkout)
    first_two = values.get(EMAIL.name) and values.get(POSTAL_CODE.name)
    return _page(
        "form",
        ticket,
        ticket=tickets.write(ticket.show(completing.fingerprint(checkout))),
        checkout=checkout,
        fields=fields if first_two or errors.keys() - {EMAIL.name, POSTAL_CODE.name} else fields[:2],
        values=values,
        errors=errors,
        first_error=next((field.name for field in fields if field.name in errors), ""),
        notice=notice,
        events=checkout_events.of(checkout, values),
        load=checkout_events.load(checkout, values),
        asks_page=options(checkout).get("require_client_validation", False),
        terms=checkout.page("terms"),
        example=None if first_two else customer.example(checkout),
        **_recognised(checkout, values),
        **_cart(checkout),
    )


def last(ticket: CheckoutTicket, checkout: Checkout) -> str:
    """What is left of a checkout that is paid for, or over."""
    if checkout.completed_at is None:
        reason = "The shop ended it." if checkout.status is Status.ABORTED else "It was open for more than 48 hours."
        return ended(ticket.origin, reason)
    if clock.now() >= checkout.completed_at + CONFIRMATION_FOR:
        return ended(ticket.origin, "Its purchase is complete; the shop’s order overview shows it.")
    return _page("confirmation", ticket, checkout=checkout, reference=_reference(checkout), **_cart(checkout))


def leaving(ticket: CheckoutTicket, location: str) -> str:
    """On the way to a page of the shop."""
    return _page("leaving", ticket, location=location)


def ended(origin: str, reason: str) -> str:
    """Nothing can be paid here any more."""
    return render_template("checkout/ended.html", merchant=current().merchant_name, origin=origin, reason=reason)


def _page(name: str, opened: CheckoutTicket, **content: Any) -> str:
    return render_template(f"checkout/{name}.html", merchant=current().merchant_name, origin=opened.origin, **content)


def _recognised(checkout: Checkout, values: dict[str, str]) -> dict[str, Any]:
    """Who is recognised sees their details at a glance; the fields are there for who wants to change one."""
    if not checkout.recognised:
        return {"person_name": "", "details": []}
    address = values | {"country": checkout.country}
    name = " ".join(values[part] for part in ("given_name", "family_name") if values.get(part)) or values["email"]
    return {"person_name": name, "initials": formats.initials(name), "details": formats.address_lines(address)}


def _cart(checkout: Checkout) -> dict[str, Any]:
    purchase = shipping.with_fee(checkout.purchase)
    locale, currency = purchase["locale"], purchase["purchase_currency"].upper()
    chosen = purchase.get("selected_shipping_option", {}).get("id")
    return {
        "lines": formats.order_lines(purchase | {"purchase_currency": currency}),
        "total": formats.money(purchase["order_amount"], currency, locale),
        "due_date": formats.due_date(clock.now().date(), locale),
        "shipping_options": [
            option | {"amount": formats.money(option["price"], currency, locale), "chosen": option["id"] == chosen}
            for option in purchase.get("shipping_options", [])
        ],
    }


def _reference(checkout: Checkout) -> str:
    return str(checkout.purchase.get("merchant_reference1", ""))
