"""Secrets out of what is logged or shown: by the name of the field, never by guessing at values."""

from collections.abc import Mapping
from typing import Any

SECRET_FIELDS = frozenset(
    {
        "access_token",
        "authorization",
        "authorization_token",
        "client_secret",
        "client_token",
        "code",
        "code_verifier",
        "customer_token",
        "date_of_birth",
        "html_snippet",
        "id_token",
        "klarna_access_token",
        "last_four_ssn",
        "national_identification_number",
        "refresh_token",
        "step_up_id",
        "token",
        "token_id",
        "x-klarna-customer-token",
    }
)
SECRET_SEGMENTS = ("authorizations", "tokens")
MASK = "•••"


def redact(value: Any) -> Any:
    """A copy of a JSON value with every secret field masked, whatever its depth."""
    if isinstance(value, Mapping):
        return {k: MASK if k.lower() in SECRET_FIELDS and v else redact(v) for k, v in value.items()}
    if isinstance(value, list):
        return [redact(item) for item in value]
    return value


def redact_path(path: str) -> str:
    """A path without the token in it: ``/payments/v1/authorizations/•••/order``."""
    segments = path.split("/")
    for i, segment in enumerate(segments[:-1]):
        if segment in SECRET_SEGMENTS:
            segments[i + 1] = MASK
    return "/".join(segments)
