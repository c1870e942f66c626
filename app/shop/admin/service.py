"""Orders as the back office sees them, and what staff have done with them. Amounts in minor units."""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import selectinload

from ..accounts.models import User
from ..extensions import db
from ..markets import get as get_market
from ..orders import parts
from ..orders import service as orders
from ..orders.models import Order, OrderAction, OrderLine
from ..orders.states import ActionKind, ActionState, OrderState, Way
from ..paging import Page, stretch
from ..web import markets, settings
from . import books, settling
from .books import CHANGED
from .plans import Money, NotPossible, Wish, plan
from .rules import Standing, reason_against

PER_PAGE = 20


@dataclass(frozen=True)
class Query:
    """What the list is narrowed by; empty for all. ``words``: part of number, e-mail or Klarna's id."""

    words: str
    state: str
    way: str


@dataclass(frozen=True)
class SheetLine:
    """A line of an order whose pieces are chosen, with how many are left to send, and left to give back."""

    line: OrderLine
    left: int
    returnable: int


@dataclass(frozen=True)
class Sheet:
    """An order with all a clerk has to know. ``reasons`` says why an action cannot be done, empty when it can."""

    order: Order
    lines: list[SheetLine]
    reasons: dict[str, str]
    clerks: dict[int, str]


@dataclass(frozen=True)
class Outcome:
    """What came of an action. ``refusal``: Klarna's words, with the number its support asks for; ``before``: the form
    was sent before, and did nothing this time.
    """

    kind: ActionKind
    state: ActionState
    refusal: str
    before: bool = False


def listing(query: Query, page: int) -> Page[Order]:
    """All orders that fit, newest first."""
    found = select(Order)
    if query.words:
        columns = (Order.number, Order.email, Order.klarna_order_id)
        found = found.where(or_(*(column.icontains(query.words, autoescape=True) for column in columns)))
    if query.state in list(OrderState):
        found = found.where(Order.state == query.state)
    if query.way in list(Way):
        found = found.where(Order.way == query.way)
    total = db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    shown = stretch(total, page, PER_PAGE)
    newest = found.options(selectinload(Order.lines)).order_by(Order.id.desc())
    rows = db.session.scalars(newest.limit(PER_PAGE).offset(shown.offset))
    return Page(list(rows), shown.number, shown.pages, total)


def sheet(number: str) -> Sheet | None:
    """The sheet of an order; None when there is none of this number."""
    order = orders.find(number)
    if order is None:
        return None
    money, standing = _money(order), _standing(order)
    lines = [
        SheetLine(
            line, line.quantity - money.captured.get(line.id, 0), money.captured[line.id] - money.refunded[line.id]
        )
        for line in order.lines
        if not parts.is_sales_tax(line)
    ]
    reasons = {str(kind): reason_against(kind, standing) for kind in ActionKind}
    return Sheet(order, lines, reasons, _clerks(order))


def sent(order: Order, nonce: str) -> Outcome | None:
    """What came of a form that was sent before; None for a new one."""
    action = books.sent(order.id, nonce)
    return _outcome(action, before=True) if action else None


def act(number: str, wish: Wish) -> Outcome:
    """Do what a clerk wants, once, however often its form is sent; what came of it. Commits.

    Raises NotPossible, and then nothing was done.
    """
    order = orders.find(number)
    if order is None:
        raise NotPossible("There is no such order.")
    known = sent(order, wish.nonce)
    if known:
        return known
    if order.revision != wish.revision:
        raise NotPossible(CHANGED)
    reason = reason_against(wish.kind, _standing(order))
    if reason:
        raise NotPossible(reason)
    with_tax = order.way == Way.CHECKOUT or get_market(order.market).prices_include_tax
    reference = f"{order.number}-{wish.revision + 1}"  # no second action has this revision
    planned = plan(wish, list(order.lines), _money(order), with_tax, reference, order.shipping)
    action_id, first = books.write(order, wish, planned)
    if first:
        settling.ask(action_id)
    return _outcome(db.session.get_one(OrderAction, action_id), before=not first)


def ask_again(number: str, action_id: int) -> Outcome | None:
    """Ask again about an action without an answer; what came of it. None for another order's. Commits."""
    mine = select(OrderAction.id).join(Order).where(Order.number == number, OrderAction.id == action_id)
    if db.session.scalar(mine) is None:
        return None
    settling.ask_again(action_id)
    return _outcome(db.session.get_one(OrderAction, action_id))


def compare(number: str) -> bool:
    """Read an order back at Klarna. False when Klarna has none of this number, or we cannot reach it. Commits."""
    order = orders.find(number)
    if order is None or not order.klarna_order_id or not _reachable(order):
        return False
    return settling.compare(order.id)


def _outcome(action: OrderAction, before: bool = False) -> Outcome:
    reference = f" Correlation id: {action.correlation_id}" if action.correlation_id else ""
    return Outcome(ActionKind(action.kind), ActionState(action.state), action.refusal + reference, before)


def _money(order: Order) -> Money:
    done = [action for action in order.actions if action.state == ActionState.DONE]
    return Money(
        order.remaining,
        order.refundable,
        _captured(order, [action.pieces for action in done if action.kind == ActionKind.CAPTURE]),
        parts.added(action.pieces for action in done if action.kind == ActionKind.REFUND),
    )


def _captured(order: Order, sent: list[dict[int, int]]) -> Counter[int]:
    """Pieces by line. What Klarna charged with its yes no action of ours captured: that is all of it."""
    at_once = order.captured and not sent
    return Counter({line.id: line.quantity for line in order.lines}) if at_once else parts.added(sent)


def _standing(order: Order) -> Standing:
    return Standing(
        state=order.state,
        total=order.total,
        captured=order.captured,
        released=order.released,
        refunded=order.refunded,
        waiting=any(action.state == ActionState.ASKED for action in order.actions),
        reachable=_reachable(order),
    )


def _reachable(order: Order) -> bool:
    if order.way == Way.CHECKOUT:
        return settings().checkout is not None
    return order.market in [market.code for market in markets()]


def _clerks(order: Order) -> dict[int, str]:
    ids = {action.user_id for action in order.actions}
    return {user.id: user.email for user in db.session.scalars(select(User).where(User.id.in_(ids)))}
