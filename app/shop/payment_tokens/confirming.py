"""A confirmed sign-up: the first order where there is one, then the token. Page, callback and reconciler come here.

All is checked, written and committed before Klarna is asked; state moves by a conditional UPDATE, and who comes second
reads the first one's result. The page contributes nothing but the authorization token.
https://docs.klarna.com/acquirer/klarna/web-payments/integrate-with-klarna-payments/tokenized-payments/customer-token/
"""

import json
import logging

from sqlalchemy import or_, update

from app.klarna import KlarnaError, KlarnaRefused, KlarnaUnavailable
from app.klarna.customer_tokens import WrongTokenKind
from app.klarna.errors import NotAuthenticated, NotFound

from ..checkout.outcomes import CheckoutRefused
from ..checkout.placing import TOKEN
from ..checkout.reconcile import APPROVAL_LIVES
from ..extensions import db, rows_changed, utcnow
from ..markets import get as get_market
from ..web import CALL_MAY_TAKE, klarna
from . import finishing, outcomes
from .dropping import drop, held, interrupt
from .models import TokenSignup, change
from .outcomes import SignedUp
from .signups import find
from .states import UNDER_WAY, SignupState
from .writing import write

log = logging.getLogger(__name__)


def confirm(user_id: int | None, signup_id: str, version: str, authorization_token: str) -> SignedUp:
    """The shopper approved in Klarna's window: order and token, once, however often this is called.

    Raises CheckoutRefused when nothing came of it and nothing can follow: the sign-up is given up before that is said.
    When an answer of Klarna is lost it stays under way; asking again, or the reconciler, finds out.
    """
    signup = find(user_id, signup_id)
    if signup is None:
        raise outcomes.has_ended() if interrupt(signup_id) else outcomes.not_yours()
    readable = TOKEN.fullmatch(authorization_token) is not None
    try:
        if finishing.confirmed(signup):
            return finishing.found(signup)
        if not (readable and _belongs(signup, authorization_token)):
            raise outcomes.odd_token()
        if version != signup.version:
            raise outcomes.changed()
        first = write(signup, authorization_token)
    except CheckoutRefused:
        if not drop(signup, approved=True) and finishing.confirmed(signup):
            return finishing.found(signup)  # another window, or the reconciler, confirmed it meanwhile
        raise
    return ask_klarna(signup_id) if first else finishing.found(signup)


def confirm_reported(signup_id: str) -> SignedUp:
    """The same for an approval that no page brought back. Raises CheckoutRefused.

    What a callback reported is a hint: it may be invented, or older than the approval that counts. Where Klarna's
    session holds none, or cannot be read, the sign-up stays open.
    """
    signup = db.session.get_one(TokenSignup, signup_id)
    try:
        token = held(signup)
    except NotFound:
        token = ""
    except KlarnaError as trouble:
        raise outcomes.unreachable(trouble) from trouble
    if not token and not finishing.confirmed(signup):
        change(signup_id, SignupState.OPEN, authorization_token=None)
        db.session.commit()
        raise outcomes.odd_token()
    try:
        first = write(signup, token)
    except CheckoutRefused:
        drop(signup, approved=True)
        raise
    return ask_klarna(signup_id) if first else finishing.found(signup)


def ask_klarna(signup_id: str) -> SignedUp:
    """Call Klarna with what is stored, and finish: for whoever wrote it. Raises CheckoutRefused."""
    return _go_on(signup_id, again=False)


def ask_again(signup_id: str) -> SignedUp:
    """Repeat a call that was left without an answer, unless one is under way. Raises CheckoutRefused."""
    ended = or_(TokenSignup.asked_at.is_(None), TokenSignup.asked_at < utcnow() - CALL_MAY_TAKE)
    here = (TokenSignup.id == signup_id, TokenSignup.state.in_(UNDER_WAY), ended)
    mine = rows_changed(update(TokenSignup).where(*here).values(asked_at=utcnow()))
    db.session.commit()
    return _go_on(signup_id, again=True) if mine else finishing.found(db.session.get_one(TokenSignup, signup_id))


