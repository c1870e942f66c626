"""A shopper ends a link in Klarna's app."""

from .. import callbacks, customer_tokens, store
from ..api.errors import correlation_id
from ..callbacks import messages
from ..customer_tokens import Link


def revoke(token: str) -> Link:
    """The link of a token is over, and the merchant is told, once; raises UnknownCustomerToken."""
    deliveries: list[int] = []
    with store.transaction():
        before = customer_tokens.find(token)
        was_over = before is not None and customer_tokens.is_over(before.customer_token_reference)
        link = customer_tokens.revoke(token)
        if not was_over:
            deliveries = messages.revoked(link.customer_token_reference, correlation_id())
    callbacks.start(deliveries)
    return link
