"""The control calls about payment tokens: what Klarna, or a presenter in its place, decides about one."""

from typing import Any

import pytest

from .conftest import Api
from .purchases import german
from .test_orders import tokenized


@pytest.fixture
def token(api: Api) -> str:
    token_id: str = tokenized(api, api.approve(api.open(german(intent="tokenize")))).json["token_id"]
    return token_id


def put(api: Api, token: str, body: Any) -> Any:
    return api.control("POST", f"payment-tokens/{token}", body)


def test_a_token_is_listed_with_what_it_was_made_for(api: Api, token: str) -> None:
    [row] = api.control("GET", "payment-tokens").json
    assert (row["token_id"], row["person"], row["status"]) == (token, "de-approved", "ACTIVE")
    assert (row["next_charge"], row["subscription"], row["updated_at"]) == ("approve", False, None)
    assert (row["description"], row["purchase_currency"]) == ("Coffee every month", "EUR")
    assert "request" not in row


@pytest.mark.parametrize(
    "body", [{"status": "SUSPENDED"}, {"next_charge": "decline"}, {"status": "SUSPENDED", "next_charge": "step_up"}]
)
def test_what_is_put_is_listed(api: Api, token: str, body: dict[str, str]) -> None:
    assert put(api, token, body).json.items() >= body.items()
    [row] = api.control("GET", "payment-tokens").json
    assert row.items() >= body.items()


@pytest.mark.parametrize(
    "body", [{}, [], {"status": "GONE"}, {"next_charge": 1}, {"status": None}, {"state": "ACTIVE"}]
)
def test_what_makes_no_sense_is_refused_in_words(api: Api, token: str, body: Any) -> None:
    answer = put(api, token, body)
    assert answer.status_code == 400
    assert answer.json["error"]


def test_a_cancelled_token_does_not_come_back(api: Api, token: str) -> None:
    put(api, token, {"status": "CANCELLED"})
    assert put(api, token, {"status": "ACTIVE"}).status_code == 400
    [row] = api.control("GET", "payment-tokens").json
    assert row["status"] == "CANCELLED"


def test_an_unknown_token_is_not_found(api: Api) -> None:
    assert put(api, "nobody", {"status": "CANCELLED"}).status_code == 404


def test_a_reset_forgets_tokens(api: Api, token: str) -> None:
    api.control("POST", "reset")
    assert api.control("GET", "payment-tokens").json == []
