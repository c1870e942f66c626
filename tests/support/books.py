"""What shop and Klarna have in their books at one moment, and what must be true of it whatever happened before."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import select

from app.sandbox import clock, store
from app.shop.accounts.models import User
from app.shop.cart.models import CartItem
from app.shop.catalogue.models import Product
from app.shop.checkout.models import CheckoutAttempt
from app.shop.extensions import db
from app.shop.linking.models import KlarnaAccount, LinkEvent
from app.shop.markets import get as get_market
from app.shop.orders.models import Order, OrderLine

from .programs import Programs

DONE = ("placed", "pending")
LIVE = ("opened", *DONE)


@dataclass(frozen=True)
class ShopOrder:
    """An order of the shop; ``pieces`` of goods by product, and the cart they came from."""

    number: str
    state: str
    klarna_order_id: str | None
    amount: int
    attempt: str
    session_id: str | None
    cart: int | None
    region: str
    pieces: dict[str, int]


@dataclass(frozen=True)
class KlarnaOrder:
    """An order in Klarna's ledger; ``customer_token`` is empty when its answer held none."""

    order_id: str
    session_id: str
    number: str
    amount: int
    person: str
    customer_token: str = field(repr=False)


@dataclass(frozen=True)
class Link:
    email: str
    region: str
    customer_token: str = field(repr=False)


@dataclass(frozen=True)
class Told:
    """A line of the history of somebody's links."""

    id: int
    email: str
    region: str
    kind: str
    number: str


@dataclass(frozen=True)
class Books:
    """Both sides at one moment; Klarna's orders read twice, before and after the shop's, which are written first."""

    klarna_before: tuple[KlarnaOrder, ...]
    orders: dict[str, ShopOrder]
    attempts: dict[str, str]
    carts: dict[tuple[int, str], int]
    stock: dict[str, int]
    links: tuple[Link, ...]
    told: tuple[Told, ...]
    users: frozenset[str]
    klarna: tuple[KlarnaOrder, ...]
    persons: dict[str, str] = field(repr=False)
    over: frozenset[str]
    """Numbers of the attempts whose session Klarna does not know any more."""

    def live_pieces(self) -> Counter[str]:
        pieces: Counter[str] = Counter()
        for order in self.orders.values():
            pieces.update(order.pieces if order.state in LIVE else {})
        return pieces


def read(programs: Programs) -> Books:
    before, _, _ = _klarna(programs)
    with programs.shop.app_context():
        attempts = {row.id: row for row in db.session.scalars(select(CheckoutAttempt))}
        orders = {order.number: order for order in _orders(attempts)}
        items = select(CartItem.cart_id, Product.slug, CartItem.quantity).join(Product)
        carts = {(cart, slug): quantity for cart, slug, quantity in db.session.execute(items)}
        stock = {row.slug: row.stock for row in db.session.execute(select(Product.slug, Product.stock))}
        rows = db.session.execute(select(User.email, KlarnaAccount.region, KlarnaAccount.customer_token).join(User))
        links = tuple(Link(*row) for row in rows)
        columns = (LinkEvent.id, User.email, LinkEvent.region, LinkEvent.kind, LinkEvent.order_number)
        told = tuple(
            Told(*row) for row in db.session.execute(select(*columns).join(User, User.id == LinkEvent.user_id))
        )
        users = frozenset(db.session.scalars(select(User.email)))
        numbers = {row.klarna_session_id: row.order_number for row in attempts.values()}
        states = {row.order_number: row.state for row in attempts.values()}
    klarna, persons, ended = _klarna(programs)
    over = frozenset(numbers[session_id] for session_id in ended if session_id in numbers)
    return Books(before, orders, states, carts, stock, links, told, users, klarna, persons, over)


