"""What a clerk wants, checked against the order and put into Klarna's words. Pure: amounts in minor units."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..orders import parts
from ..orders.parts import Line, Pieces
from ..orders.states import ActionKind


class NotPossible(Exception):
    """It cannot be done, and nothing was; the text says why, for the clerk."""


@dataclass(frozen=True)
class Wish:
    """What a form says. ``revision`` is the order's as the clerk saw it; ``nonce`` is the form's own.

    A refund names pieces, or an amount, or wants ``everything`` that is left back.
    """

    kind: ActionKind
    nonce: str
    revision: int
    user_id: int
    pieces: Mapping[int, int] = field(default_factory=dict)
    amount: int = 0
    everything: bool = False
    shipment: Mapping[str, str] = field(default_factory=dict)
    address: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Money:
    """What of an order is left to be taken, and to be given back; what was, by line."""

    remaining: int
    refundable: int
    captured: Counter[int]
    refunded: Counter[int]


@dataclass(frozen=True)
class Plan:
    """What is written down, and what Klarna is told."""

    amount: int
    request: dict[str, Any]
    body: dict[str, Any]


def plan(
    wish: Wish, lines: Sequence[Line], money: Money, with_tax: bool, reference: str, goes_to: Mapping[str, str]
) -> Plan:
    """The plan for a wish. ``reference`` is the action's in Klarna's books, ``goes_to`` the address so far.

    Raises NotPossible.
    """
    if wish.kind is ActionKind.CAPTURE:
        return _capture(wish, lines, money, with_tax, reference)
    if wish.kind is ActionKind.REFUND:
        return _refund(wish, lines, money, with_tax, reference)
    if wish.kind is ActionKind.ADDRESS:
        return Plan(0, {"address": dict(wish.address)}, _new_parts(wish.address, goes_to))
    amount = 0 if wish.kind is ActionKind.EXTEND else money.remaining
    return Plan(amount, {}, {})


def _capture(wish: Wish, lines: Sequence[Line], money: Money, with_tax: bool, reference: str) -> Plan:
    pieces = _chosen(wish.pieces)
    left = {line.id: line.quantity - money.captured.get(line.id, 0) for line in lines}
    told = _lines(pieces, lines, money.captured, left, with_tax)
    amount = _worth(told)
    if not pieces or amount <= 0:
        raise NotPossible("Choose what is sent: it has to be worth something.")
    if amount > money.remaining:
        raise NotPossible("That is more than is left to capture.")
    shipment = {name: wish.shipment.get(name, "") for name in ("company", "number", "link")}
    request: dict[str, Any] = {"pieces": _stored(pieces)}
    body: dict[str, Any] = {"reference": reference, "order_lines": told}
    if any(shipment.values()):
        named = zip(("shipping_company", "tracking_number", "tracking_uri"), shipment.values(), strict=True)
        request["shipment"] = shipment
        body["shipping_info"] = [{name: value for name, value in named if value}]
    return Plan(amount, request, body)


def _refund(wish: Wish, lines: Sequence[Line], money: Money, with_tax: bool, reference: str) -> Plan:
    pieces = _chosen(wish.pieces)
    if sum((bool(pieces), bool(wish.amount), wish.everything)) > 1:
        raise NotPossible("Give back either lines or an amount, not both at once.")
    left = {line.id: money.captured.get(line.id, 0) - money.refunded.get(line.id, 0) for line in lines}
    told = _lines(pieces, lines, money.refunded, left, with_tax)
    otherwise = money.refundable if wish.everything else wish.amount
    amount = _worth(told) if pieces else otherwise
    if amount <= 0:
        raise NotPossible("Choose lines or type an amount above zero.")
    if amount > money.refundable:
        raise NotPossible("That is more than was captured and not given back yet.")
    body: dict[str, Any] = {"reference": reference}
    if pieces:
        body["order_lines"] = told
    return Plan(amount, {"pieces": _stored(pieces)} if pieces else {}, body)


def _new_parts(address: Mapping[str, str], goes_to: Mapping[str, str]) -> dict[str, str]:
    """What is not sent stays at Klarna (inferred), so that a part that is gone has to be sent empty."""
    return {part: text for part, text in address.items() if text or goes_to.get(part)}


def _chosen(pieces: Mapping[int, int]) -> dict[int, int]:
    return {line: quantity for line, quantity in pieces.items() if quantity}


def _stored(pieces: Mapping[int, int]) -> dict[str, int]:
    return {str(line): quantity for line, quantity in pieces.items()}


def _lines(
    pieces: Pieces, lines: Sequence[Line], before: Pieces, left: Mapping[int, int], with_tax: bool
) -> list[dict[str, Any]]:
    """Pieces in Klarna's words, with the sales tax on them. Raises NotPossible."""
    countable = {line.id for line in lines if not parts.is_sales_tax(line)}
    for line_id, quantity in pieces.items():
        if line_id not in countable or not 0 < quantity <= left[line_id]:
            raise NotPossible("More pieces of a line were chosen than are left.")
    return parts.klarna_lines(lines, before, pieces, with_tax)


def _worth(told: list[dict[str, Any]]) -> int:
    return sum(line["total_amount"] for line in told)
