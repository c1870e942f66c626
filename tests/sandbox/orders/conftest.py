"""A merchant that manages orders, and what helps to say what is in the ledger."""

from dataclasses import dataclass
from typing import Any

import pytest

from app.sandbox import callbacks

from ..conftest import Answer, Api
from ..purchases import BERLIN, german

NEW_YORK = BERLIN | {
    "email": "customer@email.us",
    "phone": "+13106683312",
    "street_address": "509 Amsterdam Ave",
    "postal_code": "10024-3941",
    "city": "New York",
    "region": "NY",
    "country": "US",
}
MINUTE, HOUR, DAY = 60, 3600, 24 * 3600


@dataclass(frozen=True)
class Desk:
    """Order Management as a merchant's server calls it, through `api`."""

    api: Api

    def call(self, method: str, order_id: str, what: str = "", body: Any = None, **headers: str) -> Answer:
        return self.api.call_at(f"/ordermanagement/v1/orders/{order_id}{what}", method, body, **headers)

    def read(self, order_id: str) -> dict[str, Any]:
        answer = self.call("GET", order_id)
        assert answer.status_code == 200, answer.text
        order: dict[str, Any] = answer.json
        return order

    def capture(self, order_id: str, amount: int) -> Answer:
        return self.call("POST", order_id, "/captures", {"captured_amount": amount})

    def refund(self, order_id: str, amount: int) -> Answer:
        return self.call("POST", order_id, "/refunds", {"refunded_amount": amount})

    def pending(self, **changes: Any) -> str:
        """A new order of somebody whose orders are looked at first."""
        self.api.control("PATCH", "people/de-approved", {"outcome": "pend"})
        return self.bought(**changes)

    def bought(self, **changes: Any) -> str:
        order_id: str = self.api.buy(german(**changes))["order_id"]
        return order_id

    def decide(self, order_id: str, decision: str) -> Answer:
        answer = self.api.control("POST", f"orders/{order_id}/decide", {"decision": decision})
        self.settle()
        return answer

    def advance(self, seconds: int) -> None:
        assert self.api.control("POST", "clock", {"advance": seconds}).status_code == 200
        self.settle()

    def settle(self) -> None:
        """Until every message that is to be sent now was sent."""
        with self.api.app.app_context():
            assert callbacks.wait()


@pytest.fixture
def desk(api: Api) -> Desk:
    return Desk(api)
