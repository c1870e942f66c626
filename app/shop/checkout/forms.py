"""The form of the checkout page."""

from ..accounts.addresses import AddressForm, email_field
from ..markets import Market


class CheckoutForm(AddressForm):
    """Contact and address. One country: the market's, as prices, tax and delivery are that country's."""

    email = email_field()

    def in_market(self, market: Market) -> "CheckoutForm":
        self.for_market(market, (market,))
        return self
