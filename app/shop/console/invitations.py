"""Links that make another browser the demo account of a scenario: signed, for minutes, each of them once.

Nothing is kept of a link until it is used. The key is made with the process, so a restart ends every link of before.
Knows no Flask and no database.
"""

import secrets
import threading
import time
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer

LASTS = 10 * 60  # seconds


class InvitationOver(Exception):
    """The link is none of this process's, too old, or was used."""


@dataclass(frozen=True)
class Invitation:
    """Whom a browser becomes: the e-mail of a demo account, and the market it shops in."""

    email: str
    market: str


class Invitations:
    """Makes links and takes each of them once. For all threads."""

    def __init__(self, lasts: int = LASTS) -> None:
        self._lasts = lasts
        self._serializer = URLSafeTimedSerializer(secrets.token_bytes(32))
        self._used: dict[str, float] = {}  # until when a used link would have lasted
        self._lock = threading.Lock()

    def sealed(self, invitation: Invitation) -> str:
        """A link's secret part, another one each time."""
        return self._serializer.dumps([invitation.email, invitation.market, secrets.token_hex(8)])

    def read(self, sealed: str) -> Invitation:
        """Whom the link is for; it stays as it is. Raises InvitationOver."""
        invitation, mark = self._opened(sealed)
        if mark in self._used:
            raise InvitationOver
        return invitation

    def take(self, sealed: str) -> Invitation:
        """Whom the link is for; it is used up. Raises InvitationOver."""
        invitation, mark = self._opened(sealed)
        now = time.time()
        with self._lock:
            if mark in self._used:
                raise InvitationOver
            self._used = {other: until for other, until in self._used.items() if until > now}
            self._used[mark] = now + self._lasts + 1  # the signature's clock counts whole seconds
        return invitation

    def _opened(self, sealed: str) -> tuple[Invitation, str]:
        try:
            email, market, mark = self._serializer.loads(sealed, max_age=self._lasts)
        except BadSignature:
            raise InvitationOver from None
        return Invitation(str(email), str(market)), str(mark)
