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
address is billed decides as well, and one published address is never offered Klarna. Before the login only a
recognised person and the billed address are known.
https://docs.klarna.com/resources/developer-tools/sample-data/sample-customer-data/
"""

import re
from collections.abc import Mapping
from typing import Any

from . import people
from .people import Outcome

INVALID_FIELDS = ("billing_address.street_address",)
_NOT_OFFERED_EMAIL = re.compile(r"customer\+red@email\..+", re.IGNORECASE)


def of(request: Mapping[str, Any], person_id: str | None) -> Outcome:
    """What becomes of this purchase when this person makes it; None while nobody is known."""
    email = str(request.get("billing_address", {}).get("email", ""))
    if _NOT_OFFERED_EMAIL.fullmatch(email):
        return Outcome.NO_FORM
    everybody = people.everybody()
    concerned = [
        *(person for person in everybody if person.id == person_id),
        *(person for person in everybody if person.email.lower() == email.lower()),
    ]
    decisive = (person.outcome for person in concerned if person.outcome is not Outcome.APPROVE)
    return next(decisive, Outcome.APPROVE)
