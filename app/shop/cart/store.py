"""Carts in the database: found for the current shopper, changed, merged at sign-in. Commits.

A cart is written only when something goes into it: looking around leaves no row.
"""

from collections.abc import Iterable

from flask import session
from flask_login import current_user
from sqlalchemy import delete, func, select
from sqlalchemy import update as update_rows
from sqlalchemy.exc import IntegrityError

from ..accounts.models import User
from ..catalogue.models import Price, Product
from ..extensions import db, rows_changed
from ..markets import Market
from ..money import show
from .basket import MAX_QUANTITY, Basket, Item, price, what_changed
from .models import STANDARD, Cart, CartItem

SESSION_KEY = "cart"


class NotForSale(Exception):
    """There is no such product, or none left of it."""


class OddQuantity(Exception):
    """Not a number of pieces one can buy."""


def current_cart() -> Cart | None:
    """The cart of whoever asks, or None while it was never filled."""
    if current_user.is_authenticated:
        return db.session.scalar(select(Cart).where(Cart.user_id == current_user.id))
    cart_id = session.get(SESSION_KEY)
    guests = select(Cart).where(Cart.id == cart_id, Cart.user_id.is_(None))
    return db.session.scalar(guests) if isinstance(cart_id, int) else None


def cart_id() -> int | None:
    """The id of the current cart, or None while it was never filled."""
    cart = current_cart()
    return cart.id if cart else None


def count() -> int:
    """How many pieces are in the current cart; one query."""
    if current_user.is_authenticated:
        mine = CartItem.cart_id == select(Cart.id).where(Cart.user_id == current_user.id).scalar_subquery()
    elif isinstance(session.get(SESSION_KEY), int):
        mine = CartItem.cart_id == session[SESSION_KEY]
    else:
        return 0
    return db.session.scalar(select(func.coalesce(func.sum(CartItem.quantity), 0)).where(mine)) or 0


def basket(market: Market) -> Basket:
    """The current cart, priced in ``market``."""
    cart = current_cart()
    return price_cart(cart, market) if cart else price(market, (), "")


def price_cart(cart: Cart, market: Market) -> Basket:
    """A cart, priced in ``market``; one query."""
    return price(market, (item for item, _ in _items(cart, market)), cart.delivery)


def review(market: Market) -> list[str]:
    """Bring the cart in line with stock and prices, and tell what changed, once. Commits."""
    cart = current_cart()
    if cart is None:
        return []
    news = []
    for item, row in _items(cart, market):
        seen = row.seen_price if row.seen_currency == market.currency else None
        for change in what_changed(item, seen, lambda n: show(n, market.currency, market.babel_locale)):
            news.append(change.text)
            row.quantity = change.quantity
        row.seen_price, row.seen_currency = item.unit_price, market.currency
        if item.stock == 0:
            db.session.delete(row)
    db.session.commit()
    return news


def add(market: Market, slug: str, quantity: int) -> int:
    """Put pieces of a product into the cart, at most what is left. Commits.

    Returns how many went in. Raises OddQuantity, NotForSale.
    """
    if not 1 <= quantity <= MAX_QUANTITY:
        raise OddQuantity
    product, amount = _for_sale(market, slug)
    cart = current_cart() or _new_cart()
    row = db.session.get(CartItem, (cart.id, product.id))
    before = row.quantity if row else 0
    after = min(before + quantity, product.stock, MAX_QUANTITY)
    _write(cart.id, product.id, after, amount, market.currency)
    db.session.commit()
    return max(0, after - before)


def update(market: Market, slug: str, quantity: int) -> int:
    """Set how many pieces of a product are in the cart; 0 takes it out. Commits.

    Returns how many there are now: at most what is left. Raises OddQuantity, NotForSale.
    """
    if not 0 <= quantity <= MAX_QUANTITY:
        raise OddQuantity
    if quantity == 0:
        remove(slug)
        return 0
    product, amount = _for_sale(market, slug)
    cart = current_cart()
    if cart is None or db.session.get(CartItem, (cart.id, product.id)) is None:
        raise NotForSale
    quantity = min(quantity, product.stock)
    _write(cart.id, product.id, quantity, amount, market.currency)
    db.session.commit()
    return quantity


def remove(slug: str) -> None:
    """Take a product out of the cart, if it is there. Commits."""
    cart = current_cart()
    if cart is not None:
        product = select(Product.id).where(Product.slug == slug).scalar_subquery()
        db.session.execute(delete(CartItem).where(CartItem.cart_id == cart.id, CartItem.product_id == product))
        db.session.commit()


def choose_delivery(cart: Cart, code: str) -> None:
    """Note the delivery the shopper wants. Commits."""
    cart.delivery = code
    db.session.commit()


