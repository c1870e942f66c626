"""What a sign-in carries from one page to the next: signed, short-lived, good in one browser."""

import hmac
import secrets
from dataclasses import dataclass, replace

from flask import session

from ..hosted import tickets
from ..hosted.tickets import InvalidTicket
from ..merchants import Region
from .authorization import AuthorizationRequest
from .logins import Login


@dataclass(frozen=True)
class SignInTicket:
    """The shop's request, and how far the shopper got. `browser` ties it to the browser it was written for."""

    request: AuthorizationRequest
    browser: str
    person_id: str | None = None
    logged_in: bool = False

    def claim(self, person_id: str) -> "SignInTicket":
        """Somebody gave a number; the code will show whether it is theirs."""
        return replace(self, person_id=person_id, logged_in=False)

    def log_in(self, login: Login) -> "SignInTicket":
        """This person is logged in in this browser."""
        return replace(self, person_id=login.person, logged_in=True)

    def belongs_to(self, login: Login) -> bool:
        """Whether it is this person who got so far; they may have logged in once more in another tab."""
        return self.logged_in and self.person_id == login.person


def begin(request: AuthorizationRequest) -> SignInTicket:
    """The ticket of a sign-in that begins in the browser that asks."""
    session.setdefault("browser", secrets.token_urlsafe(16))
    return SignInTicket(request, session["browser"])


def write(ticket: SignInTicket) -> str:
    """The ticket as text for a form."""
    return tickets.write(ticket)


def read(text: str, region: Region) -> SignInTicket:
    """Raises InvalidTicket, also for a ticket of another browser (nobody can be made to go on with it) or region."""
    fields = tickets.content(text, SignInTicket)
    ticket = SignInTicket(**fields | {"request": AuthorizationRequest(**fields["request"])})
    if not hmac.compare_digest(ticket.browser, session.get("browser", "")):
        raise InvalidTicket("the ticket belongs to another browser")
    if ticket.request.region != region:
        raise InvalidTicket("the ticket belongs to another region")
    return ticket
