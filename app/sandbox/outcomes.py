"""What becomes of a purchase: one rule, for whoever pays and whoever's e-mail address is billed.

| outcome | shows |
|---|---|
| approve | nothing is refused |
| refuse | the window refuses for good: ``approved: false, show_form: false`` |
| no_form | Klarna is not offered: ``load`` gives ``show_form: false``; after a login the same as refuse |
| invalid_fields | ``approved: false, show_form: true, error.invalid_fields``, until the outcome is changed |
| reject_order | the window approves, the create-order call is answered with 403 REJECTED |
| pend | the order's ``fraud_status`` is PENDING |

It is set per person (`people.expect`). Klarna's test data also has triggers in e-mail addresses: a person whose
address is billed decides as well, one published address is never offered Klarna, and in the US and UK others have
the order reviewed for so many minutes. Before the login only a recognised person and the billed address are known.
https://docs.klarna.com/resources/developer-tools/sample-data/sample-customer-data/
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from . import people
from .order_states import Decision, Review
from .people import Outcome

INVALID_FIELDS = ("billing_address.street_address",)
_NOT_OFFERED_EMAIL = re.compile(r"customer\+red@email\..+", re.IGNORECASE)
_REVIEWED_EMAIL = re.compile(r"customer\+pend-(accept|reject)-([0-9]{2})@email\..+", re.IGNORECASE)
_REVIEWED_COUNTRIES = ("US", "GB")
# A review takes 24 hours at most: https://docs.klarna.com/payments/after-payments/order-management/more-actions/pending-orders/
# That it ends well when nobody says otherwise is inferred.
_LONGEST_REVIEW = Review(Decision.ACCEPT, timedelta(hours=24))


def of(request: Mapping[str, Any], person_id: str | None) -> Outcome:
    """What becomes of this purchase when this person makes it; None while nobody is known."""
    email = _email(request)
    if _NOT_OFFERED_EMAIL.fullmatch(email):
        return Outcome.NO_FORM
    everybody = people.everybody()
    concerned = [
        *(person for person in everybody if person.id == person_id),
        *(person for person in everybody if person.email.lower() == email.lower()),
    ]
    decisive = (person.outcome for person in concerned if person.outcome is not Outcome.APPROVE)
    return next(decisive, Outcome.PEND if _trigger(request) else Outcome.APPROVE)


def review(request: Mapping[str, Any], person_id: str | None) -> Review | None:
    """How the order of this purchase is decided, where it is pending at first."""
    if of(request, person_id) is not Outcome.PEND:
        return None
    trigger = _trigger(request)
    if trigger is None:
        return _LONGEST_REVIEW
    return Review(Decision(trigger[1].lower()), timedelta(minutes=int(trigger[2])))


def _trigger(request: Mapping[str, Any]) -> re.Match[str] | None:
    reviewed = str(request.get("purchase_country", "")).upper() in _REVIEWED_COUNTRIES
    return _REVIEWED_EMAIL.fullmatch(_email(request)) if reviewed else None


def _email(request: Mapping[str, Any]) -> str:
    return str(request.get("billing_address", {}).get("email", ""))
