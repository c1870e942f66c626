"""The headers of hosted pages: no inline script or style, framed by nobody but the merchant they belong to."""

from flask import Response, g

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)


def may_be_framed_by(origin: str) -> None:
    """Lets the page that is being answered appear inside a page of this (checked) origin."""
    g.frame_ancestor = origin


def protect(response: Response) -> Response:
    """Runs after every hosted view."""
    policy = _POLICY.format(ancestors=g.get("frame_ancestor", "'none'"))
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Cache-Control", "no-store")
    return response
