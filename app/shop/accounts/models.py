"""Tables of people who have an account."""

import secrets
from datetime import datetime

from flask_login import UserMixin
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from ..extensions import Model, UTCDateTime, utcnow


def new_session_key() -> str:
    return secrets.token_hex(12)


class User(UserMixin, Model):
    """Someone with an account. ``email`` is kept in lower case; ``password_hash`` is None without a password.

    ``is_staff`` opens the back office; nothing on the shop's pages sets it.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    given_name: Mapped[str] = mapped_column(default="")
    family_name: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    session_key: Mapped[str] = mapped_column(default=new_session_key)
    is_staff: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)

    # A number is given once: what a cookie or a log says of a deleted user must fit nobody else.
    __table_args__ = ({"sqlite_autoincrement": True},)

    @property
    def has_password(self) -> bool:
        """False for somebody who signs in with Klarna and never chose one."""
        return self.password_hash is not None

    def get_id(self) -> str:
        """What the session cookie holds. A new key ends every session of this user, and no later user gets it."""
        return f"{self.id}.{self.session_key}"


class Address(Model):
    """Where a user's parcels go; the default one of a country fills the checkout there."""

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    given_name: Mapped[str]
    family_name: Mapped[str]
    street_address: Mapped[str]
    street_address2: Mapped[str] = mapped_column(default="")
    postal_code: Mapped[str]
    city: Mapped[str]
    region: Mapped[str] = mapped_column(default="")
    country: Mapped[str]
    phone: Mapped[str] = mapped_column(default="")
    is_default: Mapped[bool] = mapped_column(default=False)
    used_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utcnow)
