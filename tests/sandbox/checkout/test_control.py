"""Checkouts seen and completed from Klarna's side."""

from typing import Any

import pytest

from tests.sandbox.checkout.conftest import Checkouts, german


def test_every_checkout_is_listed(checkouts: Checkouts) -> None:
    first, second = checkouts.open(german()), checkouts.open(german())
    checkouts.complete(second)
    rows = checkouts.control("GET", "checkouts").json
    assert [row["order_id"] for row in rows] == [first, second]
    assert set(rows[0]) == {"order_id", "status", "country", "person", "recognised", "expires_at"}
    assert [(row["status"], row["person"]) for row in rows] == [
        ("checkout_incomplete", None),
        ("checkout_complete", "de-approved"),
    ]


def test_completing_twice_is_completing_once(checkouts: Checkouts) -> None:
    order_id = checkouts.open(german())
    first, second = checkouts.complete(order_id), checkouts.complete(order_id)
    assert first.json == second.json
    assert len(checkouts.control("GET", "orders").json) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        ([], 400),
        ({"order_id": 7}, 400),
        ({"order_id": "x"}, 400),
        ({"order_id": "x", "person": "de-approved"}, 404),
        ({"order_id": "x", "person": "nobody"}, 404),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(checkouts: Checkouts, body: Any, status: int) -> None:
    answer = checkouts.control("POST", "checkouts/complete", body)
    assert answer.status_code == status
    assert answer.json["error"]


def test_somebody_of_another_market_cannot_buy(checkouts: Checkouts) -> None:
    assert checkouts.complete(checkouts.open(german()), "se-approved").status_code == 400


def test_what_is_over_cannot_be_completed(checkouts: Checkouts) -> None:
    aborted, expired = checkouts.open(german()), checkouts.open(german())
    checkouts.abort(aborted)
    checkouts.advance(hours=48)
    for order_id in (aborted, expired):
        answer = checkouts.complete(order_id)
        assert answer.status_code == 409
        assert "over" in answer.json["error"]


@pytest.mark.parametrize(
    ("outcome", "word"),
    [("refuse", "refuses"), ("no_form", "refuses"), ("reject_order", "refuses"), ("invalid_fields", "address")],
)
def test_an_outcome_that_is_no_approval_charges_nothing(checkouts: Checkouts, outcome: str, word: str) -> None:
    checkouts.control("PATCH", "people/de-approved", {"outcome": outcome})
    order_id = checkouts.open(german())
    assert word in checkouts.complete(order_id).json["error"]
    assert checkouts.control("GET", "orders").json == []
