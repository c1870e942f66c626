"""What becomes of a person's purchases, as far as the merchant's server sees it."""

from typing import Any

import pytest

from app.sandbox import outcomes
from app.sandbox.people import Outcome

from .conftest import Api, refusal
from .purchases import BERLIN, german


def expect(api: Api, outcome: str, person: str = "de-approved") -> Any:
    answer = api.control("PATCH", f"people/{person}", {"outcome": outcome})
    assert answer.status_code == 200
    return answer.json


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_can_be_set_and_read(api: Api, outcome: Outcome) -> None:
    assert expect(api, outcome)["outcome"] == outcome
    people = {person["id"]: person for person in api.control("GET", "people").json}
    assert people["de-approved"]["outcome"] == outcome
    assert people["de-approved"]["decision"] == ("refuse" if outcome == "refuse" else "approve")


def test_the_decision_is_the_short_form(api: Api) -> None:
    assert api.control("PATCH", "people/de-approved", {"decision": "refuse"}).json["outcome"] == "refuse"
    expect(api, "pend")
    assert api.control("PATCH", "people/de-approved", {"decision": "approve"}).json["outcome"] == "approve"


@pytest.mark.parametrize("body", [{"outcome": "perhaps"}, {"outcome": 1}, {"outcome": None}, {}])
def test_anything_else_is_refused(api: Api, body: Any) -> None:
    assert api.control("PATCH", "people/de-approved", body).status_code == 400


def test_a_rejected_order_was_approved_before_and_stays_rejected(api: Api) -> None:
    expect(api, "reject_order")
    body = german()
    token = api.approve(api.open(body))
    for _ in range(2):
        assert refusal(api.order(token, body)) == (403, "REJECTED", ["Rejected"])
    expect(api, "approve")
    assert refusal(api.order(token, body))[0] == 403
    assert "order_id" in api.buy(body)


def test_a_pending_order_is_pending_in_the_answer_and_in_the_ledger(api: Api) -> None:
    expect(api, "pend")
    bought = api.buy(german())
    assert bought["fraud_status"] == "PENDING"
    assert "customer_token" in bought
    [order] = api.control("GET", "orders").json
    assert order["fraud_status"] == "PENDING"
    expect(api, "approve")
    assert api.buy(german())["fraud_status"] == "ACCEPTED"


@pytest.mark.parametrize("outcome", ["no_form", "invalid_fields"])
def test_what_shows_in_the_browser_changes_nothing_for_an_order(api: Api, outcome: str) -> None:
    expect(api, outcome)
    assert api.buy(german())["fraud_status"] == "ACCEPTED"


def test_whoever_is_billed_decides_as_well(api: Api) -> None:
    expect(api, "pend")
    assert api.buy(german(billing_address=BERLIN), "de-new-user")["fraud_status"] == "PENDING"


def test_the_published_address_is_never_offered_klarna(api: Api) -> None:
    with api.app.app_context():
        for email, outcome in (
            ("customer+red@email.de", Outcome.NO_FORM),
            ("Customer+Red@email.co.uk", Outcome.NO_FORM),
            ("customer+denied@email.de", Outcome.REFUSE),
            ("somebody@example.org", Outcome.APPROVE),
        ):
            assert outcomes.of({"billing_address": {"email": email}}, None) is outcome
        assert outcomes.of({}, None) is Outcome.APPROVE
