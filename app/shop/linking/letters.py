"""The letter that tells of the end of a link, in the transaction that ends it."""

from app.klarna import Region

from ..accounts import service as accounts
from ..mail import service as mail
from ..mail.letters import LinkLetter
from ..web import public_url

REGION_NAMES = {Region.EU: "Europe", Region.NA: "North America", Region.OC: "Oceania"}


def unlinked(user_id: int, region: Region, *, by_shopper: bool) -> None:
    """Tell whose link it was; nobody when the account is gone, too."""
    user = accounts.find_user(user_id)
    if user is not None:
        mail.about_link(user.email, LinkLetter(REGION_NAMES[region], by_shopper, public_url("linking.show")))
