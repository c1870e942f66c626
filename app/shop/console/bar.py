"""The demo's bar and drawer, which stand on every page: drawn once, with what differs between browsers put in."""

from functools import lru_cache

from flask import current_app, request
from markupsafe import Markup

from ..web import settings
from .diagram import NAMES
from .scenarios import PEOPLE

CSRF, CARD = "demo-csrf-token-of-this-browser", "demo-card-of-this-browser"


def drawn(csrf: str, card: str) -> Markup:
    """The demo's bar for this browser, with its CSRF token and the card of its scenario."""
    whole = _same_everywhere(request.script_root, settings().environment, settings().console_url)
    return Markup(whole.replace(CSRF, csrf).replace(CARD, card))  # noqa: S704 - a token and a template of ours


@lru_cache(maxsize=8)
def _same_everywhere(_mounted_at: str, environment: str, console_url: str) -> str:
    """What is the same in every browser: it stands on every page, and is drawn once for each place the shop is mounted
    at, as its addresses begin with that.
    """
    told = {"people": PEOPLE, "lanes": NAMES, "environment": environment, "console_url": console_url}
    return current_app.jinja_env.get_template("console/_bar.html").render(told, csrf=CSRF, card=CARD)
