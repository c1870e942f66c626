"""The cart of this browser for another one, a phone say: a signed address, and its QR code."""

import segno
from flask import current_app
from itsdangerous import BadSignature, URLSafeTimedSerializer

from ..cart.basket import Basket

SALT = "demo-cart"
LASTS = 24 * 3600  # seconds


class NotReadable(Exception):
    """The address is none of ours, or older than a day."""


def sealed(basket: Basket) -> str:
    """Market and contents of a cart, signed: no account, no price, no secret."""
    return _serializer().dumps([basket.market.code, [[item.slug, item.quantity] for item in basket.items]])


def opened(token: str) -> tuple[str, list[tuple[str, int]]]:
    """Market and contents. Raises NotReadable."""
    try:
        market, items = _serializer().loads(token, max_age=LASTS)
    except BadSignature:
        raise NotReadable from None
    return str(market), [(str(slug), int(quantity)) for slug, quantity in items]


def qr_code(address: str) -> str:
    """An SVG drawing of an address."""
    drawing: str = segno.make(address, error="m").svg_inline(
        scale=6, border=2, dark="#14111d", light="#ffffff", omitsize=True
    )
    return drawing


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt=SALT)
