"""Identity API of the Klarna Network: what became of a customer token, and ending it.

Marked *early release* by Klarna and open to merchants with Klarna Network credentials only.
https://docs.klarna.com/api/kn/klarna-product-api-identity/klarna-product-api-identity-v2-r7
The token travels in a header, so that it stands in no address and no log.
"""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote

from .config import IdentityConfig, KlarnaConfig
from .errors import Gone, KlarnaFailed, NotFound
from .transport import Transport, Watcher

TOKEN_HEADER = "X-Klarna-Customer-Token"  # noqa: S105 - the header's name


class TokenStatus(StrEnum):
    """``unknown``: never issued, rotated away, or another merchant's."""

    ACTIVE = "active"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Introspection:
    """``reference`` names the link, whatever its token is called today; empty when Klarna does not say."""

    status: TokenStatus
    reference: str = ""


class Identity:
    """Customer tokens as Klarna sees them. Raises the classes of :mod:`.errors`."""

    def __init__(self, config: IdentityConfig, watcher: Watcher | None = None) -> None:
        self._config = config
        access = KlarnaConfig(config.api_url, "", config.api_key)
        self._transport = Transport(access, watcher)

    def introspect(self, customer_token: str) -> Introspection:
        """The state of a token. A revoked or unknown one is an answer, not an error.

        Klarna prints no path of this call: a 404 that is not in Klarna's words is about the path, and no answer.
        """
        try:
            reply = self._call("introspect customer token", self._config.introspect_path, customer_token)
        except Gone:
            return Introspection(TokenStatus.REVOKED)
        except NotFound as unknown:
            if not unknown.error_code:
                raise KlarnaFailed(unknown.operation, unknown.status, correlation_id=unknown.correlation_id) from None
            return Introspection(TokenStatus.UNKNOWN)
        active = str(reply.get("status")).upper() == "ACTIVE"
        reference = str(reply.get("customer_token_reference") or "")
        return Introspection(TokenStatus.ACTIVE if active else TokenStatus.REVOKED, reference)

    def revoke(self, customer_token: str) -> None:
        """End a token for good. Ended or unknown before is fine: it is what was wanted."""
        try:
            self._call("revoke customer token", self._config.revoke_path, customer_token)
        except (Gone, NotFound):
            return

    def _call(self, operation: str, path: str, customer_token: str) -> dict[str, object]:
        account = quote(self._config.partner_account_id, safe="")
        address = path.format(partner_account_id=account)
        # Both calls may be repeated at will: the second revocation answers that there is nothing left.
        reply = self._transport.call(
            operation, "POST", address, headers={TOKEN_HEADER: customer_token}, repeatable=True
        )
        return reply.body
