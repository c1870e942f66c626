"""The table of situations: complete, and nothing in it leads nowhere."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.sandbox.control.people_views import CHANGES
from app.sandbox.control.preparing import ENDINGS, STEPS
from app.shop.catalogue.service import CATALOGUE
from app.shop.console import stages
from app.shop.console.entries import Fact, Kind
from app.shop.console.explanations import CALLS, explanation_of
from app.shop.console.personas import EMAILS, HOMES
from app.shop.console.scenarios import MOCK, PEOPLE, SCENARIOS, Scenario
from app.shop.markets import MARKETS
from tests.support.programs import Programs

ROOT = Path(__file__).resolve().parents[3]
PERSONS = {person["id"]: person for person in json.loads((ROOT / "app" / "sandbox" / "people.json").read_text())}
each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)


def steps(scenario: Scenario) -> Iterator[dict[str, Any]]:
    yield from (*scenario.before, *scenario.after)


def test_ids_and_titles_are_unique_and_fit_into_an_address() -> None:
    ids = [scenario.id for scenario in SCENARIOS]
    assert len(set(ids)) == len(ids)
    assert len({scenario.title for scenario in SCENARIOS}) == len(ids)
    assert all(re.fullmatch("[a-z-]+", name) for name in ids)


@each_scenario
def test_every_scenario_says_all_there_is_to_say(scenario: Scenario) -> None:
    said = (*scenario.do, *scenario.expect, scenario.line, scenario.by_hand)
    assert scenario.do
    assert scenario.expect
    assert all(words.strip() == words and words for words in said)


@each_scenario
def test_every_path_is_a_page_of_the_shop(scenario: Scenario, demo_programs: Programs) -> None:
    urls = demo_programs.shop.url_map.bind("localhost")
    assert urls.test(scenario.path, "GET")


@each_scenario
def test_every_step_is_one_klarnas_console_takes(scenario: Scenario) -> None:
    for step in steps(scenario):
        assert step["do"] in STEPS
        assert step.get("person", MOCK) in PERSONS
        assert step.get("become", "rotated") in ENDINGS
        known = {"do", "person", "become", "seconds", "method", "path", "times", "action", *CHANGES}
        assert set(step) <= known


def test_the_strip_names_everybody_once() -> None:
    names = [scenario.strip for scenario in PEOPLE]
    assert len(set(names)) == len(names) >= 8


def test_every_market_has_a_home_in_it() -> None:
    assert {market.code: HOMES[market.code]["country"] for market in MARKETS} == {m.code: m.code for m in MARKETS}
    assert {scenario.market for scenario in SCENARIOS} <= set(HOMES)


def test_klarna_knows_its_sample_customers_by_these_emails() -> None:
    known = {(person["country"], person["email"]) for person in PERSONS.values()}
    assert set(EMAILS.items()) <= known
    assert EMAILS[stages.HOME] == PERSONS[MOCK]["email"]
    assert {scenario.market for scenario in SCENARIOS if scenario.anew} <= set(EMAILS)


def test_who_buys_first_lives_where_klarna_knows_them() -> None:
    home, person = HOMES[stages.HOME], PERSONS[MOCK]
    assert {name: home[name] for name in ("given_name", "street_address", "city")} == {
        name: person[name] for name in ("given_name", "street_address", "city")
    }


@pytest.mark.parametrize("call", sorted(CALLS))
def test_every_explanation_is_of_a_call_the_shop_makes(call: str) -> None:
    sources = "".join(
        path.read_text() for folder in ("klarna", "shop/signin") for path in (ROOT / "app" / folder).glob("*.py")
    )
    assert f'"{call}"' in sources
    explained = explanation_of(Fact(Kind.API, call))
    assert explained is not None
    assert explained.page.startswith("https://docs.klarna.com/")


@pytest.mark.parametrize("slug", [stages.BOUGHT, stages.WANTED])
def test_what_is_bought_is_in_the_catalogue(slug: str) -> None:
    assert slug in CATALOGUE.read_text()
