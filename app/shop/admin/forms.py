"""The forms of an order's sheet. Each has a nonce of its own, so that sending it twice does one thing."""

import re
import uuid
from typing import Any

from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField, StringField, SubmitField, ValidationError
from wtforms.validators import URL, InputRequired, Length, NumberRange, Optional, Regexp

from ..accounts.addresses import AddressForm, clean
from ..markets import get as get_market
from ..money import typed
from ..orders.models import Order
from ..orders.states import ActionKind
from .plans import Wish
from .service import Sheet

NONCE = re.compile(r"[0-9a-f-]{36}\Z")


def _line(label: str, most: int, **more: Any) -> StringField:
    checks = more.pop("validators", [])
    return StringField(
        label,
        filters=[clean],
        validators=[*checks, Length(max=most, message=f"Use at most {most} characters.")],
        render_kw={"maxlength": most, "autocomplete": "off"},
        **more,
    )


class ActionForm(FlaskForm):
    """What every action sends: which form it is, and which state of the order the clerk saw."""

    class Meta:
        csrf = False  # checked for the whole shop, before any form

    nonce = HiddenField(validators=[InputRequired(), Regexp(NONCE, message="Open the page anew.")])
    revision = HiddenField(validators=[InputRequired(), Regexp(r"[0-9]{1,9}\Z", message="Open the page anew.")])

    def sees(self, order: Order) -> bool:
        """Whether the clerk saw the order as it is now, or sent something no page of ours made."""
        seen = str(self.revision.data)
        return bool(self.revision.errors) or seen == str(order.revision)

    def wish(self, kind: ActionKind, user_id: int, currency: str) -> Wish:
        """What the form says, once it is checked."""
        return Wish(kind, str(self.nonce.data), int(self.revision.data), user_id, **self.said(currency))

    def said(self, _currency: str) -> dict[str, Any]:
        """The parts of the wish that are this form's own."""
        return {}


class PiecesForm(ActionForm):
    """Some pieces of some lines; the fields come from the order."""

    @property
    def pieces(self) -> dict[int, int]:
        fields = {name: field for name, field in self._fields.items() if name.startswith("line_")}
        return {int(name[5:]): field.data or 0 for name, field in fields.items()}


class CaptureForm(PiecesForm):
    company = _line("Shipping company", 100)
    number = _line("Tracking number", 100)
    link = _line(
        "Tracking link", 1024, validators=[Optional(), URL(require_tld=False, message="Enter a whole web address.")]
    )

    def validate_link(self, field: StringField) -> None:
        if field.data and not field.data.lower().startswith(("https://", "http://")):
            raise ValidationError("Enter an address that begins with https://.")

    def said(self, _currency: str) -> dict[str, Any]:
        shipment = {name: self[name].data or "" for name in ("company", "number", "link")}
        return {"pieces": self.pieces, "shipment": shipment}


class RefundForm(PiecesForm):
    amount = _line("Amount", 14)
    everything = SubmitField("Refund all that is left")
    currency = ""

    def validate_amount(self, field: StringField) -> None:
        try:
            typed(field.data or "0", self.currency)
        except ValueError:
            raise ValidationError("Enter an amount like 12.50, without a sign and without grouping.") from None

    def said(self, currency: str) -> dict[str, Any]:
        if self.everything.data:
            return {"everything": True}
        return {"pieces": self.pieces, "amount": typed(self.amount.data or "0", currency)}


class DeliveryForm(AddressForm, ActionForm):
    """Another place to send the order to, in the country it was sold in."""

    class Meta(ActionForm.Meta):
        pass

    def said(self, _currency: str) -> dict[str, Any]:
        return {"address": self.address()}


def of_sheet(sheet: Sheet, sent: ActionKind | None = None) -> dict[str, ActionForm]:
    """The form of every action, by its kind; the one that was ``sent`` holds what was typed."""
    forms: dict[str, ActionForm] = {}
    for kind in ActionKind:
        untouched: dict[str, Any] = {} if kind is sent else {"formdata": None}
        start = {"nonce": str(uuid.uuid4()), "revision": str(sheet.order.revision)} | _start(kind, sheet.order)
        forms[kind] = _class(kind, sheet)(prefix=f"{kind}-", data=start, **untouched)
    delivery = forms[ActionKind.ADDRESS]
    market = get_market(sheet.order.market)
    if isinstance(delivery, DeliveryForm):
        delivery.for_market(market, (market,))
    return forms


def _start(kind: ActionKind, order: Order) -> dict[str, str]:
    return dict(order.shipping) if kind is ActionKind.ADDRESS else {}


def _class(kind: ActionKind, sheet: Sheet) -> type[ActionForm]:
    if kind is ActionKind.CAPTURE:
        fields = {f"line_{row.line.id}": _pieces("send", row.line.name, row.left, row.left) for row in sheet.lines}
        return type("CaptureForm", (CaptureForm,), fields)
    if kind is ActionKind.REFUND:
        fields = {f"line_{row.line.id}": _pieces("refund", row.line.name, row.returnable, 0) for row in sheet.lines}
        return type("RefundForm", (RefundForm,), fields | {"currency": sheet.order.currency})
    return DeliveryForm if kind is ActionKind.ADDRESS else ActionForm


def _pieces(verb: str, name: str, most: int, start: int) -> IntegerField:
    words = f"Enter a whole number from 0 to {most}."
    return IntegerField(
        f"Pieces of {name} to {verb}",
        default=start,
        validators=[Optional(), NumberRange(0, most, message=words)],
        render_kw={"type": "number", "min": 0, "max": most, "step": 1, "inputmode": "numeric", "autocomplete": "off"},
    )
