"""Accounts and addresses: made, checked, changed. Commits."""

from dataclasses import dataclass

from blinker import Namespace
from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from werkzeug.security import check_password_hash, generate_password_hash

from ..extensions import db, utcnow
from .models import Address, User, new_session_key

# Sent in the transaction that deletes a user: features above have things of theirs to end.
leaving = Namespace().signal("leaving")
# Sent when that is committed: what was ended is told to Klarna now.
gone = Namespace().signal("gone")

# Compared against when there is no such account, so that the answer takes as long either way.
NOBODY = generate_password_hash("nobody has this password")


class EmailTaken(Exception):
    """Somebody has an account with this email."""


class WrongPassword(Exception):
    """The password does not belong to the account, or there is no such account."""


@dataclass(frozen=True)
class Prefill:
    """What checkout knows of a shopper before they type."""

    email: str
    address: dict[str, str]
    complete: bool


def _hashed(password: str) -> str:
    """As the application says: what takes long on purpose would be most of what its tests do."""
    return generate_password_hash(password, current_app.config["HASH_METHOD"])


def register(email: str, password: str) -> User:
    """A new account. Raises EmailTaken."""
    user = User(email=email.lower(), password_hash=_hashed(password))
    db.session.add(user)
    try:
        db.session.commit()
    except IntegrityError as taken:
        db.session.rollback()
        raise EmailTaken from taken
    return user


def keep_staff(email: str, password: str) -> bool:
    """An account for the back office, with this password whatever it was before. Commits.

    False, and nothing changed, where a shopper has the email: nobody becomes staff by having registered early.
    """
    user = find_by_email(email) or User(email=email.lower(), is_staff=True, password_hash=None)
    if not user.is_staff:
        return False
    if user.password_hash is None or not check_password_hash(user.password_hash, password):
        user.password_hash = _hashed(password)
    db.session.add(user)
    db.session.commit()
    return True


def create(email: str) -> User:
    """A new account without a password, in the caller's transaction. Raises EmailTaken."""
    user = User(email=email.lower(), password_hash=None)
    try:
        with db.session.begin_nested():
            db.session.add(user)
    except IntegrityError as taken:
        raise EmailTaken from taken
    return user


def find_user(user_id: int | None) -> User | None:
    return db.session.get(User, user_id) if user_id is not None else None


def find_by_email(email: str) -> User | None:
    """The account of this email, however it is written."""
    found: User | None = db.session.scalar(select(User).where(User.email == email.lower()))
    return found


def check_password(user: User, password: str) -> None:
    """Raises WrongPassword; an account without a password has no right one."""
    if user.password_hash is None or not check_password_hash(user.password_hash, password):
        raise WrongPassword


def authenticate(email: str, password: str) -> User:
    """The account of this email and password. Raises WrongPassword, without saying which was wrong."""
    user = find_by_email(email)
    right = check_password_hash((user and user.password_hash) or NOBODY, password)
    if user is None or user.password_hash is None or not right:
        raise WrongPassword
    return user


def change_password(user: User, current: str, new: str) -> None:
    """Set a new password and end the user's sessions elsewhere. Commits. Raises WrongPassword.

    Who never had a password has no current one to give.
    """
    if user.password_hash is not None:
        check_password(user, current)
    user.password_hash = _hashed(new)
    user.session_key = new_session_key()
    db.session.commit()


def delete(user: User, password: str) -> None:
    """Delete an account with all that hangs on it; orders stay, without an owner. Commits. Raises WrongPassword."""
    if user.password_hash is not None:
        check_password(user, password)
    leaving.send(user)
    db.session.delete(user)
    db.session.commit()
    gone.send()


def save_profile(user: User, given_name: str, family_name: str, phone: str) -> None:
    user.given_name, user.family_name, user.phone = given_name, family_name, phone
    db.session.commit()


def addresses(user: User) -> list[Address]:
    newest_first = (Address.is_default.desc(), Address.used_at.desc(), Address.id)
    return list(db.session.scalars(select(Address).where(Address.user_id == user.id).order_by(*newest_first)))


def find_address(user: User, address_id: int) -> Address | None:
    """The user's address of this id; None for everybody else's."""
    return db.session.scalar(select(Address).where(Address.id == address_id, Address.user_id == user.id))


def save_address(user: User, fields: dict[str, str], address: Address | None = None) -> Address:
    """Write a new address, or over one of the user's. The first of a country becomes its default. Commits."""
    address = address or _new_address(user, fields["country"])
    for name, value in fields.items():
        setattr(address, name, value)
    db.session.commit()
    return address


def make_default(user: User, address: Address) -> None:
    """Fill the checkout of this country with this address from now on. Commits."""
    _no_default(user, address.country)
    address.is_default = True
    db.session.commit()


def delete_address(address: Address) -> None:
    db.session.delete(address)
    db.session.commit()


def remember_address(user_id: int, fields: dict[str, str]) -> None:
    """Keep where an order went, in the caller's transaction: the last one used fills the next checkout."""
    user = db.session.get(User, user_id)
    if user is None:
        return
    same = {name: fields.get(name, "") for name in ("street_address", "postal_code", "country", "family_name")}
    address = db.session.scalar(select(Address).filter_by(user_id=user_id, **same))
    address = address or _new_address(user, fields["country"])
    for name, value in fields.items():
        setattr(address, name, value)
    address.used_at = utcnow()
    user.given_name, user.family_name = user.given_name or address.given_name, user.family_name or address.family_name
    user.phone = user.phone or address.phone


def prefill(user: User, country: str) -> Prefill:
    """The address last used in a country, else the name alone."""
    here = select(Address).where(Address.user_id == user.id, Address.country == country)
    address = db.session.scalar(here.order_by(Address.is_default.desc(), Address.used_at.desc()).limit(1))
    source = address or user
    names = ("given_name", "family_name", "phone", "street_address", "street_address2", "postal_code", "city", "region")
    known = {name: getattr(source, name, "") or "" for name in names} | {"country": country}
    return Prefill(user.email, known, complete=address is not None)


def has_address(user: User, country: str) -> bool:
    here = select(Address.id).where(Address.user_id == user.id, Address.country == country).limit(1)
    return db.session.scalar(here) is not None


def add_address(user: User, fields: dict[str, str]) -> None:
    """Write a new address, in the caller's transaction: it fills the checkout of its country from now on."""
    _no_default(user, fields["country"])
    address = _new_address(user, fields["country"])
    for name, value in fields.items():
        setattr(address, name, value)
    address.is_default = True


def _no_default(user: User, country: str) -> None:
    here = (Address.user_id == user.id, Address.country == country)
    db.session.execute(update(Address).where(*here).values(is_default=False))


def _new_address(user: User, country: str) -> Address:
    address = Address(user_id=user.id, is_default=not has_address(user, country))
    db.session.add(address)
    return address
