"""The catalogue's file: complete, and each product with a picture of its own."""

import hashlib
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from app.shop.catalogue.service import CATALOGUE
from app.shop.config import ROOT
from app.shop.markets import MARKETS

PRODUCTS = json.loads(CATALOGUE.read_text())["products"]
PICTURES = ROOT / "static" / "shop" / "products"


def test_there_is_enough_to_choose_from() -> None:
    assert len(PRODUCTS) >= 32
    assert len({product["category"] for product in PRODUCTS}) == 5
    assert {product["tax"] for product in PRODUCTS} == {"standard", "reduced"}


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: str(product["slug"]))
def test_each_product_is_complete(product: dict) -> None:
    assert set(product["prices"]) == {market.currency for market in MARKETS}
    assert all(isinstance(amount, int) and amount > 0 for amount in product["prices"].values())
    assert 1 <= len(product["name"]) <= 255  # Klarna's limit for an order line
    picture: Path = PICTURES / f"{product['slug']}.svg"
    assert ElementTree.fromstring(picture.read_text()).tag.endswith("svg")  # noqa: S314 - our own file


def test_no_picture_is_used_twice() -> None:
    drawn = {hashlib.sha256(path.read_bytes()).hexdigest() for path in PICTURES.glob("*.svg")}
    assert len(drawn) == len(PRODUCTS)
