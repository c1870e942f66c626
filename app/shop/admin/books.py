"""Actions and amounts in our books. Each function is one transaction; amounts in minor units.

State moves by a conditional UPDATE: whoever comes second changes nothing and reads the first one's result.
"""

import uuid
from datetime import timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from ..catalogue import service as catalogue
from ..extensions import db, rows_changed, utcnow
from ..mail import sending
from ..orders import letters, parts
from ..orders import service as orders
from ..orders.models import Order, OrderAction
from ..orders.states import ActionKind, ActionState, OrderState, by_money
from .plans import NotPossible, Plan, Wish

# Longer than all tries of one call together: until then nobody else asks about the same action.
CALL_MAY_TAKE = timedelta(seconds=60)
CHANGED = "The order was changed since you opened this page. This is how it stands now: please look again."


def write(order: Order, wish: Wish, plan: Plan) -> tuple[int, bool]:
    """Write an action before Klarna is called: its id, and False when its form was sent before. Raises NotPossible.

    The order's revision lets one of several clerks go on, and its state may not have moved either.
    """
    order_id, here = order.id, (Order.id == order.id, Order.revision == wish.revision, Order.state == order.state)
    if not rows_changed(update(Order).where(*here).values(revision=Order.revision + 1)):
        db.session.rollback()
        return _sent_before(order_id, wish), False
    action = OrderAction(
        order_id=order_id,
        user_id=wish.user_id,
        kind=wish.kind,
        nonce=wish.nonce,
        idempotency_key=str(uuid.uuid4()),
        amount=plan.amount,
        request=plan.request,
        body=plan.body,
        asked_at=utcnow(),
    )
    db.session.add(action)
    try:
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        return _sent_before(order_id, wish), False
    return action.id, True


def sent(order_id: int, nonce: str) -> OrderAction | None:
    """The action of this form of this order, as it is by now; None when the form is new."""
    known = select(OrderAction).where(OrderAction.order_id == order_id, OrderAction.nonce == nonce)
    return db.session.scalar(known.execution_options(populate_existing=True))


def _sent_before(order_id: int, wish: Wish) -> int:
    action = sent(order_id, wish.nonce)
    if action is None:
        raise NotPossible(CHANGED)
    return action.id


def unanswered() -> list[int]:
    """Actions without an answer that nobody is asking about."""
    return list(db.session.scalars(select(OrderAction.id).where(*_unanswered()).order_by(OrderAction.id)))


def take_up(action_id: int) -> bool:
    """Be the one who asks again; False when somebody does already, or there is an answer. Commits."""
    here = update(OrderAction).where(OrderAction.id == action_id, *_unanswered())
    mine = rows_changed(here.values(asked_at=utcnow()))
    db.session.commit()
    return bool(mine)


def leave(action_id: int, correlation_id: str) -> None:
    """Nobody knows whether it happened: it stays as it is, and may be asked again. Commits."""
    _move(action_id, ActionState.ASKED, correlation_id=correlation_id)
    db.session.commit()


def refuse(action_id: int, words: str, correlation_id: str) -> None:
    """Klarna said no, and nothing happened. Commits."""
    if _move(action_id, ActionState.REFUSED, refusal=words, correlation_id=correlation_id):
        action = db.session.get_one(OrderAction, action_id)
        rows_changed(update(Order).where(Order.id == action.order_id).values(revision=Order.revision + 1))
    db.session.commit()


def finish(action_id: int, klarna_id: str) -> None:
    """It happened: amounts, state, shelf, the shopper's history and letter, in one transaction. Commits."""
    if not _move(action_id, ActionState.DONE, klarna_id=klarna_id, refusal="", correlation_id=""):
        db.session.rollback()
        return
    action = db.session.get_one(OrderAction, action_id)
    kind = ActionKind(action.kind)
    if not _book(action, kind):
        db.session.commit()  # Klarna's own news of the same end came first
        return
    order = whole(action.order_id)
    if kind in _MONEY:
        order.state = OrderState.CANCELLED if kind is ActionKind.CANCEL else _state_of(order)
    if kind in _ENDS:
        give_back(order)
    orders.tell(order.id, _words(order, action))
    letters.write_about(action, order)
    db.session.commit()
    sending.send_soon()


