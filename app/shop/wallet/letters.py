"""The letters of the wallet, in the transaction of what they tell. Klarna wants shoppers told of every token.

https://docs.klarna.com/acquirer/klarna/web-payments/integrate-with-klarna-payments/tokenized-payments/customer-token/
"""

from ..mail import service as mail
from ..mail.letters import WalletLetter
from ..web import public_url


def set_up(email: str, country: str) -> bool:
    """One click pays from now on; False when there is no letter."""
    return mail.about_wallet(email, WalletLetter(country, public_url("wallet.show")))
