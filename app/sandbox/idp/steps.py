"""What comes next in a sign-in: a login, a sign-up, a question, or nothing. Pure.

Only who has to be asked something sees a page; who is logged in and has agreed sees none.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from authlib.oauth2 import OAuth2Error
from authlib.oidc.core.errors import ConsentRequiredError, InteractionRequiredError, LoginRequiredError

from ..people import Person
from .authorization import AuthorizationRequest
from .consents import Consent
from .logins import Login


class Step(StrEnum):
    LOG_IN = "log in"
    SIGN_UP = "sign up"
    CONSENT = "consent"
    DONE = "done"


def needs_login(request: AuthorizationRequest, login: Login | None, now: datetime) -> bool:
    """Whether what the browser remembers is not enough for this request."""
    if login is None or request.prompts("login") or request.prompts("select_account"):
        return True
    return request.max_age is not None and now - login.began_at > timedelta(seconds=request.max_age)


def after_login(request: AuthorizationRequest, person: Person, consent: Consent | None) -> Step:
    """What is left to ask somebody who is logged in."""
    if person.is_new:
        return Step.SIGN_UP
    forced = request.forced_consent or request.prompts("consent")
    return Step.DONE if consent and consent.answers(request.scopes) and not forced else Step.CONSENT


def refusal(step: Step) -> OAuth2Error:
    """What a shop hears that asked for no page to be shown (`prompt=none`)."""
    match step:
        case Step.LOG_IN:
            return LoginRequiredError("Nobody is logged in at Klarna in this browser")
        case Step.CONSENT:
            return ConsentRequiredError("The person has not agreed to these scopes")
        case _:
            return InteractionRequiredError("The person has to complete their account")