def _orders(attempts: dict[str, CheckoutAttempt]) -> Iterator[ShopOrder]:
    pieces: dict[int, dict[str, int]] = {}
    for line in db.session.scalars(select(OrderLine).where(OrderLine.kind == "physical")):
        pieces.setdefault(line.order_id, {})[line.slug] = line.quantity
    attempt_of = {attempt.order_id: attempt for attempt in attempts.values() if attempt.order_id}
    for order in db.session.scalars(select(Order)):
        attempt = attempt_of[order.id]
        assert attempt.order_number == order.number
        yield ShopOrder(
            number=order.number,
            state=order.state,
            klarna_order_id=order.klarna_order_id,
            amount=order.total,
            attempt=attempt.id,
            session_id=attempt.klarna_session_id,
            cart=attempt.cart_id,
            region=str(get_market(order.market).region),
            pieces=pieces.get(order.id, {}),
        )


def _klarna(programs: Programs) -> tuple[tuple[KlarnaOrder, ...], dict[str, str], frozenset[str]]:
    """The ledger, whom each customer token stands for, and the sessions that are over."""
    with programs.klarna.app.app_context():
        connection = store.connection()
        orders = tuple(
            KlarnaOrder(
                order_id=row["order_id"],
                session_id=row["session_id"],
                number=json.loads(row["ledger"]).get("merchant_reference1", ""),
                amount=json.loads(row["ledger"])["order_amount"],
                person=row["person"],
                customer_token=json.loads(row["answer"]).get("customer_token", ""),
            )
            for row in connection.execute("SELECT * FROM orders ORDER BY created_at, rowid")
        )
        tokens = connection.execute("SELECT customer_token, person FROM customer_tokens")
        persons = {row["customer_token"]: row["person"] for row in tokens}
        now = clock.stamp(clock.now())
        ended = connection.execute("SELECT session_id FROM sessions WHERE expires_at <= ?", [now])
        return orders, persons, frozenset(row["session_id"] for row in ended)


def disagreements(books: Books) -> Iterator[str]:
    """Where the two ledgers contradict each other, at any moment."""
    for name in ("number", "session_id", "order_id"):
        seen = Counter(getattr(order, name) for order in books.klarna)
        yield from (f"two orders at Klarna with {name} {value}" for value, times in seen.items() if times > 1)
    for order in books.klarna_before:
        ours = books.orders.get(order.number)
        if ours is None:
            yield f"{order.number} is at Klarna, and the shop has no such order"
        elif ours.state not in LIVE:
            yield f"{order.number} is at Klarna, and {ours.state} in the shop"
        elif ours.session_id != order.session_id or ours.amount != order.amount:
            yield f"{order.number} differs: {ours} {order}"
    theirs = {order.number: order for order in books.klarna}
    for ours in books.orders.values():
        their = theirs.get(ours.number)
        if ours.state in DONE and (their is None or their.order_id != ours.klarna_order_id):
            yield f"{ours.number} is {ours.state} in the shop, and Klarna has {their}"
    for ours in books.orders.values():
        expected = {"opened": "placing", "placed": "completed", "pending": "completed", "failed": "failed"}
        if books.attempts[ours.number] != expected[ours.state]:
            yield f"{ours.number} is {ours.state}, its attempt {books.attempts[ours.number]}"


def unfinished(books: Books) -> Iterator[str]:
    """What is still open when there is nothing left to wait for.

    Only one thing may be: an order of which Klarna's ledger knows nothing, and whose session is past its 48 hours, so
    that Klarna answers alike whether there was an order or not.
    """
    at_klarna = {order.number for order in books.klarna}
    for order in books.orders.values():
        cannot_tell = order.number in books.over and order.number not in at_klarna
        if order.state == "opened" and not cannot_tell:
            yield f"{order.number} is still open; at Klarna: {order.number in at_klarna}"


