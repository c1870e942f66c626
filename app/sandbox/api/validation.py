"""Everything a request body is refused for, in the documented order: fields, market, then money.

Pure: what it needs to know about the merchant comes in as arguments.
"""

from typing import Any

from .. import markets
from ..merchants import Region
from . import charge_fields, fields, money
from .errors import ApiError, bad_value
from .shape import Fields

Body = dict[str, Any]
# Where Klarna wants a region in an address; asked for once there is a street (the moment is inferred).
_REGION_COUNTRIES = ("US", "AU")


def changes(body: Body, insecure: bool) -> Body:
    """The known fields of a create or update call, each one fine by itself; raises 400."""
    return _read(fields.session(insecure), body)


def session(merged: Body, region: Region) -> None:
    """What a session holds as a whole, when created and after each update; raises 400."""
    _purchase(merged, region, missing=[name for name in fields.REQUIRED if name not in merged])


def order(body: Body, region: Region, insecure: bool) -> Body:
    """The known fields of a create-order call; raises 400."""
    request = _read(fields.order(insecure), body)
    _purchase(request, region, missing=[])
    return request


def customer_token(body: Body, region: Region) -> Body:
    """The known fields of a call that makes a payment token; raises 400."""
    request = _read(fields.CUSTOMER_TOKEN, body)
    _refuse(_market(request, region))
    billing = request.get("billing_address", {}).get("country", request["purchase_country"])
    _refuse(["purchase_country"] if billing.upper() != request["purchase_country"].upper() else [])
    return request


def charge(body: Body, made_for: Body, region: Region, insecure: bool) -> Body:
    """The known fields of a charge, in the market and currency its token was made for; raises 400 or 403."""
    request = _read(charge_fields.order(insecure), body)
    if request["purchase_currency"].upper() != made_for["purchase_currency"].upper():
        words = "The payment method of the customer token is not available for the currency of the order"
        raise ApiError(403, "PAYMENT_METHOD_CURRENCY_MISMATCH", words)
    _purchase({"purchase_country": made_for["purchase_country"]} | request, region, missing=[])
    return request


def _read(rule: Fields, body: Body) -> Body:
    faults: list[str] = []
    # Inside `customer` is the token's place. Elsewhere it would be ignored, and nobody would be recognised.
    if body.get("customer_token") is not None:
        faults.append("customer_token")
    read: Body = rule.read(body, "", faults)
    _refuse(faults)
    return read


def _purchase(request: Body, region: Region, missing: list[str]) -> None:
    _refuse(missing)
    _refuse([*_push(request), *_regions(request)])
    _refuse(_market(request, region))
    _refuse(money.faults(request))


def _refuse(paths: list[str]) -> None:
    if paths:
        raise bad_value(*paths)


def _push(request: Body) -> list[str]:
    """The server's address has to be another one than the browser's."""
    urls = request.get("merchant_urls", {})
    same = "push" in urls and urls["push"] == urls.get("confirmation")
    return ["merchant_urls.push"] if same else []


def _regions(request: Body) -> list[str]:
    return [
        f"{name}.region"
        for name in ("billing_address", "shipping_address")
        if lacks_region(request.get(name, {}), request["purchase_country"])
    ]


def lacks_region(address: Body, country: str) -> bool:
    """Whether an address with a street in it misses the region its country needs."""
    in_question = address.get("country", country).upper() in _REGION_COUNTRIES
    return in_question and bool(address.get("street_address")) and not address.get("region")


def _market(request: Body, region: Region) -> list[str]:
    """A country this merchant account can sell in, its own currency, one of its locales."""
    market = markets.find(request["purchase_country"])
    if market is None or market.region is not region:
        return ["purchase_country"]
    wrong = [] if market.speaks(request.get("locale", market.locales[0])) else ["locale"]
    return wrong if request["purchase_currency"].upper() == market.currency else [*wrong, "purchase_currency"]
