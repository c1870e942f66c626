"""What a feature built on tokens listens to. Each is sent in the transaction of what it tells; receivers do not commit.

The sender is the row it is about. ``done`` alone is sent after the commit, with the sign-up's id.
"""

from blinker import Namespace

_signals = Namespace()

stored = _signals.signal("stored")
"""A sign-up has its token: ``TokenSignup``, ``token=PaymentToken``."""

ordering = _signals.signal("ordering")
"""A sign-up writes its order, before Klarna is asked: ``TokenSignup``, ``order=Order``. May raise CheckoutRefused."""

failed = _signals.signal("failed")
"""A sign-up ended without a token: ``TokenSignup``."""

charged = _signals.signal("charged")
"""Klarna has the order of a charge, accepted or in review: ``TokenCharge``, ``order=Order`` with its lines."""

refused = _signals.signal("refused")
"""Klarna refused a charge: ``TokenCharge``, ``order=Order`` with its lines."""

done = _signals.signal("done")
"""A sign-up has its token and all of it is committed: the sign-up's id."""
