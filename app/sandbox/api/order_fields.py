"""The fields of Order Management with their limits, where they differ from those of Klarna Payments.

https://docs.klarna.com/api/ordermanagement/
"""

from .fields import ADDRESS, LARGEST_AMOUNT, LINE_TYPES, ORDER_LINE
from .shape import Fields, Many, Text, Whole, one_of

_WORDS = Text(255)
_SHIPPING_METHODS = (
    *("PickUpStore", "Home", "BoxReg", "BoxUnreg", "PickUpPoint", "Own", "Postal", "DHLPackstation", "Digital"),
    *("Undefined", "PickUpWarehouse", "ClickCollect", "PalletDelivery"),
)
_AMOUNT = Whole(least=0, most=LARGEST_AMOUNT)

LINES = Many(ORDER_LINE.replacing({"type": one_of(*LINE_TYPES, "return_fee"), "quantity_unit": Text(10)}))
_SHORT = ("shipping_company", "tracking_number", "return_shipping_company", "return_tracking_number")
SHIPPING_INFO = Fields(
    dict.fromkeys(_SHORT, Text(100))
    | dict.fromkeys(("tracking_uri", "return_tracking_uri"), Text(1024))
    | {"shipping_method": one_of(*_SHIPPING_METHODS)}
)
_SHIPMENTS = Many(SHIPPING_INFO, most=500)

CAPTURE = Fields(
    {
        "captured_amount": _AMOUNT,
        "description": _WORDS,
        "reference": _WORDS,
        "order_lines": LINES,
        "shipping_info": _SHIPMENTS,
        "shipping_delay": Whole(least=0),
    }
).requiring("captured_amount")
REFUND = Fields(
    {"refunded_amount": _AMOUNT, "description": _WORDS, "reference": _WORDS, "order_lines": LINES}
).requiring("refunded_amount")
AUTHORIZATION = Fields({"order_amount": _AMOUNT, "description": _WORDS, "order_lines": LINES}).requiring("order_amount")
REFERENCES = Fields({"merchant_reference1": _WORDS, "merchant_reference2": _WORDS})
SHIPPING_INFOS = Fields({"shipping_info": Many(SHIPPING_INFO, fewest=1, most=500)}).requiring("shipping_info")
EXTENSION = Fields({"number_of_days": Whole(least=1, most=2**31 - 1)}).requiring("number_of_days")

_LONGER = (
    dict.fromkeys(("attention", "organization_name"), Text(255))
    | dict.fromkeys(("city", "region"), Text(200))
    | dict.fromkeys(("street_address", "street_address2"), Text(100))
)
CUSTOMER_DETAILS = Fields({"shipping_address": ADDRESS.replacing(_LONGER)}).requiring("shipping_address")
