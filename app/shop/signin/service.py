"""Sign in with Klarna: begun, confirmed, ended. What it means for an account stands in `deciding`. Commits."""

from dataclasses import dataclass

from sqlalchemy import select

from app.klarna import Region

from ..accounts import service as accounts
from ..extensions import db
from . import deciding, endings, identities, starts
from .deciding import Outcome
from .models import KlarnaIdentity
from .provider import Provider, SignInRefused, SignInUnavailable, provider
from .rules import Event
from .starts import Confirmed, Start


class CustomerSaidNo(Exception):
    """The shopper closed or denied at Klarna; ``start`` says where they came from."""

    def __init__(self, start: Start) -> None:
        super().__init__("access_denied")
        self.start = start


@dataclass(frozen=True)
class Returned:
    """What came back to the callback's address; empty where a parameter was missing."""

    state: str
    code: str
    error: str
    issuer: str


def begin(region: Region, locale: str, browser: str, target: str, order_number: str, prompt: str) -> str:
    """Where to send the browser; ``prompt`` is OpenID's, mostly empty. Raises SignInUnavailable, and keeps nothing."""
    db.session.commit()  # whoever asks may have been looked up
    issuer = _provider(region)
    issuer.metadata()
    state, start = starts.begin(browser, region, target, order_number)
    said = {"ui_locales": locale} | ({"prompt": prompt} if prompt else {})
    return _provider(region).authorization_url(state, start.nonce, start.code_verifier, **said)


def finish(browser: str, returned: Returned, visitor_id: int | None, guest_orders: list[str]) -> Outcome:
    """Take the browser's answer, have Klarna confirm it, and act.

    Raises NoSuchStart, CustomerSaidNo, SignInRefused, SignInUnavailable, IdTokenRefused; nobody is signed in then,
    and nothing has changed but that this start is used up.
    """
    start = starts.take(browser, returned.state)
    issuer = _provider(start.region)
    if returned.issuer != issuer.config.issuer and (returned.issuer or issuer.names_itself()):
        raise SignInRefused("another issuer answered, or none it names")
    if returned.error == "access_denied":
        raise CustomerSaidNo(start)
    if returned.error or not returned.code:
        raise SignInRefused(returned.error[:60] or "no code")
    return deciding.act(_confirm(issuer, start, returned.code), visitor_id, guest_orders)


def disconnect(user_id: int, identity_id: int, password: str) -> bool:
    """End a sign-in with Klarna; False when there is none. Raises WrongPassword, also for somebody without one."""
    row = db.session.scalar(select(KlarnaIdentity).filter_by(id=identity_id, user_id=user_id))
    user = accounts.find_user(user_id)
    if row is None or user is None:
        return False
    accounts.check_password(user, password)
    identities.end(row)
    identities.tell(user_id, Event.DISCONNECTED)
    db.session.commit()
    endings.revoke_soon()
    return True


def _provider(region: Region) -> Provider:
    found = provider(region)
    if found is None:
        raise SignInUnavailable("no client in this region")
    return found


def _confirm(issuer: Provider, start: Start, code: str) -> Confirmed:
    """Code for tokens, and the id_token through every check. A refused one's refresh token is revoked."""
    tokens = issuer.exchange(code, start.code_verifier)
    try:
        return Confirmed(start, issuer.claims(tokens, start.nonce), tokens)
    except Exception:
        endings.put(start.region, issuer.config.client_id, tokens.refresh_token)
        db.session.commit()
        endings.revoke_soon()
        raise
