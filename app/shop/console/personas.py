"""Where the demo's shoppers live: Klarna's sample customers, one a market. Pure data.

https://docs.klarna.com/resources/developer-tools/sample-data/sample-customer-data/
"""

HOMES = {
    "DE": {
        "given_name": "Mock", "family_name": "Mock", "street_address": "Neue Schönhauser Str. 2",
        "postal_code": "10178", "city": "Berlin", "country": "DE", "phone": "+4917614284340",
    },
    "SE": {
        "given_name": "Alice", "family_name": "Test", "street_address": "Södra Blasieholmshamnen 2",
        "postal_code": "111 48", "city": "Stockholm", "country": "SE", "phone": "+46701740615",
    },
    "GB": {
        "given_name": "Test", "family_name": "Person-uk", "street_address": "10 New Burlington Street",
        "street_address2": "Apt. 214", "postal_code": "W1S 3BE", "city": "London", "country": "GB",
        "phone": "+447755564318",
    },
    "US": {
        "given_name": "Test", "family_name": "Person-us", "street_address": "509 Amsterdam Ave",
        "postal_code": "10024-3941", "city": "New York", "region": "NY", "country": "US", "phone": "+13106683312",
    },
}  # fmt: skip
# By these Sign in with Klarna knows them.
EMAILS = {"DE": "customer@email.de", "SE": "customer@email.se"}
# Demo accounts are for looking at: the card of a scenario names their password.
PASSWORD = "slow mornings"  # noqa: S105
