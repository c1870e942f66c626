"""Who is logged in to Klarna in which browser. A browser holds the number of its login in the sandbox's cookie.

Only signing in looks here. A purchase does not: there, recognition has to come from a token the merchant sends.
How long a login lasts is not documented; 30 days are inferred.
"""

import secrets
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import session

from .. import clock, store
from ..merchants import Region

LIFETIME = timedelta(days=30)


@dataclass(frozen=True)
class Login:
    """One person in one browser, since a moment; `sid` is what id_tokens call it."""

    sid: str
    region: Region
    person: str
    began_at: datetime


def begin(region: Region, person_id: str) -> Login:
    """Log a person in, in the browser that asks; whoever was before is logged out."""
    end(region)
    login = Login(secrets.token_urlsafe(24), region, person_id, clock.now())
    with store.transaction() as db:
        query = "INSERT INTO logins (sid, region, person, began_at) VALUES (?, ?, ?, ?)"
        db.execute(query, [login.sid, region, person_id, clock.stamp(login.began_at)])
    session[_place(region)] = login.sid
    return login


def here(region: Region) -> Login | None:
    """The login of the browser that asks."""
    sid = session.get(_place(region))
    row = store.connection().execute("SELECT * FROM logins WHERE sid = ? AND region = ?", [sid, region]).fetchone()
    login = _login(row) if row else None
    return login if login and clock.now() < login.began_at + LIFETIME else None


def end(region: Region) -> None:
    """Log out whoever is logged in in the browser that asks."""
    sid = session.pop(_place(region), None)
    with store.transaction() as db:
        db.execute("DELETE FROM logins WHERE sid = ?", [sid])


def end_all(person_id: str) -> None:
    """Log a person out of every browser."""
    with store.transaction() as db:
        db.execute("DELETE FROM logins WHERE person = ?", [person_id])


def count(person_id: str) -> int:
    """In how many browsers a person is logged in."""
    since = clock.stamp(clock.now() - LIFETIME)
    query = "SELECT COUNT(*) FROM logins WHERE person = ? AND began_at > ?"
    found: int = store.connection().execute(query, [person_id, since]).fetchone()[0]
    return found


def _place(region: Region) -> str:
    return f"login_{region}"


def _login(row: sqlite3.Row) -> Login:
    return Login(row["sid"], Region(row["region"]), row["person"], clock.read(row["began_at"]))