def _belongs(signup: TokenSignup, authorization_token: str) -> bool:
    """Whether an approval is one of this sign-up's session. Klarna's callback mostly told; else Klarna is asked.

    Raises CheckoutRefused when Klarna cannot be reached, or the session is over, and every approval of it.
    """
    if signup.state != SignupState.OPEN or authorization_token == signup.authorization_token:
        return True
    try:
        return held(signup) == authorization_token
    except NotFound as over:
        raise outcomes.refused(over) from over
    except KlarnaError as trouble:
        raise outcomes.unreachable(trouble) from trouble


def _go_on(signup_id: str, again: bool) -> SignedUp:
    """The order, when it is its turn, and then the token. Raises CheckoutRefused."""
    signup = db.session.get_one(TokenSignup, signup_id)
    if signup.state == SignupState.ORDERING and not _order(signup_id, again):
        return finishing.found(signup)
    if signup.state == SignupState.TOKENIZING:
        _tokenize(signup_id, again)
    return finishing.found(signup)


def _order(signup_id: str, again: bool) -> bool:
    """Place the first order; False while nobody knows whether it was made. Raises CheckoutRefused."""
    signup = db.session.get_one(TokenSignup, signup_id)
    region = get_market(signup.market).region
    token, body, key = signup.authorization_token or "", json.loads(signup.order_body or "{}"), signup.order_key
    db.session.commit()
    try:
        placed = klarna(region).payments.place_order(token, body, key)
    except KlarnaUnavailable as lost:
        return _leave(signup_id, lost)
    except KlarnaRefused as no:
        if (again or no.attempts > 1) and not _surely_without_order(signup_id, no, again):
            return _leave(signup_id, no)
        log.warning("first order of sign-up %s was refused: %s", signup_id, no)
        finishing.fail(signup_id, no)
        raise outcomes.refused(no) from no
    return finishing.ordered(signup_id, placed)


def _tokenize(signup_id: str, again: bool) -> None:
    """Have the token made; it stays under way while nobody knows whether it was. Raises CheckoutRefused."""
    signup = db.session.get_one(TokenSignup, signup_id)
    region, has_order = get_market(signup.market).region, bool(signup.order_number)
    token, body, key = signup.authorization_token or "", json.loads(signup.token_body or "{}"), signup.token_key
    db.session.commit()
    try:
        made = klarna(region).customer_tokens.generate(token, body, key)
    except (KlarnaUnavailable, NotAuthenticated) as lost:
        _leave(signup_id, lost)
    except (KlarnaRefused, WrongTokenKind) as no:
        if isinstance(no, KlarnaRefused) and (no.attempts > 1 or (again and _approval_lives(signup_id))):
            _leave(signup_id, no)
            return
        log.warning("token of sign-up %s was refused: %s", signup_id, no)
        finishing.fail(signup_id, no)
        if not has_order:
            error = no if isinstance(no, KlarnaRefused) else KlarnaRefused("generate payment token")
            raise outcomes.refused(error) from no
    else:
        finishing.complete(signup_id, made)


def _approval_lives(signup_id: str) -> bool:
    """Whether the same call may still bring the token: until then a no to a repeat says nothing of the first one."""
    authorized_at = db.session.get_one(TokenSignup, signup_id).authorized_at
    return authorized_at is not None and utcnow() - authorized_at < APPROVAL_LIVES


def _leave(signup_id: str, why: KlarnaError) -> bool:
    """Nobody knows what Klarna made of it: it stays as it is, and may be asked about again. Always False."""
    log.warning("sign-up %s is unclear: %s", signup_id, why)
    db.session.get_one(TokenSignup, signup_id).asked_at = None
    db.session.commit()
    return False


def _surely_without_order(signup_id: str, no: KlarnaRefused, again: bool) -> bool:
    """Whether the refusal of a repeated call is a verdict on the first one, too: only the session can tell.

    Right after the first try not even that: it may still be at work.
    """
    signup = db.session.get_one(TokenSignup, signup_id)
    region, session_id = get_market(signup.market).region, signup.klarna_session_id or ""
    settled = signup.authorized_at is not None and utcnow() - signup.authorized_at > CALL_MAY_TAKE
    db.session.commit()
    if not (again and settled):
        return False
    try:
        return klarna(region).payments.read_session(session_id).status == "incomplete"
    except KlarnaError as trouble:
        log.error("sign-up %s may have an order at Klarna; refused with %s, and %s", signup_id, no, trouble)
        return False
