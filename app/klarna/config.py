"""What the client has to be told. Read from no environment: whoever builds the client fills this in."""

from dataclasses import dataclass, field
from enum import StrEnum


class Region(StrEnum):
    """Klarna's regions: each has its own host and its own credentials.

    https://docs.klarna.com/api/api-urls/
    """

    EU = "EU"
    NA = "NA"
    OC = "OC"


@dataclass(frozen=True)
class KlarnaConfig:
    """One region's API: address without a trailing slash, credentials, and patience in seconds."""

    api_url: str
    username: str
    password: str
    user_agent: str = "klarna-demo-store/0.1 (python)"
    connect_timeout: float = 3.05
    read_timeout: float = 10.0
    retries: int = 2

    def __repr__(self) -> str:
        return f"KlarnaConfig({self.api_url!r}, username={self.username!r})"


@dataclass(frozen=True)
class IdentityConfig:
    """Klarna Network credentials for the Identity API. The paths are settings: Klarna's page names them by pattern."""

    api_url: str
    api_key: str = field(repr=False)
    partner_account_id: str
    introspect_path: str = "/v2/accounts/{partner_account_id}/identity/customer-token/introspect"
    revoke_path: str = "/v2/accounts/{partner_account_id}/identity/customer-token/revoke"
