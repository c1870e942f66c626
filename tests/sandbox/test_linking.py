"""Account linking as Klarna's side does it: who gets a token, which one, and whom it recognises."""

import re
from typing import Any

import pytest

from .conftest import AMERICA, Api
from .purchases import american, german

KRN = re.compile(r"krn:partner:eu1:test:identity:customer-token:[A-Za-z0-9]{32}")


def linked(token: str, **changes: Any) -> dict[str, Any]:
    return german(customer={"customer_token": token}, **changes)


@pytest.fixture
def token(api: Api) -> str:
    """The token of a shopper who linked with an earlier purchase."""
    return str(api.buy(german())["customer_token"])


def statuses(api: Api) -> dict[str, str]:
    return {row["customer_token"]: row["status"] for row in api.control("GET", "customer-tokens").json}


def test_consent_links(token: str) -> None:
    assert KRN.fullmatch(token)


def test_each_region_marks_its_tokens(api: Api) -> None:
    token = api.at(AMERICA).buy(american(), "us-approved")["customer_token"]
    assert token.startswith("krn:partner:us1:test:identity:customer-token:")


def test_who_opts_out_gets_no_field_at_all(api: Api) -> None:
    assert "customer_token" not in api.buy(german(), link=False)


@pytest.mark.parametrize("intent", ["buy", "buy_and_tokenize", "buy_and_default_tokenize"])
def test_other_intents_do_not_link(api: Api, intent: str) -> None:
    assert "customer_token" not in api.buy(german(intent=intent))
    assert statuses(api) == {}


def test_an_active_token_recognises_and_is_repeated(api: Api, token: str) -> None:
    assert api.recognised(api.open(linked(token))) == "de-approved"
    assert api.buy(linked(token))["customer_token"] == token
    assert statuses(api) == {token: "active"}


def test_a_person_without_the_token_at_hand_keeps_the_one_they_have(api: Api, token: str) -> None:
    assert api.buy(german())["customer_token"] == token


def test_a_rotated_token_is_ignored_and_replaced(api: Api, token: str) -> None:
    api.control("POST", "customer-tokens/rotate", {"customer_token": token})
    assert api.recognised(api.open(linked(token))) is None
    new = api.buy(linked(token))["customer_token"]
    assert new != token
    assert statuses(api) == {token: "rotated", new: "active"}


def test_a_token_rotated_while_the_shopper_pays_is_replaced(api: Api, token: str) -> None:
    body = linked(token)
    authorization = api.approve(api.open(body))
    api.control("POST", "customer-tokens/rotate", {"customer_token": token})
    assert api.order(authorization, body).json["customer_token"] != token


def test_a_revoked_token_stays_revoked(api: Api, token: str) -> None:
    revoked = api.control("POST", "customer-tokens/revoke", {"customer_token": token}).json
    assert revoked["status"] == "revoked"
    assert api.recognised(api.open(linked(token))) is None
    assert api.control("POST", "customer-tokens/rotate", {"customer_token": token}).json["status"] == "revoked"


def test_opting_out_later_leaves_the_link_untouched(api: Api, token: str) -> None:
    assert "customer_token" not in api.buy(linked(token), link=False)
    assert statuses(api) == {token: "active"}


@pytest.mark.parametrize("junk", ["", "x", "krn:partner:eu1:test:identity:customer-token:" + "a" * 32, "y" * 5000])
def test_a_token_that_is_no_good_is_no_error_and_the_order_brings_a_new_one(api: Api, junk: str) -> None:
    session_id = api.open(linked(junk))
    assert api.recognised(session_id) is None
    assert KRN.fullmatch(api.buy(linked(junk))["customer_token"])


def test_a_token_counts_in_its_own_region_only(api: Api, token: str) -> None:
    body = american(customer={"customer_token": token})
    assert api.at(AMERICA).recognised(api.at(AMERICA).open(body)) is None


def test_somebody_else_who_pays_gets_a_token_of_their_own(api: Api, token: str) -> None:
    other = api.buy(linked(token), "de-new-user")["customer_token"]
    assert other != token
    assert statuses(api) == {token: "active", other: "active"}
    assert api.recognised(api.open(linked(other))) == "de-new-user"


def test_an_update_can_recognise_and_forget(api: Api, token: str) -> None:
    session_id = api.open(german())
    api.update(session_id, {"customer": {"customer_token": token}})
    assert api.recognised(session_id) == "de-approved"
    api.update(session_id, {"locale": "en-DE"})
    assert api.recognised(session_id) == "de-approved"
    api.update(session_id, {"customer": {"customer_token": "unknown"}})
    assert api.recognised(session_id) is None