def take_out(cart_id: int, items: Iterable[Item]) -> bool:
    """Take what is being bought out of a cart, in the caller's transaction; the next cart chooses its own delivery.

    False when the cart no longer holds just that: somebody changed it, or is buying it in another window.
    """
    for item in items:
        here = (CartItem.cart_id == cart_id, CartItem.product_id == item.product_id)
        if not rows_changed(delete(CartItem).where(*here, CartItem.quantity == item.quantity)):
            return False
    _deliver(cart_id, STANDARD)
    return db.session.scalar(select(func.count()).select_from(CartItem).where(CartItem.cart_id == cart_id)) == 0


def take_out_bought(cart_id: int, goods: Iterable[tuple[int, int]]) -> None:
    """Take product ids and pieces that are paid for out of a cart, in the caller's transaction; more may stay in it."""
    for product_id, quantity in goods:
        row = db.session.get(CartItem, (cart_id, product_id))
        if row is not None and row.quantity > quantity:
            row.quantity -= quantity
        elif row is not None:
            db.session.delete(row)
    _deliver(cart_id, STANDARD)


def put_back(cart_id: int, goods: Iterable[tuple[int, int, int]], currency: str, delivery: str) -> None:
    """Put what was not bought after all back into its cart, in the caller's transaction, to be delivered as it was.

    ``goods`` are product id, pieces and price (minor units of ``currency``).
    """
    _deliver(cart_id, delivery)
    cart = db.session.get(Cart, cart_id)
    for product_id, quantity, seen_price in goods if cart else ():
        row = db.session.get(CartItem, (cart_id, product_id))
        after = min(quantity + (row.quantity if row else 0), MAX_QUANTITY)
        _write(cart_id, product_id, after, seen_price, currency)


def merge_guest_cart(user: User, guest_cart_id: int | None) -> None:
    """Pour the guest's cart into the user's at sign-in: the larger number of pieces wins. Commits."""
    guest = db.session.get(Cart, guest_cart_id) if isinstance(guest_cart_id, int) else None
    if guest is None or guest.user_id is not None:
        return
    mine = db.session.scalar(select(Cart).where(Cart.user_id == user.id))
    if mine is None:
        guest.user_id = user.id
    else:
        for row in db.session.scalars(select(CartItem).where(CartItem.cart_id == guest.id)):
            there = db.session.get(CartItem, (mine.id, row.product_id))
            quantity = max(row.quantity, there.quantity if there else 0)
            _write(mine.id, row.product_id, quantity, row.seen_price, row.seen_currency)
        db.session.delete(guest)
    db.session.commit()


def _deliver(cart_id: int, code: str) -> None:
    db.session.execute(update_rows(Cart).where(Cart.id == cart_id).values(delivery=code))


def _items(cart: Cart, market: Market) -> list[tuple[Item, CartItem]]:
    query = (
        select(CartItem, Product, Price.amount)
        .join(Product, Product.id == CartItem.product_id)
        .join(Price, (Price.product_id == Product.id) & (Price.currency == market.currency))
        .where(CartItem.cart_id == cart.id)
        .order_by(CartItem.added_at, CartItem.product_id)
    )
    return [(_item(product, amount, row.quantity), row) for row, product, amount in db.session.execute(query)]


def _item(product: Product, amount: int, quantity: int) -> Item:
    return Item(
        product_id=product.id,
        slug=product.slug,
        sku=product.sku,
        name=product.name,
        tax=product.tax,
        unit_price=amount,
        stock=product.stock,
        quantity=quantity,
    )


def _for_sale(market: Market, slug: str) -> tuple[Product, int]:
    query = select(Product, Price.amount).join(Price, Price.product_id == Product.id)
    row = db.session.execute(query.where(Product.slug == slug, Price.currency == market.currency)).first()
    if row is None or row.Product.stock == 0:
        raise NotForSale
    return row.Product, row.amount


def _new_cart() -> Cart:
    if not current_user.is_authenticated:
        cart = Cart()
        db.session.add(cart)
        db.session.flush()
        session[SESSION_KEY] = cart.id
        return cart
    try:
        with db.session.begin_nested():
            cart = Cart(user_id=current_user.id)
            db.session.add(cart)
    except IntegrityError:  # a double click: the other request made it
        return db.session.scalars(select(Cart).where(Cart.user_id == current_user.id)).one()
    return cart


def _write(cart_id: int, product_id: int, quantity: int, seen_price: int, seen_currency: str) -> None:
    """Set a line of a cart. Two requests at once may both find none: the second writes over the first."""
    if quantity <= 0:
        return
    values = {"quantity": quantity, "seen_price": seen_price, "seen_currency": seen_currency}
    here = (CartItem.cart_id == cart_id, CartItem.product_id == product_id)
    if rows_changed(update_rows(CartItem).where(*here).values(**values)):
        return
    try:
        with db.session.begin_nested():
            db.session.add(CartItem(cart_id=cart_id, product_id=product_id, **values))
    except IntegrityError:
        rows_changed(update_rows(CartItem).where(*here).values(**values))
