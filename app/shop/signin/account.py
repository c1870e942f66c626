"""What the shopper's account shows and may change about Sign in with Klarna. Commits."""

from dataclasses import dataclass
from datetime import datetime

from ..accounts import service as accounts
from ..extensions import db
from ..linking.service import REGION_NAMES
from ..markets import get
from . import identities, profile, vault
from .deciding import Outcome
from .profile import Difference
from .rules import Event, Step


@dataclass(frozen=True)
class SignInView:
    """A connected identity as its owner sees it."""

    id: int
    region_name: str
    name: str
    email: str
    connected_at: datetime
    signed_in_at: datetime
    ended: bool
    differences: list[Difference]


@dataclass(frozen=True)
class Overview:
    identities: list[SignInView]
    history: list[tuple[datetime, str]]


def sign_ins(user_id: int) -> Overview:
    """All of it, for the page about Klarna."""
    user = accounts.find_user(user_id)
    rows = identities.of(user_id) if user is not None else []
    views = []
    for row in rows:
        said = profile.of(row)
        views.append(
            SignInView(
                id=row.id,
                region_name=REGION_NAMES[identities.region_of(row.issuer)],
                name=said.name,
                email=said.email,
                connected_at=row.connected_at,
                signed_in_at=row.signed_in_at,
                ended=vault.is_over(row),
                differences=profile.differences(user, said) if user else [],
            )
        )
    return Overview(views, identities.history(user_id))


def take_over(user_id: int, identity_id: int, fields: list[str]) -> list[str]:
    """Put what one identity says over what the account says; the names of what changed. Commits."""
    user = accounts.find_user(user_id)
    row = next((row for row in identities.of(user_id) if row.id == identity_id), None)
    taken = profile.take_over(user, profile.of(row), list(dict.fromkeys(fields))) if user and row else []
    if taken:
        identities.tell(user_id, Event.TAKEN_OVER, taken)
    db.session.commit()
    return taken


def news(outcome: Outcome, market: str) -> list[tuple[str, str]]:
    """What to say after a sign-in, in the market of this code: a text and its kind for each thing worth knowing."""
    said = []
    if outcome.step is Step.CREATE:
        said.append(("Welcome! Your account is ready, and Klarna is your way in.", "success"))
    if outcome.step is Step.CONFIRM:
        said.append(("Klarna is connected to this account, and opens it from now on.", "success"))
    if outcome.filled:
        said.append((f"Filled in from Klarna: {', '.join(outcome.filled)}.", "info"))
    if outcome.claimed:
        said.append((f"Order {outcome.start.order_number} is in your account now.", "success"))
    if country := profile.elsewhere(outcome.profile):
        said.append((f"Your address at Klarna is in {country}, where we do not deliver yet; it was left out.", "info"))
    home = profile.market_of(outcome.profile)
    if home and home != market:
        said.append((f"You live in {get(home).country}: choose it at the top to have your address filled in.", "info"))
    return said