def test_nothing_the_merchant_or_browser_reads_gives_the_token_away(api: Api, token: str) -> None:
    answer = api.create(linked(token))
    assert token not in answer.text
    assert token not in api.read(answer.json["session_id"]).text


def test_an_expired_token_is_ignored_and_replaced(api: Api, token: str) -> None:
    expired = api.control("POST", "customer-tokens/expire", {"customer_token": token}).json
    assert expired["status"] == "expired"
    assert api.recognised(api.open(linked(token))) is None
    new = api.buy(linked(token))["customer_token"]
    assert statuses(api) == {token: "expired", new: "active"}


@pytest.mark.parametrize("first", ["rotate", "expire"])
def test_what_is_out_of_use_can_no_longer_rotate_or_expire(api: Api, token: str, first: str) -> None:
    before = api.control("POST", f"customer-tokens/{first}", {"customer_token": token}).json["status"]
    for later in ("rotate", "expire"):
        assert api.control("POST", f"customer-tokens/{later}", {"customer_token": token}).json["status"] == before


def test_rotation_on_every_order_replaces_the_token_each_time(api: Api, token: str) -> None:
    api.control("PATCH", "switches", {"rotate_on_every_order": "on"})
    body = linked(token)
    authorization = api.approve(api.open(body))
    second = api.order(authorization, body).json["customer_token"]
    assert api.order(authorization, body).json["customer_token"] == second
    third = api.buy(linked(second))["customer_token"]
    assert statuses(api) == {token: "rotated", second: "rotated", third: "active"}
    api.control("PATCH", "switches", {"rotate_on_every_order": "off"})
    assert api.buy(linked(third))["customer_token"] == third


def test_rotation_leaves_who_opts_out_alone(api: Api, token: str) -> None:
    api.control("PATCH", "switches", {"rotate_on_every_order": "on"})
    assert "customer_token" not in api.buy(linked(token), link=False)
    assert statuses(api) == {token: "active"}


def test_revoking_ends_every_token_of_the_link_and_nobody_elses(api: Api, token: str) -> None:
    second = api.buy(linked("forgotten"))["customer_token"]
    other = api.buy(german(), "de-new-user")["customer_token"]
    assert statuses(api) == {token: "active", second: "active", other: "active"}
    api.control("POST", "customer-tokens/revoke", {"customer_token": token})
    assert statuses(api) == {token: "revoked", second: "revoked", other: "active"}


def test_a_link_whose_token_was_rotated_can_be_revoked_before_a_new_one_is_issued(api: Api, token: str) -> None:
    api.control("POST", "customer-tokens/rotate", {"customer_token": token})
    revoked = api.control("POST", "customer-tokens/revoke", {"customer_token": token}).json
    assert revoked["status"] == "revoked"


def test_not_you_brings_the_token_of_who_paid(api: Api, token: str) -> None:
    others = api.buy(german(), "de-new-user")["customer_token"]
    body = linked(token)
    session_id = api.open(body)
    assert api.recognised(session_id) == "de-approved"
    answer = api.order(api.approve(session_id, "de-new-user"), body).json
    assert answer["customer_token"] == others
    assert statuses(api) == {token: "active", others: "active"}


def test_two_users_of_the_shop_who_link_the_same_person_both_stay_linked(api: Api, token: str) -> None:
    second = api.buy(german())["customer_token"]
    for stored in (token, second):
        assert api.recognised(api.open(linked(stored))) == "de-approved"
    api.control("PATCH", "switches", {"rotate_on_every_order": "on"})
    first_new = api.buy(linked(token))["customer_token"]
    second_new = api.buy(linked(second))["customer_token"]
    assert first_new != second_new
    for stored in (first_new, second_new):
        assert api.recognised(api.open(linked(stored))) == "de-approved"


def test_who_withdraws_consent_and_opts_out_gets_no_field(api: Api, token: str) -> None:
    api.control("POST", "customer-tokens/revoke", {"customer_token": token})
    assert "customer_token" not in api.buy(linked(token), link=False)
    assert statuses(api) == {token: "revoked"}


def test_links_are_listed_with_region_and_reference(api: Api, token: str) -> None:
    api.at(AMERICA).buy(american(), "us-approved")
    european, overseas = api.control("GET", "customer-tokens").json
    assert (european["region"], overseas["region"]) == ("eu", "na")
    assert european["customer_token_reference"] != overseas["customer_token_reference"]
    assert european["customer_token_reference"] not in token
