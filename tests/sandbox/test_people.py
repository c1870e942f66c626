"""Klarna's test persons are found however their number is written, in their own market."""

from pathlib import Path

import pytest
from flask import Flask

from app.sandbox import create_app, people
from app.sandbox.config import Settings
from app.sandbox.people import Decision


@pytest.mark.parametrize(
    ("phone", "country", "person"),
    [
        ("+49017614284340", "DE", "de-approved"),
        ("+4917614284340", "DE", "de-approved"),
        ("+49 (0) 176 / 142-843 40", "DE", "de-approved"),
        ("004917614284340", "DE", "de-approved"),
        ("017614284340", "DE", "de-approved"),
        ("17614284340", "DE", "de-approved"),
        ("+491713920066", "de", "de-new-user"),
        ("070-174 06 20", "SE", "se-denied"),
        ("+46 70 174 06 15", "SE", "se-approved"),
        ("07755 564318", "GB", "gb-approved"),
        ("(310) 668-3312", "US", "us-approved"),
        ("1 310 668 3312", "US", "us-approved"),
        ("+13106683312", "US", "us-approved"),
        ("+46701740615", "DE", None),
        ("+4917614284341", "DE", None),
        ("", "DE", None),
        ("+", "DE", None),
        ("not a number", "DE", None),
        ("+49017614284340", "FR", None),
    ],
)
def test_a_number_leads_to_its_person(app: Flask, phone: str, country: str, person: str | None) -> None:
    with app.app_context():
        found = people.by_phone(phone, country)
    assert (found.id if found else None) == person


def test_each_market_has_its_three_people_and_one_is_from_elsewhere(app: Flask) -> None:
    with app.app_context():
        ids = {person.id for person in people.everybody()}
    kinds = ("approved", "denied", "new-user")
    assert ids == {f"{country}-{kind}" for country in ("de", "se", "gb", "us") for kind in kinds} | {"nl-approved"}


def test_denied_people_are_refused_from_the_start(app: Flask) -> None:
    with app.app_context():
        refused = {person.id for person in people.everybody() if person.decision is Decision.REFUSE}
    assert refused == {"de-denied", "se-denied", "gb-denied", "us-denied"}


def test_a_decision_outlives_a_restart(app: Flask, settings: Settings) -> None:
    with app.app_context():
        people.decide("de-approved", Decision.REFUSE)
    with create_app(settings).app_context():
        assert people.find("de-approved").decision is Decision.REFUSE


def test_an_unknown_person_is_said_to_be_unknown(app: Flask, tmp_path: Path) -> None:
    with app.app_context(), pytest.raises(people.UnknownPerson, match="nobody"):
        people.find("nobody")
