"""No secret is kept for the console, wherever in a value or an address it stands."""

from typing import Any

import pytest
from flask_wtf import FlaskForm
from hypothesis import given
from hypothesis import strategies as st
from wtforms import PasswordField

from app.klarna.redaction import MASK, SECRET_FIELDS
from app.shop.accounts import forms as accounts
from app.shop.console.masking import LONGEST_LIST, LONGEST_TEXT, SECRET_PARTS, SECRETS, mask, mask_address, mask_pairs

SECRET = "s3cret-of-somebody"
NAMES = sorted(SECRET_FIELDS | SECRET_PARTS)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("written", [str.lower, str.upper, str.title])
def test_a_secret_is_masked_by_its_name(name: str, written: Any) -> None:
    assert mask({written(name): SECRET}) == {written(name): MASK}
    assert mask_pairs([(written(name), SECRET)]) == {written(name): MASK}
    assert SECRET not in mask_address(f"http://localhost/login?{written(name)}={SECRET}&x=1")


@given(
    st.sampled_from(NAMES),
    st.recursive(
        st.just(SECRET),
        lambda parts: st.lists(parts, min_size=1, max_size=2) | st.dictionaries(st.sampled_from("ab"), parts),
    ),
    st.lists(st.sampled_from(["object", "list"]), max_size=6),
)
def test_at_any_depth(name: str, secret: Any, around: list[str]) -> None:
    value: Any = {name: secret, "kept": 1}
    for wrapping in around:
        value = {"part": value} if wrapping == "object" else [value]
    assert SECRET not in repr(mask(value))
    assert "kept" in repr(mask(value))


def test_what_is_no_secret_stays_and_the_original_is_untouched() -> None:
    body = {"order_amount": 1290, "customer": {"customer_token": SECRET}, "empty": {"token": ""}, "lines": [None, True]}
    masked = mask(body)
    assert masked == body | {"customer": {"customer_token": MASK}}
    assert body["customer"] == {"customer_token": SECRET}


def test_what_is_nested_without_end_is_not_kept() -> None:
    endless: Any = SECRET
    for _ in range(5000):
        endless = [endless]
    assert SECRET not in repr(mask(endless))


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("http://shop.example/klarna/callbacks/notification/a1-b2/S3CRET", "notification/a1-b2/•••"),
        ("http://shop.example/klarna/callbacks/webhooks/S3CRET", "webhooks/•••"),
        ("/klarna/callbacks/checkout/push/a1/S3CRET?id={checkout.order.id}", "push/a1/•••?id={checkout.order.id}"),
    ],
)
def test_an_address_that_klarna_calls_is_shown_without_its_secret(address: str, masked: str) -> None:
    assert mask({"merchant_urls": {"notification": address}})["merchant_urls"]["notification"].endswith(masked)
    assert "S3CRET" not in repr(mask([address]))


def test_an_address_keeps_what_may_be_read() -> None:
    masked = mask_address(f"https://login.example/auth?client_id=shop&state={SECRET}&scope=openid%20profile#{SECRET}")
    assert masked == f"https://login.example/auth?client_id=shop&state={MASK}&scope=openid+profile"


def test_every_password_field_of_the_shop_is_masked() -> None:
    assert accounts.PasswordForm in forms()
    kinds = [(name, kind) for form in forms() for name, kind in vars(form).items()]
    fields = {name for name, kind in kinds if getattr(kind, "field_class", None) is PasswordField}
    assert {"password", "current"} <= fields
    assert fields <= SECRETS


def forms() -> list[type[FlaskForm]]:
    found: list[type[FlaskForm]] = []
    waiting = [FlaskForm]
    while waiting:
        waiting += (below := waiting.pop().__subclasses__())
        found += below
    return found


def test_what_nobody_would_look_at_is_not_kept() -> None:
    assert len(mask({"a": ["x" * 9000] * 5000})["a"]) == LONGEST_LIST
    assert len(mask({"a": "x" * 9000})["a"]) == LONGEST_TEXT


def test_an_address_in_a_field_hides_what_its_query_holds() -> None:
    back = "/login/klarna/callback?code={0}&state={0}"
    assert mask({"next": back.format(SECRET)}) == {"next": back.format(MASK)}
