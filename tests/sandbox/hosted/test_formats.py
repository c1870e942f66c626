"""How an address reads on Klarna's pages."""

import pytest

from app.sandbox.hosted.formats import address_lines


@pytest.mark.parametrize(
    ("address", "lines"),
    [
        ({"postal_code": "10178", "city": "Berlin", "country": "DE"}, ["10178 Berlin", "Germany"]),
        ({"postal_code": "W1S 3BE", "city": "London", "country": "gb"}, ["London", "W1S 3BE", "United Kingdom"]),
        (
            {"postal_code": "10024", "city": "New York", "region": "NY", "country": "US"},
            ["New York, NY 10024", "United States"],
        ),
        ({"city": "Calgary", "region": "AB", "country": "CA"}, ["Calgary, AB", "Canada"]),
        ({}, []),
    ],
)
def test_an_address_is_written_as_in_its_country(address: dict[str, str], lines: list[str]) -> None:
    assert address_lines({"street_address": "1 Main St"} | address) == ["1 Main St", *lines]