def misplaced_goods(books: Books, all_pieces: Counter[str]) -> Iterator[str]:
    """Shelf and orders together must hold ``all_pieces``."""
    sold = books.live_pieces()
    for slug, left in books.stock.items():
        if slug in all_pieces and left + sold[slug] != all_pieces[slug]:
            yield f"{slug}: {left} on the shelf and {sold[slug]} ordered are not {all_pieces[slug]}"


def lost_from_carts(before: Books, after: Books, taken: set[tuple[int, str]]) -> Iterator[str]:
    """Goods that left a cart though nobody took them out, bought them, or could have had them."""
    for (cart, slug), quantity in before.carts.items():
        lost = quantity - after.carts.get((cart, slug), 0)
        bought = sum(
            order.pieces.get(slug, 0)
            for number, order in after.orders.items()
            if order.cart == cart and order.state in LIVE and number not in before.orders
        )
        sold_out = min(before.stock[slug], after.stock[slug]) < quantity
        if lost > bought and not sold_out and (cart, slug) not in taken:
            yield f"{lost} of {slug} left cart {cart}; bought were {bought}"


def not_put_back(before: Books, after: Books, most: int) -> Iterator[str]:
    """Orders that failed since, and whose goods are not in their cart again."""
    for number, order in after.orders.items():
        failed = order.state == "failed" and number in before.orders and before.orders[number].state == "opened"
        for slug, quantity in order.pieces.items() if failed and order.cart else ():
            if after.carts.get((order.cart or 0, slug), 0) < min(quantity, most):
                yield f"{number} failed, and its {quantity} of {slug} are not in cart {order.cart}"


@dataclass(frozen=True)
class Linking:
    """An order that linked its buyer: between which steps Klarna took it, and what the shop made of it."""

    order: KlarnaOrder
    first: int
    last: int
    event: Told


def wrong_links(
    books: Books, owners: dict[str, str | None], opened_in: dict[str, int], taken_in: dict[str, int]
) -> Iterator[str]:
    """Stored customer tokens that are not their user's latest, and missing ones.

    ``owners`` says who was signed in when an order's checkout was opened; ``opened_in`` and ``taken_in`` in which step
    an order was first seen in the shop and at Klarna. Of orders that overlap either may be the latest.
    """
    stored = {(link.email, link.region): link.customer_token for link in books.links}
    followed = {told.number for told in books.told}
    for order in books.klarna:
        known = order.number in books.orders and books.orders[order.number].state in DONE
        if known and order.customer_token and owners[order.number] in books.users and order.number not in followed:
            yield f"{order.number} linked {owners[order.number]}, who is not told"
    for email, region in ((email, region) for email in sorted(books.users) for region in ("EU", "NA")):
        token = stored.get((email, region), "")
        linkings = _in_force(books, email, region, owners, opened_in, taken_in)
        latest = [one for one in linkings if not any(other.first > one.last for other in linkings)]
        if token and token not in {one.order.customer_token for one in linkings}:
            yield f"{email} has a token in {region} of {books.persons.get(token)}, which came with no order of theirs"
        elif token and books.persons[token] not in {one.order.person for one in latest}:
            yield f"{email} has a token in {region} of {books.persons[token]}, and last paid as {latest}"
        elif not token and linkings:
            yield f"{email} has no token in {region}, and last paid as {latest}"


def _in_force(
    books: Books,
    email: str,
    region: str,
    owners: dict[str, str | None],
    opened_in: dict[str, int],
    taken_in: dict[str, int],
) -> list[Linking]:
    """The linking orders of a user after the last end of their link; those they unlinked meanwhile do not count."""
    history = [told for told in books.told if (told.email, told.region) == (email, region)]
    end = max((told.id for told in history if told.kind in ("revoked", "unlinked")), default=0)
    by_number = {told.number: told for told in history if told.number and told.kind != "unwanted" and told.id > end}
    return [
        Linking(order, opened_in[order.number], taken_in[order.number], by_number[order.number])
        for order in books.klarna
        if order.customer_token and order.number in by_number and owners.get(order.number) == email
    ]