_MONEY = (ActionKind.CAPTURE, ActionKind.REFUND, ActionKind.CANCEL, ActionKind.RELEASE)
_ENDS = (ActionKind.CANCEL, ActionKind.RELEASE)


def _book(action: OrderAction, kind: ActionKind) -> bool:
    """What an action changes of its order; False when there was nothing left for it to end."""
    here, changes = [Order.id == action.order_id], dict[str, object](revision=Order.revision + 1)
    if kind is ActionKind.CAPTURE:
        changes["captured"] = Order.captured + action.amount
    elif kind is ActionKind.REFUND:
        changes["refunded"] = Order.refunded + action.amount
    elif kind in _ENDS:
        here.append(Order.captured + Order.released < Order.total)
        changes["released"] = Order.total - Order.captured
    elif kind is ActionKind.ADDRESS:
        changes["delivered_to"] = action.request["address"]
    return bool(rows_changed(update(Order).where(*here).values(changes)))


def state(action_id: int) -> str:
    """The state of an action, as it is by now."""
    return str(db.session.scalars(select(OrderAction.state).where(OrderAction.id == action_id)).one())


def _unanswered() -> tuple[ColumnElement[bool], ...]:
    ended = or_(OrderAction.asked_at.is_(None), OrderAction.asked_at < utcnow() - CALL_MAY_TAKE)
    return OrderAction.state == ActionState.ASKED, ended


def _move(action_id: int, target: ActionState, **values: str) -> bool:
    here = (OrderAction.id == action_id, OrderAction.state == ActionState.ASKED)
    return bool(rows_changed(update(OrderAction).where(*here).values(state=target, asked_at=None, **values)))


def whole(order_id: int) -> Order:
    """An order as it is by now, with its lines and actions."""
    parts_of_it = (selectinload(Order.lines), selectinload(Order.actions))
    fresh = select(Order).options(*parts_of_it).where(Order.id == order_id)
    return db.session.scalars(fresh.execution_options(populate_existing=True)).one()


def _state_of(order: Order) -> OrderState:
    """Money given back does not undo that Klarna stopped the rest."""
    if order.state == OrderState.STOPPED and order.remaining:
        return OrderState.STOPPED
    return by_money(order.total, order.captured, order.released, order.refunded)


def give_back(order: Order) -> None:
    """What was not sent stays on the shelf, in the caller's transaction. Always in one order, so that two never wait
    crosswise.
    """
    sent = parts.added(a.pieces for a in order.actions if a.kind == ActionKind.CAPTURE and a.state == ActionState.DONE)
    kept = ((line.product_id, line.quantity - sent[line.id]) for line in order.lines if line.product_id is not None)
    for product_id, quantity in sorted(kept):
        if quantity > 0:
            catalogue.give_back_stock(product_id, quantity)


def _words(order: Order, action: OrderAction) -> str:
    """What happened, for the shopper."""
    amount = order.worded(action.amount)
    match ActionKind(action.kind):
        case ActionKind.CAPTURE:
            names = {line.id: line.name for line in order.lines if line.kind == "physical"}
            if not order.travels:
                return f"We charged {amount}."
            sent = [f"{quantity} × {names[line]}" for line, quantity in action.pieces.items() if line in names]
            what = ", ".join(sent) or "the rest of your order"
            return f"We sent {what}{_how(action)}, and charged {amount}."
        case ActionKind.REFUND:
            return f"We gave {amount} back to you through Klarna."
        case ActionKind.CANCEL:
            return "The order was cancelled. Nothing was charged."
        case ActionKind.RELEASE:
            return f"The rest of your order will not be sent, and {amount} will not be charged."
        case ActionKind.EXTEND:
            return "Klarna gave us more time to send your order."
        case ActionKind.ADDRESS:
            return "The delivery address was changed."


def _how(action: OrderAction) -> str:
    told = action.request.get("shipment", {})
    company = f" with {told['company']}" if told.get("company") else ""
    return f"{company} (tracking number {told['number']})" if told.get("number") else company
