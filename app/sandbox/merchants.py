"""Who may call the merchant API: one merchant account per region, each with its own credentials.

Klarna ties credentials to one region and one environment: https://docs.klarna.com/api/authentication/
"""

import hmac
from dataclasses import dataclass, field
from enum import StrEnum


class Region(StrEnum):
    """Where a merchant account lives. https://docs.klarna.com/api/api-urls/"""

    EUROPE = "eu"
    NORTH_AMERICA = "na"
    OCEANIA = "oc"

    @property
    def prefix(self) -> str:
        """Klarna gives each region a host of its own; here each but Europe has a path prefix."""
        return "" if self is Region.EUROPE else f"/{self.value}"


@dataclass(frozen=True)
class Merchant:
    """A merchant account and the credentials that open it."""

    username: str
    password: str = field(repr=False)
    region: Region
    name: str

    def is_opened_by(self, username: str | None, password: str) -> bool:
        """The key decides; a user name may be left out, but when it is sent it has to be the right one."""
        right_name = not username or _same(username, self.username)
        return _same(password, self.password) and right_name


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
