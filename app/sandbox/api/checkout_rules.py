"""Everything a checkout is refused for: fields, what is missing, market, addresses, then money. Pure."""

from typing import Any

from .. import markets
from ..merchants import Region
from . import checkout_fields, money
from .errors import bad_value

Body = dict[str, Any]
# Where it is sold, at one address. That an order may be of either region there is inferred.
REGIONS = (Region.EUROPE, Region.NORTH_AMERICA)


def changes(body: Body, insecure: bool) -> Body:
    """The known fields of a create or update call, each one fine by itself; raises 400.

    What only Klarna writes (`order_id`, `status`, `html_snippet`) is dropped: merchants send back what they read.
    """
    faults: list[str] = []
    read: Body = checkout_fields.order(insecure).read(body, "", faults)
    _refuse(faults)
    return read


def purchase(merged: Body) -> None:
    """What a checkout holds as a whole, when created and after each change; raises 400."""
    _refuse([name for name in checkout_fields.REQUIRED if name not in merged])
    urls: Body = merged.get("merchant_urls", {})
    missing = [f"merchant_urls.{name}" for name in checkout_fields.REQUIRED_URLS if name not in urls]
    _refuse(missing if urls else ["merchant_urls"])
    # The server's address has to be another one than the browser's two.
    _refuse(["merchant_urls.push"] if urls["push"] in (urls["checkout"], urls["confirmation"]) else [])
    _refuse(_market(merged))
    _refuse(money.faults(merged) or _tax_sum(merged))


def _market(merged: Body) -> list[str]:
    """A country of either region, and its own currency. Any language will do: no table is documented."""
    market = markets.find(merged["purchase_country"])
    if market is None or market.region not in REGIONS:
        return ["purchase_country"]
    return [] if merged["purchase_currency"].upper() == market.currency else ["purchase_currency"]


def _tax_sum(merged: Body) -> list[str]:
    """Exact here, where Klarna Payments takes a minor unit for each line (inferred)."""
    taxes = sum(money.line_tax(line) for line in merged["order_lines"])
    return ["order_tax_amount"] if merged["order_tax_amount"] != taxes else []


def _refuse(paths: list[str]) -> None:
    if paths:
        raise bad_value(*paths)
