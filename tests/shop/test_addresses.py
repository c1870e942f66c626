"""An address reads as people write it where it is."""

import pytest

from app.shop.markets import address_lines

WHO = {"given_name": "Test", "family_name": "Person", "street_address": "1 Main St"}


@pytest.mark.parametrize(
    ("place", "lines"),
    [
        ({"postal_code": "10178", "city": "Berlin", "country": "DE"}, ["10178 Berlin", "Germany"]),
        ({"postal_code": "111 48", "city": "Stockholm", "country": "SE"}, ["111 48 Stockholm", "Sweden"]),
        ({"postal_code": "W1S 3BE", "city": "London", "country": "GB"}, ["London", "W1S 3BE", "United Kingdom"]),
        (
            {"postal_code": "10024", "city": "New York", "region": "NY", "country": "US"},
            ["New York, NY 10024", "United States"],
        ),
        ({"city": "New York", "country": "US"}, ["New York", "United States"]),
        ({"region": "NY", "country": "US"}, ["NY", "United States"]),
        ({"postal_code": "1234", "city": "Elsewhere", "region": "ZH", "country": "CH"}, ["1234 Elsewhere, ZH", "CH"]),
        ({}, []),
    ],
)
def test_the_order_of_an_address_is_its_countrys(place: dict[str, str], lines: list[str]) -> None:
    assert address_lines(WHO | place) == ["Test Person", "1 Main St", *lines]
