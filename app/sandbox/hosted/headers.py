"""The headers of hosted pages: no inline script or style, framed by nobody but the merchant they belong to."""

from flask import Response, g

from .origins import origin_of

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'{targets}; base-uri 'none'; frame-ancestors {ancestors}"
)


def may_be_framed_by(origin: str) -> None:
    """Lets the page that is being answered appear inside a page of this (checked) origin."""
    g.frame_ancestor = origin


def may_lead_to(address: str) -> None:
    """Lets a form of the page that is being answered end in a redirect to this (registered) address."""
    g.form_target = origin_of(address) or ""


def protect(response: Response) -> Response:
    """Runs after every hosted view."""
    target = g.get("form_target", "")
    targets = f" {target}" if target else ""
    policy = _POLICY.format(ancestors=g.get("frame_ancestor", "'none'"), targets=targets)
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Cache-Control", "no-store")
    return response
